"""Points that people give or take: a CSV with a reason for each, applied to what the grader found.

A line sets the points of one test or, without a test, the whole score before lateness; or it adds to either. What was
there before is kept beside it, so that another list can be applied to the same document.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.numbers import trim
from autograder.base.people import ADDRESS, LOGIN, Person, Way, find_way
from autograder.base.spreadsheet import Line, Sheet, read_sheet
from autograder.results.score_note import write_score_note

ROW_NAME: Final = "Changed by the course staff"
_KEY: Final = "overrides"
_ID: Final[Way] = ("submission",)
_NOW: Final = "With what the course staff changed:"
_COLUMNS: Final = {
    "student": ("name", "email", "e-mail", "sid", "login", "submission", "person"),
    "test": ("number", "question"),
    "points": ("score", "set to", "set"),
    "add": ("adjustment", "change", "plus"),
    "reason": ("comment", "why", "note"),
}


@dataclass(frozen=True)
class Override:
    """One line. test: its number; empty: the whole score. points: the new value; None: `add` is added instead.

    way: in which way alone `student` means somebody, where that is known of this class.
    """

    student: str
    test: str
    points: float | None
    add: float
    reason: str
    line: int
    way: Way = ()

    def apply_to(self, before: float) -> float:
        """Return what becomes of so many points; never less than none."""
        return max(before + self.add if self.points is None else self.points, 0.0)


def read(file: Path) -> tuple[Override, ...]:
    """Read the columns student, test, points or add, reason.

    Raises AssignmentError, naming file and line, for lines that cannot be understood or give no reason.
    """
    sheet = read_sheet(file, _COLUMNS, ("student",), ("points", "add"), ("reason",))
    return sheet.read_each(partial(_override, sheet))


def _override(sheet: Sheet, line: Line) -> Override:
    where = sheet.where(line)
    if not line["student"]:
        raise AssignmentError(f"{where}: points for nobody; expected an address, a number, a login or a name.")
    if not line["reason"]:
        raise AssignmentError(f"{where}: there is no reason; write one, the student reads it.")
    if bool(line["points"]) == bool(line["add"]):
        raise AssignmentError(f"{where}: expected either points (the new value) or add (how many more or fewer).")
    if line["points"].startswith("+"):
        raise AssignmentError(
            f"{where}: points is {line['points']!r}, which sets them; to give more, write it into the column add."
        )
    points = _number(line["points"], where) if line["points"] else None
    if points is not None and points < 0:
        raise AssignmentError(f"{where}: points is {line['points']!r}; to take some, write them into the column add.")
    add = _number(line["add"], where) if line["add"] else 0.0
    return Override(line["student"], line["test"], points, add, line["reason"], line.number)


def _number(text: str, where: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not abs(value) < 1e6:
        raise AssignmentError(f"{where}: {text!r} is no number of points.")
    return value


def find_for(people: Iterable[Person], submission: str, overrides: Sequence[Override]) -> tuple[Override, ...]:
    """Return the lines that mean one of `people`, or the submission by its id, where it has one that staff can know."""
    group = tuple(people)
    return tuple(
        entry
        for entry in overrides
        if (entry.way in ((), _ID) and bool(submission) and entry.student == submission)
        or (entry.way != _ID and any(person.is_called(entry.student, entry.way) for person in group))
    )


def settle(overrides: Iterable[Override], people: Iterable[Person], ids: Iterable[str]) -> tuple[Override, ...]:
    """Return the lines for one class: one that can mean several people or submissions means nobody.

    An address or login goes before a submission's id, and that before what students can choose: a number or a name.
    """
    every, named = list(people), set(ids)
    settled = []
    for entry in overrides:
        way, meant = _find_meant(entry.student, every, named)
        if len(meant) <= 1:
            settled.append(replace(entry, way=way))
    return tuple(settled)


def _find_meant(word: str, people: Sequence[Person], ids: Collection[str]) -> tuple[Way, list[Person]]:
    """Return in which way a word means somebody, and whom; nobody where it means a submission by its id."""
    way, meant = find_way(word, people)
    return (_ID, []) if word in ids and way not in (ADDRESS, LOGIN) else (way, meant)


def apply(document: Mapping[str, Any], overrides: Sequence[Override]) -> dict[str, Any]:
    """Return a results.json with the changes in it, each in a row of its own. Repeatable: what was there is kept.

    Expects a document without lateness; see `finishing`.
    """
    extra = dict(document.get("extra_data") or {})
    before = extra.pop(_KEY, {})
    tests: list[dict[str, Any]] = [
        dict(test) for test in document["tests"] if not (test.get("name") == ROW_NAME and "number" not in test)
    ]
    score = float(before.get("score", document.get("score", 0)))
    for test in tests:
        if test.get("number") in before.get("tests", {}):
            test["score"] = before["tests"][test["number"]]
    if not overrides:
        return {
            **document,
            "score": trim(score),
            "tests": tests,
            "extra_data": extra,
            **write_score_note(document, _NOW, score, score),
        }
    originals: dict[str, float] = {}
    total, said = score, []
    rows = _rows(tests)
    for step in _steps(rows, score, overrides):
        entry = step.entry
        if entry.test:
            originals.setdefault(entry.test, step.old)
            rows[entry.test]["score"] = trim(step.new)
        name = f"{entry.test} {rows[entry.test].get('name', '')}".strip() if entry.test else "The score"
        said.append(_sentence(name, step.old, step.new, entry.reason))
        total = step.total
    total = max(total, 0.0)
    if said:
        row = {"name": ROW_NAME, "output": "\n\n".join(said), "output_format": "text"}
        tests.insert(0, row)
        extra[_KEY] = {"score": trim(score), "tests": originals, "told": said}
    return {
        **document,
        "score": trim(total),
        "tests": tests,
        "extra_data": extra,
        **write_score_note(document, _NOW, score, total),
    }


@dataclass(frozen=True)
class _Step:
    """What one line does: to the points of its test, or to the whole score. total: the whole score after it."""

    entry: Override
    old: float
    new: float
    total: float


def _rows(tests: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the rows with points by the numbers of their tests, the first of each number."""
    rows: dict[str, dict[str, Any]] = {}
    for test in tests:
        if "number" in test and "score" in test:
            rows.setdefault(str(test["number"]), test)
    return rows


