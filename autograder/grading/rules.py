"""The rules of the homework: whether a submission has something else do the work. Flags for a person to look at.

Sources are read, not run, in workers of their own; how gradients come about is watched in others. Both only
report; what is a breach is decided here. A breach costs points only where `assignment.toml` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from autograder.assignment.config import Rules
from autograder.assignment.homework import Conduct
from autograder.base.searching import count_lines
from autograder.feedback import definitions, text
from autograder.grading.asker import Asker
from autograder.grading.reachable import References, find_reachable
from autograder.grading.run import Run
from autograder.grading.vendored import find_vendored
from autograder.guest.executed import COMPUTED
from autograder.guest.forbidden import entry_of
from autograder.guest.probes import references
from autograder.guest.source import AUTODIFF, CALLERS, DIFFERENCES
from autograder.guest.wire import Text
from autograder.intake.submission import Submission
from autograder.results.flags import Flag
from autograder.results.report import TestResult
from autograder.wall.request import Ending, Outcome, Refused, WorkerLimits
from autograder.wall.sandbox import Asked

ROW: Final = "Rules of the homework"
_SIZES: Final = ((4, 3), (6, 5))  # (in, out): small and large, the batch the same
_READ_SECONDS: Final = 5.0  # of a worker that reads sources
_WATCH_SECONDS: Final = 2.0  # of one that watches gradients; a component that takes longer is not watched
_PROBES: Final = ("guest", "homework")  # what runs beside a submission has layers of its own
_MOST_FLAGS: Final = 30
_MOST_RESTARTS: Final = 10
_MOST_READ: Final = 8 * 2**20  # bytes that say what all files of a submission refer to
_COMPUTED: Final = "It computes a name or code that it runs there, which cannot be looked through."
_RAN: Final = "It runs code there that stands in none of its files."
_LOOKS_UP: Final = "It looks into the functions that called it, where the grader's own questions are."
_TITLES: Final = {
    "library": "A library that does the homework's job",
    "vendored": "A library among the files",
    "differences": "Finite differences",
    "uninspected": "What cannot be inspected",
    "bypassed": "A result without the homework's own parts",
}


class Inspection:
    """Looks at how a submission does its work while the hidden tests run: begun when it is made, closed at the end."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._reading = _Reading(asker, sorted(asker.run.submission.files))
        conduct = asker.run.assignment.homework.conduct
        self._watching = _Watching(asker, conduct) if conduct is not None else None
        if self._watching is not None:
            asker.drop_before_public_runs(self._watching.drop)

    def flags(self) -> tuple[Flag, ...]:
        """Return all that was found, what was refused while the submission's code ran included."""
        run = self._asker.run
        read = self._reading.references()
        found = [*_references_flags(read, run), *find_vendored(run)]
        watched = list(_watched_flags(run, self._watching)) if self._watching else []
        told = {flag.file for flag in found if flag.rule == "library"}
        refused = (
            entry for entry in self._asker.refused if entry.file not in told or not _stands_there(entry, read, run)
        )
        return _once([*found, *refusals(refused, run), *watched, *self._asker.suspected])

    def close(self) -> None:
        """End what was not waited for."""
        self._reading.drop()
        if self._watching is not None:
            self._watching.drop()


def refusals(refused: Iterable[Refused], run: Run) -> Iterator[Flag]:
    """Yield flags for what was asked for while code ran; what a worker says of that is checked first."""
    forbidden, files = run.assignment.rules.forbidden, run.submission.files
    for entry in sorted(refused, key=lambda refused: (refused.file, refused.line, refused.name)):
        if entry.file not in files or not 0 < entry.line <= count_lines(files[entry.file]):
            continue
        if entry.name == COMPUTED:
            yield Flag("uninspected", entry.file, entry.line, _RAN)
        elif known := entry_of(entry.name, forbidden):
            yield Flag("library", entry.file, entry.line, f"It asks for {known} while it runs.")


