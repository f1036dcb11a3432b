"""Every figure of the report, computed from the rows that `grades.csv` also holds."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from autograder.base.numbers import sort_key
from autograder.classroom.grades import GRADED, GradeBook, Row, Test
from autograder.classroom.sources import NOTHING

BINS: Final = 20


@dataclass(frozen=True)
class Item:
    """How one test did over the class. passed, mean: fractions; discrimination: NaN where it says nothing.

    passed: of those with every point; where there are no points, of those that did not fail.
    """

    test: Test
    passed: float
    mean: float
    discrimination: float
    seconds: float


@dataclass(frozen=True)
class Mistake:
    """A diagnosed mistake: who made it, by row, and in which tests it showed."""

    sentence: str
    people: tuple[Row, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """Every figure of the page, from the rows that `grades.csv` holds too."""

    book: GradeBook

    @cached_property
    def scores(self) -> list[float]:
        """One for each graded row, after lateness."""
        return [row.score for row in self.book.graded if row.score is not None]

    @property
    def mean(self) -> float:
        """Of the scores; NaN for none."""
        return statistics.fmean(self.scores) if self.scores else math.nan

    @property
    def raw_mean(self) -> float:
        """Of the scores before lateness; NaN for none."""
        raw = [row.raw for row in self.book.graded if row.raw is not None]
        return statistics.fmean(raw) if raw else math.nan

    @property
    def median(self) -> float:
        """Of the scores; NaN for none."""
        return statistics.median(self.scores) if self.scores else math.nan

    @property
    def handed_in(self) -> int:
        """How many submissions there are; who handed in nothing has none."""
        return len({row.entry.id for row in self.book.rows if row.status != NOTHING})

    @property
    def left_out(self) -> int:
        """How many submissions no test was run for, as nothing in them can be graded."""
        return len({row.entry.id for row in self.book.graded if row.status != GRADED})

    @property
    def full(self) -> int:
        """How many have every point of their own edition."""
        return sum((row.score or 0.0) >= (row.of or self.book.points) - 1e-9 for row in self.book.graded)

    @property
    def histogram(self) -> list[int]:
        """How many scores in each of BINS equal parts of the points; full points are in the last one.

        Of several editions that are worth different points, each score counts by its share of its own.
        """
        counts = [0] * BINS
        for row in self.book.graded:
            share = (row.score or 0.0) / (row.of or self.book.points or 1)
            counts[min(max(int(share * BINS), 0), BINS - 1)] += 1
        return counts

    @property
    def items(self) -> list[Item]:
        """A line for each test, over the submissions that it ran for: where nothing can be graded, none did."""
        rows = [row for row in self.book.graded if row.status == GRADED]
        return [self._item(test, [row for row in rows if test.is_in(row)]) for test in self.book.tests]

    @staticmethod
    def _item(test: Test, rows: Sequence[Row]) -> Item:
        points = [row.points[test.number] for row in rows]
        rest = [math.fsum(row.points.values()) - row.points[test.number] for row in rows]
        seconds = [row.staff[test.number]["seconds"] for row in rows if "seconds" in row.staff.get(test.number, {})]
        worth = test.points or 1.0
        return Item(
            test=test,
            passed=statistics.fmean(row.has_passed(test) for row in rows) if rows else math.nan,
            mean=statistics.fmean(points) / worth if points and test.points else math.nan,
            discrimination=correlation(points, rest),
            seconds=statistics.median(seconds) if seconds else math.nan,
        )

    @property
    def mistakes(self) -> list[Mistake]:
        """The diagnosed mistakes, the commonest first."""
        people: dict[str, dict[int, Row]] = defaultdict(dict)
        tests: dict[str, set[str]] = defaultdict(set)
        for index, row in enumerate(self.book.graded):
            for number, staff in row.staff.items():
                if sentence := staff.get("diagnosis"):
                    people[sentence][index] = row
                    tests[sentence].add(number)
        found = [
            Mistake(sentence, tuple(rows.values()), tuple(sorted(tests[sentence], key=sort_key)))
            for sentence, rows in people.items()
        ]
        return sorted(found, key=lambda mistake: (-len(mistake.people), mistake.sentence))


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's; NaN where either does not vary, or there are fewer than three."""
    if len(one) < 3:
        return math.nan
    try:
        return statistics.correlation(one, other)
    except statistics.StatisticsError:
        return math.nan


def one_each(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each submission: a group is drawn once."""
    return list({row.entry.id: row for row in rows}.values())
