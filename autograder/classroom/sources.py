"""Where a class's submissions come from: each kind of download turned into one list, with people and times.

Known are Gradescope's export (zip or folder), GitHub Classroom's clones, Canvas's download, and a folder of folders,
zips or tars. What is unusual about a source is said in a sentence each; one bad entry never costs another.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import os
import re
import shutil
import stat
import tempfile
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.people import Person
from autograder.classroom import gradescope_yaml, repositories
from autograder.intake import archive

_JUNK: Final = {"__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"}
#: What an intake can use of a class's zip; the rest of a download of gigabytes stays packed.
_USEFUL: Final[tuple[str, ...]] = (".py", ".yml", ".yaml", ".csv", *archive.ENDINGS)
_LARGEST_MEMBER: Final = 64 * 2**20
_LARGEST_EXPORT: Final = 2**30
_MOST_MEMBERS: Final = 500_000
_CANVAS: Final = re.compile(
    r"(?P<name>[^_]+)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?P<submission>\d+)_(?P<file>.+)", re.DOTALL
)
#: Names in a class's folder that are taken; see `classroom`.
_RESERVED: Final = re.compile(r"(?i)(class|journal|similar|grades|report)([.-].*)?")


@dataclass(frozen=True)
class Handin:
    """One submission of a class.

    id: a file name, unique in the class. path: a folder or zip; None where there is nothing, and `problem` says why.
    created_at: ISO 8601 with an offset, or empty. published: the score and rows that the source holds already.
    """

    id: str
    path: Path | None = None
    people: tuple[Person, ...] = ()
    created_at: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    published: Mapping[str, Any] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Source:
    """All submissions of a class, and what is unusual about the source as a whole."""

    kind: str
    handins: tuple[Handin, ...]
    notes: tuple[str, ...] = ()


@contextlib.contextmanager
def opened(source: Path, *, deadline: dt.datetime | None = None, useful: tuple[str, ...] = _USEFUL) -> Iterator[Source]:
    """Read a source; what had to be unpacked of it is there until the end of the `with`.

    deadline: of a GitHub repository, grade the last commit before it. useful: the endings of what is unpacked
    of a zip. Raises AssignmentError where `source` is none.
    """
    with tempfile.TemporaryDirectory(prefix="beras-class-") as scratch:
        notes: list[str] = []
        folder = source
        if source.is_file():
            if not zipfile.is_zipfile(source):
                raise AssignmentError(f"{source} is neither a folder nor a zip file; expected a class's submissions.")
            folder = Path(scratch, "unpacked")
            notes += _unpack(source, folder, useful)
        elif not source.is_dir():
            raise AssignmentError(
                f"{source} cannot be read: expected a folder or a zip file with a class's submissions."
            )
        found = _read(folder, Path(scratch), deadline)
        if not found.handins:
            raise AssignmentError(
                f"{source} holds no submissions: expected Gradescope's export (with {gradescope_yaml.FILE_NAME}), "
                "Canvas's download, or a folder with one folder, zip or repository for each student."
            )
        yield replace(found, handins=_noted(map(_readable, found.handins)), notes=(*notes, *found.notes))


def _read(folder: Path, scratch: Path, deadline: dt.datetime | None) -> Source:
    entries = _entries(folder)
    # A zip mostly holds one folder, and that the class.
    if (
        len(entries) == 1
        and entries[0].is_dir()
        and not (folder / gradescope_yaml.FILE_NAME).exists()
        and not repositories.is_repository(entries[0])
    ):
        inner = _entries(entries[0])
        if (entries[0] / gradescope_yaml.FILE_NAME).exists() or (inner and all(_is_handin(entry) for entry in inner)):
            folder, entries = entries[0], inner
    if (folder / gradescope_yaml.FILE_NAME).exists():
        return _gradescope(folder, entries)
    if any(repositories.is_repository(entry) for entry in entries):
        return _repositories(folder, entries, scratch, deadline)
    files = [entry for entry in entries if entry.is_file()]
    if files and sum(_CANVAS.fullmatch(entry.name) is not None for entry in files) > len(entries) / 2:
        return _canvas(entries, scratch)
    return _folders(entries)


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, junk left out, in an order that does not depend on the file system."""
    return sorted(path for path in folder.iterdir() if path.name not in _JUNK and not path.name.startswith("."))


def _is_handin(path: Path) -> bool:
    return path.is_dir() or path.name.lower().endswith(archive.ENDINGS)


# Gradescope


