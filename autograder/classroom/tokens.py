"""The tokens of submissions as they are compared: what a student can choose without changing the program is left out.

Names that a student can choose are all one name, a method's first parameter and what an import is called among them.
Comments, blank lines, semicolons and parentheses that only group count for nothing, and Python in a long text counts as
Python.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

_LONGEST_TOKEN: Final = 200
_LONG_TEXT: Final = 200  # from so many signs on it is looked whether a text holds Python
_LOOKED_AT: Final = 20_000
_DEEPEST_TEXT: Final = 3
_FEWEST_STATEMENTS: Final = 4
_STATEMENT: Final = re.compile(
    r"[ \t]*(?:(?:def|class|for|while|with|elif)\b[^\n]{1,200}|if\b[^\n]{1,200}:|else:|try:|return\b|import\b|@\w"
    r"|from\b[^\n]{1,80}import\b|[\w.\[\], :]{1,80}[-+*/@]?=|[\w.]{1,80}\()"
)
_EMPTY_LINE: Final = re.compile(r"^[ \t\f]*(?:\#[^\n]*|\\)$", re.MULTILINE)  # however many there are
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
_CALLED: Final = frozenset(")]")  # a parenthesis behind these calls something, as behind a name
_KEYWORDS: Final = frozenset(keyword.kwlist)
_ESCAPE: Final = re.compile(r"\\([\s\S])")
_ESCAPES: Final = {"n": "\n", "t": "\t", "\n": ""}
_WORD: Final = re.compile(r"[^\W\d]\w*")
_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*|\\\n)
    |(?P<text>[rRbBuUfF]{0,2}(?:\"\"\"(?:(?!\"\"\")[\s\S])*(?:\"\"\")?|\'\'\'(?:(?!\'\'\')[\s\S])*(?:\'\'\')?|"[^"\\\n]*(?:\\.[^"\\\n]*){0,9999}"?|'[^'\\\n]*(?:\\.[^'\\\n]*){0,9999}'?))
    |(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>.)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Vocabulary:
    """The names that nobody can choose: of Python, of NumPy and of the template. All others are one name."""

    free: frozenset[str]  # that stand alone
    members: frozenset[str]  # that follow a dot

    @classmethod
    def of(cls, template: Mapping[str, bytes]) -> Vocabulary:
        """Return those of a template, whose files need not be whole Python."""
        text = "\n".join(code.decode("utf-8", "replace") for code in template.values())
        words = set(_WORD.findall(text))
        classes = {word for word in words if word[0].isupper()}
        methods = re.findall(r"(?:\.|\bdef[ \t]+)([^\W\d]\w*)", text)
        return cls(
            frozenset((*keyword.kwlist, *dir(builtins), *classes)),
            frozenset((*dir(np), *dir(np.ndarray), *classes, *methods)),
        )


class Token(NamedTuple):
    """One token as it is compared, and where it stands."""

    text: str
    file: str
    line: int


def tokens(files: Mapping[str, bytes], vocabulary: Vocabulary) -> Iterator[Token]:
    """Yield the tokens of Python files, right or wrong ones, comments and line ends left out.

    A text that holds Python is as good as the Python in it. The smallest files come first: what is cut off behind the
    first `_MOST_TOKENS` is of the largest ones.
    """
    for path in sorted(files, key=lambda path: (len(files[path]), path)):
        yield from _tokens(_EMPTY_LINE.sub("", files[path].decode("utf-8", "replace")), path, 1, vocabulary)


def _tokens(text: str, path: str, line: int, vocabulary: Vocabulary, depth: int = 0) -> Iterator[Token]:
    before = ""
    opened: list[bool] = []  # of each open bracket, whether it counts: not that of a parenthesis that only groups
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup, match.group()
        if kind == "text" and len(value) >= _LONG_TEXT and depth < _DEEPEST_TEXT and (code := _python_in(value)):
            yield from _tokens(code, path, line, vocabulary, depth + 1)
            before = ""
        elif kind in ("text", "number", "sign", "name"):
            known = vocabulary.members if before == "." else vocabulary.free
            counts = value != ";"
            if value in _OPENING:
                counts = value != "(" or before in _CALLED or (before.isidentifier() and before not in _KEYWORDS)
                opened.append(counts)
            elif value in _CLOSING and opened:
                counts = opened.pop() or value != ")"
            before = "text" if kind == "text" else "name" if kind == "name" and value not in known else value
            if counts:
                yield Token(before[:_LONGEST_TOKEN], path, line)
        elif "\n" in value and not opened and value[0] not in "#\\":
            before = ""  # a statement ends
        line += value.count("\n")


def _python_in(text: str) -> str:
    """Return the Python that a long text holds, as its lines look; nothing where it is prose."""
    quotes = text.lstrip("rRbBuUfF")
    raw = "r" in text[: len(text) - len(quotes)].lower()
    inner = quotes.strip(quotes[0])
    if not raw:
        inner = _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), inner)
    lines = [line for line in inner[:_LOOKED_AT].split("\n") if line.strip()]
    statements = sum(_STATEMENT.match(line) is not None for line in lines)
    return inner if statements >= _FEWEST_STATEMENTS and statements * 3 >= len(lines) else ""
