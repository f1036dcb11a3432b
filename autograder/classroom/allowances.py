"""What each person of a class is allowed beyond the due date: an extension, and the late days used here and left.

DIR/allowances.json: by a submission's id, one for each of its people, as `batch` applied them; the report shows them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from autograder.base.files import as_json, replace_file
from autograder.base.people import Person
from autograder.classroom.sources.claims import is_claim
from autograder.classroom.store import Classroom, Entry
from autograder.results.extensions import Extension
from autograder.results.lateness import LatePolicy, LateRecord
from autograder.results.moments import read_moment, show_moment, spell_days

FILE_NAME: Final = "allowances.json"
_MOST_GROUPS: Final = 10


@dataclass(frozen=True)
class Allowance:
    """What one person has beyond the due date.

    extension: in words, or "". needed: whether the work is on time only because of an extension. used, left: late days,
    of this homework and after it; None if nobody in the class has any.
    """

    extension: str = ""
    needed: bool = False
    used: int | None = None
    left: int | None = None

    @property
    def is_used(self) -> bool:
        """Whether the person has more than everybody: an extension, or late days used."""
        return bool(self.extension or self.needed or self.used)

    @property
    def sentences(self) -> list[str]:
        """The same for people to read."""
        found = [f"Extension {self.extension}"] if self.extension else []
        if self.needed:
            found.append("In time only by it." if self.extension else "In time only by a partner's extension.")
        if self.left is not None:
            used = f"{spell_days(self.used)} used here" if self.used else "none used here"
            found.append(f"Late days: {used}, {self.left} left.")
        return found


def measure(room: Classroom, policy: LatePolicy) -> dict[str, list[Allowance]]:
    """Return those of every submission's people, by its id."""
    return {entry.id: _measure(entry, policy) for entry in room.entries if entry.people}


def _measure(entry: Entry, policy: LatePolicy) -> list[Allowance]:
    own = {person: _find_extension(person, policy) for person in entry.people}
    needed = _is_needed(entry, policy, [one for one in own.values() if one is not None])
    has_days = bool(policy.balances or policy.rules.free_days)
    late = LateRecord.read(entry.results or {})
    found = []
    for person in entry.people:
        if is_claim(person):
            found.append(Allowance())  # nobody knows whose these are
            continue
        had = policy.free_days_of(person)
        used = min(late.free if late is not None else 0, had)  # of a group's days, a person's own
        left = had - used if has_days else None
        extension = own[person]
        text = "" if extension is None else _describe(extension, policy)
        found.append(Allowance(text, needed, used if has_days else None, left))
    return found


def _find_extension(person: Person, policy: LatePolicy) -> Extension | None:
    """Return the extension that gives a person most."""
    own = [one for one in policy.extensions if person.is_called(one.student, one.way)]
    return max(own, key=lambda one: (_until(one, policy) or dt.datetime.min.replace(tzinfo=dt.timezone.utc), one.days),
               default=None)  # fmt: skip


def _until(extension: Extension, policy: LatePolicy) -> dt.datetime | None:
    due = extension.due or policy.rules.due
    return None if due is None else extension.apply_to(due, policy.rules.zone)


def _is_needed(entry: Entry, policy: LatePolicy, extensions: list[Extension]) -> bool:
    """Return whether work is after the due date and its grace, and not after an extension and its own."""
    handed_in, due = read_moment(entry.created_at), policy.rules.due
    if handed_in is None or due is None:
        return False
    grace = dt.timedelta(minutes=policy.rules.grace_minutes)
    ends = [until for one in extensions if (until := _until(one, policy)) is not None]
    return due + grace < handed_in <= max(ends, default=due) + grace


def _describe(extension: Extension, policy: LatePolicy) -> str:
    until = _until(extension, policy)
    when = f"of {extension.days:g} days" if until is None else f"until {show_moment(until)}"
    return f"{when}: {extension.reason.rstrip('.')}." if extension.reason else f"{when}."


def describe_groups(room: Classroom, policy: LatePolicy) -> list[str]:
    """Say whose late days or extension a group goes by, where not all of its people have them."""
    found = [line for entry in room.entries if len(entry.people) > 1 for line in _describe_group(entry, policy)]
    more = len(found) - _MOST_GROUPS
    return [*found[:_MOST_GROUPS], *([f"So it is in {more} more cases; the report shows each."] if more > 0 else [])]


def _describe_group(entry: Entry, policy: LatePolicy) -> Iterator[str]:
    people = [person for person in entry.people if not is_claim(person)]
    late = LateRecord.read(entry.results or {})
    free = late.free if late is not None else 0
    had = {person: policy.free_days_of(person) for person in people}
    short = [person for person in people if had[person] < free]
    payers = [f"{person.title} ({min(free, had[person])})" for person in people if had[person]]
    if short and payers:
        yield (
            f"{entry.title}: {spell_days(free)} late at no cost, by late days of {_list_all(payers)}. "
            f"{_name_all(short)} had fewer left: these are used up, and nothing more is taken."
        )
    due, handed_in = policy.rules.due, read_moment(entry.created_at)
    if due is None or handed_in is None:
        return
    own = {person: _find_extension(person, policy) for person in people}
    until = {person: due if one is None else max(_until(one, policy) or due, due) for person, one in own.items()}
    latest = max(until.values(), default=due)
    grace = dt.timedelta(minutes=policy.rules.grace_minutes)
    without = [person for person in people if until[person] < latest and until[person] + grace < handed_in]
    if without:
        givers = [person for person in people if until[person] == latest]
        yield f"{entry.title}: the extension of {_name_all(givers)} counts for {_name_all(without)} as well."


def _name_all(people: Sequence[Person]) -> str:
    return _list_all([person.title for person in people])


def _list_all(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def write(room: Classroom, policy: LatePolicy) -> None:
    """Write `DIR/allowances.json`."""
    found = {name: [asdict(one) for one in some] for name, some in measure(room, policy).items()}
    replace_file(room.folder / FILE_NAME, as_json(found))


def load(folder: Path) -> dict[str, list[Allowance]]:
    """Return what was written; nothing where nothing was, or it is damaged."""
    try:
        document = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return {name: [Allowance(**one) for one in some] for name, some in document.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def of_people(entry: Entry, allowances: Mapping[str, list[Allowance]]) -> dict[Person, Allowance]:
    """Return the allowance of each of a submission's people."""
    some = allowances.get(entry.id, [])
    return dict(zip(entry.people, some, strict=True)) if len(some) == len(entry.people) else {}
