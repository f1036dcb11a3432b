"""Scores as the platforms' grade books have them: one line for each person of the class.

Canvas's `GradebookImporter` matches a person by `ID`, then `SIS User ID`, then `SIS Login ID`, then by the exact name;
its second line says what can be had. An empty score changes nothing there: nobody who handed in nothing is given a 0.
A column goes to the assignment whose number it ends with, or that is called exactly so; otherwise to a new one.

Brightspace's importer wants a number (`OrgDefinedId`) or a `Username`, a column `NAME Points Grade`, and one that ends
each line; Blackboard's a `Username`, and the column as its own grade center calls it, with a number. Neither finds
anybody by name.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from autograder.base.numbers import trim
from autograder.base.people import fold_name, split_name
from autograder.classroom.sources.claims import is_claim
from autograder.feedback.text import plural
from autograder.results.moments import read_moment

if TYPE_CHECKING:
    from autograder.classroom.grades import GradeBook, Row

#: How grade books call a homework's column: its name, and behind it a number.
_CANVAS: Final = re.compile(r"(?P<name>.+) \(\d+\)")
_BLACKBOARD: Final = re.compile(r"(?P<name>.+) \[[^\]]*\] \|\d+")
_MOST_COLUMNS: Final = 5


def tables(book: GradeBook, kind: str) -> Iterator[tuple[str, Iterable[Sequence[Any]]]]:
    """Yield the name and the lines of each grade book that a class of this kind of source may want."""
    rows = best_rows(book)
    yield "canvas", _canvas(book, rows, kind)
    yield "gradescope", _gradescope(book, rows)
    if kind.startswith("Moodle") or book.worksheet is not None:
        yield "moodle", _moodle(book, rows)
    if kind.startswith("Brightspace"):
        yield "brightspace", _brightspace(book, rows)
    if kind.startswith("Blackboard"):
        yield "blackboard", _blackboard(book, rows)


def describe(book: GradeBook, kind: str) -> Iterator[str]:
    """Yield what the staff should know before they upload a grade book: whom a platform passes over in silence."""
    rows = [row for row in best_rows(book) if row.score is not None]
    if kind.startswith("Brightspace"):
        yield from _describe_unknown("brightspace", [row for row in rows if not (row.person.sid or row.person.login)])
    if kind.startswith("Blackboard"):
        yield from _describe_unknown("blackboard", [row for row in rows if not row.person.login])
    yield from _describe_worksheet(book)


def _describe_unknown(table: str, rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield (
            f"grades-{table}.csv leaves out {plural(len(rows), 'score')}, since the download does not say whose user "
            "names these are. Give a roster (--roster) with a column `username` beside the names."
        )


def _describe_worksheet(book: GradeBook) -> Iterator[str]:
    most = book.worksheet.maximum if book.worksheet is not None else None
    above = [row for row in best_rows(book) if most is not None and (row.score or 0) > most]
    if above:
        verb = "grade is" if len(above) == 1 else "grades are"
        yield (
            f"grades-moodle.csv: {len(above)} {verb} above Moodle's maximum of {most:g}, and Moodle passes over such a "
            f"line in silence. Set the maximum grade of the assignment in Moodle to {book.points:g}, or more."
        )


def find_column(headings: Sequence[str], name: str) -> tuple[str, str]:
    """Return which of a roster's headings is a grade book's column of the homework, and what the staff should know.

    The heading is empty where none is; so is the note where the roster is no grade book of Canvas's or Blackboard's.
    """
    matches = {heading: _CANVAS.fullmatch(heading) or _BLACKBOARD.fullmatch(heading) for heading in headings}
    titles = {column: fold_name(matched["name"]) for column, matched in matches.items() if matched is not None}
    called = [column for column, title in titles.items() if f" {fold_name(name)} " in f" {title} "]
    exact = [column for column in called if titles[column] == fold_name(name)]
    found = exact or called
    if len(found) == 1:
        return found[0], ""
    if not titles:
        return "", ""
    table = "blackboard" if all(map(_BLACKBOARD.fullmatch, titles)) else "canvas"
    several = f"{plural(len(found), 'column')} of the roster could be it" if found else "no column of the roster is it"
    listed = ", ".join(repr(column) for column in (found or list(titles))[:_MOST_COLUMNS])
    return "", (
        f"grades-{table}.csv calls its column {name!r}, and {table.capitalize()} will make a new one of it: {several} "
        f"({listed}). Give `name` in assignment.toml the name that {table.capitalize()} has."
    )


def best_rows(book: GradeBook) -> list[Row]:
    """Return one row for each person: a grade book has one cell for each. Of two graded ones, the higher score.

    Who is only called as somebody of the class has none: grades.csv says so, and a person decides.
    """
    best: dict[str, Row] = {}
    for row in book.rows:
        if not row.person.title or is_claim(row.person):
            continue
        key = row.person.key or f"{row.person.name}\0{row.entry.id}"
        if key not in best or _value(row) > _value(best[key]):
            best[key] = row
    return list(best.values())


def _value(row: Row) -> float:
    return -1.0 if row.score is None else row.score


def _canvas(book: GradeBook, rows: Sequence[Row], kind: str) -> Iterator[Sequence[Any]]:
    column = book.column if _CANVAS.fullmatch(book.column) else book.name
    parts: list[tuple[str, float | str]] = [(column, book.points)]
    if book.written_points is not None:
        parts.append(
            (f"{book.name} (written part)", "" if math.isnan(book.written_points) else _as_cell(book.written_points))
        )
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(name for name, _ in parts)]
    yield ["    Points Possible", "", "", "", "", *(points for _, points in parts)]
    shared = {sid for sid, count in Counter(row.person.sid for row in rows).items() if count > 1}
    for row in rows:
        person = row.person
        # Of two people with one number Canvas would give both grades to the first.
        sid = "" if person.sid in shared else person.sid
        number = "" if kind.startswith(("Moodle", "Brightspace")) else person.lms_id
        login = "" if kind.startswith("GitHub") else person.login
        scores = [row.score, row.written][: len(parts)]
        yield [person.name or person.title, number, sid, login or person.email, "", *map(_as_cell, scores)]


def _gradescope(book: GradeBook, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    """Write the columns that Gradescope's own *Download Grades* has for a course."""
    name = book.name
    columns = (name, f"{name} - Max Points", f"{name} - Submission Time", f"{name} - Lateness (H:M:S)")
    yield ["First Name", "Last Name", "SID", "Email", "Sections", *columns]
    for row in rows:
        person = (*split_name(row.person.name or row.person.title), row.person.sid, row.person.email, "")
        yield [*person, _as_cell(row.score), book.points, _time(row.entry.created_at), _lateness(row)]


