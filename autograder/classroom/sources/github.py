"""GitHub Classroom's clones: a repository for each student or team, and its roster."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom import repositories
from autograder.classroom.repositories import is_repository
from autograder.classroom.sources.members import Roster
from autograder.classroom.sources.model import (
    NOTHING,
    UNREADABLE,
    ClassSubmission,
    Source,
    first_line,
    is_inside,
    safe_id,
)

_NUMBERED: Final = re.compile(r"-\d{1,2}$")


def read(entries: Sequence[Path], roster: Roster, scratch: Path, deadline: dt.datetime | None) -> Source:
    """Read the clones of a class; of each the last commit before `deadline`, where one is given."""
    clones = [entry for entry in entries if entry.is_dir()]
    others = tuple(entry for entry in entries if not entry.is_dir())
    prefix = _common_prefix([entry.name for entry in clones])
    submissions = []
    for entry in clones:
        submission = ClassSubmission(id=safe_id(entry.name), path=entry, people=_owners(entry.name, prefix, roster))
        try:
            submissions.append(_check_out(submission, entry, scratch, deadline))
        except (OSError, ValueError) as error:
            problem = f"its repository cannot be read ({first_line(error)}). Clone it again."
            submissions.append(replace(submission, path=None, problem=problem, state=UNREADABLE))
    return Source("GitHub Classroom's repositories", tuple(submissions), unnamed=others)


def _owners(repository: str, prefix: str, roster: Roster) -> tuple[Person, ...]:
    """Return whose a repository is: a roster's repository, team or login, of which the longest tail of the name counts.

    Of whoever accepted the assignment twice, the second one ends in `-1`. Without one of these: what follows the
    beginning that all names share.
    """
    if people := roster.of_repository(repository):
        return people
    for name in (repository, _NUMBERED.sub("", repository)):
        words = name.split("-")
        for tail in ("-".join(words[first:]) for first in range(len(words))):
            if people := roster.of_login(tail) or roster.of_team(tail):
                return people
    user = repository.removeprefix(prefix)
    return (Person(name=user, login=user),)


def _check_out(
    submission: ClassSubmission, repository: Path, scratch: Path, deadline: dt.datetime | None
) -> ClassSubmission:
    if not is_repository(repository):
        return replace(submission, notes=("It is no repository: graded as a folder.",))
    try:
        commit = repositories.last_commit(repository, deadline)
    except repositories.UnfollowedError as error:
        return replace(submission, notes=(f"Its .git was not followed, for {error}: graded as a folder.",))
    if commit is None:
        when = deadline.isoformat() if deadline else "now"
        problem = f"its repository has no commit before {when}."
        return replace(submission, path=None, state=NOTHING, problem=problem)
    if deadline is None:
        return replace(submission, created_at=commit.at)
    target = scratch / "commits" / submission.id
    target.mkdir(parents=True, exist_ok=True)
    for name, content in commit.files.items():
        if not is_inside(name):
            continue
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return replace(submission, path=target, created_at=commit.at, notes=(f"Graded at commit {commit.id[:10]}.",))


def _common_prefix(names: list[str]) -> str:
    """Return `homework-` of `homework-octocat` and `homework-hubot`: what comes before a dash that all share."""
    parts = [name.split("-") for name in names]
    depth = 0
    while len(names) > 1 and all(len(words) > depth + 1 and words[depth] == parts[0][depth] for words in parts):
        depth += 1
    return "".join(f"{word}-" for word in parts[0][:depth]) if names else ""
