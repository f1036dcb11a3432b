"""A graded class as tables: `grades.csv`, `grades.jsonl`, and the platforms' own grade books.

A row is a person's part in a submission: groups are spread out, a person in two submissions has two rows. A CSV is
written as `spreadsheet` writes it: no cell is taken for a formula.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from autograder.base.files import replace_file
from autograder.base.numbers import as_cell, sort_key, trim
from autograder.base.people import Person
from autograder.base.spreadsheet import as_csv
from autograder.base.text import list_some, strict
from autograder.classroom import allowances, gradebooks, resubmissions, same_tests, store
from autograder.classroom.allowances import Allowance
from autograder.classroom.sources import NOTHING, UNREADABLE, UNUSABLE
from autograder.classroom.sources.moodle_worksheet import Worksheet
from autograder.classroom.store import Classroom, Entry
from autograder.classroom.written_part import WrittenPart
from autograder.results import overrides
from autograder.results.lateness import LateRecord
from autograder.results.moments import read_moment
from autograder.results.report import EXTRA
from autograder.results.staff_notes import StaffNotes, read_row_notes

GRADED, FAULT, PENDING = "graded", "grader's fault", "not graded yet"
OTHER_TESTS = "graded with other tests"
_SAME_AGAIN: Final = "`batch` without --student grades everybody with the same tests."
_NAMED: Final = 12


@dataclass(frozen=True)
class Test:
    """A column: one test of the assignment.

    extra: its points come on top of the assignment's. editions: where it is worth as much as here, if not in all.
    """

    number: str
    name: str
    points: float
    extra: bool = False
    editions: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its number, with the editions where it is worth another number of points elsewhere."""
        return f"{self.number} [{', '.join(self.editions)}]" if self.editions else self.number

    def is_in(self, row: Row) -> bool:
        """Return whether a row's submission was graded by it."""
        return self.number in row.points and (not self.editions or row.edition in self.editions)


@dataclass(frozen=True)
class Row:
    """A person and a submission. raw: before lateness; points: by test number, as far as it was graded.

    of: what its tests are worth, those for extra credit left out. not_failed: the numbers of the tests that Gradescope
    shows as passed. changed: what people gave or took, a sentence each.
    due: when it was due, where it is late. written: the written part's points; None where there are none.
    allowance: the person's extension and late days.
    """

    person: Person
    entry: Entry
    status: str
    raw: float | None = None
    score: float | None = None
    days_late: int = 0
    points: Mapping[str, float] = field(default_factory=dict)
    accuracies: Mapping[str, float] = field(default_factory=dict)
    staff: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    seconds: float = 0.0
    not_failed: frozenset[str] = frozenset()
    of: float = 0.0
    edition: str = ""
    changed: tuple[str, ...] = ()
    due: str = ""
    written: float | None = None
    allowance: Allowance = field(default_factory=Allowance)

    @property
    def needs_a_look(self) -> bool:
        """Whether it is flagged; that nothing was handed in is a status, and nothing to look at."""
        return bool(self.flags) and self.status != NOTHING

    @property
    def both_parts(self) -> float | None:
        """The sum of both parts; None where there are no points for either."""
        parts = [part for part in (self.score, self.written) if part is not None]
        return round(math.fsum(parts), 6) if parts else None

    def has_passed(self, test: Test) -> bool:
        """Return whether it has every point of a test; of one without points, whether it did not fail."""
        if not test.points:
            return test.number in self.not_failed
        return self.points.get(test.number, 0.0) >= test.points - 1e-9


@dataclass(frozen=True)
class GradeBook:
    """All rows, and the tests that any of them has points for.

    written_points: what the written part is worth, NaN where that is not known; None where it is not here.
    column: what Canvas, Blackboard or Brightspace calls the homework, if that is known; platform_points: what can be
    had there. worksheet: Moodle's, if that is the roster. zone: whose clock the tables show.
    notes: what the staff should know of the tables.
    """

    tests: tuple[Test, ...]
    rows: tuple[Row, ...]
    name: str
    written_points: float | None = None
    column: str = ""
    platform_points: float | None = None
    worksheet: Worksheet | None = None
    zone: dt.tzinfo | None = None
    notes: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """What a submission's tests sum to; of several editions, the most of any."""
        return trim(max((row.of for row in self.rows), default=0.0))

    @cached_property
    def _clock(self) -> dt.tzinfo | None:
        """The zone of all times: the course's, else Greenwich's where the source's times are of several."""
        moments = (read_moment(row.entry.created_at) for row in self.rows)
        offsets = {moment.utcoffset() for moment in moments if moment is not None}
        return self.zone or (dt.timezone.utc if len(offsets) > 1 else None)

    def handed_in(self, row: Row) -> str:
        """Return when a row's work was handed in, in ISO 8601; of all rows on one clock."""
        moment = read_moment(row.entry.created_at)
        if moment is None or self._clock is None:
            return row.entry.created_at
        return moment.astimezone(self._clock).isoformat(timespec="seconds")

    @property
    def graded(self) -> tuple[Row, ...]:
        """The rows that hold a grade; the 0 of a submission in which nothing can be graded is one."""
        return tuple(row for row in self.rows if row.status in (GRADED, UNUSABLE) and row.score is not None)


