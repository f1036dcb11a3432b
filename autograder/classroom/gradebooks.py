"""Scores as the platforms' grade books have them: one line for each person of the class.

Canvas's `GradebookImporter` matches a person by `ID`, then `SIS User ID`, then `SIS Login ID`, then by the exact name.
Its second line says what can be had. An empty score changes nothing there: nobody who handed in nothing is given a 0. A
column goes to the assignment whose number it ends with, or that is called exactly so; otherwise to a new one.

Brightspace's importer wants a number (`OrgDefinedId`) or a `Username`, a column `NAME Points Grade`, and one that ends
each line. Blackboard's wants a `Username`, and the column as its own grade center calls it, with a number. Neither
finds anybody by name.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from autograder.base.numbers import as_cell
from autograder.base.people import fold_name, split_name
from autograder.base.text import list_some
from autograder.classroom.gradebook_columns import find_platform, read_name
from autograder.classroom.sources import UNUSABLE
from autograder.classroom.sources.claims import is_claim
from autograder.feedback.text import plural
from autograder.results.moments import read_moment

if TYPE_CHECKING:
    from autograder.classroom.grades import GradeBook, Row

_MOST_NAMED: Final = 10
_CLOSE: Final = 1e-6


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
    """Yield what the staff should know before they upload a grade book: what a platform takes otherwise, in silence."""
    rows = [row for row in best_rows(book) if row.score is not None]
    if kind.startswith("Brightspace"):
        yield from _describe_unknown("brightspace", [row for row in rows if not (row.person.sid or row.person.login)])
    if kind.startswith("Blackboard"):
        yield from _describe_unknown("blackboard", [row for row in rows if not row.person.login])
    yield from _describe_maxima(book)
    yield from _describe_empty(book)
    yield from _describe_namesakes(book)


def _describe_unknown(table: str, rows: Sequence[Row]) -> Iterator[str]:
    if rows:
        yield (
            f"grades-{table}.csv leaves out {plural(len(rows), 'score')}, since the download does not say whose user "
            "names these are. Give a roster (--roster) with a column `username` beside the names."
        )


def _describe_maxima(book: GradeBook) -> Iterator[str]:
    """Say where a platform has other points for the homework: it takes a grade as it is, and scales none."""
    maxima = {find_platform(book.column): book.platform_points}
    maxima |= {"moodle": book.worksheet.maximum} if book.worksheet is not None else {}
    for table, most in maxima.items():
        if most is None or not book.points or abs(most - book.points) < _CLOSE:
            continue
        platform = table.capitalize()
        above = sum((row.score or 0) > most for row in best_rows(book)) if table == "moodle" else 0
        verb = "grade is" if above == 1 else "grades are"
        refused = f" {above} {verb} above its maximum, and Moodle passes over such a line in silence." if above else ""
        yield (
            f"grades-{table}.csv: {platform} has {most:g} points for this homework, and its tests sum to "
            f"{book.points:g}. {platform} scales no grade: set its points to {book.points:g} before the import."
            f"{refused}"
        )


def _describe_empty(book: GradeBook) -> Iterator[str]:
    names = list(dict.fromkeys(row.person.title for row in best_rows(book) if _is_empty(row)))
    if names:
        yield (
            f"Nothing that can be graded was handed in by {list_some(names, _MOST_NAMED)}. The tables for "
            "grade books leave the cell empty, since an upload may have failed. To give a 0, write an override of 0 "
            "points."
        )


def _describe_namesakes(book: GradeBook) -> Iterator[str]:
    """Say which rows a grade book cannot tell apart, for want of anything but a name."""
    rows: dict[str, list[Row]] = {}
    for row in book.rows:
        if row.person.title and not is_claim(row.person):
            rows.setdefault(fold_name(row.person.name or row.person.title), []).append(row)
    for some in rows.values():
        nameless = [row for row in some if not row.person.key]
        if len(some) > 1 and nameless:
            yield (
                f"{some[0].person.title} has {len(some)} rows ({', '.join(row.entry.id for row in some)}), and nothing "
                "but the name says whose they are. Grade books have one line for those without a number or an address, "
                "with the higher score: look whether it is one person, or give a roster (--roster)."
            )


def best_rows(book: GradeBook) -> list[Row]:
    """Return one row for each person: a grade book has one cell for each. Of two graded ones, the higher score.

    Who is only called as somebody of the class has none: grades.csv says so, and a person decides. Nor has a score
    who handed in nothing that can be graded: whether that is a 0, an empty cell leaves to a person. Rows that have
    nothing but one name are one person's, as a platform takes them.
    """
    best: dict[str, Row] = {}
    for row in book.rows:
        if not row.person.title or is_claim(row.person):
            continue
        counted = replace(row, score=None) if _is_empty(row) else row
        key = row.person.key or f"\0{fold_name(row.person.name)}"
        if key not in best or _value(counted) > _value(best[key]):
            best[key] = counted
    return list(best.values())


def _is_empty(row: Row) -> bool:
    """Return whether a row's 0 is nobody's word: nothing could be graded, and no person has set it."""
    return row.status == UNUSABLE and not row.changed


def _value(row: Row) -> float:
    return -1.0 if row.score is None else row.score


def _canvas(book: GradeBook, rows: Sequence[Row], kind: str) -> Iterator[Sequence[Any]]:
    column = book.column if read_name(book.column, "canvas") else book.name
    parts: list[tuple[str, float | str]] = [(column, book.points)]
    if book.written_points is not None:
        parts.append(
            (f"{book.name} (written part)", "" if math.isnan(book.written_points) else as_cell(book.written_points))
        )
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(name for name, _ in parts)]
    yield ["    Points Possible", "", "", "", "", *(points for _, points in parts)]
    shared = {sid for sid, count in Counter(row.person.sid for row in rows).items() if count > 1}
    for row in rows:
        person = row.person
        # Of two people with one number Canvas would give both grades to the first.
        sid = "" if person.sid in shared else person.sid
        is_others = kind.startswith(("Moodle", "Brightspace")) or book.worksheet is not None
        number = "" if is_others else person.lms_id
        login = "" if kind.startswith("GitHub") else person.login
        scores = [row.score, row.written][: len(parts)]
        yield [person.name or person.title, number, sid, login or person.email, "", *map(as_cell, scores)]


def _gradescope(book: GradeBook, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    """Write the columns that Gradescope's own *Download Grades* has for a course."""
    name = book.name
    columns = (name, f"{name} - Max Points", f"{name} - Submission Time", f"{name} - Lateness (H:M:S)")
    yield ["First Name", "Last Name", "SID", "Email", "Sections", *columns]
    for row in rows:
        person = (*split_name(row.person.name or row.person.title), row.person.sid, row.person.email, "")
        yield [*person, as_cell(row.score), book.points, _time(book.handed_in(row)), _lateness(row)]


