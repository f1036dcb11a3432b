"""Brightspace's download of a dropbox: for each attempt a folder or file, `12-34 - NAME - Sep 24, 2024 926 PM`.

The numbers are not the person's everywhere: a name and the first number are taken for one person.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.attempts import Attempt, last_of_each
from autograder.classroom.sources.model import Source, describe_left_out, without_zone

PLATFORM: Final = "Brightspace"
_NAMED: Final = re.compile(
    r"(?P<first>\d+)-(?P<second>\d+) ?- ?(?P<name>.+?) ?- ?"
    r"(?P<day>[^-]*?\d{4}),? (?P<clock>\d{1,2}:?\d\d) ?(?P<half>[AaPp]\.?[Mm]\.?)?(?: ?- ?(?P<file>.+))?",
    re.DOTALL,
)
_DAYS: Final = ("%b %d, %Y", "%B %d, %Y", "%d %B, %Y", "%d %b, %Y", "%d %B %Y", "%d %b %Y")


def recognise(entries: Sequence[Path]) -> bool:
    """Return whether most of what lies there, beside an index.html, is named as Brightspace names it."""
    others = [entry for entry in entries if entry.name != "index.html"]
    return sum(_NAMED.fullmatch(entry.name) is not None for entry in others) * 2 > len(others)


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:
    """Read the last attempt of each person.

    zone: of the times, which Brightspace writes as the clock on the wall showed them; None: they are not known.
    """
    attempts, notes = [], []
    for entry in entries:
        matched = _NAMED.fullmatch(entry.name)
        if matched is not None:
            person = Person(" ".join(matched["name"].split()))
            who = f"{matched['name']}_{matched['first']}"
            attempts.append(Attempt(entry, who, person, _moment(matched), file=matched["file"] or ""))
        elif entry.name != "index.html":
            notes.append(describe_left_out(entry, PLATFORM))
    notes += without_zone(PLATFORM) if zone is None else []
    return Source("Brightspace's download", last_of_each(attempts, scratch, zone, PLATFORM), tuple(notes))


def _moment(matched: re.Match[str]) -> dt.datetime | None:
    """Return the time in a name; its `926 PM` has no colon, and an hour of one digit."""
    digits = matched["clock"].replace(":", "")
    hour, minute = int(digits[:-2]), int(digits[-2:])
    if matched["half"]:
        hour = hour % 12 + 12 * (matched["half"][0] in "pP")
    for form in _DAYS:
        try:
            return dt.datetime.strptime(matched["day"].strip(), form).replace(hour=hour, minute=minute)  # noqa: DTZ007  its zone is the course's
        except ValueError:
            continue
    return None