def read(room: Classroom, name: str = "the homework", written: WrittenPart | None = None) -> GradeBook:
    """Return the tables of a class.

    name: the assignment's, as gradebooks call its column. written: the other part's points.
    A score of other tests than the rest's is left out: it cannot be compared with theirs.
    """
    found: dict[str, dict[float, list[tuple[str, str, bool]]]] = {}
    rows = []
    documents = {entry.id: entry.results for entry in room.entries}
    others = same_tests.find_others(
        {
            entry.id: results
            for entry in room.entries
            if (results := documents[entry.id]) is not None and status(entry, results) in (GRADED, UNUSABLE)
        }
    )
    allowed = allowances.load(room.folder)
    for entry in room.entries:
        results, own = documents[entry.id], allowances.of_people(entry, allowed)
        for person in entry.people or (Person(),):
            row = replace(_row(person, entry, results), allowance=own.get(person, Allowance()))
            if entry.id in others:
                row = _without_score(row, others[entry.id])
            rows.append(row if written is None else replace(row, written=written.scores.get(person)))
        if entry.id in others:
            continue
        edition = _edition(results or {})
        for test in results["tests"] if results else ():
            number = test.get("number")
            if isinstance(number, str) and "score" in test:
                worth = found.setdefault(number, {}).setdefault(float(test.get("max_score", 0)), [])
                if not any(edition == other for _, other, _ in worth):
                    worth.append((str(test.get("name", "")), edition, EXTRA in (test.get("tags") or ())))
    rows.sort(key=lambda row: (_alphabetical(row.person.name), row.person.key, row.entry.id))
    tests = [
        Test(number, told[0][0], points, told[0][2], tuple(sorted(e for _, e, _ in told)) if len(worths) > 1 else ())
        for number, worths in sorted(found.items(), key=lambda pair: sort_key(pair[0]))
        for points, told in worths.items()
    ]
    notes = (_tell_others([row for row in rows if row.status == OTHER_TESTS]),) if others else ()
    return GradeBook(tuple(tests), tuple(rows), name, None if written is None else written.most, notes=notes)


def _without_score(row: Row, difference: str) -> Row:
    """Return the row of a submission that was graded with other tests than the rest."""
    said = "" if row.score is None else f", {trim(row.score)} of {trim(row.of)} points"
    flag = f"Graded with other tests than the rest ({difference}){said}: this score is in no table. {_SAME_AGAIN}"
    return replace(
        row, status=OTHER_TESTS, raw=None, score=None, points={}, of=0.0, flags=(flag, *row.flags), days_late=0
    )


def _tell_others(rows: Sequence[Row]) -> str:
    names = list_some([row.person.title or row.entry.id for row in rows], _NAMED)
    return f"Graded with other tests than the rest, and without a score in the tables: {names}. {_SAME_AGAIN}"


def _edition(results: Mapping[str, Any]) -> str:
    return StaffNotes.read(results).edition or ""


def _alphabetical(name: str) -> tuple[str, str]:
    """É beside E, and a name that begins with a sign where its letters belong."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum() or c == " ")
    return plain, name


def status(entry: Entry, results: Mapping[str, Any] | None) -> str:
    """Return what became of a submission, in words for a table."""
    if entry.problem:
        return entry.state or UNREADABLE
    if results is None:
        return PENDING
    if StaffNotes.read(results).problem is not None:
        return FAULT
    return UNUSABLE if store.is_unusable(results) else GRADED


def _row(person: Person, entry: Entry, results: Mapping[str, Any] | None) -> Row:
    """Return a person's row; where its results cannot be put into one, that is said there, and all others are kept."""
    try:
        return _make_row(person, entry, results)
    except Exception as error:  # noqa: BLE001
        said = f"Its results could not be put into the tables ({type(error).__name__}: {str(error)[:200]})."
        return Row(person, entry, FAULT, flags=(said, *entry.notes))


