"""Who handed in what: a roster as CSV, or the metadata of one submission on Gradescope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.gradescope import read_metadata
from autograder.base.spreadsheet import read_sheet

#: The columns that are understood, by the names that exports of Gradescope, Canvas and Banner use for them.
_COLUMNS: Final = {
    "submission": ("submission id", "folder", "file"),
    "name": ("student", "full name"),
    "first": ("first name",),
    "last": ("last name",),
    "preferred": ("preferred name",),
    "email": ("e-mail", "email address"),
    "login": ("sis login id", "username", "netid"),
    "sid": ("student id", "sis user id", "banner id"),
    "id": (),
    "audience": ("course",),
}


def read(file: Path) -> list[dict[str, str]]:
    """Return a roster's lines, by the columns that `anonymity.person` knows, beside submission and audience.

    Raises AssignmentError where it cannot be read or has no column of a name or an address.
    """
    entries = []
    for line in read_sheet(file, _COLUMNS, ("name", "last", "email")).lines:
        entry = dict(line.cells)
        whole = " ".join(entry.pop(key, "") for key in ("first", "preferred", "last"))
        entry["name"] = entry.get("name") or " ".join(whole.split())
        entries.append(entry)
    return entries


def submitters(file: Path) -> tuple[list[Mapping[str, str]], Mapping[str, Any]]:
    """Return those who handed in one submission, and its metadata: from a CSV, or from submission_metadata.json.

    Raises AssignmentError where the file cannot be read; metadata that Gradescope did not give are empty.
    """
    if file.suffix.lower() != ".json":
        return list(read(file)), {}
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssignmentError(f"{file} cannot be read: {error}") from error
    metadata = read_metadata(file)
    details = [{"name": one.name, "email": one.email, "sid": one.sid} for one in metadata.people]
    return list(details), metadata.raw
