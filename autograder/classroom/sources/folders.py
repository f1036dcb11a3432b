"""A folder of folders, zips or tars, one for each student."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.repositories import is_repository
from autograder.classroom.sources.claims import Weight
from autograder.classroom.sources.class_list import Roster
from autograder.classroom.sources.model import (
    ClassSubmission,
    Source,
    as_submission,
    may_be_submission,
    printable,
    safe_id,
    strip_ending,
)

#: Endings of what lies beside the submissions of a class and is nobody's: lists, notes, settings.
_BESIDE: Final = frozenset((".csv", ".txt", ".md", ".json", ".yml", ".yaml", ".log", ".toml", ".sh", ""))
#: Files of other kinds that are nobody's: what a course, a platform or a tool puts beside the submissions.
NOBODYS: Final = re.compile(
    r"(index|readme|instructions?|assignment|template|solutions?|reference|syllabus|rubric|grad(e|ing|er)s?|roster"
    r"|submissions?|setup|conftest|main|__init__|run|check|download|script|utils?|helpers?|report|notes?|todo|license"
    r"|changelog|requirements|students|names|class|links?|emails?|feedback|comments?|late|extensions?)([\W_].*)?",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_REPOSITORY: Final = "There is a .git in it, as in few of the class: graded as a folder, whatever its commits."


def read(entries: Sequence[Path], scratch: Path, roster: Roster | None = None) -> Source:
    """Take every folder and archive, and every file that somebody may have handed in instead of one.

    roster: decides of files that may be the course's own, or nobody's, whether they are somebody's.
    """
    submissions, notes = [], []
    for entry in entries:
        if not is_somebodys(entry, roster):
            notes.append(f"{printable(entry.name)} is neither a folder nor a zip or tar file; it was left out.")
            continue
        name = entry.name if entry.is_dir() else strip_ending(entry.name)
        said = (_REPOSITORY,) if entry.is_dir() and is_repository(entry) else ()
        submissions.append(ClassSubmission(safe_id(name), as_submission(entry, scratch), (_person(name),), notes=said))
    if not any(map(may_be_submission, entries)) and roster is None:
        submissions = []
    return Source("a folder of submissions", tuple(submissions), tuple(notes), chosen_names=True)


def is_somebodys(entry: Path, roster: Roster | None) -> bool:
    """Return whether a file may be what somebody handed in: a folder or an archive, or by its ending or its name."""
    if may_be_submission(entry):
        return True
    name, ending = strip_ending(entry.name), entry.suffix.lower()
    if roster is not None and names_somebody(entry, roster):
        return True
    if ending in (".py", ".html", ".htm", ".txt", ".md"):
        return roster is None and NOBODYS.fullmatch(name) is None
    return ending not in _BESIDE


def names_somebody(entry: Path, roster: Roster) -> bool:
    """Return whether the name of a file is that of a person of a class, whatever kind of file it is."""
    return roster.link(_person(strip_ending(entry.name))).weight > Weight.AGAINST


def _person(name: str) -> Person:
    """Return whom a file's name means: whoever put it there called it by an address, a number or a name."""
    if _ADDRESS.fullmatch(name):
        return Person(name, email=name)
    return Person(name, sid=name) if name.isascii() and name.isdigit() else Person(name)