def _moodle(book: GradeBook, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    """Write Moodle's grading worksheet: the roster's own with the grades in it, else with the columns that it needs."""
    if book.worksheet is not None:
        graded = [row for row in rows if row.person.lms_id and row.score is not None]
        yield from book.worksheet.fill_in({row.person.lms_id: _as_cell(row.score) for row in graded})
        return
    yield ["Identifier", "Full name", "Email address", "Grade", "Maximum grade", "Last modified (grade)"]
    for row in rows:
        number = f"Participant {row.person.lms_id}" if row.person.lms_id else ""
        yield [number, row.person.name, row.person.email, _as_cell(row.score), book.points, "-"]


def _brightspace(book: GradeBook, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    yield ["OrgDefinedId", "Username", f"{book.name} Points Grade", "End-of-Line Indicator"]
    for row in rows:
        person = row.person
        if row.score is not None and (person.sid or person.login):
            yield [person.sid, person.login, _as_cell(row.score), "#"]


def _blackboard(book: GradeBook, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    yield ["Username", book.column if _BLACKBOARD.fullmatch(book.column) else book.name]
    for row in rows:
        if row.score is not None and row.person.login:
            yield [row.person.login, _as_cell(row.score)]


def _as_cell(value: float | None) -> float | str:
    if value is None:
        return ""
    return trim(value)


def _time(created_at: str) -> str:
    """Write a time as Gradescope does: `2024-02-26 18:00:00 -0500`."""
    moment = read_moment(created_at)
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S %z")


def _lateness(row: Row) -> str:
    handed_in, due = read_moment(row.entry.created_at), read_moment(row.due)
    late = dt.timedelta(0) if handed_in is None or due is None else handed_in - due
    minutes, seconds = divmod(max(int(late.total_seconds()), 0), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
