"""The tokens of submissions as they are compared: what a student can choose without changing the program is left out.

Names that a student can choose are all one name, a method's first parameter and what an import is called among them.
A number is its value, a text any text. `statements` leaves out what only spells a statement differently.
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from autograder.base.text import clean
from autograder.classroom.python_text import decode
from autograder.classroom.splitter import Budget, Word
from autograder.classroom.statements import read_statements

_LONGEST_TOKEN: Final = 200
_LONGEST_NUMBER: Final = 30
_LONG_TEXT: Final = 2_000  # signs of a text that is worth a look where most of its file is in it
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


@dataclass(frozen=True)
class Stream:
    """The tokens of a submission. remarks: why they are not all of it, or hardly what a person sees, in sentences."""

    tokens: list[Token]
    remarks: tuple[str, ...]


def read_tokens(files: Mapping[str, bytes], vocabulary: Vocabulary, most: int = sys.maxsize) -> Stream:
    """Return the first `most` tokens of Python files, right or wrong ones; behind each statement one without a text.

    The smallest files come first: what is cut off is of the largest ones.
    """
    known = vocabulary.free | vocabulary.members
    budget, found, remarks = Budget(most), [], []
    for path in sorted(files, key=lambda path: (len(files[path]), path)):
        text, encoding = decode(files[path])
        read = read_statements(text, known, budget)
        for words in read.found:
            before = ""
            for word in words:
                before = _as_compared(word, vocabulary.members if before == "." else vocabulary.free)
                found.append(Token(before[:_LONGEST_TOKEN], path, word.line))
            found.append(Token("", path, words[-1].line))
        if encoding:
            remarks.append(f"{clean(path)} is written in the encoding {encoding}, which hides what it says")
        elif read.longest_text >= _LONG_TEXT and read.longest_text * 2 > len(text):
            remarks.append(f"{clean(path)} is mostly one text of {read.longest_text:,} signs, which is not compared")
    if budget.is_spent:
        remarks.append("it is too large to be compared whole")
    return Stream(found, tuple(remarks))


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
