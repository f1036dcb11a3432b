"""Which platform a download is from: the one that recognises the most people in it.

Each platform says of an entry's name whose it is. A student chooses what a file's name ends in, and can hand in many
files whose names look like another platform's. So people are counted, and never files: entries that any platform takes
for one person's are one person's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from autograder.classroom.sources import autolab, blackboard, brightspace, canvas, moodle, sakai, submitty
from autograder.classroom.sources.model import BESIDE, Source


class Platform(Protocol):
    """A module that knows one platform's download."""

    @property
    def FIXED(self) -> str:  # noqa: N802
        """What every name has in it, whoever handed in."""

    def recognise(self, entries: Sequence[Path], /) -> Mapping[Path, str]:
        """Return whose each entry is that is named as the platform names it; BESIDE: nobody's, and expected there."""

    def read(self, entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None, /) -> Source:
        """Read it; zone: of times that are written as a clock on the wall shows them."""


#: The platforms whose downloads are known by their names alone.
_PLATFORMS: Final[tuple[Platform, ...]] = (autolab, canvas, moodle, brightspace, blackboard, sakai, submitty)


def choose_platform(entries: Sequence[Path]) -> Platform | None:
    """Return the platform that a download is from; None where none recognises most of those who handed in.

    Of two that recognise as many, the one whose names have more in them that nobody chose.
    """
    named = [platform.recognise(entries) for platform in _PLATFORMS]
    persons = _group(entries, named)
    best: tuple[int, int] = (0, 0)
    chosen = None
    for platform, owners in zip(_PLATFORMS, named, strict=True):
        everybody = {persons[entry] for entry in entries if owners.get(entry) != BESIDE}
        known = {persons[entry] for entry, owner in owners.items() if owner != BESIDE}
        rank = (len(known), len(platform.FIXED))
        if len(known) * 2 > len(everybody) and rank > best:
            best, chosen = rank, platform
    return chosen


def _group(entries: Sequence[Path], named: Sequence[Mapping[Path, str]]) -> dict[Path, Path]:
    """Return for each entry one that stands for its person: any platform may say that two entries are one person's."""
    above = {entry: entry for entry in entries}

    def find(entry: Path) -> Path:
        while above[entry] != entry:
            above[entry] = entry = above[above[entry]]
        return entry

    for owners in named:
        first: dict[str, Path] = {}
        for entry, owner in owners.items():
            if owner != BESIDE:
                above[find(entry)] = find(first.setdefault(owner, entry))
    return {entry: find(entry) for entry in entries}
