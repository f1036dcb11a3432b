"""The pytest plugin that runs the hidden tests: fixtures for them, and a row of results.json for each.

A test is one pytest function with gradescope-utils' decorators; its docstring is its row's name, and the first
word of it, where it names a method (`Class.method …`), is what messages point at.
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError, IsolationError
from autograder.base.numbers import sort_key
from autograder.feedback import messages
from autograder.feedback.diagnosis import Findings
from autograder.grading.answer import Unsatisfied
from autograder.grading.draw import Draw, draw
from autograder.grading.hidden_tests import HiddenTest, check_tests, hidden_test
from autograder.grading.interview import Grader, Interview, NotReachedError
from autograder.grading.lookahead import first_question
from autograder.results.board import Board
from autograder.results.report import Report, TestResult


@dataclass(frozen=True)
class _Lost:
    """A row that is lost, until all rows are known and its mistake can be named.

    text: the row's, without a mistake. standins: what it computed with and is not there, a sentence or nothing.
    """

    test: HiddenTest
    text: str
    findings: Findings
    standins: str

    def said(self, *sentences: str) -> str:
        """The row's text with sentences about the mistake."""
        text = messages.with_cause(self.text, *sentences)
        return f"{self.standins}\n\n{text}" if self.standins else text


class GradingPlugin:
    """One run's plugin. `begin` is called with the collected tests before anything of the submission runs."""

    def __init__(
        self,
        assignment: Assignment,
        begin: Callable[[list[HiddenTest]], tuple[Grader, Board]],
        on_result: Callable[[TestResult], None],
        only: str | Sequence[str] | None = None,
        skip: Collection[str] = (),
        enough: Callable[[TestResult], bool] = lambda _: False,
    ) -> None:
        self.assignment, self.begin, self.on_result, self.only = assignment, begin, on_result, only
        self.skip, self.enough = frozenset(skip), enough
        self.tests: dict[str, HiddenTest] = {}
        self.problem: BaseException | None = None
        self.board: Board | None = None
        self.stopped = ""
        self._grader: Grader | None = None
        self._present: pytest.Item | None = None
        self._lost: dict[str, _Lost] = {}

    # What hidden tests may ask for.

    @pytest.fixture
    def grader(self) -> Grader:
        """The run: the assignment, the submission and the sandbox."""
        assert self._grader is not None
        return self._grader

    @pytest.fixture
    def ask(self, request: pytest.FixtureRequest) -> Iterator[Interview]:
        """Ask a probe of the submission and of the reference."""
        request.node.interview = self._interview(request.node)
        yield request.node.interview

    @pytest.fixture
    def draw(self) -> type[Draw]:
        """Inputs from the seed."""
        return draw  # type: ignore[return-value]

    # What pytest tells.

    def pytest_configure(self, config: pytest.Config) -> None:
        """Keep pytest from quoting source in tracebacks that nobody reads: half the time of a poor submission."""
        config.option.tbstyle = "native"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Check the tests, choose those that were asked for, and put every row on disk."""
        if self.problem is not None:  # a module could not be imported
            items.clear()
            return
        try:
            tests = [hidden_test(item, self.assignment.homework.components) for item in items]
            check_tests(tests, self.assignment)
        except AssignmentError as error:
            self.problem = error
            items.clear()
            return
        asked = [
            (item, own) for item, test in zip(items, tests, strict=True) if (own := test.asked_in(self.assignment))
        ]
        asked.sort(key=lambda pair: sort_key(pair[1].number))
        items[:], tests = [item for item, _ in asked], [test for _, test in asked]
        if isinstance(self.only, Sequence) and not isinstance(self.only, str):
            places = {test.number: index for index, test in enumerate(tests)}
            order = [places[number] for number in self.only if number in places]
            items[:], tests = [items[index] for index in order], [tests[index] for index in order]
        elif self.only is not None or self.skip:
            kept = [index for index, test in enumerate(tests) if self._chosen(test)]
            if not kept:
                self.problem = AssignmentError(
                    f"No hidden test is called {self.only!r}: give a number, a component or part of a name."
                )
            items[:], tests = [items[index] for index in kept], [tests[index] for index in kept]
        self.tests = {test.node: test for test in tests}
        if self.problem is None:
            try:
                self._grader, self.board = self.begin(tests)
                self._grader.idle = self.board.keep
            except BaseException as error:  # noqa: BLE001  told by whoever called pytest
                self.problem = error
                items.clear()

    def _chosen(self, test: HiddenTest) -> bool:
        if self.skip & {test.number, *test.tags}:
            return False
        wanted = str(self.only or "").lower()
        return (
            not wanted
            or wanted in (test.number, *test.tags)
            or wanted in test.node.lower()
            or wanted in test.name.lower()
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        """Time each test, and have the next one's first question asked while this one's worker works."""
        item.begun = time.monotonic()  # type: ignore[attr-defined]
        self._present = item
        if self._grader is not None:
            self._grader.swallowed.clear()
            self._grader.present = self.tests[item.nodeid].number
        if nextitem is not None and self._grader is not None:
            self._grader.chores.appendleft(partial(self._look_ahead, nextitem))
        return (yield)

    def _look_ahead(self, item: pytest.Item) -> None:
        question = first_question(item.obj) if item is not self._present else None  # type: ignore[attr-defined]
        if question is not None:
            self._interview(item).foresee(*question)

    def _interview(self, item: pytest.Item) -> Interview:
        test = self.tests[item.nodeid]
        assert self._grader is not None
        return Interview(self._grader, test.node, test.subject, number=test.number)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Turn the end of a test, or the failure of its set-up, into its row."""
        report = yield
        failed_early = call.when == "setup" and call.excinfo is not None
        if call.when == "call" or failed_early:
            self._record(item, call.excinfo.value if call.excinfo is not None else None)
        return report

    def _record(self, item: pytest.Item, error: BaseException | None) -> None:
        test = self.tests[item.nodeid]
        staff: dict[str, Any] = {"seconds": round(time.monotonic() - item.begun, 4)}  # type: ignore[attr-defined]
        interview = getattr(item, "interview", None)
        if interview is not None:
            staff |= interview.staff
        note = interview.note if interview is not None else ""
        assert self._grader is not None
        if faults := self._grader.take_faults():
            staff["grader_faults"] = faults
        score = given_score(item, test) if error is None else 0.0
        if error is None:
            result = test.result(score=score, passed=score >= test.weight, output=note, staff=staff)
        elif isinstance(error, NotReachedError):
            result = test.result(staff=staff)
            self.stopped = "The time for the whole run was used up."
        elif isinstance(error, Unsatisfied):
            partial = min(given_score(item, test, default=0.0), test.weight)
            text = self._told(test, error, staff)
            text = test.hidden_errors or text
            result = test.result(score=partial, output=text, staff=staff | {"why": error.markdown[:500], **error.staff})
        elif isinstance(error, AssertionError):
            result = test.result(output=str(error) or "This does not hold.", staff=staff)
        else:
            text = "".join(traceback.format_exception(error))
            result = test.result(
                output="**The grader failed in this test; it is not your fault.** The course staff can see why.",
                staff=staff | {"grader_error": text[-4000:]},
            )
            if isinstance(error, IsolationError):
                self.stopped = str(error)
        assert self.board is not None
        if result.passed:
            self._grader.diagnosis.passed.add(test.number)
        self.board.put(result, soon=True)
        if self.enough(result):
            item.session.shouldfail = "enough is known"
        if test.leaderboard is not None:
            self._lead(test.leaderboard, item)
        self.on_result(result)

    def _standins(self) -> str:
        """What the test's code computed with and is inert while it is graded, in a sentence; or nothing."""
        assert self._grader is not None
        grader = self._grader
        return messages.inert_libraries(grader.swallowed, grader.submission, grader.assignment.rules)

    def _told(self, test: HiddenTest, error: Unsatisfied, staff: dict[str, Any]) -> str:
        """What the author of a lost row reads as long as other rows are not known."""
        assert self.board is not None
        self.board.keep()  # what follows can take seconds
        standins = self._standins()
        try:
            findings = error.diagnose()
        except Exception as failure:  # noqa: BLE001  a diagnosis that fails costs itself, never a test
            staff["diagnosis_failed"] = f"{type(failure).__name__}: {failure}"[:1000]
            findings = Findings()
        assert self._grader is not None
        self._grader.diagnosis.lost[test.number] = findings.evidence
        lost = self._lost[test.number] = _Lost(test, error.markdown, findings, standins)
        return lost.said(findings.observed, findings.own_forward)

    def settle(self) -> None:
        """Name the mistakes, now that all rows are known: one that passed later may speak against a mistake."""
        if self._grader is None or self.board is None:
            return
        rows = {row.number: row for row in self.board.report.tests if row.number}
        visible = [lost.test for lost in self._lost.values() if self._is_visible(lost.test)]
        for number, lost in self._lost.items():
            cause = self._grader.diagnosis.cause(number)
            text = rows[number].output if lost.test.hidden_errors else self._settled(lost, cause, visible)
            # The staff get the mistake in every row, its author in the first.
            staff = {**rows[number].staff, "diagnosis": cause} if cause else rows[number].staff
            self.board.put(replace(rows[number], output=text, staff=staff), soon=True)
        self.board.keep()

    def _is_visible(self, test: HiddenTest) -> bool:
        return (test.visibility or self.assignment.visibility) == "visible"

    def _settled(self, lost: _Lost, cause: str, visible: Sequence[HiddenTest]) -> str:
        assert self._grader is not None
        findings, test = lost.findings, lost.test
        if not cause:
            first = self.assignment.homework.mend_first(test, visible, self._grader.submission.files)
            return lost.said(first, findings.observed, findings.own_forward)
        if self._is_visible(test):
            cause = self._grader.diagnosis.tell(cause, test.number)
        return lost.said(cause, findings.own_forward)

    def _lead(self, column: tuple[str, str], item: pytest.Item) -> None:
        assert self.board is not None
        value = decorated(item, "__leaderboard_value__")
        if isinstance(value, (int, float)) and math.isfinite(value):
            entry = {"name": column[0], "value": value, "order": column[1]}
            others = tuple(e for e in self.board.report.leaderboard if e["name"] != column[0])
            self.board.update(leaderboard=(*others, entry))

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep what went wrong in pytest itself for whoever called it."""
        self.problem = self.problem or excinfo.value

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A hidden test module that cannot be imported is the staff's to mend."""
        if report.failed and self.problem is None:
            self.problem = AssignmentError(f"The hidden tests cannot be loaded: {report.longreprtext.strip()[-1500:]}")


def decorated(item: pytest.Item, attribute: str) -> Any:
    """What gradescope-utils' decorators left on a test function or on one that it wraps."""
    function = getattr(item, "function", None)
    while function is not None:
        if attribute in vars(function):
            return vars(function)[attribute]
        function = getattr(function, "__wrapped__", None)
    return None


def given_score(item: pytest.Item, test: HiddenTest, default: float | None = None) -> float:
    """The score that the test set, kept within 0 and its weight; its weight (or `default`) if it set none."""
    value = decorated(item, "__score__")
    if value is None:
        return test.weight if default is None else default
    number = float(value)
    return min(max(number, 0.0), test.weight) if math.isfinite(number) else 0.0


def initial_report(tests: list[HiddenTest], assignment: Assignment, staff: Mapping[str, Any]) -> Report:
    """Every test at zero, not reached."""
    return Report(
        tests=tuple(test.result() for test in tests),
        visibility=assignment.visibility,
        stdout_visibility=assignment.stdout_visibility,
        staff=staff,
    )
