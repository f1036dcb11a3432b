"""The report of one grading: its rows, and the results.json that Gradescope reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from autograder.base.errors import GraderError
from autograder.base.numbers import trim
from autograder.base.text import clean
from autograder.results.staff_notes import StaffNotes

#: The tag of a test whose points come on top of the assignment's.
EXTRA: Final = "extra credit"


@dataclass(frozen=True)
class TestResult:
    """One row of results.json. `score` None: a row that informs. `passed` None: neither passed nor failed.

    leaderboard: the entry that its test makes on Gradescope's leaderboard.
    """

    name: str
    number: str = ""
    score: float | None = None
    max_score: float | None = None
    passed: bool | None = None
    output: str = ""
    tags: tuple[str, ...] = ()
    visibility: str | None = None
    staff: Mapping[str, Any] = field(default_factory=dict)
    leaderboard: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Clean what people read, wherever it is shown: in a browser, a terminal or a table."""
        object.__setattr__(self, "name", clean(self.name))
        object.__setattr__(self, "output", clean(self.output))

    def row(self) -> dict[str, Any]:
        """Return the row as Gradescope takes it; what is for the staff alone stays out."""
        name = f"{self.name} (extra credit)" if EXTRA in self.tags else self.name
        row: dict[str, Any] = {"name": name, "output": self.output, "output_format": "md"}
        if self.number:
            row["number"] = self.number
        if self.score is not None:
            row["score"], row["max_score"] = _points(self.score), _points(self.max_score or 0.0)
        if self.passed is not None:
            row["status"] = "passed" if self.passed else "failed"
        if self.tags:
            row["tags"] = list(self.tags)
        if self.visibility is not None:
            row["visibility"] = self.visibility
        return row


@dataclass(frozen=True)
class Report:
    """One results.json.

    notes: what the staff see of the whole run.
    finish: has the last word on the whole document, lateness for instance.
    """

    tests: tuple[TestResult, ...]
    output: str = ""
    execution_time: float = 0.0
    visibility: str = "visible"
    stdout_visibility: str = "hidden"
    notes: StaffNotes = field(default_factory=StaffNotes)
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Clean what people read."""
        object.__setattr__(self, "output", clean(self.output))

    @property
    def score(self) -> float:
        """The sum of the tests' points, what a breach of the rules takes among them; never below zero."""
        return _points(max(math.fsum(test.score or 0.0 for test in self.tests), 0.0))

    @property
    def max_score(self) -> float:
        """The points that could be had, extra credit left out."""
        return _points(math.fsum(test.max_score or 0.0 for test in self.tests if EXTRA not in test.tags))

    def document(self) -> dict[str, Any]:
        """Return the whole document; `extra_data` is what only the staff sees."""
        per_test = {test.number or test.name: dict(test.staff) for test in self.tests if test.staff}
        leaders = {str(test.leaderboard["name"]): dict(test.leaderboard) for test in self.tests if test.leaderboard}
        document = {
            "score": self.score,
            "execution_time": round(self.execution_time, 3),
            "output": self.output,
            "output_format": "md",
            "test_output_format": "md",
            "test_name_format": "text",
            "visibility": self.visibility,
            "stdout_visibility": self.stdout_visibility,
            "tests": [test.row() for test in self.tests],
            "leaderboard": list(leaders.values()),
            "extra_data": {**self.notes.to_json(), "tests": per_test},
        }
        return self.finish(document) if self.finish is not None else document


def _points(value: float) -> float:
    if not math.isfinite(value):
        raise GraderError(f"A score of {value} cannot be reported.")
    return trim(value)


def failed_report(reason: str, remedy: str = "") -> Report:
    """Return a report for the case that nothing could be graded through no fault of the student's."""
    text = (
        "**This submission was not graded, and it is not your fault.** The course staff have to fix something first; "
        "your submission is kept and will be graded again."
    )
    row = TestResult(name="The autograder could not run", score=0.0, max_score=0.0, passed=False, output=text)
    return Report(tests=(row,), output=text, notes=StaffNotes(problem=reason, remedy=remedy))
