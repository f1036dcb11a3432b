"""A class's submissions, whatever they were downloaded from: which kind of source it is, and what all kinds share."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from autograder.base.errors import AssignmentError
from autograder.base.people import Person, fold_name
from autograder.classroom import gradescope_yaml
from autograder.classroom.repositories import is_repository
from autograder.classroom.sources import (
    autolab,
    blackboard,
    brightspace,
    canvas,
    folders,
    github,
    gradescope,
    moodle,
    roster,
    sakai,
    submitty,
)
from autograder.classroom.sources.members import Roster
from autograder.classroom.sources.model import (
    UNREADABLE,
    ClassSubmission,
    Source,
    list_entries,
    may_be_submission,
    strip_ending,
)
from autograder.classroom.sources.unpacking import unpack
from autograder.intake import archive

#: What an intake can use of a class's zip; the rest of a download of gigabytes stays packed.
USEFUL: Final[tuple[str, ...]] = (".py", ".yml", ".yaml", ".csv", *archive.ENDINGS)


class Platform(Protocol):
    """A module that knows one platform's download."""

    def recognise(self, entries: Sequence[Path], /) -> bool:
        """Return whether most of what lies there is named as the platform names it."""

    def read(self, entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None, /) -> Source:
        """Read it; zone: of times that are written as a clock on the wall shows them."""


#: The platforms whose downloads are known by their names alone: each says whether it is one, and reads it.
_PLATFORMS: Final[tuple[Platform, ...]] = (canvas, moodle, brightspace, blackboard, autolab, sakai, submitty)
_WANTED: Final = (
    f"expected Gradescope's export (with {gradescope_yaml.FILE_NAME}), the download of Canvas, Moodle, Brightspace, "
    "Blackboard, Sakai, Autolab or Submitty, or a folder with one folder, zip or repository for each student."
)


@contextlib.contextmanager
def open_source(
    source: Path,
    *,
    deadline: dt.datetime | None = None,
    useful: tuple[str, ...] = USEFUL,
    people: Path | None = None,
    zone: dt.tzinfo | None = None,
) -> Iterator[Source]:
    """Read a source; what had to be unpacked of it is there until the end of the `with`.

    deadline: of a GitHub repository, grade the last commit before it. useful: the endings of what is unpacked
    of a zip. people: a roster: who is in it and handed in nothing is a submission without a path.
    zone: of times that a source writes as a clock on the wall shows them.
    Raises AssignmentError where `source` is none, or the roster cannot be read.
    """
    listed = roster.read(people) if people is not None else None
    with tempfile.TemporaryDirectory(prefix="autograder-class-") as scratch:
        notes: list[str] = []
        folder = source
        if source.is_file():
            if not zipfile.is_zipfile(source):
                raise AssignmentError(f"{source} is neither a folder nor a zip file; expected a class's submissions.")
            folder = Path(scratch, "unpacked")
            notes += unpack(source, folder, useful)
        elif not source.is_dir():
            raise AssignmentError(
                f"{source} cannot be read: expected a folder or a zip file with a class's submissions."
            )
        found = _read(folder, Path(scratch), deadline, listed, zone)
        if not any(submission.path or submission.problem for submission in found.submissions):
            raise AssignmentError(f"{source} holds no submissions: {_WANTED}")
        if listed is not None:
            found = roster.apply(found, listed)
        submissions = _with_notes(map(_readable, found.submissions))
        yield replace(found, submissions=submissions, notes=(*notes, *found.notes, *_doubts(submissions)))


def _read(
    folder: Path, scratch: Path, deadline: dt.datetime | None, listed: Roster | None, zone: dt.tzinfo | None
) -> Source:
    entries = list_entries(folder)
    # A zip mostly holds one folder, and that the class.
    if (
        len(entries) == 1
        and entries[0].is_dir()
        and not (folder / gradescope_yaml.FILE_NAME).exists()
        and not is_repository(entries[0])
        and not any(platform.recognise(entries) for platform in _PLATFORMS)
    ):
        inner = _entries_of(entries[0])
        if (entries[0] / gradescope_yaml.FILE_NAME).exists() or _is_class(entries[0], inner, listed):
            folder, entries = entries[0], inner
    if (folder / gradescope_yaml.FILE_NAME).exists():
        return gradescope.read(folder, entries)
    if any(is_repository(entry) for entry in entries):
        found = listed or roster.read_beside(folder)
        source = github.read(entries, found, scratch, deadline)
        return source if listed is not None else replace(source, notes=(*source.notes, *found.notes))
    others = [entry for entry in entries if entry.suffix.lower() != ".csv"]
    for platform in _PLATFORMS:
        if others and platform.recognise(others):
            return platform.read(others, scratch, zone)
    return folders.read(entries)


def _entries_of(folder: Path) -> list[Path]:
    try:
        return list_entries(folder)
    except OSError:
        return []  # a folder that may not be read is somebody's submission, and is said below


def _is_class(folder: Path, entries: list[Path], listed: Roster | None) -> bool:
    """Return whether a folder's content is a class and no submission: a roster decides, else what it looks like."""
    if not entries:
        return False
    if listed is not None:
        named = [listed.find(Person(entry.name if entry.is_dir() else strip_ending(entry.name))) for entry in entries]
        if any(named) != (listed.find(Person(folder.name)) is not None):
            return any(named)
    if all(map(may_be_submission, entries)) or any(platform.recognise(entries) for platform in _PLATFORMS):
        return True
    # A class in which somebody handed in a text or a notebook; who hands in Python files hands in one work.
    archives = sum(entry.is_file() and may_be_submission(entry) for entry in entries)
    return archives > 1 and archives * 2 > len(entries) and not any(entry.suffix == ".py" for entry in entries)


def _readable(submission: ClassSubmission) -> ClassSubmission:
    """Without a path, and with the reason, where whoever grades may not read it: that is not the student's fault."""
    if submission.path is None or os.access(submission.path, os.R_OK | (os.X_OK if submission.path.is_dir() else 0)):
        return submission
    problem = f"{submission.path.name} may not be read by you. Change its permissions."
    return replace(submission, path=None, problem=problem, state=UNREADABLE)


def _with_notes(submissions: Iterable[ClassSubmission]) -> tuple[ClassSubmission, ...]:
    """Make ids unique, and note on every submission who is in another one, too."""
    taken: set[str] = set()
    unique = []
    for submission in submissions:
        name, number = submission.id, 2
        while name.casefold() in taken:
            name, number = f"{submission.id}~{number}", number + 1
        taken.add(name.casefold())
        unique.append(replace(submission, id=name))
    times = Counter(key for submission in unique for key in {person.key for person in submission.people if person.key})
    return tuple(
        replace(
            submission,
            notes=(
                *submission.notes,
                *(
                    f"{person.title} is in {times[person.key]} submissions."
                    for person in submission.people
                    if times[person.key] > 1
                ),
            ),
        )
        for submission in unique
    )


def _doubts(submissions: Iterable[ClassSubmission]) -> Iterator[str]:
    """Yield a sentence for every number that people of different names have."""
    names: dict[str, dict[str, Person]] = {}
    for submission in submissions:
        for person in submission.people:
            if person.sid:
                names.setdefault(person.sid.casefold(), {}).setdefault(fold_name(person.name), person)
    for people in names.values():
        if len(people) > 1:
            number = next(iter(people.values())).sid
            called = ", ".join(person.title for person in people.values())
            yield f"{len(people)} people have the number {number!r}: {called}. Each has a row; correct the number."
