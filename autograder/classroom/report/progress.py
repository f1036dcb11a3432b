"""What became of those who handed in more than once: their first try against their last, by test."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.classroom.grades import GradeBook, Row, Test
from autograder.classroom.report.statistics import one_each
from autograder.classroom.sources import Try

FIXED, STUCK, BROKEN = "fixed", "stuck", "broken"


@dataclass(frozen=True)
class Step:
    """One test: who lost points in it at first and has them now, who still loses some, and who does only now.

    place: among the tests.
    """

    test: Test
    place: int
    lost: int
    fixed: tuple[Row, ...]
    stuck: tuple[Row, ...]
    broken: tuple[Row, ...]


@dataclass(frozen=True)
class Progress:
    """All who handed in more than once. tries: by a submission's id, oldest first; scores are those before lateness."""

    rows: tuple[Row, ...]
    tries: Mapping[str, Sequence[Try]]
    steps: tuple[Step, ...]

    @property
    def first_mean(self) -> float:
        """Of the first scores."""
        return statistics.fmean(self.tries[row.entry.id][0].score for row in self.rows)

    @property
    def last_mean(self) -> float:
        """Of the last scores."""
        return statistics.fmean(self.tries[row.entry.id][-1].score for row in self.rows)

    @property
    def median_tries(self) -> float:
        """How often one of them handed in."""
        return statistics.median(len(self.tries[row.entry.id]) for row in self.rows)

    def facets(self) -> dict[str, list[str]]:
        """Return what leads to each submission of it, by its id."""
        found = {row.entry.id: ["again"] for row in self.rows}
        for step in self.steps:
            for kind, rows in ((FIXED, step.fixed), (STUCK, step.stuck), (BROKEN, step.broken)):
                for row in rows:
                    found[row.entry.id].append(f"{kind}:{step.test.label}")
        return found


def measure(book: GradeBook, tries: Mapping[str, Sequence[Try]]) -> Progress | None:
    """Return the progress of a class; None where nobody handed in twice."""
    rows = tuple(row for row in one_each(book.rows) if row.entry.id in tries)
    if not rows:
        return None
    steps = (
        _step(test, place, [row for row in rows if test.is_in(row)], tries)
        for place, test in enumerate(book.tests)
        if test.points
    )
    some = [step for step in steps if step.lost or step.broken]
    return Progress(rows, tries, tuple(sorted(some, key=lambda step: (-len(step.stuck), -step.lost, step.place))))


def _step(test: Test, place: int, rows: Sequence[Row], tries: Mapping[str, Sequence[Try]]) -> Step:
    def has_passed(row: Row, at: int) -> bool | None:
        points = tries[row.entry.id][at].points.get(test.number)
        return None if points is None else points >= test.points - 1e-9

    ends = [(row, has_passed(row, 0), has_passed(row, -1)) for row in rows]
    return Step(
        test,
        place,
        lost=sum(first is False for _, first, _ in ends),
        fixed=tuple(row for row, first, last in ends if first is False and last),
        stuck=tuple(row for row, first, last in ends if first is False and last is False),
        broken=tuple(row for row, first, last in ends if first and last is False),
    )
