"""What a hidden test's decorators and docstring say, and whether a homework's tests are sound."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import pytest

from autograder.assignment.config import VISIBILITIES, Assignment, Edition
from autograder.assignment.editions import spelled
from autograder.base.errors import AssignmentError
from autograder.feedback.summary import NOT_REACHED
from autograder.results.report import EXTRA, TestResult

F = TypeVar("F", bound=Callable[..., Any])


_EDITIONS: Final = "__editions__"


def editions(*names: str, **weights: float) -> Callable[[F], F]:
    """Decorate a hidden test that some editions ask alone: `@editions("s24", "f25")`, or `@editions("f25", s25=8)`.

    A keyword gives the test's weight in that edition, "-f24" leaves one out that is like another, and "*" stands for
    all others. Without this decorator a test is asked in all of them.
    """

    def mark(function: F) -> F:
        setattr(function, _EDITIONS, dict.fromkeys(names) | weights)
        return function

    return mark


def asked_weight(function: Any, edition: Edition) -> float | None:
    """The points of a hidden test in `edition`; None where that does not ask it."""
    return _weight_in(edition, float(getattr(function, "__weight__", 0)), getattr(function, _EDITIONS, None))


def _weight_in(edition: Edition, weight: float, marked: Mapping[str, float | None] | None) -> float | None:
    if marked is None:
        return weight
    name = edition.marked(marked)
    own = marked[name] if name else None
    return None if not name else weight if own is None else own


@dataclass(frozen=True)
class HiddenTest:
    """What a hidden test's decorators and docstring say.

    editions: those that ask it, with its weight there (None: `weight`); None where all of them do.
    """

    node: str
    number: str
    name: str
    weight: float
    tags: tuple[str, ...]
    visibility: str | None
    hidden_errors: str | None
    leaderboard: tuple[str, str] | None
    editions: Mapping[str, float | None] | None = None

    def asked_in(self, assignment: Assignment) -> HiddenTest | None:
        """This test as `assignment.edition` asks it, its name in that edition's words; None where it does not."""
        weight = _weight_in(assignment.edition, self.weight, self.editions)
        if weight is None:
            return None
        return replace(self, name=spelled(self.name, assignment, assignment.base, assignment.edition), weight=weight)

    @property
    def subject(self) -> str:
        """The class or method that the name begins with, or nothing."""
        found = re.match(r"`?([A-Za-z_][\w.]*)`?", self.name)
        word = found.group(1) if found else ""
        return word if "." in word or "_" in word or word[1:] != word[1:].lower() else ""

    def result(self, **changes: Any) -> TestResult:
        """A row for this test; at zero and not reached unless `changes` say otherwise."""
        defaults: dict[str, Any] = {
            "name": self.name,
            "number": self.number,
            "score": 0.0,
            "max_score": self.weight,
            "passed": False,
            "output": NOT_REACHED,
            "tags": self.tags,
            "visibility": self.visibility,
        }
        return TestResult(**(defaults | changes))


def hidden_test(item: pytest.Item, components: Sequence[str]) -> HiddenTest:
    """Read one collected test. Raises AssignmentError where it is not decorated as it must be."""
    function = getattr(item, "function", None)
    where = item.nodeid

    def attribute(name: str, default: Any = None) -> Any:
        return getattr(function, f"__{name}__", default)

    number, weight, tags = attribute("number"), attribute("weight", 0), attribute("tags", ())
    document = (getattr(function, "__doc__", "") or "").strip()
    if not number:
        raise AssignmentError(f'{where}: the hidden test has no number; decorate it with @number("1.1").')
    if not document:
        raise AssignmentError(f"{where}: the hidden test has no docstring; it is the row's name on Gradescope.")
    marked = attribute("editions")
    for points in (weight, *(value for value in (marked or {}).values() if value is not None)):
        if not isinstance(points, (int, float)) or not math.isfinite(points) or points < 0:
            raise AssignmentError(f"{where}: its weight is {points!r}; expected a number of points, 0 or more.")
    if not tags or tags[0] not in components:
        raise AssignmentError(f"{where}: its first tag must be its component, one of {', '.join(components)}.")
    visibility = attribute("visibility")
    if visibility is not None and visibility not in VISIBILITIES:
        raise AssignmentError(f"{where}: its visibility is {visibility!r}; expected one of {', '.join(VISIBILITIES)}.")
    column = attribute("leaderboard_column")
    return HiddenTest(
        node=where,
        number=str(number),
        name=" ".join(document.splitlines()[0].split()),
        weight=float(weight),
        tags=tuple(str(tag) for tag in tags),
        visibility=visibility,
        hidden_errors=attribute("hide_errors"),
        leaderboard=(str(column), str(attribute("leaderboard_sort_order", "desc"))) if column else None,
        editions=marked,
    )


def check_tests(tests: list[HiddenTest], assignment: Assignment) -> None:
    """Raise AssignmentError unless in every edition numbers are unique and the points sum to the assignment's."""
    if not tests:
        raise AssignmentError(
            f"{assignment.hidden_tests} holds no hidden tests: expected functions test_… in files test_….py."
        )
    for test in tests:
        known = {"*", *assignment.editions}
        unknown = [name for name in test.editions or () if name.removeprefix("-") not in known]
        if unknown:
            raise AssignmentError(
                f"{test.node}: there is no edition {unknown[0]}, only {', '.join(assignment.editions)}."
            )
    for edition in assignment.editions.values():
        asked = [own for test in tests if (own := test.asked_in(replace(assignment, edition=edition)))]
        seen: dict[str, str] = {}
        for test in asked:
            if test.number in seen:
                raise AssignmentError(
                    f"{test.node}: the number {test.number} is taken by {seen[test.number]} in edition {edition.name}."
                )
            seen[test.number] = test.node
        check_points([test.weight for test in asked if EXTRA not in test.tags], edition, assignment)


def check_points(weights: Iterable[float], edition: Edition, assignment: Assignment) -> None:
    """Raise AssignmentError unless the weights of an edition's tests, extra credit left out, sum to the points."""
    total = math.fsum(weights)
    if abs(total - assignment.points) > 1e-9:
        raise AssignmentError(
            f"assignment.toml: [assignment] points is {assignment.points:g}, and the hidden tests' weights "
            f"sum to {total:g} in the edition {edition.name}. Set points, or the @weight of a test; "
            f'points beyond them are for tests with @tags(…, "{EXTRA}").'
        )
