"""Which submissions have suspiciously much of their own code in common: for a person to judge, never part of a score.

Fingerprints of runs of tokens by winnowing (S. Schleimer, D. Wilkerson and A. Aiken, "Winnowing: local algorithms for
document fingerprinting", SIGMOD 2003). What the template holds counts for nothing, what much of the class writes for
little: there are not many ways to say `np.maximum(x, 0)`. Names that a student can choose are all one name. Comments
and blank lines count for nothing, and Python in a long text as Python. Of a submission so many tokens are compared;
what has more is named.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import keyword
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from autograder.assignment.config import Assignment
from autograder.assignment.files import read_sources
from autograder.base.errors import SubmissionError
from autograder.base.files import as_json, replace_file
from autograder.base.text import clean
from autograder.classroom.store import Classroom, Entry
from autograder.intake import submission
from autograder.results.staff_notes import StaffNotes

FILE_NAME: Final = "similar.json"
_RUN: Final = 12  # tokens in a fingerprint: shorter runs are idiom
_WINDOW: Final = 6  # of so many neighbours one is kept: of what is compared a copy of _RUN + _WINDOW - 1 tokens is seen
_FEWEST: Final = 25  # fingerprints shared that at most half of the class has, below which it is chance
_SHARE: Final = 0.6  # of the smaller one's own code, weighed
_PART: Final = 0.15  # of its fingerprints, that few others have: where all write alike, a few lines are no copy
_AT_ONCE: Final = 4096  # fingerprints
MOST_PAIRS: Final = 60
_MOST_PASSAGES: Final = 4
_MOST_WHOLE: Final = 24  # pairs of which the whole files can be read side by side
_LONGEST_WHOLE: Final = 40_000  # bytes of a file
_LONGEST_PASSAGE: Final = 24  # lines
_LONGEST_LINE: Final = 300  # of a passage
_MOST_TOKENS: Final = 200_000  # of a submission; the largest honest ones have a tenth
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
_ESCAPE: Final = re.compile(r"\\([\s\S])")
_ESCAPES: Final = {"n": "\n", "t": "\t", "\n": ""}
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_WORD: Final = re.compile(r"[^\W\d]\w*")
_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*|\\\n)
    |(?P<text>[rRbBuUfF]{0,2}(?:\"\"\"(?:(?!\"\"\")[\s\S])*(?:\"\"\")?|\'\'\'(?:(?!\'\'\')[\s\S])*(?:\'\'\')?|"[^"\\\n]*(?:\\.[^"\\\n]*){0,9999}"?|'[^'\\\n]*(?:\\.[^'\\\n]*){0,9999}'?))
    |(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>.)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Passage:
    """Lines of one that are like lines of the other; text without names made alike, as it was handed in."""

    left_file: str
    left_line: int
    left_text: str
    right_file: str
    right_line: int
    right_text: str


@dataclass(frozen=True)
class Files:
    """Two whole files that passages in common lie in."""

    left: str
    left_text: str
    right: str
    right_text: str


@dataclass(frozen=True)
class Pair:
    """Two submissions. share: of the smaller one's own code, weighted by rarity; shared: rare ones in common.

    files: those that the passages lie in, whole; for the most alike pairs.
    """

    left: str
    right: str
    share: float
    shared: int
    passages: tuple[Passage, ...]
    files: tuple[Files, ...] = ()


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
            frozenset((*keyword.kwlist, *dir(builtins), "np", "self", *classes)),
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
    for match in _TOKEN.finditer(text):
        kind, value = match.lastgroup, match.group()
        if kind == "text" and len(value) >= _LONG_TEXT and depth < _DEEPEST_TEXT and (code := _python_in(value)):
            yield from _tokens(code, path, line, vocabulary, depth + 1)
            before = ""
        elif kind in ("text", "number", "sign", "name"):
            known = vocabulary.members if before == "." else vocabulary.free
            before = "text" if kind == "text" else "name" if kind == "name" and value not in known else value
            yield Token(before[:_LONGEST_TOKEN], path, line)
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


def fingerprints(stream: Iterable[str]) -> dict[int, int]:
    """Winnowed fingerprints of the texts of tokens, each with the index of the token at which its run begins."""
    known: dict[str, int] = {}
    codes = np.fromiter((known.get(text) or known.setdefault(text, _code(text)) for text in stream), np.uint64)
    if len(codes) < _RUN:
        return {}
    count = len(codes) - _RUN + 1
    hashes = np.zeros(count, np.uint64)
    for at in range(_RUN):
        hashes = hashes * _BASE + codes[at : at + count]
    hashes ^= hashes >> np.uint64(29)  # so that which one is smallest is a matter of chance
    hashes *= _BASE
    hashes ^= hashes >> np.uint64(32)
    width = min(_WINDOW, count)
    windows = np.lib.stride_tricks.sliding_window_view(hashes, width)
    starts = np.arange(len(windows)) + (width - 1 - np.argmin(windows[:, ::-1], axis=1))
    chosen = np.unique(starts)
    values, first = np.unique(hashes[chosen], return_index=True)
    return dict(zip(values.tolist(), chosen[first].tolist(), strict=True))


def _code(text: str) -> int:
    """Return a number for a token's text; never 0, and the same in every run."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") | 1