def _make_row(person: Person, entry: Entry, results: Mapping[str, Any] | None) -> Row:
    state = status(entry, results)
    if entry.problem or results is None:
        return Row(person, entry, state, flags=(*filter(None, (entry.problem,)), *entry.notes))
    flags = tuple(store.reasons_to_look(entry, results))
    if state == FAULT:
        return Row(person, entry, state, flags=flags)
    staff = read_row_notes(results)
    score = float(results.get("score", 0))
    late = LateRecord.read(results) or LateRecord(score)
    return Row(
        person=person,
        entry=entry,
        status=state,
        raw=float(late.raw),
        score=score,
        days_late=late.days,
        points={
            test["number"]: float(test["score"]) for test in results["tests"] if "number" in test and "score" in test
        },
        accuracies={number: best for number, test in staff.items() if (best := best_accuracy(test)) is not None},
        staff=staff,
        flags=flags,
        seconds=float(results.get("execution_time", 0)),
        of=math.fsum(
            float(test.get("max_score", 0))
            for test in results["tests"]
            if "number" in test and "score" in test and EXTRA not in (test.get("tags") or ())
        ),
        edition=_edition(results),
        changed=tuple(overrides.describe(results)),
        due=late.due,
        not_failed=frozenset(
            test["number"] for test in results["tests"] if "number" in test and test.get("status") == "passed"
        ),
    )


def best_accuracy(staff: Mapping[str, Any]) -> float | None:
    """Return the highest test accuracy after any epoch of a training test; None for other tests."""
    values = [
        float(point[1])
        for curve in staff.get("curves") or ()
        for point in curve
        if isinstance(point, list) and len(point) == 2 and isinstance(point[1], (int, float))
    ]
    return max(values, default=None)


def write(book: GradeBook, room: Classroom) -> list[Path]:
    """Write every table into the class's folder; returns the files."""
    again = {name: [asdict(one) for one in handed_in] for name, handed_in in resubmissions.of_room(room).items()}
    trained = [test for test in book.tests if any(test.number in row.accuracies for row in book.rows)]
    ids = [key for key in ("login", "lms_id") if any(getattr(row.person, key) for row in book.rows)]
    by_hand = any(row.changed for row in book.rows)
    noted = any(row.entry.facts for row in book.rows)
    head = ["name", "sid", "email", "submission", "status", "handed in", "days late", "raw score", "score", "of"]
    head += [f"{test.label} {test.name} ({test.points:g})" for test in book.tests]
    head += [f"{test.label} best accuracy" for test in trained]
    both = book.written_points is not None
    head += ["written", "both parts"] * both
    head += [key.replace("_", " ") for key in ids] + ["changed by hand"] * by_hand + ["flags"] + ["notes"] * noted
    lines = [
        [
            *(row.person.name, row.person.sid, row.person.email, row.entry.id, row.status, book.handed_in(row)),
            *(row.days_late, as_cell(row.raw), as_cell(row.score), as_cell(row.of or book.points)),
            *(as_cell(row.points.get(test.number) if test.is_in(row) else None) for test in book.tests),
            *(as_cell(row.accuracies.get(test.number) if test.is_in(row) else None) for test in trained),
            *([as_cell(row.written), as_cell(row.both_parts)] * both),
            *(getattr(row.person, key) for key in ids),
            *([" ".join(row.changed)] * by_hand),
            " ".join(row.flags),
            *([" ".join(row.entry.facts)] * noted),
        ]
        for row in book.rows
    ]
    files = {
        "grades.csv": as_csv([head, *lines]),
        "grades.jsonl": "".join(
            json.dumps(strict({**_record(row), "tries": again.get(row.entry.id, [])}), ensure_ascii=False) + "\n"
            for row in book.rows
        ),
    }
    files |= {f"grades-{name}.csv": as_csv(lines) for name, lines in gradebooks.tables(book, room.kind)}
    for name, text in files.items():
        replace_file(room.folder / name, text)
    return [room.folder / name for name in files]


def _record(row: Row) -> dict[str, Any]:
    return {
        **asdict(row.person),
        "submission": row.entry.id,
        "status": row.status,
        "created_at": row.entry.created_at,
        "days_late": row.days_late,
        "raw": row.raw,
        "of": row.of,
        "edition": row.edition,
        "changed": list(row.changed),
        "score": row.score,
        "written": row.written,
        "points": dict(row.points),
        "passed": sorted(row.not_failed, key=sort_key),
        "accuracies": dict(row.accuracies),
        "mistakes": {number: test["diagnosis"] for number, test in row.staff.items() if test.get("diagnosis")},
        "graded_in": row.seconds,
        "seconds": {number: test["seconds"] for number, test in row.staff.items() if "seconds" in test},
        "flags": list(row.flags),
        "notes": list(row.entry.facts),
    }
