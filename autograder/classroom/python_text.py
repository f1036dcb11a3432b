"""The text of a Python file as Python reads it, and where its text literals end; right or wrong files alike."""

from __future__ import annotations

import codecs
import io
import re
import tokenize
from dataclasses import dataclass
from typing import Final

from autograder.base.text import with_plain_ends

# In these a file is what it looks like; in others, `unicode_escape` for one, whole programs are written unseen.
_PLAIN: Final = re.compile(r"utf-8(?:-sig)?|ascii|iso8859-\d{1,2}|cp125\d")
_DEEPEST: Final = 40  # texts and fields within each other
_IN_FIELD: Final = re.compile(r"(?P<prefix>(?:(?<!\w)[rRbBuUfFtT]{1,2})?)(?P<quote>\"\"\"|'''|\"|')|[()\[\]{}:#]")


_QUOTES: Final = ('"""', "'''", '"', "'")
_ENDS: Final = {quote: re.compile(rf"\\[\s\S]|{quote}" + "|\n" * (len(quote) == 1)) for quote in _QUOTES}
_FORMATTED: Final = {
    quote: re.compile(rf"\\[^{{}}]|{quote}|\{{\{{?|\}}" + "|\n" * (len(quote) == 1)) for quote in _QUOTES
}


def decode(code: bytes) -> tuple[str, str]:
    """Return a file's text, and the encoding that it asks for where the text is not decoded as it asks; else nothing.

    The text of a file in an encoding that can hide what is written is its bytes, as UTF-8.
    """
    code = with_plain_ends(code)
    try:
        asked, _ = tokenize.detect_encoding(io.BytesIO(code).readline)
        encoding = codecs.lookup(asked).name
    except (SyntaxError, LookupError):
        return code.decode("utf-8", "replace"), ""  # Python does not run it
    if _PLAIN.fullmatch(encoding):
        return code.decode(encoding, "replace"), ""
    return code.decode("utf-8", "replace"), asked


def is_formatted(prefix: str) -> bool:
    """Return whether a text with these letters before its quotes has fields."""
    return not {"f", "F", "t", "T"}.isdisjoint(prefix)


@dataclass
class _Part:
    """A part of an f-string that is open: a text, a field in it, or the format behind a field's colon."""

    quote: str
    kind: str = "text"
    brackets: int = 0  # open ones of a field


class TextEnds:
    """Finds where the text literals of one file end."""

    def __init__(self, text: str) -> None:
        self._text = text
        # One that never ends is searched for to the file's end: once, as Python does not run such a file.
        self._are_formatted_whole = True

    def find(self, start: int, prefix: str, quote: str) -> int:
        """Return the place behind a literal whose content begins at `start`; of an open one, its line's or file's end.

        prefix: the letters before the quotes. In an f-string's field other texts may stand, in the same quotes even.
        """
        if self._are_formatted_whole and is_formatted(prefix):
            end = self._find_formatted(start, quote)
            if end >= 0:
                return end
            self._are_formatted_whole = False
        return self._find_plain(start, quote)

    def _find_plain(self, start: int, quote: str) -> int:
        for found in _ENDS[quote].finditer(self._text, start):
            if found[0][0] != "\\":
                return found.start() if found[0] == "\n" else found.end()
        return len(self._text)

    def _find_formatted(self, at: int, quote: str) -> int:
        """Return the place behind an f-string, or -1 where it does not end."""
        parts = [_Part(quote)]
        while at >= 0 and 0 < len(parts) < _DEEPEST:
            at = self._skip_code(parts, at) if parts[-1].kind == "field" else self._skip_text(parts, at)
        return at if not parts else -1

    def _skip_text(self, parts: list[_Part], at: int) -> int:
        """Return the place behind the next sign of a text, or of what follows a field's colon."""
        part = parts[-1]
        is_text = part.kind == "text"
        found = _FORMATTED[part.quote].search(self._text, at)
        if found is None:
            return -1
        sign = found[0]
        if sign == "{" or (sign == "{{" and not is_text):
            parts.append(_Part(part.quote, "field"))
            return found.start() + 1
        if sign == (part.quote if is_text else "}"):
            parts.pop()
        elif sign in ("\n", part.quote):
            return -1
        return found.end()

    def _skip_code(self, parts: list[_Part], at: int) -> int:
        """Return the place behind the next sign in a field that counts, a text, or a comment."""
        part, found = parts[-1], _IN_FIELD.search(self._text, at)
        if found is None:
            return -1
        sign, quote = found[0], found["quote"]
        if quote:
            if not is_formatted(found["prefix"]):
                return self._find_plain(found.end(), quote)
            parts.append(_Part(quote))
        elif sign == "#":
            return self._text.find("\n", found.end())
        elif not part.brackets and sign in (":", "}"):
            parts.pop()
            if sign == ":":
                parts.append(_Part(part.quote, "format"))
        else:
            part.brackets += (sign in "([{") - (sign in ")]}")
        return found.end()
