"""The statements of Python text, right or wrong, without what says nothing: for comparing, never for running.

Python's own parser is not used: a text can make it take more time, memory or stack than there is. Left out are
comments, blank lines, parentheses that only group, trailing commas, stars before a literal, a plus before a value,
annotations, imports, and statements without effect: `pass`, constants, a bare name, `if True:`. Imported names stand
for what they were imported as, and a name that is given a value for the next statement alone for that value. Python
in a long text counts as Python.
"""

from __future__ import annotations

import keyword
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

_LONG_TEXT: Final = 200  # from so many signs on it is looked whether a text holds Python
_LOOKED_AT: Final = 20_000
_DEEPEST_TEXT: Final = 3
_FEWEST_STATEMENTS: Final = 4
_LONGEST_VALUE: Final = 80  # words that are put in a name's place
_LONGEST_CHAIN: Final = 6  # names, with the dots between them
_STATEMENT: Final = re.compile(
    r"[ \t]*(?:(?:def|class|for|while|with|elif)\b[^\n]{1,200}|if\b[^\n]{1,200}:|else:|try:|return\b|import\b|@\w"
    r"|from\b[^\n]{1,80}import\b|[\w.\[\], :]{1,80}[-+*/@]?=|[\w.]{1,80}\()"
)
_EMPTY_LINE: Final = re.compile(r"^[ \t\f]*(?:\#[^\n]*|\\)$", re.MULTILINE)  # however many there are
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
_KEYWORDS: Final = frozenset(keyword.kwlist)
_CONSTANTS: Final = frozenset({"True", "False", "None", "Ellipsis"})
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
    |(?P<text>[rRbBuUfF]{0,2}(?:\"\"\"(?:(?!\"\"\")[\s\S])*(?:\"\"\")?|\'\'\'(?:(?!\'\'\')[\s\S])*(?:\'\'\')?|"[^"\\\n]*(?:\\.[^"\\\n]*){0,9999}"?|'[^'\\\n]*(?:\\.[^'\\\n]*){0,9999}'?))
    |(?P<name>[^\W\d]\w*)|(?P<number>\.{3}|\d[\w.]*|\.\d[\w.]*)|(?P<sign>\*\*=?|//=?|>>=?|<<=?|->|:=|[-+*/%@&|^<>=!]=|.)""",
    re.VERBOSE,
)


class Word(NamedTuple):
    """A token that counts: name (keywords among them), text, number or sign."""

    kind: str
    text: str
    line: int


Statement = list[Word]


def statements(code: bytes, known: Container[str]) -> list[Statement]:
    """Return the statements of a file that say something.

    known: names that nobody can choose; of a module's others it cannot be told what they are.
    """
    found = list(_split(_EMPTY_LINE.sub("", code.decode("utf-8", "replace")), 1, 0))
    return _inline([words for words in _resolve(found, known) if not _is_idle(words)])


def _split(text: str, line: int, depth: int) -> Iterator[Statement]:
    reader = _Reader()
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup, match.group()
        if kind == "skip":
            if "\n" in value and not reader.opened and value[0] not in "#\\":
                yield from reader.end()
        elif kind == "text" and len(value) >= _LONG_TEXT and depth < _DEEPEST_TEXT and (code := _python_in(value)):
            yield from _split(code, line, depth + 1)
        elif kind is not None:
            if value == ";" or (value in _OUTSIDE and reader.opened and reader.before.text != "."):
                yield from reader.end()
            if value != ";":
                reader.add(Word(kind, value, line))
            if value == ":" and reader.is_header():
                yield from reader.end()
        line += value.count("\n")
    yield from reader.end()


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
                self.before.kind in ("name", "text") and self.before.text not in _KEYWORDS
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
        while at > max(1, len(words) - 3 - _LONGEST_CHAIN) and (words[at].kind == "name" or words[at].text == "."):
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
            last.text in _KEYWORDS and last.text not in _CONSTANTS
        )


def _without_annotations(words: Statement) -> Statement:
    first = words[0].text
    if first == "def" or (first == "async" and len(words) > 1 and words[1].text == "def"):
        return _without_parameter_annotations(words)
    if first in _KEYWORDS:
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


def _is_idle(words: Statement) -> bool:
    """Return whether a statement does nothing, so that anybody can put it anywhere."""
    first = words[0].text
    if words[0].kind == "name" and first in ("if", "assert", "not") and len(words) > 1:
        return all(_is_constant(word) for word in words[1:])
    if len(words) == 1:
        return first == "pass" or words[0].kind != "name" or first not in _KEYWORDS or first in _CONSTANTS
    if len(words) == 3 and words[1].text == "=" and words[0].text == words[2].text:
        return True
    return all(_is_constant(word) for word in words)


def _is_constant(word: Word) -> bool:
    return word.kind != "name" or word.text in _CONSTANTS or word.text in ("not", "and", "or", "is")


