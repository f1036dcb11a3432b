"""A class's zip unpacked to a scratch folder: what can be graded, and no more."""

from __future__ import annotations

import re
import stat
import zipfile
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.classroom import gradescope_yaml
from autograder.classroom.sources.model import JUNK, first_line, is_inside, printable

LARGEST_MEMBER: Final = 64 * 2**20
_LARGEST_EXPORT: Final = 2**30
_MOST_MEMBERS: Final = 500_000
_NAMES_A_STUDENT: Final = 4  # folders deep: a class in a folder, a folder for each, and one for the files
#: What platforms write beside the work: who handed it in, when, and which attempt counts.
_TELLING: Final = re.compile(r"timestamp\.txt|user_assignment_settings\.json|.*_attempt_[\d-]+\.txt", re.DOTALL)
_UTF8_NAME: Final = 0x800  # the flag of a member whose name is UTF-8


def unpack(packed: Path, target: Path, useful: tuple[str, ...]) -> list[str]:
    """Unpack what is of use of a class's zip; returns what was left out, a sentence each.

    Of a file that is not, an empty one of its name is made where it names a student: nobody is lost by what they
    handed in.
    """
    notes = []
    try:
        with zipfile.ZipFile(packed) as zipped:
            for member in zipped.infolist()[:_MOST_MEMBERS]:
                name = _name(member).replace("\\", "/")
                parts = [part for part in name.split("/") if part]
                if not parts or set(parts) & JUNK or any(part.startswith(".") and part != ".." for part in parts):
                    continue
                if not is_inside(name):
                    notes.append(f"{printable(name)} was left out: its path leads out of the zip.")
                    continue
                path = target / "/".join(parts)
                if member.is_dir():
                    path.mkdir(parents=True, exist_ok=True)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                if not name.lower().endswith(useful) and not _TELLING.fullmatch(parts[-1]):
                    if len(parts) <= _NAMES_A_STUDENT:
                        path.touch()
                    continue
                if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
                    notes.append(f"{printable(name)} was left out: it is not a regular file.")
                    continue
                largest = _LARGEST_EXPORT if parts[-1] == gradescope_yaml.FILE_NAME else LARGEST_MEMBER
                if member.file_size > largest:
                    notes.append(f"{printable(name)} was left out: it has {member.file_size / 2**20:,.0f} MB.")
                    continue
                try:
                    _copy(zipped, member, path, largest)
                except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
                    path.unlink(missing_ok=True)
                    notes.append(f"{printable(name)} was left out: it cannot be unpacked ({first_line(error)}).")
    except (zipfile.BadZipFile, ValueError) as error:
        raise AssignmentError(f"{packed} is a damaged zip file ({error}). Download it again.") from error
    return notes


def _copy(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, largest: int) -> None:
    """Copy one member to a file, whatever size it claims. Raises ValueError where it is more than `largest`."""
    left = largest
    with zipped.open(member) as source, path.open("wb") as file:
        while piece := source.read(2**18):
            left -= len(piece)
            if left < 0:
                raise ValueError("it unpacks to more than it says")
            file.write(piece)


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; one that was written as UTF-8, and not said to be, is no row of line-drawing signs."""
    if not member.flag_bits & _UTF8_NAME:
        try:
            return member.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return member.filename
