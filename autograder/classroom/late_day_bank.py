"""The late days of a term: what this assignment used of them, and what each person has left for the next."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from autograder.base.files import replace_file
from autograder.base.people import Person
from autograder.base.spreadsheet import as_csv
from autograder.classroom.sources.claims import is_claim
from autograder.classroom.store import Classroom
from autograder.results.lateness import LatePolicy, LateRecord

FILE_NAME: Final = "late-days.csv"


def write(room: Classroom, late_policy: LatePolicy) -> Path | None:
    """Write `DIR/late-days.csv`, which `--late-days` of the next assignment reads; None where no days are free.

    Who has late days and no work here keeps them.
    """
    if not late_policy.balances and not late_policy.rules.free_days:
        return None
    used: dict[Person, int] = {}
    for entry in room.entries:
        late = LateRecord.read(entry.results or {})
        for person in entry.people:
            if is_claim(person):
                continue  # nobody knows whose days these are
            used[person] = max(used.get(person, 0), late.free if late is not None else 0)
    lines: list[list[object]] = []
    for person, days in sorted(used.items(), key=lambda pair: (pair[0].title.casefold(), pair[0].key)):
        had = late_policy.free_days_of(person)
        known_as = person.email or person.sid or person.login or person.lms_id or person.title
        own = min(days, had)  # the rest of a group's days are a partner's
        lines.append([known_as, person.name, had, own, had - own])
    away = [e for e in late_policy.balances if not any(person.is_called(e.student, e.way) for person in used)]
    lines += [[entry.student, "", entry.days, 0, entry.days] for entry in (*away, *late_policy.unclear)]
    file = room.folder / FILE_NAME
    replace_file(file, as_csv([["student", "called", "before", "used", "left"], *lines]))
    return file
