"""Autolab's *Download submissions*: `ADDRESS_VERSION_FILE` for each, where the file's name is the assignment's own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.attempts import Attempt, last_of_each
from autograder.classroom.sources.model import Source

PLATFORM: Final = "Autolab"
FIXED: Final = "@__"
_NAMED: Final = re.compile(r"(?P<address>[^@\s]+@[^@_\s]+)_(?P<version>\d{1,9})_(?P<file>.+)", re.DOTALL)


def recognise(entries: Sequence[Path]) -> dict[Path, str]:
    """Return the address of each entry that is named as Autolab names it."""
    matches = {entry: _NAMED.fullmatch(entry.name) for entry in entries}
    return {entry: matched["address"] for entry, matched in matches.items() if matched is not None}


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:
    """Read the last version of each person; its names hold no time."""
    attempts, unnamed = [], []
    for entry in entries:
        matched = _NAMED.fullmatch(entry.name)
        if matched is None:
            unnamed.append(entry)
            continue
        address = matched["address"]
        person = Person(address, email=address)
        attempts.append(Attempt(entry, address, person, number=int(matched["version"]), file=matched["file"]))
    return Source("Autolab's download", last_of_each(attempts, scratch, zone, PLATFORM), (), tuple(unnamed))
