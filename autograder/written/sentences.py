"""How many sentences an answer has: the fewest and the most that a reader could count, as no rule is always right."""

from __future__ import annotations

import re
from typing import Final

_FORMULAS: Final = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"), ("`", "`"))
# Behind these a sentence never ends.
_ABBREVIATION: Final = re.compile(
    r"\b(?:e\.\s?g|i\.\s?e|vs|cf|eqs?|figs?|sec|ch|no(?=\.\s?\d)|approx|resp|w\.r\.t|dr|prof|mr|mrs|ms|st|ref|vol|pp|p|ca"
    r"|incl|def|thm)\.",
    re.IGNORECASE,
)
# Behind these it may: etc., et al., U.S., an ellipsis, the A. in "matrix A. The" and in "A. Turing".
_PERHAPS: Final = re.compile(
    r"\b(?:etc|al|a\.k\.a|(?:[A-Za-z]\.){1,5}[A-Za-z])\.|\.{2,}|…|(?<![\w.])[A-Z]\.(?=\s+[A-Z])", re.IGNORECASE
)
_INITIALS: Final = re.compile(r"(?<![\w.])(?:[A-Z]\.[ \t]*){2,}(?=[A-Z][a-z])")
_END: Final = re.compile(r"[.!?]+[\"')\]»”]*(?=\s|$)|[。！？．]")


def count(text: str) -> tuple[int, int]:
    """The fewest and the most sentences in `text`; (0, 0) without a word.

    The fewest counts a full stop only where a capital follows or the text ends; the most counts every
    stop, semicolon, colon at a line's end, point of a list and paragraph.
    """
    text = _without_formulas(text)
    text = _INITIALS.sub("", text)
    text = _ABBREVIATION.sub(lambda match: match[0].replace(".", ""), text)
    text = re.sub(r"(\d)\.(\d)", r"\1\2", text)
    text = re.sub(r"^[ \t]*(?:[-*•–]|\(?\w{1,2}[.)])[ \t]+", "\n", text, flags=re.MULTILINE)
    if not re.search(r"\w", text):
        return 0, 0
    fewest = _fewest(" ".join(_PERHAPS.sub(lambda match: re.sub(r"[.…]", "", match[0]), text).split()))
    text = _PERHAPS.sub(lambda match: re.sub(r"[.…]+(?!$)", "", match[0]).rstrip(".…") + ".", text)
    pieces = re.split(r"[.!?;]+(?=\s|$)|:[ \t]*\n|\n", _END.sub(". ", text))
    most = sum(bool(re.search(r"\w", piece)) for piece in pieces)
    return fewest, max(most, fewest)


def _fewest(text: str) -> int:
    count = last = 0
    for match in _END.finditer(text):
        rest = text[match.end() : match.end() + 12].lstrip(" \"'(«“")
        ends = not rest or rest[0].isupper() or match[0] in "。！？．"
        if ends and re.search(r"\w", text[last : match.start()]):
            count += 1
            last = match.end()
    return count + bool(re.search(r"\w", text[last:]))


def _without_formulas(text: str) -> str:
    """The text with a word in the place of each formula and piece of code, in time linear in it."""
    kept, position, absent = [], 0, set[str]()
    while position < len(text):
        for opening, closing in _FORMULAS:
            if not text.startswith(opening, position):
                continue
            end = -1 if closing in absent else text.find(closing, position + len(opening))
            if end < 0:
                absent.add(closing)
                continue
            kept.append(" X ")
            position = end + len(closing)
            break
        else:
            kept.append(text[position])
            position += 1
    return "".join(kept)
