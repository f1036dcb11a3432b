"""GitHub Classroom's clones: a repository for each student or team, and its roster."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.model import NOTHING, UNREADABLE, Handin, Source, safe_id
from autograder.classroom.sources.model import first_line as _first_line
from autograder.classroom.sources.model import is_inside as _inside
from autograder.classroom.sources.roster import Roster

_GIT_SECONDS: Final = 60


def is_repository(path: Path) -> bool:
    """Whether it is a clone."""
    return os.path.exists(path / ".git")  # noqa: PTH110  False, and no error, for a folder that may not be read


_is_repository = is_repository


def read(entries: Sequence[Path], roster: Roster, scratch: Path, deadline: dt.datetime | None) -> Source:
    """Read the clones of a class; of each the last commit before `deadline`, where one is given."""
    repositories = [entry for entry in entries if entry.is_dir()]
    prefix = _common_prefix([entry.name for entry in repositories])
    handins = []
    for entry in repositories:
        handin = Handin(id=safe_id(entry.name), path=entry, people=_owners(entry.name, prefix, roster))
        try:
            handins.append(_checked_out(handin, entry, scratch, deadline))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            problem = f"its repository cannot be read ({_first_line(error)}). Clone it again."
            handins.append(replace(handin, path=None, problem=problem, state=UNREADABLE))
    return Source("GitHub Classroom's repositories", tuple(handins))


def _owners(repository: str, prefix: str, roster: Roster) -> tuple[Person, ...]:
    """Whose a repository is: a roster's repository, team or login, of which the longest tail of the name counts.

    Without one of these: what follows the beginning that all names share.
    """
    if people := roster.of_repository(repository):
        return people
    words = repository.split("-")
    tails = ["-".join(words[first:]) for first in range(len(words))]
    for tail in tails:
        if people := roster.of_login(tail) or roster.of_team(tail):
            return people
    user = repository.removeprefix(prefix)
    return (Person(name=user, login=user),)


def _checked_out(handin: Handin, repository: Path, scratch: Path, deadline: dt.datetime | None) -> Handin:
    if not _is_repository(repository):
        return replace(handin, notes=("It is no repository: graded as a folder.",))
    before = [f"--before={deadline.isoformat()}"] if deadline else []
    commit = _git(repository, "rev-list", "-1", *before, "HEAD").decode().strip()
    if not commit:
        assert deadline is not None
        return replace(
            handin, path=None, state=NOTHING, problem=f"its repository has no commit before {deadline.isoformat()}."
        )
    at = _git(repository, "show", "-s", "--format=%cI", commit).decode().strip()
    if deadline is None:
        return replace(handin, created_at=at)
    target = scratch / "commits" / handin.id
    # Objects alone are read: what a repository's configuration would run at a checkout is not run.
    for line in _git(repository, "ls-tree", "-r", "-z", commit).split(b"\0"):
        head, _, raw = line.partition(b"\t")
        name = os.fsdecode(raw)
        if not name.endswith(".py") or not head.startswith(b"100") or not _inside(name):
            continue
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_git(repository, "cat-file", "blob", head.split()[2].decode()))
    target.mkdir(parents=True, exist_ok=True)
    return replace(handin, path=target, created_at=at, notes=(f"Graded at commit {commit[:10]}.",))


def _git(repository: Path, *arguments: str) -> bytes:
    settings = ("safe.directory=*", "core.fsmonitor=false", f"core.hooksPath={os.devnull}", "protocol.allow=never")
    command = ["git", *(word for setting in settings for word in ("-c", setting)), "-C", str(repository), *arguments]
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": os.devnull,
    }
    done = subprocess.run(  # noqa: S603  git by its name, on a path of ours
        command, capture_output=True, timeout=_GIT_SECONDS, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise ValueError(_first_line(done.stderr.decode("utf-8", "replace")) or f"git ended with {done.returncode}")
    return done.stdout


def _common_prefix(names: list[str]) -> str:
    """`beras-` of `beras-octocat` and `beras-hubot`: what comes before a dash that all share."""
    parts = [name.split("-") for name in names]
    depth = 0
    while len(names) > 1 and all(len(words) > depth + 1 and words[depth] == parts[0][depth] for words in parts):
        depth += 1
    return "".join(f"{word}-" for word in parts[0][:depth]) if names else ""
