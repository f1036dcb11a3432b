"""Late work: what a submission's own time costs it, by the dates and rules in `assignment.toml` and by extensions.

Computed from the time of submission, never from the clock, so that grading again gives the same. Points are only ever
taken where the rules say so; a submission whose time is not known is not late.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from autograder.assignment.config import Assignment, LateRules
from autograder.base.errors import AssignmentError
from autograder.base.gradescope import Metadata
from autograder.base.people import Person
from autograder.results.report import TestResult

ROW_NAME: Final = "Handed in late"
_LEFT: Final = "After lateness:"
_DAY: Final = dt.timedelta(days=1)
_COLUMNS: Final = ("student", "due", "days", "reason")


@dataclass(frozen=True)
class Extension:
    """More time for one person: another due date, or so many days more. student: an address, number, login or name."""

    student: str
    due: dt.datetime | None
    days: float
    reason: str
    line: int

    def moved(self, due: dt.datetime) -> dt.datetime:
        """The due date with this extension."""
        return (self.due or due) + self.days * _DAY


@dataclass(frozen=True)
class Lateness:
    """What became of one submission. days: begun days after the due date and the grace, free days not yet off."""

    due: dt.datetime
    created_at: dt.datetime
    days: int
    free: int
    share: float
    extension: str = ""

    def adjusted(self, raw: float) -> float:
        """The points that are left of `raw`."""
        return round(raw * (1 - self.share), 6) + 0.0

    def row(self, raw: float) -> TestResult:
        """What the student reads."""
        late = self.created_at - self.due
        lines = [f"Due {_shown(self.due)}{self.extension}; handed in {_shown(self.created_at)}, {_span(late)} later."]
        if self.free:
            lines.append(f"{_days(min(self.free, self.days))} late at no cost.")
        if self.share:
            beyond = " beyond that" if self.free else ""
            lines.append(
                f"{_days(self.days - self.free)} late{beyond}: {self.share:.0%} less, "
                f"{self.adjusted(raw):g} of {raw:g} points are left."
            )
        return TestResult(name=ROW_NAME, output="\n\n".join(lines))


@dataclass(frozen=True)
class Clerk:
    """Knows the rules of one part of the homework, and the extensions."""

    rules: LateRules
    extensions: Sequence[Extension] = field(default=())

    def lateness(self, created_at: str, people: Iterable[Person]) -> Lateness | None:
        """Whether work of that time is late; None where it is not, or no date or time is known.

        Of a group's extensions the most generous counts. Days are begun ones: a minute after the grace is a day.
        """
        rules, people = self.rules, tuple(people)
        handed_in = _time(created_at)
        if rules.due is None or handed_in is None:
            return None
        granted = [entry for entry in self.extensions if any(person.is_called(entry.student) for person in people)]
        due, told = rules.due, ""
        for entry in granted:
            moved = entry.moved(rules.due)
            if moved > due:
                due, told = moved, f" (extended for {entry.student})"
        late = handed_in - due - dt.timedelta(minutes=rules.grace_minutes)
        if late <= dt.timedelta(0):
            return None
        days = math.ceil(late / _DAY)
        free = min(rules.free_days, days)
        charged = days - free
        share = min(1.0, charged * rules.penalty_per_day)
        if rules.most_days is not None and days > rules.most_days:
            share = 1.0
        if not share and not free:
            return None  # nothing follows from it: no word about it
        return Lateness(due, handed_in, days, free, share, told)

    def doubts(self, people: Iterable[Person]) -> list[str]:
        """A sentence for every extension of somebody who is not in the class, or who may be one of several."""
        by_key = {person.key or person.name: person for person in people}
        found = []
        for entry in self.extensions:
            meant = [person for person in by_key.values() if person.is_called(entry.student)]
            if not meant:
                found.append(
                    f"extensions, line {entry.line}: nobody in this class is called {entry.student!r}. Its names, "
                    "numbers and addresses are in grades.csv."
                )
            elif len(meant) > 1:
                found.append(
                    f"extensions, line {entry.line}: {len(meant)} people are called {entry.student!r}, and all of them "
                    "have it. Write an address or a number instead."
                )
        return found

    def untimed(self, times: Iterable[str]) -> list[str]:
        """A sentence where lateness would cost something and nobody knows when work was handed in."""
        known = [_time(created_at) is not None for created_at in times]
        if self.rules.due is None or (not self.rules.penalty_per_day and self.rules.most_days is None) or all(known):
            return []
        return [f"{known.count(False)} of {len(known)} submissions carry no time: whether they are late is not judged."]


def clerk(assignment: Assignment, part: str, extensions: Path | None = None) -> Clerk:
    """The clerk for `part` (`programming`, `written`); extensions: in the place of the assignment's own file.

    Raises AssignmentError as `read_extensions` does.
    """
    rules = assignment.late.get(part, LateRules())
    file = extensions or (assignment.root / rules.extensions if rules.extensions else None)
    return Clerk(rules, read_extensions(file) if file else ())


def finish(assignment: Assignment, metadata: Metadata) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """What `grading.grade` does last to a document on Gradescope: lateness by its metadata; None where none is late."""
    late = clerk(assignment, assignment.part).lateness(metadata.created_at, metadata.people)
    return (lambda document: applied(document, late)) if late is not None else None


def applied(document: Mapping[str, Any], lateness: Lateness | None) -> dict[str, Any]:
    """A results.json with `lateness` in it: its row first, its score in the place of the sum. Repeatable.

    `extra_data.late` keeps the raw score, so that another rule or extension can be applied to the same document.
    """
    extra = dict(document.get("extra_data") or {})
    before = extra.pop("late", None)
    raw = before["raw"] if isinstance(before, dict) else document.get("score", 0)
    tests = [test for test in document["tests"] if not (test.get("name") == ROW_NAME and "number" not in test)]
    score = raw
    if lateness is not None:
        score = lateness.adjusted(float(raw))
        score = int(score) if score == int(score) else score
        tests.insert(0, lateness.row(float(raw)).row())
        extra["late"] = {"raw": raw, "days": lateness.days, "share": lateness.share, "due": lateness.due.isoformat()}
    return {**document, "score": score, "tests": tests, "extra_data": extra, **_output(document, raw, score)}


def _output(document: Mapping[str, Any], raw: Any, score: Any) -> dict[str, str]:
    """The text at the top, with a last paragraph on the points that are left, where those are fewer."""
    if "output" not in document:
        return {}
    text = document["output"].partition(_LEFT)[0].rstrip()
    return {"output": text if score == raw else f"{text}\n\n{_LEFT} **{score:.6g} points**.".lstrip()}


def read_extensions(file: Path) -> tuple[Extension, ...]:
    """Read a CSV with the columns student, due or days, reason.

    Raises AssignmentError, naming file and line, for a row that cannot be understood.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{file} cannot be read ({error}).") from error
    rows = csv.DictReader(text.splitlines())
    columns = [name.strip().lower() for name in rows.fieldnames or ()]
    if "student" not in columns or not {"due", "days"} & set(columns):
        raise AssignmentError(f"{file}, line 1: expected the columns {', '.join(_COLUMNS)} (due or days is enough).")
    rows.fieldnames = columns
    found = []
    for row in rows:
        where = f"{file}, line {rows.line_num}"
        student, due, days = ((row.get(name) or "").strip() for name in ("student", "due", "days"))
        if not student:
            if due or days:
                raise AssignmentError(f"{where}: an extension for nobody; expected an address, a number or a name.")
            continue
        moment = _time(due)
        if due and moment is None:
            raise AssignmentError(
                f"{where}: due is {due!r}; expected a time with an offset, 2024-02-28T18:00:00-05:00."
            )
        try:
            more = float(days or 0)
        except ValueError:
            more = math.nan
        if not 0 <= more < 1000 or (not moment and not more):
            raise AssignmentError(f"{where}: days is {days!r}; expected a number of days, or a due date.")
        found.append(Extension(student, moment, more, (row.get("reason") or "").strip(), rows.line_num))
    return tuple(found)


def _time(text: str) -> dt.datetime | None:
    """An ISO 8601 time with an offset; None for anything else."""
    try:
        moment = dt.datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def shown(created_at: str) -> str:
    """A time of submission for people to read; empty where it is none."""
    moment = _time(created_at)
    return "" if moment is None else _shown(moment)


def _shown(moment: dt.datetime) -> str:
    return moment.strftime("%A %d %B %Y, %H:%M (UTC%z)").replace(" 0", " ")


def _span(late: dt.timedelta) -> str:
    minutes = int(late.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "day"), (hours, "hour"), (rest, "minute"))
    said = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in parts if count]
    return " ".join(said[:2]) or "less than a minute"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
