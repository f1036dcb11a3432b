"""A class's zip unpacked to a scratch folder: what can be graded, and no more."""

from __future__ import annotations

import contextlib
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.base.text import first_line
from autograder.classroom import gradescope_yaml
from autograder.classroom.sources.model import (
    DISK_ERRORS,
    JUNK,
    is_inside,
    is_junk_beside,
    may_be_submission,
    printable,
)
from autograder.intake import archive

LARGEST_MEMBER: Final = 512 * 2**20  # a zip with an environment or a data set in it is somebody's homework, too
_LARGEST_EXPORT: Final = 2**30
_MOST_MEMBERS: Final = 500_000
_NAMES_A_STUDENT: Final = 4  # folders deep: a class in a folder, a folder for each, and one for the files
#: What platforms write beside the work: who handed it in, when, and which attempt counts.
_TELLING: Final = re.compile(r"timestamp\.txt|user_assignment_settings\.json|.*_attempt_[\d-]+\.txt", re.DOTALL)
_BEGINNING: Final = 2**16  # bytes of a file of another kind
#: What stands in the place of somebody's file, so that they have a row.
_UNREAD: Final = b"This file could not be unpacked.\n"
_NAMES_AN_ENTRY: Final = 2  # folders deep: a class in a folder, and an entry for each
_UTF8_NAME: Final = 0x800  # the flag of a member whose name is UTF-8


def unpack(packed: Path, target: Path, useful: tuple[str, ...]) -> list[str]:
    """Unpack what is of use of a class's zip; returns what was left out, a sentence each.

    Of a file that is not, the beginning is unpacked where its name may be a student's. So nobody is lost by what they
    handed in, and what it is can be said.
    """
    notes: dict[str, None] = {}
    try:
        with zipfile.ZipFile(packed) as zipped:
            members = zipped.infolist()
            if len(members) > _MOST_MEMBERS:
                notes[f"{packed.name} has {len(members):,} members; the first {_MOST_MEMBERS:,} were read."] = None
            for versions in _by_name(members[:_MOST_MEMBERS]):
                notes |= dict.fromkeys(_unpack_last(zipped, versions, target, useful))
    except (zipfile.BadZipFile, ValueError) as error:
        raise AssignmentError(f"{packed} is a damaged zip file ({error}). Download it again.") from error
    return list(notes)


def _by_name(members: Iterable[zipfile.ZipInfo]) -> Iterable[list[zipfile.ZipInfo]]:
    """Return the members in their order, those of one name together."""
    named: dict[tuple[str, bool], list[zipfile.ZipInfo]] = {}
    for member in members:
        named.setdefault(("/".join(_parts(member)), member.is_dir()), []).append(member)
    return named.values()


def _unpack_last(
    zipped: zipfile.ZipFile, versions: list[zipfile.ZipInfo], target: Path, useful: tuple[str, ...]
) -> Iterator[str]:
    """Unpack one of several members of one name: the last that can be, as an intake reads it. Yield what to say."""
    for number in range(len(versions), 0, -1):
        member = versions[number - 1]
        if said := _unpack_member(zipped, member, target, useful):
            yield said
            continue
        if len(versions) > 1 and not member.is_dir() and target.joinpath(*_parts(member)).exists():
            which = "the last one" if number == len(versions) else f"number {number}"
            times = "twice" if len(versions) == 2 else f"{len(versions)} times"
            yield f"{printable(_name(member))} is in the zip {times}; {which} counts."
        return


def _unpack_member(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, useful: tuple[str, ...]) -> str:
    """Unpack one member, if it is of use; returns why somebody's was left out, or nothing."""
    name = _name(member)
    parts = _parts(member)
    hidden = next((at for at, part in enumerate(parts) if part.startswith(".") and part != ".."), None)
    if not parts or set(parts) & JUNK:
        return ""
    if hidden is not None:
        is_entry = hidden < _NAMES_AN_ENTRY and not is_junk_beside(parts[hidden])
        first = printable("/".join(parts[: hidden + 1]))
        return f"{first} was left out: its name begins with a dot." if is_entry else ""
    if not is_inside(name):
        return f"{printable(name)} was left out: its path leads out of the zip."
    path = target.joinpath(*parts)
    try:
        (path if member.is_dir() else path.parent).mkdir(parents=True, exist_ok=True)
        if not member.is_dir() and path.is_dir():
            return f"{printable(name)} was left out: it is a folder in the zip, too."
    except OSError as error:  # a file where a folder should be, or too long a name
        if error.errno in DISK_ERRORS:
            raise
        return f"{printable(name)} was left out: it cannot be unpacked ({error.strerror})."
    return "" if member.is_dir() else _unpack_file(zipped, member, path, useful)


def _unpack_file(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, useful: tuple[str, ...]) -> str:
    name = _name(member)
    is_useful = name.lower().endswith(useful) or _TELLING.fullmatch(path.name)
    if not is_useful and (name.count("/") >= _NAMES_A_STUDENT or not _unpack_beginning(zipped, member, path)):
        return ""
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        return f"{printable(name)} was left out: it is not a regular file."
    largest = _LARGEST_EXPORT if path.name == gradescope_yaml.FILE_NAME else LARGEST_MEMBER
    if member.file_size > largest:
        _stand_in(path)
        return f"{printable(name)} was left out: it has {member.file_size / 2**20:,.0f} MB."
    try:
        _copy(zipped, member, path, largest)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        _stand_in(path)
        return f"{printable(name)} was left out: it cannot be unpacked ({first_line(error)})."
    return ""


def _stand_in(path: Path) -> None:
    """Leave something in the place of an archive, which may be all that somebody handed in; else nothing."""
    if may_be_submission(path):
        path.write_bytes(_UNREAD)
    else:
        path.unlink(missing_ok=True)


def is_unread(path: Path) -> bool:
    """Return whether a file stands in the place of one that could not be unpacked."""
    return path.is_file() and path.stat().st_size == len(_UNREAD) and path.read_bytes() == _UNREAD


def _unpack_beginning(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> bool:
    """Write the beginning of a member; returns whether an intake opens it by what it holds, so that it needs all."""
    try:
        with zipped.open(member) as source:
            beginning = source.read(_BEGINNING)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError, zlib.error):
        beginning = _UNREAD
    path.write_bytes(beginning)
    return member.file_size <= LARGEST_MEMBER and archive.is_packed(path)


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
    """Return a member's name, whose parts are divided by slashes.

    One that was written as UTF-8, and not said to be, is no row of line-drawing signs.
    """
    name = member.filename
    if not member.flag_bits & _UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _parts(member: zipfile.ZipInfo) -> list[str]:
    return [part for part in _name(member).split("/") if part not in ("", ".")]
