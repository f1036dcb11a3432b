"""How many sentences an answer has: the fewest and the most that a reader could count, as no rule is always right."""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]|`[^`]*`", re.DOTALL)
_ABBREVIATION: Final = re.compile(
    r"\b(?:e\.\s?g|i\.\s?e|etc|vs|cf|al|eq|eqs|fig|figs|sec|ch|no|approx|resp|w\.r\.t|dr|prof|mr|ms|st|ref|vol|pp|p|ca|incl|def|thm)"
    r"\.",
    re.IGNORECASE,
)
_END: Final = re.compile(r"[.!?]+[\"')\]»”]*(?=\s|$)")


def count(text: str) -> tuple[int, int]:
    """The fewest and the most sentences in `text`; (0, 0) without a word.

    The fewest counts a full stop only where a capital follows or the text ends; the most counts every
    stop, semicolon, colon at a line's end, point of a list and paragraph.
    """
    text = _FORMULA.sub(" X ", text)
    text = _ABBREVIATION.sub(lambda match: match[0].replace(".", ""), text)
    text = re.sub(r"(\d)\.(\d)", r"\1\2", text)
    text = re.sub(r"\.{2,}|…", " ", text)
    text = re.sub(r"^\s*(?:[-*•–]|\(?\w{1,2}[.)])\s+", "\n", text, flags=re.MULTILINE)
    if not re.search(r"\w", text):
        return 0, 0
    flat = " ".join(text.split())
    stops = [match for match in _END.finditer(flat) if re.search(r"\w", flat[: match.start()])]
    certain = [match for match in stops if not (rest := flat[match.end() :].lstrip(" \"'(«“")) or rest[0].isupper()]
    last = certain[-1].end() if certain else 0
    fewest = len(certain) + bool(re.search(r"\w", flat[last:]))
    pieces = re.split(r"[.!?;]+(?=\s|$)|:\s*\n|\n\s*\n|\n", _END.sub(". ", text))
    most = sum(bool(re.search(r"\w", piece)) for piece in pieces)
    return fewest, max(most, fewest)
