"""What a hidden test's decorators and docstring say, and whether a homework's tests are sound.

A test is one function with gradescope-utils' decorators. Its docstring is its row's name, and the first word of that,
where it names a method (`Class.method …`), is what messages point at.

The grader may run it three times: up to its first `ask` ahead of its turn (`lookahead`), whole, and over the reference
if the test itself raised (`runner`). So a test keeps no state, and does nothing that must happen once.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, TypeVar

from autograder.assignment.config import VISIBILITIES, Assignment, Edition
from autograder.assignment.editions import respell
from autograder.base.errors import AssignmentError
from autograder.feedback.summary import NOT_REACHED
from autograder.results.report import EXTRA, TestResult

F = TypeVar("F", bound=Callable[..., Any])


_EDITIONS: Final = "__editions__"
#: What gradescope-utils' decorators hand to a test, and where they keep what it set.
_HANDED_OVER: Final = frozenset({"set_score", "set_leaderboard_value"})
_SCORE, _LEADERBOARD = "__score__", "__leaderboard_value__"
#: What stands for the accuracy of assignment.toml in a docstring.
_ACCURACY: Final = "{accuracy}"
#: What every hidden test may ask for; a homework may have more.
ARGUMENTS: Final = ("ask", "draw")


def editions(*names: str, **weights: float) -> Callable[[F], F]:
    """Decorate a hidden test that some editions ask alone: `@editions("s24", "f25")`, or `@editions("f25", s25=8)`.

    A keyword gives the test's weight in that edition, "-f24" leaves one out that is like another, and "*" stands for
    all others. Without this decorator a test is asked in all of them.
    """

    def mark(function: F) -> F:
        setattr(function, _EDITIONS, dict.fromkeys(names) | weights)
        return function

    return mark


def _weight_in(edition: Edition, weight: float, marked: Mapping[str, float | None] | None) -> float | None:
    if marked is None:
        return weight
    name = edition.find_mark(marked)
    own = marked[name] if name else None
    return None if not name else weight if own is None else own


@dataclass(frozen=True)
class HiddenTest:
    """One hidden test: what its decorators and docstring say, and the function to call.

    node: file and function, "test_1_layers.py::test_forward": every seed of its inputs derives from it.
    editions: those that ask it, with its weight there (None: `weight`); None where all of them do.
    declared: the weight that `set_score` counts in, where `weight` is an edition's own; 0: they are the same.
    """

    node: str
    number: str
    name: str
    weight: float
    tags: tuple[str, ...]
    visibility: str | None
    hidden_errors: str | None
    leaderboard: tuple[str, str] | None
    function: Callable[..., None] = field(repr=False, compare=False)
    editions: Mapping[str, float | None] | None = None
    declared: float = 0.0

    @cached_property
    def arguments(self) -> frozenset[str]:
        """The names of what it asks for, those that its decorators hand over left out."""
        return frozenset(inspect.signature(self.function).parameters) - _HANDED_OVER

    @property
    def sets_values(self) -> bool:
        """Whether it sets its score, or a value for the leaderboard."""
        return not _HANDED_OVER.isdisjoint(inspect.signature(self.function).parameters)

    def run(self, arguments: Mapping[str, Any]) -> None:
        """Call the test with those of `arguments` that it asks for. Raises what the test raises."""
        _forget(self.function, _SCORE, _LEADERBOARD)
        self.function(**{name: value for name, value in arguments.items() if name in self.arguments})

    def has_usable_score(self) -> bool:
        """Return whether the score that the test has set, if any, is a number."""
        try:
            self.score(default=0.0)
        except (TypeError, ValueError):
            return False
        return True

    def score(self, default: float) -> float:
        """Return the score that the test has set, kept within 0 and its weight; `default` where it has set none.

        It counts in the points that the decorators give: an edition that gives other points has the same share.
        """
        value = _find_attribute(self.function, _SCORE)
        if value is None:
            return default
        number = float(value) * (self.weight / self.declared if self.declared else 1.0)
        return min(max(number, 0.0), self.weight) if math.isfinite(number) else 0.0

    def leaderboard_entry(self) -> dict[str, Any] | None:
        """Return the leaderboard entry that the test has set; None where there is none."""
        value = _find_attribute(self.function, _LEADERBOARD)
        if self.leaderboard is None or not isinstance(value, (int, float)) or not math.isfinite(value):
            return None
        name, order = self.leaderboard
        return {"name": name, "value": value, "order": order}

    def for_edition(self, assignment: Assignment) -> HiddenTest | None:
        """Return this test as `assignment.edition` asks it, in that edition's words; None where it does not."""
        weight = _weight_in(assignment.edition, self.weight, self.editions)
        if weight is None:
            return None
        name = respell(self.name, assignment, assignment.base, assignment.edition)
        # What a course sets in assignment.toml stands nowhere else.
        name = name.replace(_ACCURACY, f"{100 * assignment.training.accuracy:.3g} %")
        return replace(self, name=name, weight=weight, declared=self.declared or self.weight)

    @property
    def subject(self) -> str:
        """The class or method that the name begins with, or nothing."""
        found = re.match(r"`?([A-Za-z_][\w.]*)`?", self.name)
        word = found.group(1) if found else ""
        return word if "." in word or "_" in word or word[1:] != word[1:].lower() else ""

    def result(self, **changes: Any) -> TestResult:
        """Return a row for this test; at zero and not reached unless `changes` say otherwise."""
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