def _stands_there(entry: Refused, read: Mapping[str, References], run: Run) -> bool:
    """Return whether the line itself names the library that was asked for: whoever reads it is told of that."""
    forbidden = run.assignment.rules.forbidden
    library = entry_of(entry.name, forbidden)
    names = read[entry.file].names.items() if entry.file in read else ()
    return any(line == entry.line and entry_of(name, forbidden) == library for name, line in names)


def intake_flags(submission: Submission, edition: str = "", required: Collection[str] = ()) -> Iterator[Flag]:
    """Yield what a person should look at in what was handed in: no breach of a rule, and it costs nothing.

    edition: what is to be said of its edition. required: the files that the edition asks for.
    """
    if edition:
        yield Flag("edition", "", 0, edition)
    if submission.copies:
        where = ", ".join(folder or "the top folder" for folder in submission.copies)
        yield Flag("copies", "", 0, f"There is more than one copy of the homework; not graded: {where}.")
    lacking = f"{len(submission.missing)} of the {len(required)} files that are asked for are missing"
    incomplete = len(submission.missing) > len(required) / 2 > 0
    if incomplete:
        yield Flag("missing", "", 0, f"{lacking}.")
    if submission.unopened:
        what = lacking if incomplete else "the files are nearly as they were handed out"
        yield Flag("unread", "", 0, f"{what[0].upper()}{what[1:]}; not read: {', '.join(submission.unopened)}.")


def row(flags: Iterable[Flag], rules: Rules) -> TestResult | None:
    """Return the row that students see: what a breach costs, and where it is. None where none costs anything."""
    costly = [flag for flag in flags if rules.penalties.get(flag.rule, 0) > 0]
    if not costly:
        return None
    cost = sum(rules.penalties[rule] for rule in {flag.rule for flag in costly})
    lines = [f"- {_TITLES[flag.rule]}: {text.code(flag.where)}. {flag.detail}" for flag in costly]
    told = "\n".join([*lines, "", "If you think that this is a mistake, ask the course staff to look at it."])
    return TestResult(name=ROW, score=-cost, max_score=0.0, passed=False, output=told)


