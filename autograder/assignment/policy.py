"""What a course decides beside the grading: due dates and late work, and points by people.

The tables [due], [late] and [people] of assignment.toml, read and checked; all may be left out.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.base.errors import AssignmentError
from autograder.base.toml import Table, open_toml

#: What a homework is graded in; each part has its own date.
PARTS = ("programming", "written")


@dataclass(frozen=True)
class LateRules:
    """What lateness costs. due: None where there is no date. Days are begun ones, after the grace.

    free_days: late days that cost nothing. penalty_per_day: a fraction of the points earned. most_days: after so many,
    nothing is left; None: no such end. extensions, late_days: CSVs, from the assignment's folder; the second has the
    free days that each student has left of a term's. zone: the time zone in which late days are counted.
    """

    due: dt.datetime | None = None
    grace_minutes: float = 0.0
    free_days: int = 0
    penalty_per_day: float = 0.0
    most_days: int | None = None
    extensions: str = ""
    late_days: str = ""
    zone: dt.tzinfo | None = None

    @property
    def costs(self) -> bool:
        """Whether lateness can cost anything."""
        return self.due is not None and (self.penalty_per_day > 0 or self.most_days is not None)


@dataclass(frozen=True)
class ByPeople:
    """What people decide beside the grader. overrides: a CSV of points, from the assignment's folder; empty: none.

    detailed_attempts: submissions of a day that show more than points; 0: all of them.
    """

    overrides: str = ""
    detailed_attempts: int = 0


def read_rules(top: Table) -> dict[str, LateRules]:
    """Return the rules of each part: the dates of [due], and [late]; both may be left out."""
    dates, rules = (top.table(key) if key in top else Table(top.file, key, {}) for key in ("due", "late"))
    grace, share = (
        rules.get(key, float, least=0) if key in rules else 0.0 for key in ("grace_minutes", "penalty_per_day")
    )
    if share > 1:
        raise AssignmentError(f"{top.file}: [late] penalty_per_day must be a fraction, 0 to 1, and is {share:g}")
    common = LateRules(
        grace_minutes=grace,
        free_days=rules.get("free_days", int, least=0) if "free_days" in rules else 0,
        penalty_per_day=share,
        most_days=rules.get("most_days", int, least=0) if "most_days" in rules else None,
        extensions=rules.get("extensions", str) if "extensions" in rules else "",
        late_days=rules.get("late_days", str) if "late_days" in rules else "",
        zone=(zone := _zone(dates)),
    )
    found = {}
    for part in PARTS:
        if part not in dates:
            continue
        due = dates.raw(part)
        if isinstance(due, dt.datetime) and due.tzinfo is None and zone is not None:
            due = due.replace(tzinfo=zone)  # what the clock on that wall shows
        if not isinstance(due, dt.datetime) or due.tzinfo is None:
            raise AssignmentError(
                f"{top.file}: [due] {part} must be a time with an offset, as 2024-02-26T18:00:00-05:00, and is {due!s}"
            )
        found[part] = replace(common, due=due)
    return found


def read_late(file: Path) -> dict[str, LateRules]:
    """Read the dates and rules of an assignment.toml alone, an upload's for instance. Raises as `read_rules` does.

    Keys that are not known are for whoever loads all of it.
    """
    return read_rules(open_toml(file))


def _zone(dates: Table) -> dt.tzinfo | None:
    """Read `timezone`; None where there is none, and times are as their own offsets say."""
    if "timezone" not in dates:
        return None
    name = dates.get("timezone", str)
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise AssignmentError(
            f"{dates.where('timezone')} is {name!r}; expected a name as America/New_York or Europe/Berlin"
        ) from error


def read_people(top: Table) -> ByPeople:
    """Read [people]; it may be left out."""
    if "people" not in top:
        return ByPeople()
    table = top.table("people")
    return ByPeople(
        overrides=table.get("overrides", str) if "overrides" in table else "",
        detailed_attempts=table.get("detailed_attempts", int, least=0) if "detailed_attempts" in table else 0,
    )
