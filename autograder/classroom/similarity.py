"""Which submissions have suspiciously much of their own code in common: for a person to judge, never part of a score.

Fingerprints of statements are compared. What is handed out counts for nothing, what much of the class writes for
little: there are not many ways to say `np.maximum(x, 0)`. But nobody writes a whole homework as another one did. Who
has the same files, or nearly all of a long text in common, is listed however many of the class have it. See `tokens`
for what else counts for nothing. Of a submission so many tokens are compared; what has more is named. Who is alike is
listed as one group, however many they are: two copies of one original are no copies of each other. Each submission has
a bound on the time that reading it takes.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from autograder.assignment import template
from autograder.assignment.config import Assignment
from autograder.assignment.files import read_sources
from autograder.base.files import as_json, replace_file
from autograder.base.text import list_some
from autograder.base.time_limits import TookTooLong, processor_time_limit
from autograder.classroom.fingerprints import Compared, Comparer
from autograder.classroom.passages import Files, Passage, common_passages, whole_files
from autograder.classroom.store import Classroom, Entry
from autograder.intake import submission
from autograder.results.staff_notes import StaffNotes

FILE_NAME: Final = "similar.json"
_FEWEST: Final = 12  # fingerprints shared that at most half of the class has, below which it is chance
_SHARE: Final = 0.66  # of the smaller one's own code, weighed
_NEARLY_ALL: Final = 0.93  # of the smaller one's own fingerprints, however many have them
_LONG: Final = 60  # fingerprints in common, below which nearly all of it may be idiom
_PART: Final = 0.15  # of its fingerprints, that few others have: where all write alike, a few lines are no copy
_AT_ONCE: Final = 4096  # fingerprints
_MOST_GROUPS: Final = 60
_MOST_SHOWN: Final = 5  # pairs of a group that are shown with their passages
_MOST_WHOLE: Final = 24  # pairs of which the whole files can be read side by side
_MOST_REMARKS: Final = 2  # on one submission that was compared in part
_TOLD: Final = 5  # groups that `batch` names
_TOLD_MEMBERS: Final = 4
_SECONDS: Final = 30.0  # of the processor, to read one submission
_VERSION: Final = 5  # of how submissions are compared: what another one found is not kept


@dataclass(frozen=True)
class Pair:
    """Two submissions. share: of the smaller one's own code, weighted by rarity; shared: fingerprints in common.

    files: those that the passages lie in, whole; for the most alike pairs.
    """

    left: str
    right: str
    share: float
    shared: int
    passages: tuple[Passage, ...]
    files: tuple[Files, ...] = ()


@dataclass(frozen=True)
class Group:
    """Submissions that are alike, each with some other of them; the most alike first.

    pairs: the most alike of those that hold the group together.
    """

    members: tuple[str, ...]
    pairs: tuple[Pair, ...]

    @property
    def share(self) -> float:
        """The share of its most alike pair."""
        return self.pairs[0].share


@dataclass(frozen=True)
class Cut:
    """A submission that was compared in part, or hardly, and why: half a sentence."""

    name: str
    why: str


@dataclass(frozen=True)
class Comparison:
    """What a class has in common. more: groups beyond those listed. cut: submissions that were compared in part.

    damaged: whether the file is there and could not be read.
    common: pairs that have most of their own code in common and are not listed, as much of the class has it too.
    """

    groups: tuple[Group, ...] = ()
    more: int = 0
    cut: tuple[Cut, ...] = ()
    common: int = 0
    damaged: bool = False


def compare(
    names: Sequence[str],
    read: Callable[[str], Mapping[str, bytes]],
    template: Mapping[str, bytes],
    is_of_one: Callable[[str, str], bool] = lambda _left, _right: False,
    given: Iterable[bytes] = (),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Comparison:
    """Return the groups of suspiciously alike submissions.

    Whatever goes wrong with one submission costs the comparison of that one alone.
    read: gives the files of a submission by its id; one is asked for at a time, and none is kept.
    is_of_one: whether two submissions are of one person, who is no copier.
    given: as of a `Comparer`.
    progress: is told how many submissions are read, and of how many.
    """
    comparer = Comparer(template, given)
    whole = _read_all(comparer, sorted(names), read, progress)
    cut = tuple(Cut(name, list_some(one.remarks, _MOST_REMARKS)) for name, one in whole.items() if one.remarks)
    class_ = _Class(whole)
    tables = _weigh(class_)

    def pairs_of(table: Any) -> Iterator[tuple[int, int]]:
        for i, j in zip(*np.nonzero(np.triu(table, 1)), strict=True):
            if not is_of_one(class_.names[i], class_.names[j]):
                yield i, j

    suspicious = sorted(
        (-float(tables.alike[i, j]), class_.names[i], class_.names[j]) for i, j in pairs_of(tables.listed)
    )
    trees = _trees([(left, right, min(-negative, 1.0)) for negative, left, right in suspicious])
    groups = _show(trees[:_MOST_GROUPS], _Exhibit(comparer, read, class_))
    return Comparison(tuple(groups), len(trees) - len(groups), cut, sum(1 for _ in pairs_of(tables.common)))


def _read_all(
    comparer: Comparer,
    names: Sequence[str],
    read: Callable[[str], Mapping[str, bytes]],
    progress: Callable[[int, int], None],
) -> dict[str, Compared]:
    whole: dict[str, Compared] = {}
    for done, name in enumerate(names):
        progress(done, len(names))
        one = _attempt(lambda name=name: comparer.read(read(name)))  # type: ignore[misc]
        whole[name] = Compared({}, name, (one,)) if isinstance(one, str) else one
    return whole


class _Class:
    """What a class has written. holders: by fingerprint, the numbers of the works that have it.

    One work that is there many times makes nothing common: it has one number.
    """

    def __init__(self, whole: Mapping[str, Compared]) -> None:
        self.names = list(whole)
        self.digests = [one.digest for one in whole.values()]
        self.prints = {name: tuple(sorted(one.own)) for name, one in whole.items()}
        self.works = {own: number for number, own in enumerate(dict.fromkeys(self.prints.values()))}
        self.holders: dict[int, list[int]] = defaultdict(list)
        for own, number in self.works.items():
            for print_ in own:
                self.holders[print_].append(number)


@dataclass(frozen=True)
class _Tables:
    """By two submissions: whether they are listed; whether they are alike in what many have; how alike they are."""

    listed: Any
    common: Any
    alike: Any


def _weigh(class_: _Class) -> _Tables:
    places = np.array([class_.works[class_.prints[name]] for name in class_.names], np.intp)
    weighed, rare, shared = (table[np.ix_(places, places)] for table in _shares(len(class_.works), class_.holders))
    counts = np.array([len(class_.prints[name]) for name in class_.names])
    smaller = np.minimum.outer(counts, counts)
    enough = np.maximum(_FEWEST, _PART * smaller)
    share = shared / np.maximum(smaller, 1)
    same = np.equal.outer(class_.digests, class_.digests) & (smaller >= _FEWEST)
    near = same | ((share >= _NEARLY_ALL) & (shared >= _LONG))
    listed = near | ((weighed >= _SHARE) & (rare >= enough))
    common = (share >= _SHARE) & (shared >= enough) & ~listed
    return _Tables(listed, common, np.where(near, np.maximum(weighed, share), weighed))


class _Exhibit:
    """Shows pairs beside each other: their passages in common, and of the first pairs their whole files."""

    def __init__(self, comparer: Comparer, read: Callable[[str], Mapping[str, bytes]], class_: _Class) -> None:
        self._comparer, self._read, self._class = comparer, read, class_
        self._whole_left = _MOST_WHOLE

    def show(self, left: str, right: str, alike: float) -> Pair:
        """Return the pair as people see it; without passages where these cannot be made."""
        holders = self._class.holders
        both = {*self._class.prints[left]} & {*self._class.prints[right]}
        telling = frozenset(print_ for print_ in both if len(holders[print_]) <= _few(len(self._class.works)))
        if len(telling) < _FEWEST:
            telling = frozenset(both)  # they are alike in what many have
        self._whole_left -= 1
        shown = _attempt(lambda: self._put_side_by_side(left, right, telling))
        passages, files = ((), ()) if isinstance(shown, str) else shown
        return Pair(left, right, round(alike, 4), len(both), passages, files)

    def _put_side_by_side(
        self, left: str, right: str, telling: frozenset[int]
    ) -> tuple[tuple[Passage, ...], tuple[Files, ...]]:
        ours, theirs = self._read(left), self._read(right)
        passages = common_passages(self._comparer, ours, theirs, telling)
        return passages, whole_files(ours, theirs, passages) if self._whole_left >= 0 else ()


def _show(trees: Sequence[Sequence[tuple[str, str, float]]], exhibit: _Exhibit) -> list[Group]:
    first = [exhibit.show(*tree[0]) for tree in trees]  # so that no large group takes the whole files of all others
    groups = []
    for tree, pair in zip(trees, first, strict=True):
        members = dict.fromkeys(name for left, right, _ in tree for name in (left, right))
        groups.append(Group(tuple(members), (pair, *(exhibit.show(*edge) for edge in tree[1:_MOST_SHOWN]))))
    return groups


Found = TypeVar("Found")


def _attempt(work: Callable[[], Found]) -> Found | str:
    """Return what comes of reading a submission; where it takes too long, or fails, why it is not compared."""
    try:
        with processor_time_limit(_SECONDS):
            return work()
    except TookTooLong:
        return f"reading it takes more than {_SECONDS:g} s of the processor, so nothing of it is compared"
    except Exception as error:  # noqa: BLE001  whatever is wrong with one submission, the others are compared
        return f"it could not be read ({type(error).__name__}), so nothing of it is compared"


Edge = tuple[str, str, float]


def _trees(edges: Sequence[Edge]) -> list[list[Edge]]:
    """Return for each group the edges that hold it together, the strongest first: one fewer than it has members.

    edges: the strongest first. Two members that have a third in common need no edge of their own.
    """
    group_of: dict[str, list[Edge]] = {}
    members: dict[int, set[str]] = {}
    for edge in edges:
        left, right = (group_of.setdefault(name, []) for name in edge[:2])
        for name, group in zip(edge[:2], (left, right), strict=True):
            members.setdefault(id(group), {name})
        if left is right:
            continue
        if len(members[id(left)]) < len(members[id(right)]):
            left, right = right, left
        left += [*right, edge]
        members[id(left)] |= members.pop(id(right))
        group_of.update(dict.fromkeys(members[id(left)], left))
    trees = {id(tree): tree for tree in group_of.values()}
    return sorted((sorted(tree, key=_strength) for tree in trees.values()), key=lambda tree: _strength(tree[0]))


def _strength(edge: Edge) -> tuple[float, str, str]:
    left, right, share = edge
    return -share, left, right


def _few(count: int) -> int:
    """Return as many of a class as may share what still says something: half of it."""
    return max(2, count // 2)


def _shares(count: int, holders: Mapping[int, Sequence[int]]) -> tuple[Any, Any, Any]:
    """For every two: the share of the smaller one's own code in common, and how many fingerprints: rare ones, and all.

    A fingerprint weighs the logarithm of how rare it is: what all write weighs next to nothing.
    """
    every = list(holders.values())
    common, rare, shared = (np.zeros((count, count)) for _ in range(3))
    for first in range(0, len(every), _AT_ONCE):
        some = every[first : first + _AT_ONCE]
        has = np.zeros((count, len(some)), np.float32)
        for column, those in enumerate(some):
            has[list(those), column] = 1
        held = has.sum(axis=0)
        common += (has * np.log((count + 1) / held).astype(np.float32)) @ has.T
        few = has[:, held <= _few(count)]
        rare += few @ few.T
        shared += has @ has.T
    own = np.diag(common)
    return common / np.maximum(np.minimum(own[:, None], own[None, :]), 1e-9), rare, shared


def update(
    room: Classroom, assignment: Assignment, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> list[str]:
    """Write `DIR/similar.json`, unless it is of these very submissions; returns what to say of it, in sentences.

    progress: as of `compare`.
    """
    file = room.folder / FILE_NAME
    digests = sorted((entry.id, digest) for entry in room.entries if (digest := _digest(entry)))
    sources = read_sources(assignment.template)
    given = sorted(_handed_out(assignment))
    key = hashlib.sha256(repr((_VERSION, digests, sorted(sources.items()), given)).encode()).hexdigest()
    before = _document(file)
    if before.get("key") != key or _read_comparison(before) is None:
        paths = {entry.id: Path(entry.path) for entry in room.entries if entry.path}
        keys = {entry.id: {person.key for person in entry.people if person.key} for entry in room.entries}
        found = compare(
            list(paths),
            lambda name: _read(paths[name], assignment),
            sources,
            lambda left, right: not keys[left].isdisjoint(keys[right]),
            given,
            progress,
        )
        replace_file(file, as_json({"key": key, **asdict(found)}))
    return _tell(load(room.folder))


def _handed_out(assignment: Assignment) -> set[bytes]:
    """Return the Python files that students of any edition start from, tests among them."""
    return {
        content
        for edition in assignment.editions.values()
        for path, content in template.handed_out(replace(assignment, edition=edition)).items()
        if path.endswith(".py")
    }


def _tell(found: Comparison) -> list[str]:
    """Return who is alike, and what was not compared, in sentences."""
    told = [f"{one.name} was compared in part: {one.why}. Look at it by eye." for one in found.cut]
    for group in found.groups[:_TOLD]:
        names, more = ", ".join(group.members[:_TOLD_MEMBERS]), len(group.members) - _TOLD_MEMBERS
        told.append(f"Alike ({100 * group.share:.0f} %): {names}{f' and {more} more' if more > 0 else ''}.")
    if more := len(found.groups) + found.more - _TOLD:
        told += [f"Alike: {more} more {'group' if more == 1 else 'groups'}; the report lists them."] if more > 0 else []
    return told


def _read(path: Path, assignment: Assignment) -> Mapping[str, bytes]:
    """Return the files of a submission as they are graded; none where it cannot be read, which its own results tell."""
    try:
        return submission.read_for(assignment, path).files
    except Exception:  # noqa: BLE001  whatever is wrong with one submission, the others are compared
        return {}


def load(folder: Path) -> Comparison:
    """Return what a graded class has in common; nothing where nothing was compared, or the file is damaged."""
    document = _document(folder / FILE_NAME)
    found = _read_comparison(document) if document else None
    return found or Comparison(damaged=(folder / FILE_NAME).exists())


def _read_comparison(document: Mapping[str, Any]) -> Comparison | None:
    """Return what `update` wrote; None where it is damaged."""
    try:
        groups = tuple(
            Group(tuple(map(str, group["members"])), tuple(map(_load_pair, group["pairs"])))
            for group in document.get("groups", ())
        )
        # An earlier version wrote names there.
        cut = tuple(Cut(**one) for one in document.get("cut", ()) if isinstance(one, dict))
        return Comparison(groups, int(document.get("more", 0)), cut, int(document.get("common", 0)))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _load_pair(pair: Mapping[str, Any]) -> Pair:
    passages = tuple(Passage(**passage) for passage in pair["passages"])
    return Pair(**{**pair, "passages": passages, "files": tuple(Files(**file) for file in pair.get("files", ()))})


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _digest(entry: Entry) -> str:
    return StaffNotes.read(entry.results or {}).submission or ""
