"""The written part's points beside the programming part's: from a CSV, by person.

Read are what `written-merge` writes, Gradescope's *Download Grades* of the written assignment, and tables of one's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.base.people import ADDRESS, LOGIN, NUMBER, Person, find_called
from autograder.base.spreadsheet import Line, Sheet, read_sheet
from autograder.classroom.sources.claims import Grounds, Weight, weigh
from autograder.classroom.store import Classroom
from autograder.feedback.text import plural

_COLUMNS: Final = {
    "student": ("submission", "person"),
    "name": ("full name", "student name"),
    "first": ("first name", "firstname"),
    "last": ("last name", "lastname", "surname"),
    "email": ("e-mail", "email address"),
    "sid": ("student id", "sis user id", "id number"),
    "login": ("sis login id", "username", "login id"),
    "written": (),
    "score": ("total score", "points", "grade", "total"),
    "most": ("max points", "maximum grade", "of"),
    "status": (),
    "left": ("not graded yet",),
}
#: A class's logins may be GitHub's, and a table's the university's.
_ANY_LOGIN: Final = Grounds(same_logins=False)
_WHO: Final = ("student", "name", "last", "email", "sid", "login")


@dataclass(frozen=True)
class WrittenPart:
    """The points of each person of a class.

    most: what can be had; NaN where the table does not say. notes: what was not used, a sentence each.
    """

    scores: dict[Person, float] = field(default_factory=dict)
    most: float = math.nan
    notes: tuple[str, ...] = ()


def read(
    file: Path, people: Iterable[Person], submissions: Mapping[str, Sequence[Person]] = MappingProxyType({})
) -> WrittenPart:
    """Read a table of the written part. A line without points is somebody who handed in nothing.

    submissions: whose each submission of the class is, which a line may name instead of people.
    Raises AssignmentError, naming file and line, where it cannot be used.
    """
    sheet = read_sheet(file, _COLUMNS, _WHO, ("score", "written"))
    everybody = list(dict.fromkeys(people))
    scores: dict[Person, float] = {}
    most, notes = math.nan, []
    for line, score, worth in sheet.read_each(partial(_points, sheet)):
        where = sheet.where(line)
        if worth is not None:
            most = worth if math.isnan(most) else max(most, worth)
        for one in _each(line):
            meant = _find_people(one, everybody)
            if not meant and (group := submissions.get(one["student"])):
                for person in group:
                    scores[person] = max(score, scores.get(person, score))
            elif len(meant) == 1:
                scores[meant[0]] = max(score, scores.get(meant[0], score))
            else:
                many = "nobody in this class is" if not meant else f"{len(meant)} people in this class are"
                notes.append(f"{where}: {many} called {_name_on(one)!r}; these points were not used.")
    if unfinished := sum(bool(line["left"]) for line in sheet.lines):
        notes.append(
            f"{file}: {plural(unfinished, 'line')} with answers that nobody has graded yet; see 'not graded yet'."
        )
    return WrittenPart(scores, most, tuple(notes))


def of_class(room: Classroom, file: Path | None) -> WrittenPart | None:
    """Read the table that a class was given; None where it was given none. Raises AssignmentError as `read` does."""
    if file is None:
        return None
    submissions = {entry.id: entry.people for entry in room.entries}
    return read(file, (person for entry in room.entries for person in entry.people), submissions)


def _each(line: Line) -> list[Line]:
    """Return a line for each person of a group, whose names and addresses `written-merge` parts by semicolons."""
    parts = {name: line[name].split("; ") for name in ("name", "email", "sid")}
    count = max(map(len, parts.values()))
    if count == 1:
        return [line]
    return [
        Line(line.number, {name: values[at] for name, values in parts.items() if len(values) == count})
        for at in range(count)
    ]


def _find_people(line: Line, people: list[Person]) -> list[Person]:
    """Return whom a line means: by the address, the login, the number, else by the name.

    Nobody of whom it has another address, login or number, whatever else agrees.
    """
    name = line["name"] or f"{line['first']} {line['last']}".strip()
    told = Person(name, line["email"], line["sid"], line["login"])
    likely = [person for person in people if weigh(told, person, _ANY_LOGIN) > Weight.AGAINST]
    ways = (("email", ADDRESS), ("email", LOGIN), ("login", LOGIN), ("login", ADDRESS), ("sid", NUMBER), ("sid", LOGIN))
    words = [(line[column], way) for column, way in ways] + [(line["email"].partition("@")[0], LOGIN)]
    for word, way in words:
        if word and (found := [person for person in likely if person.is_called(word, way)]):
            return found
    for word in (line["student"], name):
        if word and (found := find_called(word, likely)):
            return found
    return []


def _name_on(line: Line) -> str:
    return (
        line["name"]
        or f"{line['first']} {line['last']}".strip()
        or next((line[name] for name in _WHO if line[name]), "")
    )


def _points(sheet: Sheet, line: Line) -> tuple[Line, float, float | None] | None:
    """Return a line with its points, and what they are out of; None for a line without points."""
    where = sheet.where(line)
    # Beside a column `written`, a total is that of both parts.
    score = line["written" if "written" in sheet.known else "score"]
    if not score:
        return None
    return line, _number(score, where), _number(line["most"], where) if line["most"] else None


def _number(text: str, where: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e6:
        raise AssignmentError(f"{where}: {text!r} is no number of points.")
    return value
