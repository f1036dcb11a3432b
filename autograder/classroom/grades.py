"""A graded class as tables: `grades.csv`, `grades.jsonl`, and the columns of Canvas's and Gradescope's gradebooks.

A row is a person's part in a submission: groups are spread out, a person in two submissions has two rows. A CSV begins
with a byte order mark, without which Excel takes names of most scripts for Latin-1, and no cell is taken for a formula.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from autograder.base.files import replace_file
from autograder.base.numbers import sort_key
from autograder.base.people import Person
from autograder.base.text import clean, strict
from autograder.classroom import store
from autograder.classroom.store import Classroom, Entry

_CELL_WITHIN: Final = re.compile(r"(?<=[;\t])(?=\s*[=+\-@＝＋－＠|%])")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
GRADED, FAULT, ABSENT, PENDING = "graded", "grader's fault", "not handed in whole", "not graded yet"


@dataclass(frozen=True)
class Test:
    """A column: one test of the assignment."""

    number: str
    name: str
    points: float


@dataclass(frozen=True)
class Row:
    """A person and a submission. raw: before lateness; points: by test number, as far as it was graded.

    not_failed: the numbers of the tests that Gradescope shows as passed.
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

    def passed(self, test: Test) -> bool:
        """Whether it has every point of a test; of one without points, whether it did not fail."""
        if not test.points:
            return test.number in self.not_failed
        return self.points.get(test.number, 0.0) >= test.points - 1e-9


@dataclass(frozen=True)
class Book:
    """All rows, and the tests that any of them has points for."""

    tests: tuple[Test, ...]
    rows: tuple[Row, ...]
    name: str

    @property
    def points(self) -> float:
        """What the tests sum to."""
        return _whole(math.fsum(test.points for test in self.tests))

    @property
    def graded(self) -> tuple[Row, ...]:
        """The rows that hold a grade."""
        return tuple(row for row in self.rows if row.status == GRADED)


def read(room: Classroom, name: str = "Beras") -> Book:
    """The tables of a class. name: the assignment's, as gradebooks call its column."""
    tests: dict[str, Test] = {}
    rows = []
    for entry in room.entries:
        results = entry.results
        for test in results["tests"] if results else ():
            number = test.get("number")
            if isinstance(number, str) and "score" in test and number not in tests:
                tests[number] = Test(number, str(test.get("name", "")), float(test.get("max_score", 0)))
        rows += [_row(person, entry, results) for person in entry.people or (Person(),)]
    rows.sort(key=lambda row: (_alphabetical(row.person.name), row.person.key, row.entry.id))
    return Book(tuple(tests[number] for number in sorted(tests, key=sort_key)), tuple(rows), name)