class Comparer:
    """Compares submissions of one template."""

    def __init__(self, template: Mapping[str, bytes]) -> None:
        self.vocabulary = Vocabulary.of(template)
        self.given = set(fingerprints(token.text for token in tokens(template, self.vocabulary)))

    def tokens(self, files: Mapping[str, bytes]) -> Iterator[Token]:
        """Yield those tokens of a submission that are compared."""
        return islice(tokens(files, self.vocabulary), _MOST_TOKENS)

    def own(self, files: Mapping[str, bytes]) -> dict[int, int]:
        """Return a submission's fingerprints that the template does not have."""
        found = fingerprints(token.text for token in self.tokens(files))
        return {print_: at for print_, at in found.items() if print_ not in self.given}

    def is_cut(self, files: Mapping[str, bytes]) -> bool:
        """Return whether a submission has more tokens than are compared."""
        if sum(map(len, files.values())) <= _MOST_TOKENS:
            return False
        return next(islice(tokens(files, self.vocabulary), _MOST_TOKENS, None), None) is not None


def pairs(files: Mapping[str, Mapping[str, bytes]], template: Mapping[str, bytes]) -> list[Pair]:
    """Return the suspicious pairs among submissions (files by path, by id), the most alike first."""
    return compare(list(files), files.__getitem__, template)[0]


def compare(
    names: Sequence[str], read: Callable[[str], Mapping[str, bytes]], template: Mapping[str, bytes]
) -> tuple[list[Pair], tuple[str, ...]]:
    """Return the suspicious pairs, and the ids of those submissions that were too large to be compared whole.

    read: gives the files of a submission by its id; one is asked for at a time, and none is kept.
    """
    comparer = Comparer(template)
    prints: dict[str, tuple[int, ...]] = {}
    cut = []
    for name in names:
        content = read(name)
        prints[name] = tuple(comparer.own(content))
        if comparer.is_cut(content):
            cut.append(name)
    holders: dict[int, list[str]] = defaultdict(list)
    for name, own in prints.items():
        for print_ in own:
            holders[print_].append(name)
    names = sorted(names)
    share, rare = _shares(names, holders)
    fewest = np.array([max(_FEWEST, _PART * len(prints[name])) for name in names])
    suspicious = sorted(
        (-float(share[i, j]), names[i], names[j])
        for i, j in zip(
            *np.nonzero(np.triu((share >= _SHARE) & (rare >= np.minimum.outer(fewest, fewest)), 1)), strict=True
        )
    )
    most = _few(len(names))
    found: list[Pair] = []
    for negative, left, right in suspicious[:MOST_PAIRS]:
        common = frozenset(print_ for print_ in {*prints[left]} & {*prints[right]} if len(holders[print_]) <= most)
        ours, theirs = read(left), read(right)
        passages = _passages(comparer, ours, theirs, common)
        whole = _files(ours, theirs, passages) if len(found) < _MOST_WHOLE else ()
        found.append(Pair(left, right, round(min(-negative, 1.0), 4), len(common), passages, whole))
    return found, tuple(cut)


def _files(left: Mapping[str, bytes], right: Mapping[str, bytes], passages: Sequence[Passage]) -> tuple[Files, ...]:
    """Return the files of both that passages lie in, those of no common length left out."""

    def text(content: bytes) -> str:
        return "\n".join(clean(line) for line in content[:_LONGEST_WHOLE].decode("utf-8", "replace").split("\n"))

    names = dict.fromkeys((passage.left_file, passage.right_file) for passage in passages)
    return tuple(Files(one, text(left[one]), other, text(right[other])) for one, other in names)


