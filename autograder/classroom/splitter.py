"""Python text cut into statements, right or wrong, without what only spells a statement otherwise.

Python's own parser is not used: a text can make it take more time, memory or stack than there is. Words are counted
while they are read. Python in a long text counts as Python.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from autograder.classroom.python_text import TextEnds

_LONG_TEXT: Final = 200  # from so many signs on it is looked whether a text holds Python
_LOOKED_AT: Final = 20_000
_DEEPEST_TEXT: Final = 3
_FEWEST_STATEMENTS: Final = 4
LONGEST_CHAIN: Final = 6  # names, with the dots between them
_STATEMENT: Final = re.compile(
    r"[ \t]*(?:(?:def|class|for|while|with|elif)\b[^\n]{1,200}|if\b[^\n]{1,200}:|else:|try:|return\b|import\b|@\w"
    r"|from\b[^\n]{1,80}import\b|[\w.\[\], :]{1,80}[-+*/@]?=|[\w.]{1,80}\()"
)
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
KEYWORDS: Final = frozenset(keyword.kwlist)
CONSTANTS: Final = frozenset({"True", "False", "None", "Ellipsis"})
_STRUCTURE: Final = KEYWORDS - CONSTANTS
_HEADERS: Final = frozenset(
    {"if", "elif", "else", "for", "while", "with", "try", "except", "finally", "def", "class", "async"}
)
#: What stands in no bracket: where it seems to, a bracket was left open.
_OUTSIDE: Final = frozenset(
    {"def", "class", "return", "import", "while", "with", "try", "raise", "del", "pass", "global", "break", "continue"}
)
_ESCAPE: Final = re.compile(r"\\([\s\S])")
_ESCAPES: Final = {"n": "\n", "t": "\t", "\n": ""}
_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*|\\\n)
    |(?P<text>[rRbBuUfFtT]{0,2}(?:\"\"\"|\'\'\'|"|'))
    |(?P<name>(?:[^\W\d]|[^\x00-\x7f])(?:\w|[^\x00-\x7f\s])*)
    |(?P<number>\.{3}|\d[\w.]*|\.\d[\w.]*)|(?P<sign>\*\*=?|//=?|>>=?|<<=?|->|:=|[-+*/%@&|^<>=!]=|.)""",
    re.VERBOSE,
)


class Word(NamedTuple):
    """A token that counts: name (keywords among them), text, number or sign."""

    kind: str
    text: str
    line: int


Statement = list[Word]


class Budget:
    """How many words of a submission may be read. is_spent: whether it had more."""

    def __init__(self, words: int) -> None:
        self._left = words
        self.is_spent = False

    def take(self, words: int = 1) -> bool:
        """Take words out of it; returns False where so many are not left."""
        self.is_spent = self.is_spent or words > self._left
        if not self.is_spent:
            self._left -= words
        return not self.is_spent


class Splitter:
    """Cuts a file into statements, word by word, as long as there is room for words."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.longest_text = 0

    def split(self, text: str, line: int, depth: int) -> Iterator[Statement]:
        """Yield the statements of `text`, and those of Python in its texts."""
        reader = _Reader()
        for kind, value in _tokens(text):
            if kind == "skip":
                if "\n" in value and not reader.opened and value[0] not in "#\\":
                    yield from reader.end()
            elif not self._budget.take():
                break
            elif kind == "text" and len(value) >= _LONG_TEXT and depth < _DEEPEST_TEXT and (code := _python_in(value)):
                yield from self.split(code, line, depth + 1)
            else:
                if kind == "text":
                    self.longest_text = max(self.longest_text, len(value))
                if value == ";" or (value in _OUTSIDE and reader.opened and reader.before.text != "."):
                    yield from reader.end()
                if value != ";":
                    reader.add(Word(kind, value, line))
                if value == ":" and reader.is_header():
                    yield from reader.end()
            line += value.count("\n")
        yield from reader.end()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each token; names as Python folds them."""
    ends, at = TextEnds(text), 0
    while match := _TOKEN.match(text, at):
        kind, value, at = match.lastgroup or "", match[0], match.end()
        if kind == "text":
            quote = value.lstrip("rRbBuUfFtT")
            at = ends.find(at, value[: -len(quote)], quote)
            value = text[match.start() : at]
        elif kind == "name" and not value.isascii():
            folded = unicodedata.normalize("NFKC", value)
            value = value if folded in _STRUCTURE else folded  # in other letters a keyword is a name
        yield kind, value


_START: Final = Word("sign", "", 0)


