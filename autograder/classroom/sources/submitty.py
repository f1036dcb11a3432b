"""Submitty's submissions: a folder for each person with a folder for each version, and which version is active."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.model import BESIDE, NOTHING, UNUSABLE, ClassSubmission, Source, peek, safe_id

_SETTINGS: Final = "user_assignment_settings.json"
FIXED: Final = _SETTINGS
_LARGEST: Final = 2**20  # bytes


def recognise(entries: Sequence[Path]) -> dict[Path, str]:
    """Return the login of each folder that holds versions; of none unless half of these say which is active.

    Folders that hold only numbers can also be people's.
    """
    ours = [entry for entry in entries if entry.is_dir() and _versions(entry)]
    if not ours or sum(_SETTINGS in peek(folder) for folder in ours) * 2 < len(ours):
        return {}
    return {folder: folder.name for folder in ours} | {entry: BESIDE for entry in entries if not entry.is_dir()}


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:  # noqa: ARG001  as its likes
    """Read the active version of each person, else the last one."""
    submissions, unnamed = [], []
    for entry in entries:
        if not entry.is_dir():
            unnamed.append(entry)
            continue
        versions, active, person = _versions(entry), _active(entry / _SETTINGS), Person(entry.name, login=entry.name)
        if active == 0:
            problem = "The student has cancelled every version."
            submissions.append(ClassSubmission(safe_id(entry.name), None, (person,), problem=problem, state=NOTHING))
            continue
        if not versions:
            problem = "Its folder holds no version that Submitty has made."
            submissions.append(ClassSubmission(safe_id(entry.name), None, (person,), problem=problem, state=UNUSABLE))
            continue
        number = active if active in versions else max(versions)
        said = (f"Version {number} of {max(versions)} is graded.",) if len(versions) > 1 else ()
        submissions.append(ClassSubmission(safe_id(entry.name), versions[number], (person,), facts=said))
    return Source("Submitty's submissions", tuple(submissions), (), tuple(unnamed))


def _versions(folder: Path) -> dict[int, Path]:
    """Return the folders of a person's versions; none where there is any other folder."""
    inner = [path for path in peek(folder).values() if path.is_dir()]
    numbered = all(path.name.isascii() and path.name.isdigit() for path in inner)
    return {int(path.name): path for path in inner} if numbered else {}


def _active(file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, RecursionError), file.open("rb") as opened:
        settings = json.loads(opened.read(_LARGEST))
        if isinstance(settings, dict) and isinstance(settings.get("active_version"), int):
            return int(settings["active_version"])
    return None
