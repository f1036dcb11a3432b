"""Sakai's *Download All*: a folder `LAST, FIRST(LOGIN)` for each person, with the files in one of its own.

Beside `Submission attachment(s)` lies `timestamp.txt`, the time of submission in UTC. Who handed in nothing has a
folder without either.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.model import (
    BESIDE,
    NOTHING,
    UNUSABLE,
    ClassSubmission,
    Source,
    peek,
    safe_id,
)

_NAMED: Final = re.compile(r"(?P<name>.+?)\((?P<login>[^()]+)\)", re.DOTALL)
#: What stands behind a group's name in the place of a login: Sakai's own number of it.
_GROUP: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FIXED: Final = "()timestamp.txt"
_FILES: Final = "Submission attachment(s)"
_TIME: Final = "timestamp.txt"
_BESIDE: Final = re.compile(
    r"comments\.txt|feedbackText\.html|timestamp\.txt|.*_submissionText\.html|(Submission|Feedback) [Aa]ttachment\(s\)"
)
_DIGITS: Final = len("20240226225503")


def recognise(entries: Sequence[Path]) -> dict[Path, str]:
    """Return the name of each folder that Sakai can have named; of none unless most in use hold what it puts there."""
    ours = [entry for entry in entries if entry.is_dir() and _NAMED.fullmatch(entry.name)]
    used = [folder for folder in ours if peek(folder)]
    if sum(map(_is_sakai, used)) * 2 <= len(used):
        return {}
    return {folder: folder.name for folder in ours} | {entry: BESIDE for entry in entries if not entry.is_dir()}


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:  # noqa: ARG001  as its likes
    """Read what each person handed in."""
    submissions, unnamed = [], []
    for entry in entries:
        matched = _NAMED.fullmatch(entry.name) if entry.is_dir() else None
        if matched is None:
            unnamed.append(entry)
            continue
        login = matched["login"]
        person = Person(" ".join(matched["name"].split()), login="" if _GROUP.fullmatch(login) else login)
        submissions.append(_read_submission(entry, safe_id(login), person))
    return Source("Sakai's download", tuple(submissions), (), tuple(unnamed))


def _is_sakai(folder: Path) -> bool:
    return bool({_FILES, _TIME} & set(peek(folder)))


def _has_own_files(folder: Path) -> bool:
    """Return whether there is anything in a person's folder that is none of Sakai's own."""
    return not all(_BESIDE.fullmatch(name) for name in peek(folder))


def _read_submission(folder: Path, ident: str, person: Person) -> ClassSubmission:
    created_at = _read_time(folder / _TIME)
    files = folder / _FILES
    if peek(files) or (_FILES in peek(folder) and not os.access(files, os.R_OK)):
        return ClassSubmission(ident, files, (person,), created_at)
    if _has_own_files(folder) or not os.access(folder, os.R_OK):
        return ClassSubmission(ident, folder, (person,), created_at)
    if created_at:
        problem = "Sakai has a text of this student, and no file."
        return ClassSubmission(ident, None, (person,), created_at, problem=problem, state=UNUSABLE)
    return ClassSubmission(ident, None, (person,), problem="Nothing was handed in.", state=NOTHING)


def _read_time(file: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        digits = file.read_text(encoding="utf-8")[:_DIGITS]
        return dt.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=dt.timezone.utc).isoformat()
    return ""
