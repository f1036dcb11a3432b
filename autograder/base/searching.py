"""A student's text as far as regular expressions are searched in it: nothing else is handed to `re`.

A search never gives Python back before it has ended. What takes a moment on a line of ours can take hours on a line of
somebody else's. So lines are cut, and of a file so many are read as nobody writes by hand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

LONGEST_LINE: Final = 500
MOST_LINES: Final = 20_000
_MOST_BYTES: Final = 2**20


@lru_cache(maxsize=32)
def lines_to_search(content: bytes) -> tuple[str, ...]:
    """Return the lines of a file, numbered as Python numbers them, each cut, without what comes after MOST_LINES."""
    text = content[:_MOST_BYTES].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return tuple(line[:LONGEST_LINE] for line in text.split("\n", MOST_LINES)[:MOST_LINES])


@lru_cache(maxsize=32)
def text_to_search(content: bytes) -> str:
    """Return `lines_to_search` as one text."""
    return "\n".join(lines_to_search(content))


def count_lines(content: bytes) -> int:
    """Return how many lines a file has for Python, which ends a line at a line feed, a carriage return, or both."""
    return content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n") + 1


def line_to_search(content: bytes, number: int) -> str:
    """Return the line `number`, counted from 1; nothing where there is none."""
    lines = lines_to_search(content)
    return lines[number - 1] if 0 < number <= len(lines) else ""