class _Reader:
    """Collects the words of one statement after the other, without those that only spell it differently."""

    def __init__(self) -> None:
        self.words: Statement = []
        self.opened: list[bool] = []  # of each open bracket, whether it counts: not that which only groups
        self.before = _START  # the last token, whether it counts or not
        self._lambdas = 0

    def is_header(self) -> bool:
        """Return whether the colon just added ends the first line of a block."""
        if self.opened or not self.words or self.words[0].text not in _HEADERS:
            return False
        if self._lambdas:
            self._lambdas -= 1
            return False
        return True

    def end(self) -> Iterator[Statement]:
        """Yield the statement, if there is one, and begin the next."""
        if self.words and self.words[-1].text == ",":
            self.words.pop()
        if self.words:
            yield _without_annotations(self.words)
        self.words, self.opened, self.before, self._lambdas = [], [], _START, 0

    def add(self, word: Word) -> None:
        """Take in the next token."""
        value = word.text if word.kind in ("sign", "name") else ""
        counts = True
        if value in _OPENING:
            counts = self._open(value)
        elif value in _CLOSING:
            counts = self._close(value)
        elif value == "+":
            counts = not self._is_unary(self.words)
        elif value == "-":
            if self.words and self.words[-1].text == "+":
                self.words.pop()
        elif value == "=":
            self._drop_comma()
        elif value == ":=" and self.words:
            self.words.pop()
            counts = False
        elif value == "lambda" and not self.opened:
            self._lambdas += 1
        self.before = word
        if counts:
            self.words.append(word)

    def _open(self, value: str) -> bool:
        star = self.words[-1] if self.words else _START
        if star.text in ("*", "**") and value in "([" and self._is_unary(self.words[-2:-1]) and self.opened:
            self.words.pop()
            counts = False
        else:
            follows = self.before.text in (")", "]") or (
                self.before.kind in ("name", "text") and self.before.text not in KEYWORDS
            )
            counts = value != "(" or follows
        self.opened.append(counts)
        return counts

    def _close(self, value: str) -> bool:
        self._drop_comma()
        counts = self.opened.pop() if self.opened else value != ")"
        if counts and value == ")" and self.words and self.words[-1].kind == "text":
            self._get_attribute()
            counts = self.words[-1].kind == "text"
        return counts

    def _drop_comma(self) -> None:
        if self.words and self.words[-1].text == ",":
            self.words.pop()

    def _get_attribute(self) -> None:
        """Write `a.b` for `getattr(a, "b"`."""
        words, name = self.words, self.words[-1].text.strip("\"'")
        if len(words) < 5 or words[-2].text != "," or not name.isidentifier():
            return
        at = len(words) - 3
        while at > max(1, len(words) - 3 - LONGEST_CHAIN) and (words[at].kind == "name" or words[at].text == "."):
            at -= 1
        if words[at].text == "(" and words[at - 1].text == "getattr":
            chain, line = words[at + 1 : -2], words[-1].line
            self.words[at - 1 :] = [*chain, Word("sign", ".", line), Word("name", name, line)]

    @staticmethod
    def _is_unary(left: Sequence[Word]) -> bool:
        """Return whether a sign behind these words has no left operand."""
        if not left:
            return True
        last = left[-1]
        return (last.kind == "sign" and last.text not in _CLOSING) or (
            last.text in KEYWORDS and last.text not in CONSTANTS
        )


def _without_annotations(words: Statement) -> Statement:
    first = words[0].text
    if first == "def" or (first == "async" and len(words) > 1 and words[1].text == "def"):
        return _without_parameter_annotations(words)
    if first in KEYWORDS:
        return words
    begins, depth = -1, 0
    for at, word in enumerate(words):
        depth += (word.text in _OPENING) - (word.text in _CLOSING)
        if depth == 0 and word.kind == "sign":
            if word.text == "=":
                return words[:begins] + words[at:] if begins >= 0 else words
            if word.text == ":" and begins < 0:
                begins = at
    return words[:1] if begins >= 0 else words  # a bare declaration says nothing


def _without_parameter_annotations(words: Statement) -> Statement:
    kept: Statement = []
    depth, skips = 0, False
    for word in words:
        sign = word.text if word.kind == "sign" else "name"
        depth += (sign in _OPENING) - (sign in _CLOSING)
        if depth == 0 and sign == "->":
            return [*kept, words[-1]]
        if depth == 1 and sign == ":" and len(kept) > 1 and kept[-1].kind == "name":
            skips = skips or kept[-2].text in ("(", ",", "*", "**")
        elif (depth == 1 and sign in ("=", ",")) or (depth == 0 and sign == ")"):
            skips = False
        if not skips:
            kept.append(word)
    return kept


def _python_in(text: str) -> str:
    """Return the Python that a long text holds, as its lines look; nothing where it is prose."""
    quotes = text.lstrip("rRbBuUfFtT")
    raw = "r" in text[: len(text) - len(quotes)].lower()
    inner = quotes.strip(quotes[0])
    if not raw:
        inner = _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), inner)
    lines = [line for line in inner[:_LOOKED_AT].split("\n") if line.strip()]
    looks = sum(_STATEMENT.match(line) is not None for line in lines)
    return inner if looks >= _FEWEST_STATEMENTS and looks * 3 >= len(lines) else ""
