"""Cuts students' files to a safe size before the grader searches them with `re` or compares names with difflib.

Nothing can interrupt a search. One that takes a moment on a line of ours can take hours on somebody else's. So the
grader reads LONGEST_LINE characters of a line and MOST_LINES lines of a file at most, and compares few, short names.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

LONGEST_LINE: Final = 500
MOST_LINES: Final = 20_000
_MOST_BYTES: Final = 2**20
_LONGEST_NAME: Final = 48  # of what is compared with names: the time grows with the square of it
_MOST_NAMES: Final = 300


@lru_cache(maxsize=32)
def lines_to_search(content: bytes) -> tuple[str, ...]:
    """Return the lines of a file, numbered as Python numbers them, each cut, without what comes after MOST_LINES."""
    text = content[:_MOST_BYTES].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return tuple(line[:LONGEST_LINE] for line in text.split("\n", MOST_LINES)[:MOST_LINES])


@lru_cache(maxsize=32)
def text_to_search(content: bytes) -> str:
    """Return `lines_to_search` as one text."""
    return "\n".join(lines_to_search(content))


_QUOTES: Final = re.compile(r"""\"{3}|'{3}|["'#\n]|\\\n?""")


@lru_cache(maxsize=32)
def code_to_search(content: bytes) -> str:
    """Return `text_to_search` without its comments and what stands in three quotes: a name there defines nothing.

    Every line keeps its number, and what is left of it its place.
    """
    text, kept, begun, closes = text_to_search(content), [], 0, ""
    for found in _QUOTES.finditer(text):
        mark = found[0]
        if closes == "\n" and mark[-1:] == "\n":  # a comment ends where its line does, also behind a backslash
            begun, closes = found.end() - 1, ""
        elif not closes and mark[0] in "\"'#":
            closes = "\n" if mark == "#" else mark
            if mark == "#" or len(mark) > 1:
                kept.append(text[begun : found.start()])
                begun = found.end()
        elif mark == closes:
            if len(mark) > 1:
                kept.append("\n" * text.count("\n", begun, found.start()))
                begun = found.end()
            closes = ""
        elif mark == "\n" and len(closes) == 1:
            closes = ""  # no string in one quote goes on there
    return "".join([*kept, text[begun:] if len(closes) < 2 and closes != "\n" else ""])


def count_lines(content: bytes) -> int:
    """Return how many lines a file has for Python, which ends a line at a line feed, a carriage return, or both."""
    return content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n") + 1


def line_to_search(content: bytes, number: int) -> str:
    """Return the line `number`, counted from 1; nothing where there is none."""
    lines = lines_to_search(content)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def find_alike(name: str, known: Iterable[str], least: float) -> str:
    """Return the name in `known` that is most like `name`, by at least `least`; or "".

    Only short names are compared, and at most 300 of them.
    """
    if len(name) > _LONGEST_NAME:
        return ""
    short = [other for _, other in zip(range(_MOST_NAMES), known, strict=False) if len(other) <= _LONGEST_NAME]
    return next(iter(difflib.get_close_matches(name, short, 1, least)), "")
