"""The tokens of submissions as they are compared: what a student can choose without changing the program is left out.

Names that a student can choose are all one name, a method's first parameter and what an import is called among them.
A number is its value, a text any text. `statements` leaves out what only spells a statement differently.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from autograder.classroom.statements import Word, statements

_LONGEST_TOKEN: Final = 200
_LONGEST_NUMBER: Final = 30
_WORD: Final = re.compile(r"[^\W\d]\w*")


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
    """Yield the tokens of Python files, right or wrong ones; behind each statement one without a text.

    The smallest files come first: what is cut off is of the largest ones.
    """
    known = vocabulary.free | vocabulary.members
    for path in sorted(files, key=lambda path: (len(files[path]), path)):
        for words in statements(files[path], known):
            before = ""
            for word in words:
                before = _as_compared(word, vocabulary.members if before == "." else vocabulary.free)
                yield Token(before[:_LONGEST_TOKEN], path, word.line)
            yield Token("", path, words[-1].line)


def _as_compared(word: Word, known: Container[str]) -> str:
    if word.kind == "name":
        return word.text if word.text in known else "name"
    if word.kind == "number":
        return _value(word.text)
    return "text" if word.kind == "text" else word.text


@lru_cache(maxsize=4096)
def _value(number: str) -> str:
    """Return how a number is written by everybody."""
    try:
        return repr(float(number)) if len(number) <= _LONGEST_NUMBER else number
    except ValueError:
        return number