def _unwrap_all(function: Any) -> Iterable[Any]:
    while function is not None:
        yield function
        function = getattr(function, "__wrapped__", None)


def _find_attribute(function: Any, attribute: str) -> Any:
    """Return what gradescope-utils' decorators left on a test function or on one that it wraps."""
    return next((vars(one)[attribute] for one in _unwrap_all(function) if attribute in vars(one)), None)


def _forget(function: Any, *attributes: str) -> None:
    for one in _unwrap_all(function):
        for attribute in attributes:
            vars(one).pop(attribute, None)


def hidden_test(
    function: Callable[..., None], where: str, components: Sequence[str], available: Collection[str] = ARGUMENTS
) -> HiddenTest:
    """Read one test function. Raises AssignmentError where it is not decorated as it must be.

    where: its `node`.
    available: the arguments that it may ask for.
    """

    def attribute(name: str, default: Any = None) -> Any:
        return getattr(function, f"__{name}__", default)

    number, weight, tags = attribute("number"), attribute("weight", 0), attribute("tags", ())
    document = (function.__doc__ or "").strip()
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
    test = HiddenTest(
        node=where,
        number=str(number),
        name=" ".join(document.splitlines()[0].split()),
        weight=float(weight),
        tags=tuple(str(tag) for tag in tags),
        visibility=visibility,
        hidden_errors=attribute("hide_errors"),
        leaderboard=(str(column), str(attribute("leaderboard_sort_order", "desc"))) if column else None,
        function=function,
        editions=marked,
    )
    _check_plain(function, where)
    parameters = inspect.signature(function).parameters
    for name in sorted(test.arguments - set(available)):
        if parameters[name].default is inspect.Parameter.empty:
            raise AssignmentError(f"{where}: it asks for {name!r}; a hidden test may ask for {', '.join(available)}.")
    return test


def _check_plain(function: Callable[..., None], where: str) -> None:
    """Raise AssignmentError for what would do nothing in a grading: a call that runs nothing, marks of pytest's."""
    for one in _unwrap_all(function):
        if inspect.isgeneratorfunction(one) or inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one):
            raise AssignmentError(f"{where}: it is a generator or a coroutine, and would pass without being run.")
        if marks := getattr(one, "pytestmark", None):
            raise AssignmentError(
                f"{where}: pytest.mark.{marks[0].name} does nothing in a grading. Take it out; @editions says where a "
                "test is asked, and one function is one row."
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
        weights = [(test, _weight_in(edition, test.weight, test.editions)) for test in tests]
        asked = [(test, weight) for test, weight in weights if weight is not None]
        seen: dict[str, str] = {}
        for test, _ in asked:
            if test.number in seen:
                raise AssignmentError(
                    f"{test.node}: the number {test.number} is taken by {seen[test.number]} in edition {edition.name}."
                )
            seen[test.number] = test.node
        _check_points([weight for test, weight in asked if EXTRA not in test.tags], edition, assignment)


def _check_points(weights: Iterable[float], edition: Edition, assignment: Assignment) -> None:
    """Raise AssignmentError unless the weights of an edition's tests, extra credit left out, sum to the points."""
    total = math.fsum(weights)
    if abs(total - assignment.points) > 1e-9:
        raise AssignmentError(
            f"assignment.toml: [assignment] points is {assignment.points:g}, and the hidden tests' weights "
            f"sum to {total:g} in the edition {edition.name}. Set points, or the @weight of a test; "
            f'points beyond them are for tests with @tags(…, "{EXTRA}").'
        )
