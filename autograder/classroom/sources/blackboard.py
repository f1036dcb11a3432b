"""Blackboard's *Assignment File Download*: `COLUMN_LOGIN_attempt_2024-02-26-17-55-03_FILE` for each file.

Beside the files of an attempt lies a text of the same name without `_FILE`, which begins `Name: Jane Doe (LOGIN)`.
Both the column and the login may hold an underscore: without that text the column is what all names begin with.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.attempts import Attempt, last_of_each
from autograder.classroom.sources.model import Source, without_zone

PLATFORM: Final = "Blackboard"
_NAMED: Final = re.compile(
    r"(?P<head>.+?)_attempt_(?P<moment>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|(?P<text>\.txt))", re.DOTALL
)
_NAME: Final = re.compile(r"\ufeff?\s*Name:(?P<name>[^\n]*)\((?P<login>[^()\n]+)\) *\r?\n")
_MOST: Final = 4096  # bytes of a text, of which the first line is used


def recognise(entries: Sequence[Path]) -> bool:
    """Return whether most of what lies there is named as Blackboard names it."""
    return sum(_NAMED.fullmatch(entry.name) is not None for entry in entries) * 2 > len(entries)


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:
    """Read the last attempt of each person.

    zone: of the times, which Blackboard writes as its own clock shows them; None: they are not known.
    """
    matches = {entry: _NAMED.fullmatch(entry.name) for entry in entries}
    named = {entry: matched for entry, matched in matches.items() if matched is not None}
    unnamed = tuple(entry for entry, matched in matches.items() if matched is None)
    people = _people(named)
    with_files = {(matched["head"], matched["moment"]) for matched in named.values() if matched["file"]}
    attempts = []
    for entry, matched in named.items():
        head = matched["head"]
        person, moment = people[head], dt.datetime.strptime(matched["moment"], "%Y-%m-%d-%H-%M-%S")  # noqa: DTZ007
        if matched["file"]:
            attempts.append(Attempt(entry, person.login, person, moment, file=matched["file"]))
        elif (head, matched["moment"]) not in with_files:
            attempts.append(Attempt(None, person.login, person, moment))
    notes = tuple(without_zone(PLATFORM)) if zone is None else ()
    return Source("Blackboard's download", last_of_each(attempts, scratch, zone, PLATFORM), notes, unnamed)


def _people(named: Mapping[Path, re.Match[str]]) -> dict[str, Person]:
    """Return who each beginning of a name means."""
    told: dict[str, Person] = {}
    for entry, matched in named.items():
        if matched["text"] and matched["head"] not in told and entry.is_file():
            with entry.open("rb") as text:
                found = _NAME.match(text.read(_MOST).decode("utf-8", "replace"))
            if found is not None and matched["head"].endswith(f"_{found['login']}"):
                told[matched["head"]] = Person(" ".join(found["name"].split()), login=found["login"])
    heads = {matched["head"] for matched in named.values()}
    column = _column(heads)
    return {
        head: told.get(head) or Person(login, login=login)
        for head in heads
        if (login := head.removeprefix(column) if head != column else head)
    }


def _column(heads: Iterable[str]) -> str:
    """Return what comes before the logins, with its underscore."""
    every = sorted(heads)
    shared = every[0]
    while len(every) > 1 and not every[-1].startswith(shared):
        shared = shared[:-1]
    return shared[: shared.rfind("_") + 1]
