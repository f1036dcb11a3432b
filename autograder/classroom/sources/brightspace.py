"""Brightspace's download of a dropbox: for each attempt a folder or file, `12-34 - NAME - Sep 24, 2024 926 PM`.

The numbers are not the person's everywhere: a name and the first number are taken for one person. Some universities
have the person's own number before the name: where most names have one, it is no part of a name that somebody chose.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.base.text import list_some
from autograder.classroom.sources.attempts import Attempt, describe_untimed, last_of_each
from autograder.classroom.sources.model import BESIDE, ClassSubmission, Source, keep_apart, printable, without_zone
from autograder.classroom.sources.wall_clock import read_wall_clock

PLATFORM: Final = "Brightspace"
FIXED: Final = "- -  -   M"
_MOST_NAMED: Final = 10
_BEGINNING: Final = r"(?P<first>\d+)-(?P<second>\d+) ?- ?"
_NUMBER: Final = r"(?:(?P<sid>[A-Za-z]?\d{4,12}) ?- ?)?"
_END: Final = r" ?- ?(?P<day>[^-]*?\d{4}),? (?P<clock>\d{1,2}:?\d\d) ?(?P<half>[AaPp]\.?[Mm]\.?)?(?: ?- ?(?P<file>.+))?"
_NAMED: Final = re.compile(rf"{_BEGINNING}{_NUMBER}(?P<name>.+?){_END}", re.DOTALL)
_NUMBERLESS: Final = re.compile(rf"{_BEGINNING}(?P<sid>)(?P<name>.+?){_END}", re.DOTALL)
_LONGEST_NAME: Final = re.compile(rf"{_BEGINNING}(?P<name>.+){_END}", re.DOTALL)


def recognise(entries: Sequence[Path]) -> dict[Path, str]:
    """Return the first number and name of each entry that is named as Brightspace names it, beside an index.html."""
    matches = {entry: _NUMBERLESS.fullmatch(entry.name) for entry in entries}
    named = {entry: _who(matched) for entry, matched in matches.items() if matched is not None}
    return named | {entry: BESIDE for entry in entries if entry.name == "index.html"}


def _who(matched: re.Match[str]) -> str:
    return f"{matched['name']}_{matched['first']}"


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:
    """Read the last attempt of each person.

    zone: of the times, which Brightspace writes as the clock on the wall showed them; None: they are not known.
    """
    matches = [(_NAMED.fullmatch(entry.name), _NUMBERLESS.fullmatch(entry.name)) for entry in entries]
    people = {_who(whole): bool(parted["sid"]) for parted, whole in matches if parted is not None and whole is not None}
    numbered = sum(people.values()) * 2 > len(people)
    attempts: list[Attempt] = []
    apart: list[ClassSubmission] = []
    unnamed, notes, firsts = [], [], set()
    for entry in entries:
        matched = (_NAMED if numbered else _NUMBERLESS).fullmatch(entry.name)
        if matched is not None and _may_be_another(entry, matched):
            apart.append(keep_apart(entry, scratch))
        elif matched is not None:
            firsts.add(matched["first"])
            person = Person(" ".join(matched["name"].split()), sid=matched["sid"] or "")
            attempts.append(Attempt(entry, _who(matched), person, _moment(matched), file=matched["file"] or ""))
        elif entry.name != "index.html":
            unnamed.append(entry)
    notes += without_zone(PLATFORM) if zone is None else []
    notes += describe_untimed(attempts, "Set Brightspace to English, and download again.")
    if len(firsts) == 1:
        notes += _describe_namesakes(attempts)
    everybody = (*last_of_each(attempts, scratch, zone, PLATFORM), *apart)
    return Source("Brightspace's download", everybody, tuple(notes), tuple(unnamed))


def _may_be_another(entry: Path, matched: re.Match[str]) -> bool:
    """Return whether a name holds two dates, of which one is in somebody's name or that of a file."""
    longest = _LONGEST_NAME.fullmatch(entry.name)
    return longest is not None and longest.end("name") != matched.end("name") and longest["file"] != matched["file"]


def _describe_namesakes(attempts: Sequence[Attempt]) -> list[str]:
    """Say whose attempts may be those of two people: where all have one number before the name, it tells none apart."""
    moments: dict[Person, set[dt.datetime | None]] = {}
    for attempt in attempts:
        moments.setdefault(attempt.person, set()).add(attempt.moment)
    several = [printable(person.title) for person, found in moments.items() if len(found) > 1 and not person.sid]
    if len(moments) < 2 or not several:
        return []
    said = "The same number is before every name, so two people of one name look like one who handed in twice."
    return [f"{said} Of each of these only the last attempt is graded: {list_some(several, _MOST_NAMED)}."]


def _moment(matched: re.Match[str]) -> dt.datetime | None:
    """Return the time in a name, in the teacher's language; its `926 PM` has no colon, and an hour of one digit."""
    return read_wall_clock(matched["day"], matched["clock"], matched["half"] or "")
