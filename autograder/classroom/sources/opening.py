"""A class's submissions, whatever they were downloaded from: which kind of source it is, and what all kinds share."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.base.people import Person, fold_name
from autograder.classroom import gradescope_yaml
from autograder.classroom.repositories import is_repository
from autograder.classroom.sources import canvas, folders, github, gradescope, joining, roster
from autograder.classroom.sources.class_list import Roster
from autograder.classroom.sources.model import (
    UNREADABLE,
    ClassSubmission,
    Source,
    as_submission,
    is_link,
    list_entries,
    list_hidden,
    may_be_submission,
    peek,
    printable,
    safe_id,
    strip_ending,
)
from autograder.classroom.sources.platforms import Platform, choose_platform
from autograder.classroom.sources.profiles import drop_false_numbers
from autograder.classroom.sources.unpacking import is_unread, unpack
from autograder.intake import archive
from autograder.results.moments import read_moment

#: What an intake can use of a class's zip; the rest of a download of gigabytes stays packed.
USEFUL: Final[tuple[str, ...]] = (".py", ".yml", ".yaml", ".csv", *archive.ENDINGS)


_CROWD: Final = 10  # folders and archives side by side, with next to nothing else: no one person's work
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
    work: Collection[str] = (),
) -> Iterator[Source]:
    """Read a source; what had to be unpacked of it is there until the end of the `with`.

    deadline: of each repository, grade the last commit before it. useful: the endings of what is unpacked
    of a zip, and read of a commit. people: a roster: who is in it and handed in nothing is a submission without a path.
    zone: of times that a source writes as a clock on the wall shows them. work: what stands at the top of a
    submission, by its name: a folder with one of these in it is one person's work, and no class.
    Raises AssignmentError where `source` is none or has no commits for a deadline, or the roster cannot be read.
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
        found = _read(folder, _Opening(Path(scratch), deadline, useful, listed, zone, frozenset(work)))
        if not any(submission.path or submission.problem for submission in found.submissions):
            raise AssignmentError(f"{source} holds no submissions: {_WANTED}")
        if deadline is not None and not found.has_commits:
            raise AssignmentError(
                f"--deadline chooses among commits, and {source} was read as {found.kind}, without commits. Leave it "
                "out; [due] of assignment.toml decides what is late."
            )
        listed = listed or found.roster
        if listed is not None:
            found = joining.apply(found, listed, zone)
        found = drop_false_numbers(found, listed.members if listed is not None else ())
        submissions = _with_notes(map(_with_time, map(_readable, found.submissions)))
        yield replace(found, submissions=submissions, notes=(*notes, *found.notes, *_doubts(submissions)))


@dataclass(frozen=True)
class _Opening:
    """What a source is read with; see `open_source`."""

    scratch: Path
    deadline: dt.datetime | None
    useful: tuple[str, ...]
    listed: Roster | None
    zone: dt.tzinfo | None
    work: frozenset[str]


def _read(folder: Path, opening: _Opening) -> Source:
    entries = [entry for entry in list_entries(folder) if not is_link(entry)]
    # A zip mostly holds one folder, and that the class.
    if (
        len(entries) == 1
        and entries[0].is_dir()
        and not (folder / gradescope_yaml.FILE_NAME).exists()
        and not is_repository(entries[0])
        and choose_platform(entries) is None
    ):
        inner = _entries_of(entries[0])
        if (entries[0] / gradescope_yaml.FILE_NAME).exists() or _is_class(entries[0], inner, opening):
            folder, entries = entries[0], [entry for entry in inner if not is_link(entry)]
    found = _read_entries(folder, entries, opening)
    hidden = (f"{printable(path.name)} begins with a dot; it was left out." for path in list_hidden(folder))
    return replace(
        found,
        submissions=(*found.submissions, *map(_refuse_link, filter(is_link, list_entries(folder)))),
        notes=(*found.notes, *hidden),
    )


def _read_entries(folder: Path, entries: list[Path], opening: _Opening) -> Source:
    """Read a class's folder as what it is by most of the people in it; one student decides nothing for the others."""
    if (folder / gradescope_yaml.FILE_NAME).exists():
        return gradescope.read(folder, entries)
    others = [entry for entry in entries if entry.suffix.lower() != ".csv"]
    platform = choose_platform(others)
    if platform is not None:
        return _with_unnamed(_read_platform(platform, entries, opening), opening)
    candidates = [entry for entry in others if may_be_submission(entry)]
    if sum(map(is_repository, candidates)) * 2 > len(candidates):
        listed = opening.listed or roster.read_beside(folder)
        source = github.read(entries, listed, opening.scratch, opening.deadline, opening.useful)
        return replace(_with_unnamed(source, replace(opening, listed=listed)), roster=listed)
    return folders.read(entries, opening.scratch, opening.listed)


