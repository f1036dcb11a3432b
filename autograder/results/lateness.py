"""Late work: what a submission's own time costs it, by the dates and rules in `assignment.toml` and by extensions.

Computed from the time of submission, never from the clock, so that grading again gives the same. Points are only ever
taken where the rules say so; a submission whose time is not known is not late.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from autograder.assignment.config import Assignment
from autograder.assignment.policy import LateRules
from autograder.base.gradescope import Metadata
from autograder.base.numbers import as_percent, trim
from autograder.base.people import Person
from autograder.results.extensions import (
    Balance,
    Extension,
    describe_doubts,
    read_balances,
    read_extensions,
    settle,
)
from autograder.results.moments import read_moment, show_moment, show_span, spell_days
from autograder.results.report import TestResult
from autograder.results.score_note import write_score_note

ROW_NAME: Final = "Handed in late"
_LATE: Final = "late"  # in extra_data
_LEFT: Final = "After lateness:"
_DAY: Final = dt.timedelta(days=1)
_LONG_AGO: Final = dt.timedelta(days=90)
_FAR: Final = dt.timedelta(days=366)
_RULE: Final = "due date"


@dataclass(frozen=True)
class Lateness:
    """What became of one submission. days: begun days after the due date and the grace, free days not yet off."""

    due: dt.datetime
    created_at: dt.datetime
    days: int
    free: int
    share: float
    extension: str = ""
    grace: dt.timedelta = dt.timedelta(0)

    @property
    def counts(self) -> bool:
        """Whether anything follows from it: otherwise it is recorded, and the student reads no word about it."""
        return bool(self.share or self.free)

    def adjust(self, raw: float) -> float:
        """Return the points that are left of `raw`."""
        return round(raw * (1 - self.share), 6) + 0.0

    def row(self, raw: float) -> TestResult:
        """Return what the student reads."""
        due, created_at = show_moment(self.due), show_moment(self.created_at)
        span = show_span(self.created_at - self.due)
        lines = [f"Due {due}{self.extension}; handed in {created_at}, {span} later{self._after_grace()}."]
        if self.free:
            lines.append(f"{spell_days(min(self.free, self.days))} late at no cost.")
        if self.share:
            beyond = " beyond that" if self.free else ""
            left = f", {self.adjust(raw):g} of {raw:g} points are left" if raw else ""
            lines.append(f"{spell_days(self.days - self.free)} late{beyond}: {as_percent(self.share)} less{left}.")
        return TestResult(name=ROW_NAME, output="\n\n".join(lines))

    def _after_grace(self) -> str:
        if not self.grace:
            return ""
        beyond = self.created_at.astimezone(dt.timezone.utc) - self.due.astimezone(dt.timezone.utc) - self.grace
        return f", {show_span(beyond)} after the {show_span(self.grace)} of grace"


@dataclass(frozen=True)
class LatePolicy:
    """What makes work of one part of the homework late: its rules, the extensions, and the late days that are left.

    unclear: lines of late days that may mean several people of the class, and so count for nobody.
    """

    rules: LateRules
    extensions: Sequence[Extension] = field(default=())
    balances: Sequence[Balance] = field(default=())
    unclear: Sequence[Balance] = field(default=())

    def lateness(self, created_at: str, people: Iterable[Person], elsewhere: Iterable[str] = ()) -> Lateness | None:
        """Return whether work of that time is late; None where it is not, or no date or time is known.

        Where lateness costs nothing it is counted all the same: a course may have a rule of its own.
        elsewhere: due dates that another system has for these people; the latest of all counts.
        Of a group's extensions the most generous counts. Days are begun ones: a minute after the grace is a day.
        """
        rules, people = self.rules, tuple(people)
        handed_in = read_moment(created_at)
        if rules.due is None or handed_in is None:
            return None
        due, told = rules.due, ""
        for entry in self.extensions:
            if any(person.is_called(entry.student, entry.way) for person in people):
                moved = entry.apply_to(rules.due, rules.zone)
                if moved > due:
                    due, told = moved, " (with an extension)"
        for text in elsewhere:
            other = read_moment(text)
            if other is not None and other > due:
                due, told = other, " (by the date on Gradescope)"
        if rules.zone is not None:
            due, handed_in = due.astimezone(rules.zone), handed_in.astimezone(rules.zone)
        grace = dt.timedelta(minutes=rules.grace_minutes)
        days = _count_days(due, handed_in, grace, rules.zone)
        if not days:
            return None
        free = min(self._free_days(people), days)
        share = min(1.0, (days - free) * rules.penalty_per_day)
        if rules.most_days is not None and days > rules.most_days:
            share = 1.0
        return Lateness(due, handed_in, days, free, share, told, grace)

    def _free_days(self, people: Sequence[Person]) -> int:
        """Late days at no cost: of a group the most that any of them has left; the rules' where no list has them."""
        left = [
            entry.days
            for entry in self.balances
            if any(person.is_called(entry.student, entry.way) for person in people)
        ]
        return max(left, default=self.rules.free_days)

    def disagreements(self, metadata: Metadata) -> list[str]:
        """Return a sentence for each due date on Gradescope that is not ours, where lateness costs something."""
        ours = self.rules.due
        if ours is None or not self.rules.costs:
            return []
        told = []
        for text in dict.fromkeys((metadata.due_date, *metadata.due_dates)):
            other = read_moment(text)
            if other is not None and other != ours:
                whose = "Gradescope has" if text == metadata.due_date else "Gradescope has for this student"
                told.append(
                    f"{whose} {show_moment(other)} as the due date, assignment.toml {show_moment(ours)}. The later "
                    "counts."
                )
        return told

    def settle(self, people: Iterable[Person]) -> LatePolicy:
        """Return the policy for one class. A line that can mean several people of it counts for none of them."""
        every = list(people)
        balances = settle(self.balances, every)
        clear = {entry.line for entry in balances}
        unclear = tuple(entry for entry in self.balances if entry.line not in clear)
        return replace(self, extensions=settle(self.extensions, every), balances=balances, unclear=unclear)

    def free_days_of(self, person: Person) -> int:
        """Return the late days at no cost that somebody had before this assignment."""
        return self._free_days((person,))

    def doubts(self, people: Iterable[Person]) -> list[str]:
        """Return a sentence for every line of somebody who is not in the class, or who may be one of several."""
        every = list(people)
        found = [
            *describe_doubts("extensions", self.extensions, every),
            *describe_doubts("late days", self.balances, every),
        ]
        due = self.rules.due
        found += [
            f"extensions, line {entry.line}: the new date of {entry.student!r}, {show_moment(entry.due)}, is not "
            f"after the due date, {show_moment(due)}; it changes nothing."
            for entry in self.extensions
            if due is not None and entry.due is not None and entry.due <= due
        ]
        return found

    def warn_untimed(self, times: Iterable[str]) -> list[str]:
        """Return a sentence where lateness would cost something and nobody knows when work was handed in."""
        known = [read_moment(created_at) is not None for created_at in times]
        if not self.rules.costs or all(known):
            return []
        return [f"{known.count(False)} of {len(known)} submissions carry no time: whether they are late is not judged."]

    def penalty_now(self, now: dt.datetime) -> CurrentPenalty | None:
        """Return what the rules do to work that is handed in now; None where there is no date."""
        if self.rules.due is None:
            return None
        late = self.lateness(now.isoformat(), ())
        return CurrentPenalty(
            self.rules, self.rules.due, now, 0.0 if late is None else late.share, len(self.extensions)
        )