def _resolve(found: Sequence[Statement], known: Container[str]) -> Iterator[Statement]:
    """Yield the statements but imports, with what is imported by the name that it has where it comes from."""
    imported: dict[str, tuple[str, ...]] = {}
    modules: set[str] = set()
    for words in found:
        if words[0].text == "import":
            modules.update(_bound(words[1:], imported, ()))
        elif words[0].text == "from" and (at := _find(words, "import")) > 0:
            origin = tuple(word.text for word in words[1:at][:_LONGEST_CHAIN] if word.kind == "name")
            of_package = any(word.text in (".", "...") for word in words[1:2])
            _bound(words[at + 1 :], imported, () if of_package else origin, known)
    stores = Counter(words[0].text for words in found if len(words) > 2 and words[1].text == "=")
    for words in found:
        if words[0].text in ("import", "from"):
            continue
        if (
            len(words) in range(5, 5 + _LONGEST_CHAIN)
            and words[1].text == "="
            and stores[words[0].text] == 1
            and words[2].text in modules
            and all(word.text == "." if at % 2 else word.kind == "name" for at, word in enumerate(words[2:]))
        ):  # exp = np.exp
            imported[words[0].text] = tuple(word.text for word in words[2::2])
            continue
        yield _replace(words, imported)


def _bound(
    words: Sequence[Word], imported: dict[str, tuple[str, ...]], origin: tuple[str, ...], known: Container[str] = ()
) -> Iterable[str]:
    """Take what an import binds into `imported`; returns the names."""
    names: list[str] = []
    full: list[str] = []
    bound = ""
    for word in (*words, Word("sign", ",", 0)):
        if word.text == ",":
            bound = bound or (full[0] if full else "")
            if bound:
                names.append(bound)
                if origin and full[-1] in known:
                    imported[bound] = (*origin, full[-1])
                elif bound != full[-1]:
                    imported[bound] = tuple(full[-_LONGEST_CHAIN:])
            full, bound = [], ""
        elif word.text == "as":
            bound = "?"
        elif word.kind == "name":
            if bound == "?":
                bound = word.text
            else:
                full.append(word.text)
    return names


def _find(words: Sequence[Word], text: str) -> int:
    return next((at for at, word in enumerate(words) if word.text == text), -1)


def _replace(words: Statement, imported: Mapping[str, tuple[str, ...]]) -> Statement:
    if not any(word.text in imported for word in words):
        return words
    made: Statement = []
    for at, word in enumerate(words):
        full = imported.get(word.text) if word.kind == "name" else None
        follows_dot = at > 0 and words[at - 1].text == "."
        if full is None or follows_dot or (at + 1 < len(words) and words[at + 1].text == "="):
            made.append(word)
            continue
        for number, part in enumerate(full):
            made += [Word("sign", ".", word.line)] * bool(number) + [Word("name", part, word.line)]
    return made


def _inline(found: list[Statement]) -> list[Statement]:
    """Put the value of a name into the next statement, where nothing else needs the name."""
    uses: dict[str, list[int]] = defaultdict(list)
    for number, words in enumerate(found):
        for name in {word.text for word in words if word.kind == "name"}:
            uses[name].append(number)
    for number in range(len(found) - 1):
        words = found[number]
        if len(words) < 3 or words[1].text != "=" or words[0].kind != "name" or len(words) > _LONGEST_VALUE:
            continue
        name, then = words[0].text, found[number + 1]
        place = _only_use(then, name)
        if place < 0 or then[0].text in ("def", "class", "while", "async"):
            continue
        if then[0].text != "return" and not _is_free(found, uses[name], number + 1, name):
            continue
        found[number + 1] = [*then[:place], *words[2:], *then[place + 1 :]]
        found[number] = []
    return [words for words in found if words]


def _only_use(words: Statement, name: str) -> int:
    """Return where a statement uses a name, if it does once; else -1."""
    places = [at for at, word in enumerate(words) if word.text == name and word.kind == "name"]
    if len(places) != 1:
        return -1
    at = places[0]
    behind = words[at + 1].text if at + 1 < len(words) else ""
    before = words[at - 1].text if at else ""
    return -1 if before == "." or behind == "=" or (at == 0 and behind.endswith("=")) else at


def _is_free(found: Sequence[Statement], uses: Sequence[int], number: int, name: str) -> bool:
    """Return whether behind statement `number` a name is given another value before it is used."""
    at = bisect_right(uses, number)
    if at == len(uses):
        return True
    then = found[uses[at]]
    if "def" in (words[0].text for words in found[number + 1 : min(uses[at], number + 200)]):
        return True
    return len(then) > 2 and then[0].text == name and then[1].text == "=" and name not in {w.text for w in then[2:]}


def _python_in(text: str) -> str:
    """Return the Python that a long text holds, as its lines look; nothing where it is prose."""
    quotes = text.lstrip("rRbBuUfF")
    raw = "r" in text[: len(text) - len(quotes)].lower()
    inner = quotes.strip(quotes[0])
    if not raw:
        inner = _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), inner)
    lines = [line for line in inner[:_LOOKED_AT].split("\n") if line.strip()]
    looks = sum(_STATEMENT.match(line) is not None for line in lines)
    return inner if looks >= _FEWEST_STATEMENTS and looks * 3 >= len(lines) else ""
