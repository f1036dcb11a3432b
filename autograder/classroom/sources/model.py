"""The common form of every source of a class: a list of submissions, with people and times."""

from __future__ import annotations

import errno
import os
import re
import shutil
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from autograder.base.people import Person
from autograder.classroom.sources.class_list import Roster
from autograder.intake import archive

#: Why there is nothing to grade, in words for a table.
NOTHING: Final = "nothing handed in"
UNUSABLE: Final = "nothing that can be graded"
UNREADABLE: Final = "unreadable"
#: The owner of what a platform itself puts beside the work.
BESIDE: Final = ""
#: Files and folders of a class's folder that are no submission of anybody's.
JUNK: Final = {"__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"}
#: What lies beside a class and begins with a dot: nobody's work, and no word about it.
_JUNK_BESIDE: Final = re.compile(r"\._.*|\.(DS_Store|git.*|idea|vscode|ipynb_checkpoints|venv|localized|Trash.*)")
#: Names in a class's folder that are taken, or may be: all that is written there ends in one of these, or is called so.
_RESERVED: Final = re.compile(
    r"(?is)(class|journal|similar|grades|report|feedback|late-days|options|index)([.-].*)?"
    r"|.*\.(jsonl?|csv|html?|md|toml|ya?ml)"
)
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|(com|lpt)\d)(\..*)?")  # of Windows, whatever follows the dot
#: What the disk is at fault for, and no name.
DISK_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EFBIG)
_LONGEST_ID: Final = 180  # bytes: a file system takes 255, and some are put around it


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
    created_at: ISO 8601 with an offset, or empty; `open_source` leaves out what is no time.
    notes: what is unusual, so that a person should look; facts: what is worth knowing, and usual. A sentence each.
    published: the score and rows that the source holds already.
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
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """All submissions of a class, and what is unusual about the source as a whole.

    unnamed: what lies there and is not named as the platform names what it hands out. numbers_groups: whether the
    number beside a group's name is the group's own. chosen_logins: whether people chose their logins themselves.
    has_commits: whether a deadline can choose among them. roster: the one that lay beside the submissions.
    """

    kind: str
    submissions: tuple[ClassSubmission, ...]
    notes: tuple[str, ...] = ()
    unnamed: tuple[Path, ...] = ()
    numbers_groups: bool = False
    chosen_logins: bool = False
    has_commits: bool = False
    roster: Roster | None = None

    @property
    def has_roster(self) -> bool:
        """Whether a list of all the class lay beside the submissions."""
        return self.roster is not None and self.roster.complete


def list_entries(folder: Path) -> list[Path]:
    """List a folder, junk left out, in an order that does not depend on the file system."""
    return sorted(path for path in folder.iterdir() if path.name not in JUNK and not path.name.startswith("."))


def list_hidden(folder: Path) -> list[Path]:
    """List what `list_entries` leaves out for the dot that it begins with, and no tool has put there."""
    return sorted(path for path in folder.iterdir() if path.name.startswith(".") and not is_junk_beside(path.name))


def is_junk_beside(name: str) -> bool:
    """Return whether a system or a tool puts a file of this name beside others."""
    return _JUNK_BESIDE.fullmatch(name) is not None


def is_link(path: Path) -> bool:
    """Return whether `path` is a symbolic link, or a junction of Windows, and so leads elsewhere."""
    return path.is_symlink() or getattr(os.path, "isjunction", lambda _: False)(path)


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
    """Return `name` as `safe_file_name` does, and as none that a batch writes beside it, whatever the letters' case."""
    kept = safe_file_name(name)
    taken = _RESERVED.fullmatch(kept) or _DEVICES.fullmatch(kept)
    return f"_{kept}" if taken else kept


def safe_file_name(name: str) -> str:
    """Return `name` as a file name: letters of any script, digits, `.`, `-`, `_` and `@`; at most 80 of them."""
    kept = "".join(c if c.isalnum() or c in "._-@" else "_" for c in unicodedata.normalize("NFC", name))[:80]
    kept = kept.encode()[:_LONGEST_ID].decode("utf-8", "ignore")
    if kept.endswith("."):  # Windows drops it
        kept = f"{kept[:-1]}_"
    return f"_{kept}" if not kept.strip("._") or kept[0] in ".-" else kept


def printable(name: str) -> str:
    """Return a name of somebody's choosing as a message may show it."""
    return "".join(c if c.isprintable() else "?" for c in name[:120])


def as_submission(entry: Path, scratch: Path) -> Path:
    """Return what an intake reads of an entry: of a single module, a folder with it alone."""
    if not entry.is_file() or entry.suffix != ".py":
        return entry
    folder = scratch / "alone" / safe_id(entry.name)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(entry, folder / safe_file_name(entry.name))
    return folder


def keep_apart(entry: Path, scratch: Path) -> ClassSubmission:
    """Return a submission of nobody's: its name can be taken apart in two ways, of which a student chose one."""
    ident = safe_id(entry.name if entry.is_dir() else strip_ending(entry.name))
    return ClassSubmission(ident, as_submission(entry, scratch), notes=(describe_ambiguity(entry.name),))


def describe_ambiguity(name: str) -> str:
    """Say that a name can be taken apart in two ways, of which a student can have chosen one."""
    return (
        f"{printable(name)} can be read as the upload of two people: it is joined to nobody's. Look who handed it in."
    )


def without_zone(platform: str) -> list[str]:
    """Say that times without a zone are no times."""
    return [f"{platform} writes times without a zone: set timezone in [due], or nobody is late."]


def is_inside(name: str) -> bool:
    """Return whether an archive's name leads nowhere out of it."""
    parts = name.split("/")
    return not (name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name)
