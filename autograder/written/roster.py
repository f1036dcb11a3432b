"""Who handed in what: a roster as CSV, or the metadata of one submission on Gradescope."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.gradescope import read_metadata

# The columns that are understood, by the names that exports of Gradescope, Canvas and Banner use for them.
_COLUMNS: Final = {
    "submission": "submission", "submission id": "submission", "folder": "submission", "file": "submission",
    "name": "name", "student": "name", "full name": "name", "first name": "first", "last name": "last",
    "preferred name": "preferred", "email": "email", "e-mail": "email", "email address": "email",
    "login": "login", "sis login id": "login", "username": "login", "netid": "login",
    "sid": "sid", "id": "id", "student id": "sid", "sis user id": "sid", "banner id": "sid",
    "audience": "audience", "course": "audience",
}  # fmt: skip


def read(file: Path) -> list[dict[str, str]]:
    """The lines of a roster, by the names of columns that `anonymity.person` knows, beside submission and audience.

    Raises AssignmentError where it cannot be read or has no column of a name or an address.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AssignmentError(f"{file} cannot be read as CSV: {error}") from error
    entries = []
    for line in lines:
        entry = {
            _COLUMNS[key.strip().lower()]: value or ""
            for key, value in line.items()
            if key and key.strip().lower() in _COLUMNS
        }
        whole = " ".join(entry.pop(key, "") for key in ("first", "preferred", "last"))
        entry["name"] = entry.get("name") or " ".join(whole.split())
        entries.append(entry)
    if entries and not any(entry["name"] or entry.get("email") for entry in entries):
        raise AssignmentError(
            f"{file} has no column `name` or `email`; its columns are {', '.join(filter(None, lines[0]))}."
        )
    return entries


def submitters(file: Path) -> tuple[list[Mapping[str, str]], Mapping[str, Any]]:
    """Those who handed in one submission, and its metadata: from a CSV, or from submission_metadata.json.

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
