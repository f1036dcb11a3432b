"""Gradescope's places and metadata: where a container keeps things, and what it says of a submission."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from autograder.base.people import Person

#: Where Gradescope keeps what it hands in and takes; a rehearsal has another place for it.
HOME: Final = Path(os.environ.get("AUTOGRADER_HOME", "/autograder"))


METADATA: Final = "submission_metadata.json"


@dataclass(frozen=True)
class Metadata:
    """What Gradescope tells of a submission; every field may be missing."""

    id: str = ""
    created_at: str = ""
    people: tuple[Person, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def due_dates(self) -> tuple[str, ...]:
        """The due dates of the people who handed in; the assignment's, where none of them has one of their own."""
        users = self.raw.get("users")
        own = [
            _due(user.get("assignment"))
            for user in (users if isinstance(users, list) else ())
            if isinstance(user, dict)
        ]
        return tuple(filter(None, own)) or tuple(filter(None, (self.due_date,)))

    @property
    def due_date(self) -> str:
        """The assignment's own; empty where there is none."""
        return _due(self.raw.get("assignment"))


def _due(assignment: Any) -> str:
    due = assignment.get("due_date") if isinstance(assignment, dict) else None
    return due if isinstance(due, str) else ""


def read_metadata(file: Path) -> Metadata:
    """Read submission_metadata.json; what is missing or malformed is left empty."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Metadata()
    if not isinstance(raw, dict):
        return Metadata()
    users = raw.get("users")
    people = tuple(
        Person(**{key: str(user.get(key) or "") for key in ("name", "email", "sid")})
        for user in (users if isinstance(users, list) else [])
        if isinstance(user, dict)
    )
    return Metadata(str(raw.get("id") or ""), str(raw.get("created_at") or ""), people, raw)