@dataclass(frozen=True)
class CurrentPenalty:
    """What the rules do to work that is handed in at this moment. share: of its points that it loses."""

    rules: LateRules
    due: dt.datetime
    now: dt.datetime
    share: float
    extensions: int

    @property
    def is_nothing_left(self) -> bool:
        """Whether everybody who hands in now gets 0."""
        return self.share >= 1

    @property
    def text(self) -> str:
        """The same as a sentence or two."""
        rules, due = self.rules, self.due
        passed = self.now > due
        when = f"Due {show_moment(due)}, {show_span(abs(self.now - due))} {'ago' if passed else 'from now'}."
        if not rules.costs:
            return f"{when} Lateness costs nothing.{self.doubt}"
        policy = f"Each day begun costs {as_percent(rules.penalty_per_day)}"
        if rules.most_days is not None:
            policy += f", nothing is left after {spell_days(rules.most_days)}"
        people = f"{self.extensions or 'no'} extension{'' if self.extensions == 1 else 's'}"
        today = f" Who hands in now loses {as_percent(self.share)}." if passed else ""
        return f"{when} {policy}; {people}.{today}{self.doubt}"

    @property
    def doubt(self) -> str:
        """Why the date may be a mistake, in a sentence after a blank; or nothing."""
        if self.now - self.due > _LONG_AGO:
            return " That is long ago: set [due] in assignment.toml, unless work of that term is graded."
        if self.due - self.now > _FAR:
            return " That is far ahead: is the year in [due] right?"
        return ""


