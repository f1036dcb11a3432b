"""Lists of the time that people have: extensions of one due date, and late days that are left of a term's."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from autograder.base.errors import AssignmentError
from autograder.base.people import Person, Way, find_called, find_way
from autograder.base.spreadsheet import Line, read_sheet
from autograder.results.moments import read_moment

_DAY: Final = dt.timedelta(days=1)
_NAMES: Final = ("name", "email", "e-mail", "email address", "sid", "login", "person")
_COLUMNS: Final = {
    "student": _NAMES, "due": ("due date", "new due date"), "days": ("extra days", "days more"), "reason": ("why",),
}  # fmt: skip
_BALANCES: Final = {"student": _NAMES, "left": ("days", "days left", "late days", "late days left", "balance")}


@dataclass(frozen=True)
class Extension:
    """More time for one person: another due date, or so many days more. student: an address, number, login or name.

    way: in which way alone it means somebody, where that is known of this class.
    """

    student: str
    due: dt.datetime | None
    days: float
    reason: str
    line: int
    way: Way = ()

    @property
    def gives(self) -> object:
        """What the line gives, to be compared with another."""
        return self.due, self.days

    def apply_to(self, due: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
        """Return the due date with this extension: days later, at the same hour of the clock on the wall."""
        due = self.due or due
        if zone is None:
            return due + self.days * _DAY
        whole, part = divmod(self.days, 1)
        wall = due.astimezone(zone).replace(tzinfo=None) + whole * _DAY
        return wall.replace(tzinfo=zone).astimezone(dt.timezone.utc).astimezone(zone) + part * _DAY


@dataclass(frozen=True)
class Balance:
    """The free late days that one person has left of a term's."""

    student: str
    days: int
    line: int
    way: Way = ()

    @property
    def gives(self) -> object:
        """What the line gives, to be compared with another."""
        return self.days


_Entry = TypeVar("_Entry", Extension, Balance)


def settle(entries: Iterable[_Entry], people: Sequence[Person]) -> tuple[_Entry, ...]:
    """Return the lines that can mean one person of a class at most, each in the surest way in which it means one."""
    settled = []
    for entry in entries:
        way, meant = find_way(entry.student, people)
        if len(meant) <= 1:
            settled.append(replace(entry, way=way))
    return tuple(settled)


def describe_doubts(name: str, entries: Sequence[Extension | Balance], people: Sequence[Person]) -> Iterator[str]:
    """Yield a sentence for every line of a list that means nobody of a class, or may mean several.

    So also for everybody of whom several lines say different things.
    """
    found: dict[str, tuple[Person, list[Extension | Balance]]] = {}
    for entry in entries:
        meant = find_called(entry.student, people)
        if not meant:
            yield (
                f"{name}, line {entry.line}: nobody in this class is called {entry.student!r}. Its names, numbers and "
                "addresses are in grades.csv."
            )
        elif len(meant) > 1:
            yield (
                f"{name}, line {entry.line}: {len(meant)} people are called {entry.student!r}, so it changes "
                "nothing. Write an address or a number instead."
            )
        else:
            found.setdefault(meant[0].key or meant[0].title, (meant[0], []))[1].append(entry)
    for person, mine in found.values():
        if len({entry.gives for entry in mine}) > 1:
            lines = " and ".join(str(entry.line) for entry in mine)
            yield f"{name}, lines {lines}: all are {person.title}'s; the one that gives the most counts. Keep one."


def read_extensions(file: Path, zone: dt.tzinfo | None = None) -> tuple[Extension, ...]:
    """Read a CSV with the columns student, due or days, reason.

    zone: of times without an offset. Raises AssignmentError, naming file and line, for rows that cannot be understood.
    """
    sheet = read_sheet(file, _COLUMNS, ("student",), ("due", "days"))
    return sheet.read_each(lambda line: _extension(line, sheet.where(line), zone))


def _extension(line: Line, where: str, zone: dt.tzinfo | None) -> Extension | None:
    student, due, days = line["student"], line["due"], line["days"]
    if not student:
        if due or days:
            raise AssignmentError(f"{where}: an extension for nobody; expected an address, a number or a name.")
        return None
    moment = read_moment(due, zone)
    if due and moment is None:
        form = "2024-02-28 18:00" if zone is not None else "2024-02-28T18:00:00-05:00"
        with_offset = "" if zone is not None else " with an offset"
        raise AssignmentError(f"{where}: due is {due!r}; expected a time{with_offset}, {form}.")
    try:
        more = float((days or "0").replace(",", "."))
    except ValueError:
        more = math.nan
    if not 0 <= more < 1000 or (not moment and not more):
        raise AssignmentError(f"{where}: days is {days!r}; expected a number of days, or a due date.")
    return Extension(student, moment, more, line["reason"], line.number)


def read_balances(file: Path) -> tuple[Balance, ...]:
    """Read a CSV with the columns student, left: the free late days that each still has.

    Raises AssignmentError, naming file and line, for rows that cannot be understood.
    """
    sheet = read_sheet(file, _BALANCES, ("student",), ("left",))
    return sheet.read_each(lambda line: _balance(line, sheet.where(line)))


def _balance(line: Line, where: str) -> Balance:
    left = line["left"]
    if not (left.isascii() and left.isdigit() and line["student"]):
        raise AssignmentError(f"{where}: {line['student']!r} has {left!r} left; expected a student and whole days.")
    return Balance(line["student"], int(left), line.number)
