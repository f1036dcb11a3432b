"""What a class can be asked for by a click: who lost a test, made a mistake, is late, was flagged, or has no grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autograder.classroom.grades import GRADED, GradeBook, Row
from autograder.classroom.report.statistics import Mistake

NO_WRITTEN: Final = "no written part"
EXTENSION, IN_TIME, LATE_DAYS = "extension", "in time by an extension", "late days used"
_LONGEST: Final = 40


@dataclass(frozen=True)
class Chip:
    """Something to click on. facet: what rows of it carry; label: `students who …`."""

    facet: str
    title: str
    label: str
    count: int


def list_facets(book: GradeBook, mistakes: Sequence[Mistake], again: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the facets of every row, in the order of the book. again: those of a submission's tries, by its id."""
    made: dict[str, list[str]] = {}
    for index, mistake in enumerate(mistakes):
        for row in mistake.people:
            made.setdefault(row.entry.id, []).append(f"mistake:{index}")
    return [
        [
            *(f"lost:{test.label}" for test in book.tests if test.is_in(row) and not row.has_passed(test)),
            *dict.fromkeys(made.get(row.entry.id, ())),
            *(f"state:{state}" for state in _states(row, book)),
            *(f"flag:{kind}" for kind in _kinds(row)),
            *again.get(row.entry.id, ()),
        ]
        for row in book.rows
    ]


def _states(row: Row, book: GradeBook) -> list[str]:
    found = [row.status]
    if book.written_points is not None and row.written is None:
        found.append(NO_WRITTEN)
    if row.days_late:
        found.append("late")
    if row.needs_a_look:
        found.append("flagged")
    if row.changed:
        found.append("changed by hand")
    allowance = row.allowance
    found += [EXTENSION] * bool(allowance.extension) + [IN_TIME] * allowance.needed + [LATE_DAYS] * bool(allowance.used)
    return found


def _kinds(row: Row) -> set[str]:
    """Return what a flag begins with: the rule, or its first words."""
    return {kind for flag in row.flags if (kind := flag.partition(": ")[0] if ": " in flag[:_LONGEST] else "")}


def states(book: GradeBook) -> list[Chip]:
    """Return a chip for every state that anybody is in, graded first."""
    counts = Counter(state for row in book.rows for state in _states(row, book))
    ordered = sorted(counts, key=lambda state: (state != GRADED, -counts[state], state))
    return [Chip(f"state:{state}", state, _sentence(state), counts[state]) for state in ordered]


def _sentence(state: str) -> str:
    if state.startswith("nothing"):
        return f"have {state}" if "handed" not in state else "handed in nothing"
    if state == NO_WRITTEN:
        return "have no points for the written part"
    if state == "changed by hand":
        return "have points that were changed by hand"
    if state == EXTENSION:
        return "have an extension"
    if state == IN_TIME:
        return "are in time only by an extension"
    if state == LATE_DAYS:
        return "used late days"
    return f"are {state}" if state != "grader's fault" else "were not graded through the grader's fault"


def flags(book: GradeBook) -> list[Chip]:
    """Return a chip for every kind of flag that has a name."""
    counts = Counter(kind for row in book.rows for kind in _kinds(row))
    return [Chip(f"flag:{kind}", kind, f"have the flag {kind}", counts[kind]) for kind in sorted(counts)]