def _steps(rows: Mapping[str, Mapping[str, Any]], score: float, overrides: Iterable[Override]) -> Iterator[_Step]:
    """Yield what each line does, one after the other; a line for a test that is not there does nothing."""
    points, total = {number: float(row["score"]) for number, row in rows.items()}, score
    for entry in overrides:
        if not entry.test:
            old, total = total, entry.apply_to(total)
            yield _Step(entry, old, total, total)
        elif entry.test in points:  # else of another edition, or not graded this time; `without_effect` says so
            old, new = points[entry.test], float(trim(entry.apply_to(points[entry.test])))
            points[entry.test] = new
            total += new - old
            yield _Step(entry, old, new, total)


def describe(document: Mapping[str, Any]) -> list[str]:
    """Return what people changed in a document, a sentence each."""
    kept = (document.get("extra_data") or {}).get(_KEY)
    said = kept.get("told") if isinstance(kept, Mapping) else None
    return [str(line) for line in said] if isinstance(said, list) else []


def doubts(overrides: Sequence[Override], people: Iterable[Person], ids: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for every line that means nobody, or more than one person."""
    known, named = list(people), set(ids)
    for entry in overrides:
        way, meant = _find_meant(entry.student, known, named)
        if not meant and way != _ID:
            yield f"{_where(entry)}: nobody in this class is called {entry.student!r}."
        elif len(meant) > 1:
            yield (
                f"{_where(entry)}: {len(meant)} people are called {entry.student!r}, so it changes nothing. Write an "
                "address or a number instead."
            )


def without_effect(
    overrides: Sequence[Override], people: Sequence[Person], submission: str, document: Mapping[str, Any] | None
) -> Iterator[str]:
    """Yield a sentence for every line that means this submission and changes nothing, or exceeds a test's points.

    document: its results; None where it has none.
    """
    title = ", ".join(person.title for person in people if person.title) or submission
    mine = find_for(people, submission, overrides)
    if document is None:
        for entry in mine:
            yield (
                f"{_where(entry)}: {title} has no results, so there is nothing to change. Write the points into the "
                "grade book itself."
            )
        return
    before = (document.get("extra_data") or {}).get(_KEY) or {}
    rows = {
        number: {**row, "score": before.get("tests", {}).get(number, row["score"])}
        for number, row in _rows(document["tests"]).items()
    }
    for entry in mine:
        alike = [number for number in rows if _is_shortened(number, entry.test)]
        if entry.test and entry.test not in rows:
            meant = f" Did a spreadsheet shorten {alike[0]}?" if alike else ""
            yield f"{_where(entry)}: {title} has no test {entry.test!r}; the line changes nothing.{meant}"
        elif alike:
            yield (
                f"{_where(entry)}: the points of {title} go to test {entry.test}. There is a {alike[0]}, too, and a "
                f"spreadsheet saves that as {entry.test}: look which is meant."
            )
    most = math.fsum(float(row.get("max_score") or 0) for row in rows.values())
    for step in _steps(rows, float(before.get("score", document.get("score", 0))), mine):
        yield from _exceeds(step, title, rows, most)


def _is_shortened(number: str, written: str) -> bool:
    """Return whether a spreadsheet, for which a test's number is a quantity, may have made `written` of it."""
    return number != written and number.startswith(written) and not number[len(written) :].strip("0") and "." in written


def _exceeds(step: _Step, title: str, rows: Mapping[str, Mapping[str, Any]], most: float) -> Iterator[str]:
    """Yield a sentence where a line gives more than can be had, or takes more than there is."""
    entry = step.entry
    if entry.test:
        most = float(rows[entry.test].get("max_score") or 0)
    if step.new > most + 1e-9:
        held = f" in {entry.test}, which is worth {most:g}" if entry.test else f", of {most:g} that can be had"
        yield f"{_where(entry)}: {title} has {step.new:g} points{held}."
    if entry.points is None and step.old + entry.add < -1e-9:
        held = f" in {entry.test}" if entry.test else ""
        yield f"{_where(entry)}: it takes {-entry.add:g} points, and {title} has {step.old:g}{held}: nothing is left."


def describe_doubles(overrides: Sequence[Override], people: Sequence[Person], submission: str) -> Iterator[str]:
    """Yield a sentence for every line that undoes another one for the same submission, or repeats it."""
    title = ", ".join(person.title for person in people if person.title) or submission
    earlier: dict[str, list[Override]] = {}
    for entry in find_for(people, submission, overrides):
        before = earlier.setdefault(entry.test, [])
        what = f"test {entry.test}" if entry.test else "the score"
        if any(other.points != entry.points for other in before) and entry.points is not None:
            lines = ", ".join(f"line {other.line}" for other in before)
            yield (
                f"{_where(entry)}: it sets {what} of {title} to {entry.points:g} points, and what {lines} did to it is "
                "lost. Keep one of them."
            )
        elif entry.points is None and any((other.add, other.reason) == (entry.add, entry.reason) for other in before):
            yield f"{_where(entry)}: it changes {what} of {title} as a line before does; both count. Keep one of them."
        before.append(entry)


def _where(entry: Override) -> str:
    return f"overrides, line {entry.line}"


def _sentence(what: str, old: float, new: float, reason: str) -> str:
    return f"{what}: {new:g} instead of {old:g} points. {reason}"
