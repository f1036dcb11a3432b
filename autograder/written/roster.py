"""Who handed in what: a roster as CSV, or the metadata of one submission on Gradescope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.base.errors import AssignmentError
from autograder.base.gradescope import read_metadata
from autograder.classroom.sources import roster


def read(file: Path) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """Return a roster's lines, by the columns that `anonymity.person` knows, and what is unusual about it.

    It is read as `batch` reads it. A line has submission, audience and left, too: whether the person left the course.
    Raises AssignmentError where it cannot be read or names nobody.
    """
    found = roster.read(file)
    lines = []
    for member in found.members:
        person = member.person
        cells = {
            "submission": member.submission,
            "name": person.name,
            "email": person.email,
            "login": person.login,
            "sid": person.sid,
            "id": person.lms_id,
            "audience": member.audience,
            "left": "yes" if member.has_left else "",
        }
        lines.append({name: cell for name, cell in cells.items() if cell})
    return lines, (*found.notes, found.columns)


def submitters(file: Path) -> tuple[list[Mapping[str, str]], Mapping[str, Any]]:
    """Return those who handed in one submission, and its metadata: from a CSV, or from submission_metadata.json.

    Raises AssignmentError where the file cannot be read; metadata that Gradescope did not give are empty.
    """
    if file.suffix.lower() != ".json":
        return list(read(file)[0]), {}
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssignmentError(f"{file} cannot be read: {error}") from error
    metadata = read_metadata(file)
    details = [{"name": one.name, "email": one.email, "sid": one.sid} for one in metadata.people]
    return list(details), metadata.raw
