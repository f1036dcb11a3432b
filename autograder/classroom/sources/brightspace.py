"""Brightspace's download of a dropbox: for each attempt a folder or file, `12-34 - NAME - Sep 24, 2024 926 PM`.

The numbers are not the person's everywhere: a name and the first number are taken for one person.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.model import Handin, Source, printable, safe_id

_NAMED: Final = re.compile(
    r"(?P<first>\d+)-(?P<second>\d+) ?- ?(?P<name>.+?) ?- ?"
    r"(?P<day>[^-]*?\d{4}),? (?P<clock>\d{1,2}:?\d\d) ?(?P<half>[AaPp]\.?[Mm]\.?)?(?: ?- ?(?P<file>.+))?",
    re.DOTALL,
)
_DAYS: Final = ("%b %d, %Y", "%B %d, %Y", "%d %B, %Y", "%d %b, %Y", "%d %B %Y", "%d %b %Y")


@dataclass(frozen=True)
class _Attempt:
    path: Path
    moment: dt.datetime | None
    file: str


def recognise(entries: Sequence[Path]) -> bool:
    """Whether most of what lies there, beside an index.html, is named as Brightspace names it."""
    others = [entry for entry in entries if entry.name != "index.html"]
    return sum(_NAMED.fullmatch(entry.name) is not None for entry in others) * 2 > len(others)


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:
    """Read the last attempt of each person.

    zone: of the times, which Brightspace writes as the clock on the wall showed them; None: they are not known.
    """
    people: dict[tuple[str, str], list[_Attempt]] = {}
    notes = []
    for entry in entries:
        matched = _NAMED.fullmatch(entry.name)
        if matched is None:
            if entry.name != "index.html":
                notes.append(f"{printable(entry.name)} is not named as Brightspace names downloads; it was left out.")
            continue
        attempt = _Attempt(entry, _moment(matched), matched["file"] or "")
        people.setdefault((matched["first"], matched["name"]), []).append(attempt)
    if zone is None and people:
        notes.append("Brightspace writes times without a zone: set timezone in [due], or nobody is late.")
    handins = tuple(_handin(name, user, found, scratch, zone) for (user, name), found in people.items())
    return Source("Brightspace's download", handins, tuple(notes))


def _moment(matched: re.Match[str]) -> dt.datetime | None:
    """The time in a name; its `926 PM` has no colon, and an hour of one digit."""
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


def _handin(name: str, user: str, found: list[_Attempt], scratch: Path, zone: dt.tzinfo | None) -> Handin:
    found = sorted(found, key=lambda attempt: (attempt.moment or dt.datetime.min, attempt.path.name))  # noqa: DTZ901
    latest = found[-1].moment
    last = [attempt for attempt in found if attempt.moment == latest]
    tries = len({attempt.moment for attempt in found})
    said = (f"{tries} attempts; the last one is graded.",) if tries > 1 else ()
    ident = safe_id(f"{name}_{user}")
    path = last[0].path
    if len(last) > 1 or (path.is_file() and path.suffix == ".py"):
        path = scratch / "brightspace" / ident
        path.mkdir(parents=True, exist_ok=True)
        for attempt in last:
            if attempt.path.is_file():
                shutil.copyfile(attempt.path, path / safe_id(attempt.file or attempt.path.name))
            else:
                shutil.copytree(attempt.path, path, dirs_exist_ok=True, symlinks=True)
    created_at = latest.replace(tzinfo=zone).isoformat() if latest is not None and zone is not None else ""
    return Handin(ident, path, (Person(" ".join(name.split())),), created_at, said)
