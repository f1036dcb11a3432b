"""The common form of every source of a class: a list of submissions, with people and times."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from autograder.base.people import Person
from autograder.intake import archive

#: Why there is nothing to grade, in words for a table.
NOTHING: Final = "nothing handed in"
UNUSABLE: Final = "nothing that can be graded"
UNREADABLE: Final = "unreadable"
#: Files and folders of a class's folder that are no submission of anybody's.
JUNK: Final = {"__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"}
#: Names in a class's folder that are taken; see `store`.
_RESERVED: Final = re.compile(r"(?i)(class|journal|similar|grades|report|feedback|late-days)([.-].*)?")


@dataclass(frozen=True)
class Try:
    """One of several times that somebody handed in. points: by test number, as far as they are known."""

    at: str
    score: float
    points: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassSubmission:
    """One submission of a class.

    id: a file name, unique in the class. path: a folder or file; None where there is nothing: `state` is one of the
    words above then, and `problem` says why in a sentence.
    created_at: ISO 8601 with an offset, or empty. published: the score and rows that the source holds already.
    tries: all that these people handed in, this one included, oldest first; empty where it is the first.
    """

    id: str
    path: Path | None = None
    people: tuple[Person, ...] = ()
    created_at: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    published: Mapping[str, Any] | None = field(default=None, compare=False)
    state: str = ""
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True)
class Source:
    """All submissions of a class, and what is unusual about the source as a whole."""

    kind: str
    submissions: tuple[ClassSubmission, ...]
    notes: tuple[str, ...] = ()


def list_entries(folder: Path) -> list[Path]:
    """List a folder, junk left out, in an order that does not depend on the file system."""
    return sorted(path for path in folder.iterdir() if path.name not in JUNK and not path.name.startswith("."))


def peek(folder: Path) -> dict[str, Path]:
    """Return what lies in `folder`, by name; nothing where it may not be read, which its caller reports."""
    try:
        return {path.name: path for path in folder.iterdir() if not path.name.startswith(".")}
    except OSError:
        return {}


def may_be_submission(path: Path) -> bool:
    """Return whether it is a folder, or has the name of an archive."""
    return path.is_dir() or path.name.lower().endswith(archive.ENDINGS)


def strip_ending(name: str) -> str:
    """Return the name of an archive without its ending, `.tar.gz` for instance, or of another file without its own."""
    ending = max((ending for ending in archive.ENDINGS if name.lower().endswith(ending)), key=len, default="")
    ending = ending or Path(name).suffix
    return name[: len(name) - len(ending)] or name


def safe_id(name: str) -> str:
    """Return `name` as a file name: letters of any script, digits, `.`, `-`, `_` and `@`; at most 80 of them."""
    kept = "".join(c if c.isalnum() or c in "._-@" else "_" for c in unicodedata.normalize("NFC", name))[:80]
    return f"_{kept}" if not kept.strip("._") or kept[0] in ".-" or _RESERVED.fullmatch(kept) else kept


def printable(name: str) -> str:
    """Return a name of somebody's choosing as a message may show it."""
    return "".join(c if c.isprintable() else "?" for c in name[:120])


def describe_left_out(entry: Path, platform: str) -> str:
    """Say that `entry` is none of a platform's download."""
    return f"{printable(entry.name)} is not named as {platform} names downloads; it was left out."


def without_zone(platform: str) -> list[str]:
    """Say that times without a zone are no times."""
    return [f"{platform} writes times without a zone: set timezone in [due], or nobody is late."]


def first_line(error: object) -> str:
    """Return what an error says, at most a line of it."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def is_inside(name: str) -> bool:
    """Return whether an archive's name leads nowhere out of it."""
    parts = name.split("/")
    return not (name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name)
