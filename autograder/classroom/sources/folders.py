"""A folder of folders, zips or tars, one for each student."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.repositories import is_repository
from autograder.classroom.sources.model import (
    ClassSubmission,
    Source,
    may_be_submission,
    printable,
    safe_id,
    strip_ending,
)

#: Endings of what lies beside the submissions of a class and is nobody's: lists, notes, single modules.
_BESIDE: Final = frozenset(
    (".csv", ".txt", ".md", ".json", ".yml", ".yaml", ".log", ".py", ".html", ".toml", ".sh", "")
)
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_REPOSITORY: Final = "There is a .git in it, as in few of the class: graded as a folder, whatever its commits."


def read(entries: Sequence[Path]) -> Source:
    """Take every folder and archive, and every file that somebody may have handed in instead of one."""
    submissions, notes = [], []
    for entry in entries:
        if not may_be_submission(entry) and entry.suffix.lower() in _BESIDE:
            notes.append(f"{printable(entry.name)} is neither a folder nor a zip or tar file; it was left out.")
            continue
        name = entry.name if entry.is_dir() else strip_ending(entry.name)
        said = (_REPOSITORY,) if entry.is_dir() and is_repository(entry) else ()
        submissions.append(ClassSubmission(safe_id(name), entry, (_person(name),), notes=said))
    if not any(may_be_submission(submission.path) for submission in submissions if submission.path is not None):
        submissions = []
    return Source("a folder of submissions", tuple(submissions), tuple(notes))


def _person(name: str) -> Person:
    """Return whom a file's name means: whoever put it there called it by an address, a number or a name."""
    if _ADDRESS.fullmatch(name):
        return Person(name, email=name)
    return Person(name, sid=name) if name.isascii() and name.isdigit() else Person(name)