def _alphabetical(name: str) -> tuple[str, str]:
    """É beside E, and a name that begins with a sign where its letters belong."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum() or c == " ")
    return plain, name


def _row(person: Person, entry: Entry, results: Mapping[str, Any] | None) -> Row:
    if entry.problem:
        return Row(person, entry, ABSENT, flags=(entry.problem, *entry.notes))
    if results is None:
        return Row(person, entry, PENDING, flags=entry.notes)
    extra = results.get("extra_data") or {}
    flags = (*store.flags(results), *entry.notes)
    if "problem" in extra:
        return Row(person, entry, FAULT, flags=flags)
    late = extra.get("late") or {}
    staff = extra.get("tests") or {}
    score = float(results.get("score", 0))
    return Row(
        person=person,
        entry=entry,
        status=GRADED,
        raw=float(late.get("raw", score)),
        score=score,
        days_late=int(late.get("days", 0)),
        points={
            test["number"]: float(test["score"]) for test in results["tests"] if "number" in test and "score" in test
        },
        accuracies={number: best for number, test in staff.items() if (best := best_accuracy(test)) is not None},
        staff=staff,
        flags=flags,
        seconds=float(results.get("execution_time", 0)),
        not_failed=frozenset(
            test["number"] for test in results["tests"] if "number" in test and test.get("status") == "passed"
        ),
    )


def best_accuracy(staff: Mapping[str, Any]) -> float | None:
    """The highest test accuracy after any epoch of a training test; None for other tests."""
    values = [
        float(point[1])
        for curve in staff.get("curves") or ()
        for point in curve
        if isinstance(point, list) and len(point) == 2 and isinstance(point[1], (int, float))
    ]
    return max(values, default=None)


def write(book: Book, room: Classroom) -> list[Path]:
    """Write every table into the class's folder; returns the files."""
    trained = [test.number for test in book.tests if any(test.number in row.accuracies for row in book.rows)]
    head = ["name", "sid", "email", "submission", "status", "handed in", "days late", "raw score", "score", "of"]
    head += [f"{test.number} {test.name} ({test.points:g})" for test in book.tests]
    head += [f"{number} best accuracy" for number in trained] + ["flags"]
    lines = [
        [
            *(row.person.name, row.person.sid, row.person.email, row.entry.id, row.status, row.entry.created_at),
            *(row.days_late, _shown(row.raw), _shown(row.score), _shown(book.points)),
            *(_shown(row.points.get(test.number)) for test in book.tests),
            *(_shown(row.accuracies.get(number)) for number in trained),
            " ".join(row.flags),
        ]
        for row in book.rows
    ]
    files = {
        "grades.csv": as_csv([head, *lines]),
        "grades.jsonl": "".join(json.dumps(strict(_record(row)), ensure_ascii=False) + "\n" for row in book.rows),
        "grades-canvas.csv": as_csv(_canvas(book, room.kind)),
        "grades-gradescope.csv": as_csv(_gradescope(book)),
    }
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
        "score": row.score,
        "points": dict(row.points),
        "passed": sorted(row.not_failed, key=sort_key),
        "accuracies": dict(row.accuracies),
        "mistakes": {number: test["diagnosis"] for number, test in row.staff.items() if test.get("diagnosis")},
        "graded_in": row.seconds,
        "seconds": {number: test["seconds"] for number, test in row.staff.items() if "seconds" in test},
        "flags": list(row.flags),
    }


def _best(book: Book) -> list[Row]:
    """One graded row for each person: a gradebook has one cell for each. Of two, the higher score."""
    best: dict[str, Row] = {}
    for row in book.graded:
        key = row.person.key or f"{row.person.name}\0{row.entry.id}"
        if (row.person.name or row.person.key) and (key not in best or (row.score or 0) > (best[key].score or 0)):
            best[key] = row
    return list(best.values())


def _canvas(book: Book, kind: str) -> Iterable[Sequence[Any]]:
    """Canvas matches people by ID, SIS User ID or SIS Login ID; its second line says what can be had."""
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", book.name]
    yield ["    Points Possible", "", "", "", "", _shown(book.points)]
    canvas = kind.startswith("Canvas")
    for row in _best(book):
        sid = row.person.sid
        yield [row.person.name, sid if canvas else "", "" if canvas else sid, row.person.email, "", _shown(row.score)]


def _gradescope(book: Book) -> Iterable[Sequence[Any]]:
    name = book.name
    yield ["First Name", "Last Name", "SID", "Email", name, f"{name} - Max Points", f"{name} - Submission Time"]
    for row in _best(book):
        first, _, last = row.person.name.rpartition(" ")
        person = (first or last, last if first else "", row.person.sid, row.person.email)
        yield [*person, _shown(row.score), _shown(book.points), row.entry.created_at]


def as_csv(lines: Iterable[Sequence[Any]]) -> str:
    """RFC 4180, with a byte order mark; a text that a spreadsheet would compute is quoted by an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for line in lines:
        writer.writerow([_safe(cell) if isinstance(cell, str) else cell for cell in line])
    return "\ufeff" + text.getvalue()


def _safe(text: str) -> str:
    text = clean(text).replace("\r", " ").replace("\n", " ")
    # Where semicolons or tabs part cells, what stands behind one is a cell too.
    text = _CELL_WITHIN.sub("'", text)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _shown(value: float | None) -> float | str:
    return "" if value is None else _whole(value)


def _whole(value: float) -> float:
    return int(value) if value == int(value) else value
