"""Commits as folders: what was handed in with a repository, written where an intake finds it."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from autograder.base.text import list_some
from autograder.classroom import repositories
from autograder.classroom.repositories import Commit, is_repository
from autograder.classroom.sources.model import (
    DISK_ERRORS,
    NOTHING,
    ClassSubmission,
    is_inside,
    printable,
)
from autograder.intake.layout import PACKAGES
from autograder.intake.members import JUNK

_MOST_NAMED: Final = 4
_MOST_LOOKED_AT: Final = 20_000  # files of a folder


def check_out(
    submission: ClassSubmission,
    repository: Path,
    scratch: Path,
    deadline: dt.datetime | None,
    useful: tuple[str, ...],
) -> ClassSubmission:
    """Return a submission with the files of its repository's last commit, before `deadline` where one is given.

    Raises OSError or ValueError where it cannot be read.
    """
    as_folder = f"graded as a folder{', whatever the deadline' if deadline else ''}."
    if not is_repository(repository):
        return replace(submission, notes=(*submission.notes, f"It is no repository: {as_folder}"))
    try:
        commit = repositories.last_commit(repository, deadline, useful)
    except repositories.UnfollowedError as error:
        return replace(submission, notes=(*submission.notes, f"Its .git was not followed, for {error}: {as_folder}"))
    if commit is None:
        when = deadline.isoformat() if deadline else "now"
        problem = f"its repository has no commit before {when}."
        return replace(submission, path=None, state=NOTHING, problem=problem)
    target = scratch / "commits" / submission.id
    target.mkdir(parents=True, exist_ok=True)
    fact = f"Graded at commit {commit.id[:10]}."
    notes = [*submission.notes, *_write_commit(target, commit)]
    changed = _find_changes(repository, commit, useful) if deadline is None else ()
    if changed:
        named = list_some(list(map(printable, changed)), _MOST_NAMED, ", ")
        notes.append(
            f"The last commit was graded, and the folder differs from it: {named}. To grade these, commit them, or "
            "remove .git."
        )
    return replace(submission, path=target, created_at=commit.at, notes=tuple(notes), facts=(*submission.facts, fact))


def _write_commit(target: Path, commit: Commit) -> Iterator[str]:
    """Write what is in a commit, so that an intake finds what it would find in a clone.

    What was not read is there by its name, a large file with its size. Yields why something was left out.
    """
    for name, content in commit.files.items():
        yield from _write(target, name, partial(_write_content, content=content))
    for name in commit.large:
        yield from _write(target, name, _write_large)
    for name in commit.named:
        yield from _write(target, name, _make_folder if name.endswith("/") else _write_name)
    for name in commit.links:
        yield f"{printable(name)} was left out: it is a link, and links are not followed."


def _write_content(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _make_folder(path: Path) -> None:
    path.mkdir(exist_ok=True)


def _write_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(repositories.LARGEST_FILE + 1)  # a hole, which takes no room


def _write_name(path: Path) -> None:
    path.write_text("This file was not read from the commit.\n", encoding="utf-8")


def _write(target: Path, name: str, write: Callable[[Path], object]) -> Iterator[str]:
    """Write a file of a commit; yields why it was left out, if it was."""
    if not is_inside(name):
        yield f"{printable(name)} was left out: its path leads out of the repository."
        return
    path = target / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
    except OSError as error:  # a file where a folder should be, or too long a name
        if error.errno in DISK_ERRORS:
            raise
        yield f"{printable(name)} was left out: it cannot be written ({error.strerror})."


def _find_changes(repository: Path, commit: Commit, useful: Sequence[str]) -> list[str]:
    """Return the files in a repository's folder that are others than in its commit, or not in it; none where none is.

    They are compared alone: what lies in the folder may be whoever's, and is graded nowhere.
    """
    there = {name for name in commit.files if os.path.lexists(repository / name)}
    if commit.files and not there:
        return []  # nothing was checked out
    known = {*commit.files, *commit.large, *commit.named, *commit.links}
    changed = [name for name, content in commit.files.items() if not _is_same(repository, name, content)]
    return sorted([*changed, *(name for name in _list_files(repository, useful) if name not in known)])


def _is_same(repository: Path, name: str, content: bytes) -> bool:
    """Return whether a file is as it was committed, however its lines end."""
    if not is_inside(name):
        return True
    path = repository / name
    try:
        if not path.resolve().is_relative_to(repository.resolve()) or not stat.S_ISREG(path.lstat().st_mode):
            return False
        if path.stat().st_size > repositories.LARGEST_FILE:
            return False
        return path.read_bytes().replace(b"\r\n", b"\n") == content.replace(b"\r\n", b"\n")
    except OSError:
        return False


def _list_files(repository: Path, useful: Sequence[str]) -> Iterator[str]:
    """Yield what an intake would read of a folder, by name."""
    seen = 0
    for above, folders, names in os.walk(repository):
        folders[:] = sorted(name for name in folders if name not in JUNK and name not in PACKAGES)
        seen += len(names)
        if seen > _MOST_LOOKED_AT:
            return
        here = Path(above).relative_to(repository)
        yield from ((here / name).as_posix() for name in names if name.lower().endswith(tuple(useful)))
