"""Which submissions have suspiciously much of their own code in common: for a person to judge, never part of a score.

Fingerprints of runs of tokens by winnowing (S. Schleimer, D. Wilkerson and A. Aiken, "Winnowing: local algorithms for
document fingerprinting", SIGMOD 2003). What the template holds counts for nothing, what much of the class writes for
little: there are not many ways to say `np.maximum(x, 0)`. Names that a student can choose are all one name.
"""

from __future__ import annotations

import builtins
import hashlib
import json
import keyword
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

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
_WINDOW: Final = 6  # of so many neighbours one is kept: a copy of _RUN + _WINDOW - 1 tokens is always seen
_FEWEST: Final = 25  # fingerprints shared that at most half of the class has, below which it is chance
_SHARE: Final = 0.6  # of the smaller one's own code, weighed
_PART: Final = 0.15  # of its fingerprints, that few others have: where all write alike, a few lines are no copy
_AT_ONCE: Final = 4096  # fingerprints
MOST_PAIRS: Final = 60
_MOST_PASSAGES: Final = 4
_MOST_WHOLE: Final = 24  # pairs of which the whole files can be read side by side
_LONGEST_WHOLE: Final = 40_000  # bytes of a file
_LONGEST_PASSAGE: Final = 24  # lines
_LONGEST_FILE: Final = 300_000
_WORD: Final = re.compile(r"[^\W\d]\w*")
_TOKEN: Final = re.compile(
    r"""(?P<skip>[ \t\r\f]+|\#[^\n]*|\\\n)|(?P<line>\n)
    |(?P<text>[rRbBuUfF]{0,2}(?:\"\"\"[\s\S]*?(?:\"\"\"|\Z)|\'\'\'[\s\S]*?(?:\'\'\'|\Z)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?))
    |(?P<name>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<sign>.)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """One token as it is compared, and where it stands."""

    text: str
    file: str
    line: int


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


def tokens(files: Mapping[str, bytes], vocabulary: Vocabulary) -> Iterator[Token]:
    """Yield the tokens of Python files, right or wrong ones, comments and line ends left out."""
    for path in sorted(files):
        line, before, text = 1, "", files[path][:_LONGEST_FILE].decode("utf-8", "replace")
        for match in _TOKEN.finditer(text):
            kind, value = match.lastgroup, match.group()
            if kind in ("text", "number", "sign", "name"):
                known = vocabulary.members if before == "." else vocabulary.free
                before = "text" if kind == "text" else "name" if kind == "name" and value not in known else value
                yield Token(before, path, line)
            line += value.count("\n")


def fingerprints(stream: Sequence[Token]) -> dict[int, int]:
    """Winnowed fingerprints, each with the index of the token at which its run begins."""
    if len(stream) < _RUN:
        return {}
    texts = [token.text for token in stream]
    hashes = [
        int.from_bytes(hashlib.blake2b("\0".join(texts[i : i + _RUN]).encode(), digest_size=7).digest(), "big")
        for i in range(len(texts) - _RUN + 1)
    ]
    found: dict[int, int] = {}
    for start in range(max(len(hashes) - _WINDOW + 1, 1)):
        window = hashes[start : start + _WINDOW]
        smallest = min(window)
        found.setdefault(smallest, start + len(window) - 1 - window[::-1].index(smallest))
    return found


class Comparer:
    """Compares submissions of one template."""

    def __init__(self, template: Mapping[str, bytes]) -> None:
        self.vocabulary = Vocabulary.of(template)
        self.given = set(fingerprints(list(tokens(template, self.vocabulary))))

    def own(self, files: Mapping[str, bytes]) -> tuple[list[Token], dict[int, int]]:
        """Return a submission's tokens, and the fingerprints that the template does not have."""
        stream = list(tokens(files, self.vocabulary))
        return stream, {print_: at for print_, at in fingerprints(stream).items() if print_ not in self.given}


def pairs(files: Mapping[str, Mapping[str, bytes]], template: Mapping[str, bytes]) -> list[Pair]:
    """Return the suspicious pairs among submissions (files by path, by id), the most alike first."""
    comparer = Comparer(template)
    prints = {name: comparer.own(content)[1] for name, content in files.items()}
    holders: dict[int, list[str]] = defaultdict(list)
    for name, own in prints.items():
        for print_ in own:
            holders[print_].append(name)
    names = sorted(files)
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
        common = frozenset(
            print_ for print_ in prints[left].keys() & prints[right].keys() if len(holders[print_]) <= most
        )
        passages = _passages(comparer, files[left], files[right], common)
        whole = _files(files[left], files[right], passages) if len(found) < _MOST_WHOLE else ()
        found.append(Pair(left, right, round(min(-negative, 1.0), 4), len(common), passages, whole))
    return found


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
    (ours, our_prints), (theirs, their_prints) = comparer.own(left), comparer.own(right)
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
        text = files[begin.file].decode("utf-8", "replace").split("\n")
        return begin.file, begin.line, clean("\n".join(text[begin.line - 1 : stop][:_LONGEST_PASSAGE]))

    first, last = run[0], run[-1]
    return Passage(*lines(ours, left, first[0], last[0]), *lines(theirs, right, first[1], max(first[1], last[1])))


def update(room: Classroom, assignment: Assignment) -> None:
    """Write `DIR/similar.json`, unless it is of these very submissions."""
    file = room.folder / FILE_NAME
    digests = sorted((entry.id, digest) for entry in room.entries if (digest := _digest(entry)))
    template = read_sources(assignment.template)
    key = hashlib.sha256(repr((digests, sorted(template.items()))).encode()).hexdigest()
    if _document(file).get("key") == key:
        return
    files = {}
    for entry in room.entries:
        if entry.path:
            try:
                files[entry.id] = submission.read(Path(entry.path), assignment.edition, assignment.limits).files
            except SubmissionError:
                continue  # told in its own results
    keys = {entry.id: {person.key for person in entry.people if person.key} for entry in room.entries}
    # Whoever is in two submissions is no copier.
    found = [asdict(pair) for pair in pairs(files, template) if not keys[pair.left] & keys[pair.right]]
    replace_file(file, as_json({"key": key, "pairs": found}))


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