def _read_platform(platform: Platform, entries: list[Path], opening: _Opening) -> Source:
    if platform is canvas:
        members = opening.listed.members if opening.listed is not None else ()
        known = {member.person.lms_id for member in members}
        return canvas.read(entries, opening.scratch, opening.zone, known - {""})
    return platform.read(entries, opening.scratch, opening.zone)


def _with_unnamed(source: Source, opening: _Opening) -> Source:
    """Return `source` with what it does not know by its name: graded where it may be somebody's, else a note."""
    submissions, notes = list(source.submissions), list(source.notes)
    for entry in source.unnamed:
        said = f"{printable(entry.name)} is not named as the others of {source.kind} are"
        if may_be_submission(entry) or (opening.listed and folders.names_somebody(entry, opening.listed)):
            name = entry.name if entry.is_dir() else strip_ending(entry.name)
            path = as_submission(entry, opening.scratch)
            submissions.append(ClassSubmission(safe_id(name), path, (Person(name),), notes=(f"{said}.",)))
            notes.append(f"{said}: graded as it is.")
        elif entry.suffix.lower() != ".csv":
            notes.append(f"{said}; it was left out.")
    return replace(source, submissions=tuple(submissions), notes=tuple(notes), unnamed=())


def _refuse_link(entry: Path) -> ClassSubmission:
    """Return what stands for a link: where it leads may be another student's work, or the solution."""
    name = strip_ending(entry.name)
    problem = f"{printable(entry.name)} is a link, and links are not followed. Put there what was handed in."
    return ClassSubmission(safe_id(name), None, (Person(name),), problem=problem, state=UNREADABLE)


def _entries_of(folder: Path) -> list[Path]:
    try:
        return list_entries(folder) if not is_link(folder) else []
    except OSError:
        return []  # a folder that may not be read is somebody's submission, and is said below


def _is_class(folder: Path, entries: list[Path], opening: _Opening) -> bool:
    """Return whether a folder's content is a class and no submission: a roster decides, else what it looks like."""
    listed = opening.listed
    if not entries:
        return False
    if listed is not None:
        named = [listed.find(Person(entry.name if entry.is_dir() else strip_ending(entry.name))) for entry in entries]
        if any(named) != (listed.find(Person(folder.name)) is not None):
            return any(named)
    if len(entries) < _CROWD and any(entry.name in opening.work for entry in entries):
        return False
    if all(map(may_be_submission, entries)) or choose_platform(entries) is not None:
        return True
    # A class in which somebody handed in a text or a notebook; who hands in Python files hands in one work.
    archives = sum(entry.is_file() and may_be_submission(entry) for entry in entries)
    modules = sum(entry.suffix == ".py" for entry in entries)
    if sum(map(may_be_submission, entries)) >= max(_CROWD, 0.9 * len(entries)):
        return True  # one that handed in a module of its own makes no work of one person of all the others'
    return archives > 1 and archives * 2 > len(entries) and not modules


def _readable(submission: ClassSubmission) -> ClassSubmission:
    """Without a path, and with the reason, where whoever grades may not read it: that is not the student's fault."""
    if submission.path is None:
        return submission
    if is_link(submission.path):
        problem = f"{printable(submission.path.name)} is a link, and links are not followed."
        return replace(submission, path=None, problem=problem, state=UNREADABLE)
    inside = list(peek(submission.path).values()) if submission.path.is_dir() else [submission.path]
    if unread := sorted(printable(path.name) for path in inside if is_unread(path)):
        problem = f"{', '.join(unread)} could not be unpacked from the class's zip. Download this submission alone."
        if len(unread) == len(inside):
            return replace(submission, path=None, problem=problem, state=UNREADABLE)
        return replace(submission, notes=(*submission.notes, problem))
    if os.access(submission.path, os.R_OK | (os.X_OK if submission.path.is_dir() else 0)):
        return submission
    problem = f"{submission.path.name} may not be read by you. Change its permissions."
    return replace(submission, path=None, problem=problem, state=UNREADABLE)


def _with_time(submission: ClassSubmission) -> ClassSubmission:
    """Without a time, and with a word about it, where what it came with is none: a student may have chosen it."""
    if not submission.created_at or read_moment(submission.created_at) is not None:
        return submission
    said = f"It came with a time that is none ({printable(submission.created_at)}): whether it is late is not judged."
    return replace(submission, created_at="", notes=(*submission.notes, said))


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