def _count_days(due: dt.datetime, handed_in: dt.datetime, grace: dt.timedelta, zone: dt.tzinfo | None) -> int:
    """Count the days begun after the due date and the grace; a day of the wall's clock may have 23 hours, or 25."""
    end = (due.astimezone(dt.timezone.utc) + grace).astimezone(zone or dt.timezone.utc)
    if handed_in.astimezone(dt.timezone.utc) <= end.astimezone(dt.timezone.utc):
        return 0
    late = handed_in - end if zone is None else handed_in.replace(tzinfo=None) - end.replace(tzinfo=None)
    return max(math.ceil(late / _DAY), 1)


def load_late_policy(
    assignment: Assignment, part: str, extensions: Path | None = None, late_days: Path | None = None
) -> LatePolicy:
    """Load the late policy of `part`, `programming` or `written`.

    extensions, late_days: files in the place of the assignment's own.
    Raises AssignmentError as `read_extensions` does.
    """
    rules = assignment.late.get(part, LateRules())
    file = extensions or (assignment.root / rules.extensions if rules.extensions else None)
    bank = late_days or (assignment.root / rules.late_days if rules.late_days else None)
    return LatePolicy(rules, read_extensions(file, rules.zone) if file else (), read_balances(bank) if bank else ())


@dataclass(frozen=True)
class LateRecord:
    """What `extra_data.late` of a results.json keeps of lateness, so that another rule can be applied to it.

    raw: the score before lateness. due: in ISO 8601. Of the rest see `Lateness`.
    """

    raw: float
    days: int = 0
    free: int = 0
    share: float = 0.0
    due: str = ""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> LateRecord | None:
        """Return the record of a results.json; None where the work was not late. What is damaged is left out."""
        late = (document.get("extra_data") or {}).get(_LATE)
        if not isinstance(late, Mapping) or not isinstance(late.get("raw"), (int, float)):
            return None
        kinds: dict[str, Any] = {"raw": (int, float), "days": int, "free": int, "share": (int, float), "due": str}
        return cls(**{name: late[name] for name, kind in kinds.items() if isinstance(late.get(name), kind)})


def apply(document: Mapping[str, Any], lateness: Lateness | None) -> dict[str, Any]:
    """Return a results.json with `lateness` in it: its row first, its score in the place of the sum. Repeatable.

    `extra_data` keeps a `LateRecord`, also of lateness without consequences, which changes nothing else.
    """
    extra = dict(document.get("extra_data") or {})
    extra.pop(_LATE, None)
    before = LateRecord.read(document)
    raw = before.raw if before is not None else document.get("score", 0)
    tests = [test for test in document["tests"] if not (test.get("name") == ROW_NAME and "number" not in test)]
    score = raw
    if lateness is not None:
        if lateness.counts:
            score = trim(lateness.adjust(float(raw)))
            tests.insert(0, lateness.row(float(raw)).row())
        record = LateRecord(raw, lateness.days, lateness.free, lateness.share, lateness.due.isoformat())
        extra[_LATE] = asdict(record)
    return {
        **document,
        "score": score,
        "tests": tests,
        "extra_data": extra,
        **write_score_note(document, _LEFT, raw, score),
    }


def add_flags(document: Mapping[str, Any], sentences: Sequence[str]) -> dict[str, Any]:
    """Return a results.json with these sentences among what the staff should look at. Repeatable."""
    extra = dict(document.get("extra_data") or {})
    others = [flag for flag in extra.get("flags") or () if flag.get("rule") != _RULE]
    extra["flags"] = [*others, *({"rule": _RULE, "file": "", "line": 0, "detail": text} for text in sentences)]
    return {**document, "extra_data": extra}