def _once(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """Return each breach once: of two flags for one line and rule, the first."""
    kept: dict[tuple[str, str, int], Flag] = {}
    for flag in flags:
        kept.setdefault((flag.rule, flag.file, flag.line), flag)
    return tuple(kept.values())[:_MOST_FLAGS]


class _Questions:
    """Asks a worker about things one at a time; if one ends the worker, asks another about the rest."""

    probe: Callable[..., Any]

    def __init__(self, asker: Asker, things: list[str], limits: WorkerLimits) -> None:
        self.asker, self.waiting, self.limits = asker, things, limits
        self._asked: Asked | None = self._begin()

    def inputs(self) -> dict[str, Any]:
        """Return what the probe is asked with for those that wait."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask for all that wait, unless that is asked already."""
        self._asked = self._asked or self._begin()

    def _begin(self) -> Asked:
        return self.asker.begin(self.asker.request(self.probe, self.inputs(), 0), self.limits)

    def outcome(self) -> Outcome:
        """Return what came of it; asks first where nothing was asked."""
        asked, self._asked = self._asked or self._begin(), None
        return self.asker.finish(asked)

    def drop(self) -> None:
        """End the worker that is not waited for."""
        asked, self._asked = self._asked, None
        if asked is not None:
            self.asker.drop(asked)


class _Reading(_Questions):
    """Reads files. One that ends the worker that reads it has a problem, and stops no other.

    The names that they refer to are bounded for the whole submission: it may have many files, and needs few names.
    """

    probe = staticmethod(references.read)

    def __init__(self, asker: Asker, paths: list[str]) -> None:
        memory = asker.run.assignment.limits.test_memory_mb * 2**20
        self.paths, self.main_runs = tuple(paths), False
        self.bounds = WorkerLimits(_READ_SECONDS, memory, _MOST_READ)
        super().__init__(asker, paths, self.bounds)

    def inputs(self) -> dict[str, Any]:
        return {"paths": self.waiting, "main_runs": self.main_runs}

    def references(self) -> dict[str, References]:
        """Return what every file refers to: with its main block, where any file has these run."""
        read = self._read_all()
        if any(references.opens_main_blocks for references in read.values()):
            self.waiting, self.limits, self.main_runs = list(self.paths), self.bounds, True
            read = self._read_all()
        return read

    def _read_all(self) -> dict[str, References]:
        read: dict[str, References] = {}
        for _ in range(_MOST_RESTARTS):
            outcome = self.outcome()
            for path, part in zip(self.waiting, outcome.parts, strict=False):
                read[path] = _references(part)
            self.waiting = self.waiting[len(outcome.parts) :]
            left = self.limits.answer_bytes - outcome.received
            if outcome.ending is Ending.FLOODED or (self.waiting and left <= 0):
                return read | {path: References(problem="the files refer to too many names") for path in self.waiting}
            if not self.waiting:
                return read
            self.limits = replace(self.limits, answer_bytes=left)
            read[self.waiting.pop(0)] = References(problem=f"the worker that reads it {outcome.ending.value}")
        return read | {path: References(problem="too many others could not be read") for path in self.waiting}


def _references(part: Any) -> References:
    """Return what a worker sent, in the types that it should have."""

    def lines(names: str, numbers: str) -> dict[str, int]:
        return {
            name.text: int(line)
            for name, line in zip(part[names], part[numbers], strict=True)
            if isinstance(name, Text)
        }

    def names(kind: str) -> frozenset[str]:
        return frozenset(name.text for name in part[kind] if isinstance(name, Text))

    used = {name.text for name, is_used in zip(part["names"], part["used"], strict=True) if is_used}
    return References(
        names=lines("names", "name lines"),
        used=frozenset(used),
        binds=names("binds"),
        defines=names("defines"),
        marks=lines("marks", "mark lines"),
        opaque=int(part["opaque"]),
        opens_main_blocks=bool(part["opens main blocks"]),
        problem=part["problem"].text,
    )


def _references_flags(read: Mapping[str, References], run: Run) -> Iterator[Flag]:
    package, rules = run.assignment.homework.package, run.assignment.rules
    for path in find_reachable(read, run):
        references = read[path]
        if references.problem:
            yield Flag("uninspected", path, 0, f"It was not looked through: {references.problem}.")
        elif references.opaque:
            yield Flag("uninspected", path, references.opaque, _COMPUTED)
        told: dict[str, int] = {}
        for name, line in references.names.items():
            entry = entry_of(name, (*rules.forbidden, *_PROBES))
            if entry and not _is_own(name, path, read, package):
                told[entry] = min(line, told.get(entry, line))
        used = {entry_of(name, (*rules.forbidden, *_PROBES)) for name in references.used}
        for entry, line in told.items():
            detail = f"It refers to {entry}." if entry in used else f"It imports {entry}, and does not use it."
            yield Flag("library", path, line, detail)
        if line := references.marks.get(DIFFERENCES, 0):
            yield Flag("differences", path, line, "A difference divided by its step, in what a gradient method uses.")
        if line := references.marks.get(AUTODIFF, 0):
            yield Flag("vendored", path, line, "What is defined here records operations to differentiate them.")
        if line := references.marks.get(CALLERS, 0):
            yield Flag("uninspected", path, line, _LOOKS_UP)


def _is_own(name: str, path: str, read: Mapping[str, References], package: str) -> bool:
    """Return whether `name` is a module of the submission itself, which is flagged as such."""
    first = name.partition(".")[0]
    folder = path.rpartition("/")[0]
    places = (f"{first}.py", f"{first}/__init__.py", f"{package}/{first}.py", f"{folder}/{first}.py")
    return any(place in read for place in places)


def _watched_flags(run: Run, watching: _Watching) -> Iterator[Flag]:
    conduct, names = watching.conduct, run.assignment.edition.names
    for (component, method), counts in watching.counts().items():
        found = _difference(*counts.tolist(), tolerant=component in conduct.tolerant)
        if found:
            owner = conduct.name_of(component, names)
            file, line = definitions.where(run.submission, f"{owner}.{method}")
            yield Flag("differences", file, line, f"{owner}.{method} {found}.")


class _Watching(_Questions):
    """Watches gradients come about; a component that ends its worker has no counts."""

    def __init__(self, asker: Asker, conduct: Conduct) -> None:
        self.conduct, self.probe = conduct, conduct.probe
        limits = asker.run.assignment.limits
        bounds = WorkerLimits(min(_WATCH_SECONDS, limits.test_seconds), limits.test_memory_mb * 2**20, 2**20)
        super().__init__(asker, list(conduct.components), bounds)

    def inputs(self) -> dict[str, Any]:
        sizes = {"inputs": [size[0] for size in _SIZES], "outputs": [size[1] for size in _SIZES]}
        return {"components": self.waiting, **sizes, "seed": self.asker.run.seed("conduct")}

    def counts(self) -> dict[tuple[str, str], np.ndarray]:
        """Return counts (see `Conduct.probe`) by component and method."""
        found: dict[tuple[str, str], np.ndarray] = {}
        while self.waiting:
            outcome = self.outcome()
            for component, part in zip(self.waiting, outcome.parts, strict=False):
                found |= {(component, method): counts for method, counts in _counts(part, self.conduct.methods)}
            self.waiting = [] if _is_whole(outcome) else self.waiting[len(outcome.parts) + 1 :]
        return found


def _is_whole(outcome: Outcome) -> bool:
    # What cannot be loaded at all, or not be read, is not worth another worker.
    return outcome.ending in (Ending.ANSWERED, Ending.RAISED, Ending.GARBLED, Ending.FLOODED)


def _counts(part: Any, known: Collection[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield method and counts from what a worker sent beside a submission: nothing of it is taken on trust."""
    methods = part.get("methods") if isinstance(part, dict) else None
    counts = part.get("counts") if isinstance(part, dict) else None
    if (
        not isinstance(methods, list)
        or not isinstance(counts, np.ndarray)
        or counts.shape != (len(methods), len(_SIZES), 7)
    ):
        return
    for method, row_ in zip(methods, counts, strict=True):
        if isinstance(method, Text) and method.text in known:
            yield method.text, row_.astype(np.int64)


def _difference(small: list[int], large: list[int], *, tolerant: bool) -> str:
    """Return what in the counts at two sizes says that a gradient is computed by differences, or nothing."""
    calls, nudges, shifts, numbers, sides, kept, entries = small
    calls_2, nudges_2, shifts_2, numbers_2, sides_2, kept_2, entries_2 = large
    sizes = f"for {entries} entries, {{}} for {entries_2}"
    if not kept or not kept_2:
        return "ends the watch over what it computes"
    if calls_2 - calls >= 2 and calls >= 2:
        return f"evaluates the forward method {calls} times " + sizes.format(calls_2)
    if nudges and nudges_2:
        return f"computes with {nudges} arrays that are its inputs or weights, moved a little, " + sizes.format(
            nudges_2
        )
    # A loss may add the same small number everywhere, to keep a logarithm away from zero.
    if shifts and shifts_2 and not tolerant:
        return "computes with its inputs or weights, all moved by the same small step"
    if sides and sides_2:
        return "computes with arrays or numbers on both sides of its inputs or weights, or in steps along one line"
    if numbers >= entries / 2 and numbers_2 >= entries_2 / 2 and numbers_2 > numbers:
        return f"computes with {numbers} numbers beside its inputs' or weights' " + sizes.format(numbers_2)
    return ""