def _moodle(book: GradeBook, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    """Write Moodle's grading worksheet: the roster's own with the grades in it, else with the columns that it needs."""
    if book.worksheet is not None:
        graded = [row for row in rows if row.person.lms_id and row.score is not None]
        yield from book.worksheet.fill_in({row.person.lms_id: as_cell(row.score) for row in graded})
        return
    yield ["Identifier", "Full name", "Email address", "Grade", "Maximum grade", "Last modified (grade)"]
    for row in rows:
        number = f"Participant {row.person.lms_id}" if row.person.lms_id else ""
        yield [number, row.person.name, row.person.email, as_cell(row.score), book.points, "-"]


def _brightspace(book: GradeBook, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    name = read_name(book.column, "brightspace") or book.name
    yield ["OrgDefinedId", "Username", f"{name} Points Grade", "End-of-Line Indicator"]
    for row in rows:
        person = row.person
        if row.score is not None and (person.sid or person.login):
            yield [person.sid, person.login, as_cell(row.score), "#"]


def _blackboard(book: GradeBook, rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    yield ["Username", book.column if read_name(book.column, "blackboard") else book.name]
    for row in rows:
        if row.score is not None and row.person.login:
            yield [row.person.login, as_cell(row.score)]


def _time(created_at: str) -> str:
    """Write a time as Gradescope does: `2024-02-26 18:00:00 -0500`."""
    moment = read_moment(created_at)
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M:%S %z")


def _lateness(row: Row) -> str:
    handed_in, due = read_moment(row.entry.created_at), read_moment(row.due)
    late = dt.timedelta(0) if handed_in is None or due is None else handed_in - due
    minutes, seconds = divmod(max(int(late.total_seconds()), 0), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