def _gradescope(folder: Path, entries: list[Path]) -> Source:
    size = (folder / gradescope_yaml.FILE_NAME).stat().st_size
    if size > _LARGEST_EXPORT:
        raise AssignmentError(
            f"{folder / gradescope_yaml.FILE_NAME} has {size / 2**20:,.0f} MB; "
            f"at most {_LARGEST_EXPORT / 2**20:,.0f} are read."
        )
    there = {entry.name: entry for entry in entries if entry.is_dir()}
    handins, notes = [], []
    seen: set[str] = set()
    for entry in gradescope_yaml.read(folder / gradescope_yaml.FILE_NAME):
        if entry.key in seen:
            notes.append(f"{entry.key} is named twice in {gradescope_yaml.FILE_NAME}; its first entry counts.")
            continue
        seen.add(entry.key)
        path = there.get(entry.key)
        problem = (
            "" if path else f"{gradescope_yaml.FILE_NAME} names it, and the export has no such folder. Export again."
        )
        handins.append(
            Handin(
                id=safe_id(entry.key),
                path=path,
                people=tuple(Person(**person) for person in entry.people),
                created_at=entry.created_at,
                problem=problem,
                published=entry.results,
                notes=() if entry.people else ("The export names nobody for it.",),
            )
        )
    for name, path in there.items():
        if name not in seen:
            notes.append(f"{name} is not named in {gradescope_yaml.FILE_NAME}: graded, and nobody's.")
            handins.append(Handin(id=safe_id(name), path=path, notes=("The export names nobody for it.",)))
    return Source("Gradescope's export", tuple(handins), tuple(notes))


# GitHub Classroom


def _repositories(folder: Path, entries: list[Path], scratch: Path, deadline: dt.datetime | None) -> Source:
    folders = [entry for entry in entries if entry.is_dir()]
    prefix = _common_prefix([entry.name for entry in folders])
    roster = _roster(folder)
    handins = []
    for entry in folders:
        user = entry.name.removeprefix(prefix)
        person = roster.get(user.casefold(), Person(name=user, sid=user))
        handin = Handin(id=safe_id(entry.name), path=entry, people=(person,))
        try:
            handins.append(_checked_out(handin, entry, scratch, deadline))
        except (OSError, ValueError) as error:
            problem = f"its repository cannot be read ({_first_line(error)}). Clone it again."
            handins.append(replace(handin, path=None, problem=problem))
    return Source("GitHub Classroom's repositories", tuple(handins))


def _checked_out(handin: Handin, repository: Path, scratch: Path, deadline: dt.datetime | None) -> Handin:
    if not repositories.is_repository(repository):
        return replace(handin, notes=("It is no repository: graded as a folder.",))
    try:
        commit = repositories.last_commit(repository, deadline)
    except repositories.UnfollowedError as error:
        return replace(handin, notes=(f"Its .git was not followed, for {error}: graded as a folder.",))
    if commit is None:
        when = deadline.isoformat() if deadline else "now"
        return replace(handin, path=None, problem=f"its repository has no commit before {when}.")
    if deadline is None:
        return replace(handin, created_at=commit.at)
    target = scratch / "commits" / handin.id
    target.mkdir(parents=True, exist_ok=True)
    for name, content in commit.files.items():
        if not _inside(name):
            continue
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return replace(handin, path=target, created_at=commit.at, notes=(f"Graded at commit {commit.id[:10]}.",))


