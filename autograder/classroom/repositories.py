"""Repositories that were handed in: the commit that counts, read by a bounded process of our own and never by git.

Git obeys what lies in a `.git`: its configuration names programs, and its pointers lead to other people's folders.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError

LARGEST_FILE: Final = 32 * 2**20  # above what an intake takes of one
LARGEST_OUTPUT: Final = 96 * 2**20
MOST_FILES: Final = 20_000
_READER: Final = Path(__file__).with_name("repository_reader.py")
_SECONDS: Final = 60
_LONGEST_TIME: Final = 60  # characters
_SHA: Final = re.compile("[0-9a-f]{40}")


class UnfollowedError(ValueError):
    """A `.git` that leads out of its folder: what it points to may be anybody's."""


@dataclass(frozen=True)
class Commit:
    """The commit that counts, and what is in it, by path.

    at: when it was made (ISO 8601, where a calendar has it). files: with their contents; large: more than is read of
    one, or of all together; links: they lead elsewhere. named: what is of another kind, and folders of installed
    packages, which end in a slash.
    """

    id: str
    at: str
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    large: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def is_repository(folder: Path) -> bool:
    """Return whether there is a `.git` of any kind in `folder`."""
    return os.path.lexists(folder / ".git")  # False, and no error, for a folder that may not be read


def last_commit(folder: Path, deadline: dt.datetime | None, endings: Sequence[str] = (".py",)) -> Commit | None:
    """Return the last commit before `deadline` and its files; without a deadline the last of all.

    endings: of the files whose contents are wanted. None where there is no such commit.
    Raises UnfollowedError where its `.git` leads elsewhere, ValueError where it cannot be read, and AssignmentError
    where what reads it is not installed.
    """
    if find_spec("dulwich") is None:
        raise AssignmentError("Repositories are read with dulwich: ./setup.sh --staff installs it.")
    git = folder / ".git"
    if not stat.S_ISDIR(git.lstat().st_mode):
        raise UnfollowedError("it is no folder, but points to one")
    output = _run(git, deadline, endings)
    return _check_answer(output)


def _run(git: Path, deadline: dt.datetime | None, endings: Sequence[str]) -> bytes:
    """Return the reader's output. Raises ValueError where it failed, or took too long."""
    when = "-" if deadline is None else repr(deadline.timestamp())
    command = [sys.executable, "-I", "-B", str(_READER), str(git.resolve()), when, *endings]
    with tempfile.TemporaryFile() as written:
        try:
            done = subprocess.run(  # noqa: S603  our own program; the stranger's folder is its input
                command,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.DEVNULL,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                cwd="/",
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ValueError(f"reading it took more than {_SECONDS} seconds") from error
        if done.returncode:
            raise ValueError("reading it took more memory or time than is set aside for it")
        written.seek(0)
        return written.read(LARGEST_OUTPUT)


def _check_answer(output: bytes) -> Commit | None:
    """Return what the reader found, if its answer is of the form that it should have.

    Raises UnfollowedError and ValueError as the reader says, and ValueError where the answer has another form.
    """
    problems: dict[str, str] = {}
    try:
        answer = json.loads(output)
        problems = {kind: str(answer[kind])[:200] for kind in ("unfollowed", "problem") if kind in answer}
        if not problems and not answer["commit"]:
            return None
        if not problems:
            return _read_commit(answer)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error) as error:
        raise ValueError("what reads it gave no answer") from error
    if "unfollowed" in problems:
        raise UnfollowedError(problems["unfollowed"])
    raise ValueError(problems["problem"])


def _read_commit(answer: Mapping[str, Any]) -> Commit:
    commit, at, files = answer["commit"], answer["at"], answer.get("files", {})
    names = {kind: tuple(map(str, answer.get(kind, ()))) for kind in ("large", "links", "named")}
    if not isinstance(at, str) or not _SHA.fullmatch(commit) or len(files) > MOST_FILES:
        raise ValueError("no commit, or too much of it")
    contents = {str(name): base64.b64decode(text, validate=True) for name, text in files.items()}
    return Commit(commit, at[:_LONGEST_TIME], contents, **names)