def _few(count: int) -> int:
    """Return as many of a class as may share what still says something: half of it."""
    return max(2, count // 2)


def _shares(names: Sequence[str], holders: Mapping[int, Sequence[str]]) -> tuple[Any, Any]:
    """For every two: the share of the smaller one's own code in common, and how many fingerprints that few have.

    A fingerprint weighs the logarithm of how rare it is: what all write weighs next to nothing.
    """
    place = {name: index for index, name in enumerate(names)}
    count, every = len(names), list(holders.values())
    common, rare = np.zeros((count, count)), np.zeros((count, count))
    for first in range(0, len(every), _AT_ONCE):
        some = every[first : first + _AT_ONCE]
        has = np.zeros((count, len(some)), np.float32)
        for column, those in enumerate(some):
            has[[place[name] for name in those], column] = 1
        held = has.sum(axis=0)
        common += (has * np.log((count + 1) / held).astype(np.float32)) @ has.T
        few = has[:, held <= _few(count)]
        rare += few @ few.T
    own = np.diag(common)
    return common / np.maximum(np.minimum(own[:, None], own[None, :]), 1e-9), rare


def _passages(
    comparer: Comparer, left: Mapping[str, bytes], right: Mapping[str, bytes], shared: frozenset[int]
) -> tuple[Passage, ...]:
    """Return the longest stretches in common, as they were handed in."""
    ours, theirs = list(comparer.tokens(left)), list(comparer.tokens(right))
    our_prints, their_prints = (fingerprints(token.text for token in stream) for stream in (ours, theirs))
    places = sorted((our_prints[print_], their_prints[print_]) for print_ in shared)
    runs: list[list[tuple[int, int]]] = []
    for here, there in places:
        last = runs[-1][-1] if runs else None
        near = last is not None and here - last[0] <= 2 * _RUN and abs((there - last[1]) - (here - last[0])) <= _RUN
        if near and ours[here].file == ours[last[0]].file and theirs[there].file == theirs[last[1]].file:  # type: ignore[index]
            runs[-1].append((here, there))
        else:
            runs.append([(here, there)])
    runs.sort(key=lambda run: (run[0][0] - run[-1][0], run[0]))
    return tuple(_passage(ours, theirs, left, right, run) for run in runs[:_MOST_PASSAGES])


def _passage(
    ours: Sequence[Token],
    theirs: Sequence[Token],
    left: Mapping[str, bytes],
    right: Mapping[str, bytes],
    run: Sequence[tuple[int, int]],
) -> Passage:
    def lines(stream: Sequence[Token], files: Mapping[str, bytes], first: int, last: int) -> tuple[str, int, str]:
        begin, end = stream[first], stream[min(last + _RUN - 1, len(stream) - 1)]
        stop = end.line if end.file == begin.file else begin.line
        text = files[begin.file].decode("utf-8", "replace").split("\n")[begin.line - 1 : stop]
        return begin.file, begin.line, clean("\n".join(line[:_LONGEST_LINE] for line in text[:_LONGEST_PASSAGE]))

    first, last = run[0], run[-1]
    return Passage(*lines(ours, left, first[0], last[0]), *lines(theirs, right, first[1], max(first[1], last[1])))


def update(room: Classroom, assignment: Assignment) -> list[str]:
    """Write `DIR/similar.json`, unless it is of these very submissions; returns what was not compared, in sentences."""
    file = room.folder / FILE_NAME
    digests = sorted((entry.id, digest) for entry in room.entries if (digest := _digest(entry)))
    template = read_sources(assignment.template)
    key = hashlib.sha256(repr((digests, sorted(template.items()))).encode()).hexdigest()
    before = _document(file)
    if before.get("key") == key:
        return list(before.get("notes", ()))
    paths = {entry.id: Path(entry.path) for entry in room.entries if entry.path}
    keys = {entry.id: {person.key for person in entry.people if person.key} for entry in room.entries}
    # Whoever is in two submissions is no copier.
    every, cut = compare(list(paths), lambda name: _read(paths[name], assignment), template)
    found = [asdict(pair) for pair in every if not keys[pair.left] & keys[pair.right]]
    notes = [f"{name} is so large that it was compared in part; look at it by eye." for name in cut]
    replace_file(file, as_json({"key": key, "notes": notes, "pairs": found}))
    return notes


def _read(path: Path, assignment: Assignment) -> Mapping[str, bytes]:
    """Return the files of a submission; none where it cannot be read, which its own results tell."""
    try:
        return submission.read(path, assignment.edition, assignment.limits).files
    except (SubmissionError, OSError):
        return {}


def load(folder: Path) -> tuple[Pair, ...]:
    """Return the pairs of a graded class; none where nothing was compared."""
    return tuple(
        Pair(
            **{
                **pair,
                "passages": tuple(Passage(**passage) for passage in pair["passages"]),
                "files": tuple(Files(**file) for file in pair.get("files", ())),
            }
        )
        for pair in _document(folder / FILE_NAME).get("pairs", ())
    )


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _digest(entry: Entry) -> str:
    return StaffNotes.read(entry.results or {}).submission or ""
