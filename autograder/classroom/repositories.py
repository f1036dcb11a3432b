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
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError

LARGEST_OUTPUT: Final = 48 * 2**20
MOST_FILES: Final = 1_000
_READER: Final = Path(__file__).with_name("repository_reader.py")
_SECONDS: Final = 60
_LONGEST_TIME: Final = 60  # characters
_SHA: Final = re.compile("[0-9a-f]{40}")


class UnfollowedError(ValueError):
    """A `.git` that leads out of its folder: what it points to may be anybody's."""


@dataclass(frozen=True)
class Commit:
    """The commit that counts, when it was made (ISO 8601, where a calendar has it), and its Python files, by path."""

    id: str
    at: str
    files: Mapping[str, bytes] = field(repr=False)


def is_repository(folder: Path) -> bool:
    """Return whether there is a `.git` of any kind in `folder`."""
    return os.path.lexists(folder / ".git")  # False, and no error, for a folder that may not be read


def last_commit(folder: Path, deadline: dt.datetime | None) -> Commit | None:
    """Return the last commit before `deadline` and its files; without a deadline the last of all, and no files.

    None where there is no such commit.
    Raises UnfollowedError where its `.git` leads elsewhere, ValueError where it cannot be read, and AssignmentError
    where what reads it is not installed.
    """
    if find_spec("dulwich") is None:
        raise AssignmentError("Repositories are read with dulwich: run `pip install -r requirements-staff.txt`.")
    git = folder / ".git"
    if not stat.S_ISDIR(git.lstat().st_mode):
        raise UnfollowedError("it is no folder, but points to one")
    output = _run(git, deadline)
    answer = _check_answer(output)
    if "unfollowed" in answer:
        raise UnfollowedError(answer["unfollowed"])
    if "problem" in answer:
        raise ValueError(answer["problem"])
    if not answer["commit"]:
        return None
    return Commit(answer["commit"], answer["at"], answer["files"])


def _run(git: Path, deadline: dt.datetime | None) -> bytes:
    """Return the reader's output. Raises ValueError where it failed, or took too long."""
    when = "-" if deadline is None else repr(deadline.timestamp())
    command = [sys.executable, "-I", "-B", str(_READER), str(git.resolve()), when]
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


def _check_answer(output: bytes) -> dict[str, Any]:
    """Return the reader's answer, if it is of the form that it should have. Raises ValueError where it is not."""
    try:
        answer = json.loads(output)
        for kind in ("unfollowed", "problem"):
            if kind in answer:
                return {kind: str(answer[kind])[:200]}
        commit, at, files = answer["commit"], answer["at"], answer["files"]
        if not commit:
            return {"commit": "", "at": "", "files": {}}
        whole = _SHA.fullmatch(commit) is not None and len(files) <= MOST_FILES and isinstance(at, str)
        contents = {str(name): base64.b64decode(text, validate=True) for name, text in files.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error) as error:
        raise ValueError("what reads it gave no answer") from error
    if not whole:
        raise ValueError("what reads it gave no commit")
    return {"commit": commit, "at": at[:_LONGEST_TIME], "files": contents}
