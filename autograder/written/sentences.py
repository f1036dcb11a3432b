"""How many sentences an answer has: the fewest and the most that a reader could count, as no rule is always right."""

from __future__ import annotations

import re
from typing import Final

_FORMULAS: Final = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"), ("`", "`"))
_ENVIRONMENT: Final = re.compile(r"\\begin\{((?:align|equation|gather|multline|eqnarray|flalign|displaymath)\*?)\}")
_DISPLAYED: Final = ("$$", "\\[")
_OTHER_STOPS: Final = "。！？．।॥؟۔։።"
# Behind these a sentence never ends.
_ABBREVIATION: Final = re.compile(
    r"\b(?:e\.\s?g|i\.\s?e|z\.\s?B|d\.\s?h|p\.\s?ex|vs|cf|viz|approx|resp|w\.r\.t|s\.t|dr|prof|mr|mrs|ms|st|ca|incl)\.",
    re.IGNORECASE,
)
# Nor behind these, where what they count or name follows: "Fig. 3", "Eq. (4)", "Def. 2", "App. B".
_REFERENCE: Final = re.compile(
    r"\b(?:eqn?s?|figs?|secs?|chs?|chaps?|nos?|refs?|vols?|pp?|ll?|tabs?|apps?|thms?|lems?|cors?|props?|defs?|algs?|eds?"
    r"|art|nr)\.(?=\s{0,2}[(\[~]?\d|\s{1,2}[(\[]?(?:[A-Z]|Xx)\b)|\b(?:eqn?s?|figs?|pp)\.",
    re.IGNORECASE,
)
# Behind these it may: etc., et al., U.S., an ellipsis, the A. in "matrix A. The" and in "A. Turing".
_PERHAPS: Final = re.compile(
    r"\b(?:etc|al|a\.k\.a|ph\.d|[mb]\.sc|inc|ltd|jr|sr|est|avg|std|min|max|secs?|hrs?|thm|def|ref|vol|ch|resp"
    r"|(?:[A-Za-z]\.){1,5}[A-Za-z])\.|\.{2,}|…|(?<![\w.])[A-Z]\.(?=\s+[A-Z])",
    re.IGNORECASE,
)
# A. M. Turing; but in "made in the U.S. The loss" what follows is no name.
_INITIALS: Final = re.compile(
    r"(?<![\w.])(?:[A-Z]\.[ \t]{0,9}){2,12}(?=[A-Z][a-z])"
    r"(?!(?:The|This|That|These|It|Its|We|In|An|As|At|But|For|He|She|They|Then|There|So|If|No|Yes|And|Or|Our|One)\b)"
)
# What marks a point of a list. A word of two letters does not: "No. It saturates." are two sentences.
_POINT: Final = re.compile(
    r"^[ \t]*(?:[-*•–][ \t]+|\((?:\d{1,2}|[a-z]|[ivx]{1,4})\)[ \t]+|(?:\d{1,2}|[A-Za-z]|[ivx]{2,4})[.)][ \t]+)",
    re.MULTILINE,
)
_CLOSING: Final = r"[\"')\]»”’*_]*(?:\[[\d, –-]{1,12}\])*[¹²³⁰-⁹]*"
_END: Final = re.compile(rf"(?<![.!?])[.!?]+{_CLOSING}(?=\s|$)|[{_OTHER_STOPS}]")
_NO_BLANK: Final = re.compile(r"(?<=[a-z]{3})([.!?])(?=[A-Z][a-z]*\s)")


def count(text: str) -> tuple[int, int]:
    """Return the fewest and the most sentences in `text`; (0, 0) without a word.

    The fewest counts a full stop only where a capital follows or the text ends; the most counts every
    stop, semicolon, colon at a line's end, point of a list and paragraph.
    """
    text = _without_formulas(text)
    text = _INITIALS.sub("", text)
    for pattern in (_ABBREVIATION, _REFERENCE):
        text = pattern.sub(lambda match: match[0].replace(".", ""), text)
    text = re.sub(r"(\d)\.(\d)", r"\1\2", text)
    # A number with a stop may be a sentence of its own, where no other point of a list is: "42. That is it."
    points = _POINT.findall(text)
    listed = _POINT.sub("\n", text)
    if not re.search(r"\w", listed):
        return 0, 0
    fewest = _fewest(" ".join(_PERHAPS.sub(lambda match: re.sub(r"[.…]", "", match[0]), listed).split()))
    text = listed if len(points) > 1 else text
    text = _NO_BLANK.sub(r"\1 ", text)
    text = _PERHAPS.sub(lambda match: re.sub(r"[.…]", "", match[0]) + ".", text)
    pieces = re.split(r"(?<![.!?;])[.!?;]+(?=\s|$)|:[ \t]*\n|\n", _END.sub(". ", text))
    most = sum(bool(re.search(r"\w", piece)) for piece in pieces)
    return fewest, max(most, fewest)


def _fewest(text: str) -> int:
    count = last = 0
    for match in _END.finditer(text):
        rest = text[match.end() : match.end() + 12].lstrip(" \"'(«“¿¡*_")
        ends = not rest or rest[0].isupper() or match[0] in _OTHER_STOPS
        if ends and re.search(r"\w", text[last : match.start()]):
            count += 1
            last = match.end()
    return count + bool(re.search(r"\w", text[last:]))


def _without_formulas(text: str) -> str:
    """Return the text with a word in the place of each formula and piece of code, in time linear in it.

    A formula that ends with a stop ends the sentence, and one that is displayed may, where a capital follows it.
    """
    kept: list[str] = []
    position, absent = 0, set[str]()
    while position < len(text):
        opening, closing = _formula_at(text, position)
        end = -1 if not closing or closing in absent else text.find(closing, position + len(opening))
        if end >= 0:
            inner = text[position + len(opening) : end].rstrip(" \t\n\\")
            position = end + len(closing)
            capital = re.match(r"\s+[A-Z]", text[position : position + 4])
            displayed = opening in _DISPLAYED or opening.startswith("\\begin")
            stop = ""
            if opening != "`" and capital:
                stop = "." if inner.endswith(".") else "…" if displayed else ""
            kept.append(f" Xx{stop} ")
        else:
            if closing:
                absent.add(closing)
            kept.append(text[position])
            position += 1
    return "".join(kept)


def _formula_at(text: str, position: int) -> tuple[str, str]:
    """Return what opens a formula or a piece of code at `position`, and what closes it; empty where none begins."""
    if text[position] not in "$\\`":
        return "", ""
    for opening, closing in _FORMULAS:
        if text.startswith(opening, position):
            return opening, closing
    if match := _ENVIRONMENT.match(text, position):
        return match[0], f"\\end{{{match[1]}}}"
    return "", ""