def _roster(folder: Path) -> dict[str, Person]:
    """GitHub Classroom's own classroom_roster.csv, where it lies beside the repositories."""
    people = {}
    for file in sorted(folder.glob("*roster*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                user, identifier = row.get("github_username") or "", row.get("identifier") or ""
                if user:
                    email = identifier if "@" in identifier else ""
                    people[user.casefold()] = Person(row.get("name") or identifier or user, email, user)
    return people


def _common_prefix(names: list[str]) -> str:
    """`beras-` of `beras-octocat` and `beras-hubot`: what comes before a dash that all share."""
    parts = [name.split("-") for name in names]
    depth = 0
    while len(names) > 1 and all(len(words) > depth + 1 and words[depth] == parts[0][depth] for words in parts):
        depth += 1
    return "".join(f"{word}-" for word in parts[0][:depth]) if names else ""


# Canvas


def _canvas(entries: list[Path], scratch: Path) -> Source:
    files: dict[str, list[tuple[Path, re.Match[str]]]] = {}
    notes = []
    for entry in entries:
        matched = _CANVAS.fullmatch(entry.name) if entry.is_file() else None
        if matched is None:
            notes.append(f"{_shown(entry.name)} is not named as Canvas names downloads; it was left out.")
            continue
        files.setdefault(matched["user"], []).append((entry, matched))
    handins = []
    for user, found in files.items():
        first = found[0][1]
        zips = [path for path, _ in found if path.name.lower().endswith(archive.ENDINGS)]
        said = ("Canvas marks it as late.",) if first["late"] else ()
        if len(found) == 1 and zips:
            path = zips[0]
        else:
            path = scratch / "canvas" / user
            path.mkdir(parents=True)
            for file, matched in found:
                # Canvas puts -1, -2 … behind the names of files that are handed in again.
                name = re.sub(r"-\d+(?=\.py$)", "", matched["file"]) if file.suffix == ".py" else matched["file"]
                shutil.copyfile(file, path / safe_id(name))
        handins.append(Handin(safe_id(f"{first['name']}_{user}"), path, (Person(first["name"], sid=user),), notes=said))
    return Source("Canvas's download", tuple(handins), tuple(notes))


# A folder of folders or zips


def _folders(entries: list[Path]) -> Source:
    handins, notes = [], []
    for entry in entries:
        if not _is_handin(entry):
            notes.append(f"{_shown(entry.name)} is neither a folder nor a zip or tar file; it was left out.")
            continue
        name = entry.name if entry.is_dir() else _without_ending(entry.name)
        handins.append(Handin(safe_id(name), entry, (Person(name),)))
    return Source("a folder of submissions", tuple(handins), tuple(notes))


def _without_ending(name: str) -> str:
    ending = max((ending for ending in archive.ENDINGS if name.lower().endswith(ending)), key=len, default="")
    return name[: len(name) - len(ending)]


# What all share


def safe_id(name: str) -> str:
    """`name` as a file name: letters of any script, digits, `.`, `-`, `_` and `@`; at most 80 of them."""
    kept = "".join(c if c.isalnum() or c in "._-@" else "_" for c in unicodedata.normalize("NFC", name))[:80]
    return f"_{kept}" if not kept.strip("._") or kept[0] in ".-" or _RESERVED.fullmatch(kept) else kept


def _readable(handin: Handin) -> Handin:
    """Without a path, and with the reason, where whoever grades may not read it: that is not the student's fault."""
    if handin.path is None or os.access(handin.path, os.R_OK | (os.X_OK if handin.path.is_dir() else 0)):
        return handin
    return replace(handin, path=None, problem=f"{handin.path.name} may not be read by you. Change its permissions.")


def _noted(handins: Iterable[Handin]) -> tuple[Handin, ...]:
    """Ids made unique, and a note on whoever is there twice."""
    taken: set[str] = set()
    unique = []
    for handin in handins:
        name, number = handin.id, 2
        while name.casefold() in taken:
            name, number = f"{handin.id}~{number}", number + 1
        taken.add(name.casefold())
        unique.append(replace(handin, id=name))
    times = Counter(key for handin in unique for key in {person.key for person in handin.people if person.key})
    return tuple(
        replace(
            handin,
            notes=(
                *handin.notes,
                *(
                    f"{person.name or person.key} is in {times[person.key]} submissions."
                    for person in handin.people
                    if times[person.key] > 1
                ),
            ),
        )
        for handin in unique
    )


def _unpack(packed: Path, target: Path, useful: tuple[str, ...]) -> list[str]:
    """Unpack what is of use of a class's zip; returns what was left out, a sentence each."""
    notes = []
    try:
        with zipfile.ZipFile(packed) as zipped:
            for member in zipped.infolist()[:_MOST_MEMBERS]:
                name = member.filename.replace("\\", "/")
                parts = [part for part in name.split("/") if part]
                if not parts or set(parts) & _JUNK or any(part.startswith(".") and part != ".." for part in parts):
                    continue
                if not _inside(name):
                    notes.append(f"{_shown(name)} was left out: its path leads out of the zip.")
                    continue
                path = target / "/".join(parts)
                if member.is_dir():
                    path.mkdir(parents=True, exist_ok=True)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                if not name.lower().endswith(useful):
                    continue
                if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
                    notes.append(f"{_shown(name)} was left out: it is not a regular file.")
                    continue
                largest = _LARGEST_EXPORT if parts[-1] == gradescope_yaml.FILE_NAME else _LARGEST_MEMBER
                if member.file_size > largest:
                    notes.append(f"{_shown(name)} was left out: it has {member.file_size / 2**20:,.0f} MB.")
                    continue
                try:
                    _copy(zipped, member, path, largest)
                except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
                    path.unlink(missing_ok=True)
                    notes.append(f"{_shown(name)} was left out: it cannot be unpacked ({_first_line(error)}).")
    except (zipfile.BadZipFile, ValueError) as error:
        raise AssignmentError(f"{packed} is a damaged zip file ({error}). Download it again.") from error
    return notes


def _copy(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, largest: int) -> None:
    """One member to a file, however much it claims to be. Raises ValueError where it is more than `largest`."""
    left = largest
    with zipped.open(member) as source, path.open("wb") as file:
        while piece := source.read(2**18):
            left -= len(piece)
            if left < 0:
                raise ValueError("it unpacks to more than it says")
            file.write(piece)


def _inside(name: str) -> bool:
    parts = name.split("/")
    return not (name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name)


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name[:120])


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
