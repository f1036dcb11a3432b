"""The statements of Python text, right or wrong, without what says nothing: for comparing, never for running.

Left out are comments, blank lines, parentheses that only group, trailing commas, stars before a literal, and a plus
before a value. So are annotations, imports, and statements without effect: `pass`, constants, a bare name, `if True:`.
Imported names stand for what they were imported as, and a name that is given a value for the next statement alone for
that value.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autograder.classroom.splitter import CONSTANTS, KEYWORDS, LONGEST_CHAIN, Budget, Splitter, Statement, Word

_LONGEST_VALUE: Final = 80  # words that are put in a name's place


@dataclass(frozen=True)
class Statements:
    """The statements of a file that say something. longest_text: signs in its longest text that holds no Python."""

    found: list[Statement]
    longest_text: int


def read_statements(text: str, known: Container[str], budget: Budget) -> Statements:
    """Return the statements of a file, those that `budget` has room for.

    known: names that nobody can choose; of a module's others it cannot be told what they are.
    """
    splitter = Splitter(budget)
    found = list(splitter.split(text, 1, 0))
    resolved = [words for words in _resolve(found, known, budget) if not _is_idle(words)]
    return Statements(_inline(resolved), splitter.longest_text)


def _is_idle(words: Statement) -> bool:
    """Return whether a statement does nothing, so that anybody can put it anywhere."""
    first = words[0].text
    if words[0].kind == "name" and first in ("if", "assert", "not") and len(words) > 1:
        return all(_is_constant(word) for word in words[1:])
    if len(words) == 1:
        return first == "pass" or words[0].kind != "name" or first not in KEYWORDS or first in CONSTANTS
    if len(words) == 3 and words[1].text == "=" and words[0].text == words[2].text:
        return True
    return all(_is_constant(word) for word in words)


def _is_constant(word: Word) -> bool:
    return word.kind != "name" or word.text in CONSTANTS or word.text in ("not", "and", "or", "is")


def _resolve(found: Sequence[Statement], known: Container[str], budget: Budget) -> Iterator[Statement]:
    """Yield the statements but imports, with what is imported by the name that it has where it comes from."""
    imported: dict[str, tuple[str, ...]] = {}
    modules: set[str] = set()
    for words in found:
        if words[0].text == "import":
            modules.update(_bound(words[1:], imported, ()))
        elif words[0].text == "from" and (at := _find(words, "import")) > 0:
            origin = tuple(word.text for word in words[1:at][:LONGEST_CHAIN] if word.kind == "name")
            of_package = any(word.text in (".", "...") for word in words[1:2])
            _bound(words[at + 1 :], imported, () if of_package else origin, known)
    stores = Counter(words[0].text for words in found if len(words) > 2 and words[1].text == "=")
    for words in found:
        if words[0].text in ("import", "from"):
            continue
        if (
            len(words) in range(5, 5 + LONGEST_CHAIN)
            and words[1].text == "="
            and stores[words[0].text] == 1
            and words[2].text in modules
            and all(word.text == "." if at % 2 else word.kind == "name" for at, word in enumerate(words[2:]))
        ):  # exp = np.exp
            imported[words[0].text] = tuple(word.text for word in words[2::2])
            continue
        if replaced := _replace(words, imported, budget):
            yield replaced


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
                    imported[bound] = tuple(full[-LONGEST_CHAIN:])
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


def _replace(words: Statement, imported: Mapping[str, tuple[str, ...]], budget: Budget) -> Statement:
    if not any(word.text in imported for word in words):
        return words
    made: Statement = []
    for at, word in enumerate(words):
        full = imported.get(word.text) if word.kind == "name" else None
        follows_dot = at > 0 and words[at - 1].text == "."
        if full is None or follows_dot or (at + 1 < len(words) and words[at + 1].text == "="):
            made.append(word)
            continue
        if not budget.take(2 * len(full) - 2):
            break
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
