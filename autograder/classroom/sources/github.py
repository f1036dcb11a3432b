"""GitHub Classroom's clones: a repository for each student or team, and its roster."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.base.text import first_line
from autograder.classroom.repositories import is_repository
from autograder.classroom.sources.checkouts import check_out
from autograder.classroom.sources.claims import Grounds, Link, settle
from autograder.classroom.sources.class_list import Roster
from autograder.classroom.sources.model import UNREADABLE, ClassSubmission, Source, safe_id

_NUMBERED: Final = re.compile(r"-\d{1,2}$")


def read(
    entries: Sequence[Path], roster: Roster, scratch: Path, deadline: dt.datetime | None, useful: tuple[str, ...]
) -> Source:
    """Read the clones of a class; of each the last commit, before `deadline` where one is given.

    useful: the endings of the files that an intake reads.
    """
    clones = [entry for entry in entries if entry.is_dir()]
    others = tuple(entry for entry in entries if not entry.is_dir())
    prefixes = _shared_prefixes([entry.name for entry in clones if is_repository(entry)])
    ids = [safe_id(entry.name) for entry in clones]
    settled = settle(ids, _link_all([entry.name for entry in clones], prefixes, roster))
    submissions = []
    for entry, ident, owners in zip(clones, ids, settled, strict=True):
        people = tuple(owner.person for owner in owners)
        notes = tuple(dict.fromkeys(owner.note for owner in owners if owner.note))
        submission = ClassSubmission(id=ident, path=entry, people=people, notes=notes)
        try:
            submissions.append(check_out(submission, entry, scratch, deadline, useful))
        except (OSError, ValueError) as error:
            problem = f"its repository cannot be read ({first_line(error)}). Clone it again."
            submissions.append(replace(submission, path=None, problem=problem, state=UNREADABLE))
    kind = "GitHub Classroom's repositories"
    return Source(kind, tuple(submissions), unnamed=others, chosen_logins=True, has_commits=True)


@dataclass(frozen=True)
class _Tail:
    """What follows the beginning that all repositories share, and whose login or team that is.

    is_part: whether a number follows it, as of whoever accepted the assignment twice.
    """

    text: str
    person: tuple[Person, ...] = ()
    team: tuple[Person, ...] = ()
    is_part: bool = False


def _link_all(names: Sequence[str], prefixes: Sequence[str], roster: Roster) -> list[list[Link]]:
    """Return whose each repository is: by the roster's repositories, else by what follows a beginning that all share.

    That is a login or a team of the roster's, whole: which of them, most of the class says. Of whoever accepted the
    assignment twice, the second one ends in `-1`; but somebody else may be called so, and then it is that person's.
    """
    listed = [roster.of_repository(name) for name in names]
    tails = [_find_tail([name.removeprefix(prefix) for prefix in prefixes], roster) for name in names]
    unlisted = [tail for tail, people in zip(tails, listed, strict=True) if not people]
    by_groups = roster.hands_in_by_groups(
        (person for tail in unlisted for person in tail.person), (person for tail in unlisted for person in tail.team)
    )
    return [
        [Link(person, person, by_roster=True) for person in people] or _link(tail, Grounds(by_groups=by_groups))
        for tail, people in zip(tails, listed, strict=True)
    ]


def _find_tail(tails: Sequence[str], roster: Roster) -> _Tail:
    for is_part in (False, True):
        for tail in tails:
            spelled = _NUMBERED.sub("", tail) if is_part else tail
            if person := roster.of_login(spelled):
                return _Tail(tail, person=person, is_part=is_part)
            if team := roster.of_team(spelled):
                return _Tail(tail, team=team, is_part=is_part)
    return _Tail(tails[-1])


def _link(tail: _Tail, grounds: Grounds) -> list[Link]:
    # Where most hand in by teams, what looks like a login may be what a team calls itself.
    as_login = Person(tail.text, login="" if grounds.by_groups else tail.text)
    if tail.team:
        return [Link(as_login, member, grounds, tail.team, is_part=tail.is_part) for member in tail.team]
    given = Person(tail.text) if tail.is_part else as_login
    return [Link(given, person, grounds) for person in tail.person] or [Link(as_login)]


def _shared_prefixes(names: Sequence[str]) -> list[str]:
    """Return "", `hw-` and `hw-2-` of `hw-2-octocat` and `hw-2-hubot`: every beginning before a dash that all share.

    Of one name alone nobody knows how long it is: all that there can be.
    """
    parts = [name.split("-") for name in names] or [[]]
    depth = 0
    while all(len(words) > depth + 1 and words[depth] == parts[0][depth] for words in parts):
        depth += 1
    return ["".join(f"{word}-" for word in parts[0][:count]) for count in range(depth + 1)]
