"""Runs the hidden tests one after another, and makes a row of results.json of each."""

from __future__ import annotations

import time
import traceback
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from autograder.base.errors import AutograderError, GraderError, IsolationError
from autograder.feedback import definitions, messages
from autograder.feedback.diagnosis import Diagnosis, Findings
from autograder.grading.answer import Unsatisfied
from autograder.grading.ask import Ask
from autograder.grading.asker import Asker
from autograder.grading.deadline import NotReachedError
from autograder.grading.draw import draw
from autograder.grading.fixtures import Fixtures
from autograder.grading.hidden_tests import ARGUMENTS, HiddenTest
from autograder.grading.lookahead import first_question
from autograder.results.report import TestResult
from autograder.wall.request import Request

_TIME_IS_UP = "The time for the whole run was used up."


_INCOMPARABLE: Final = (
    "**This test cannot compare what your code returned.** Return what the handout describes: arrays of numbers, or a "
    "list with one array for each input or weight. If you are sure that yours is right, ask the course staff; they can "
    "see what happened."
)


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-4000:]


@dataclass(frozen=True)
class _Lost:
    """A lost row. The grader names its mistake when all rows are known.

    text: what the author reads if no known mistake explains the row.
    inert: sentences that name what the code used of libraries that do nothing during grading; or "".
    comes_first: whether the author should fix this row before any other.
    """

    test: HiddenTest
    text: str
    findings: Findings
    inert: str
    comes_first: bool

    def with_sentences(self, *sentences: str) -> str:
        """Return the row's text with sentences about the mistake."""
        text = messages.with_cause(self.text, *sentences)
        return f"{self.inert}\n\n{text}" if self.inert else text


@dataclass(frozen=True)
class _PreparedTest:
    """A test that is next or runs: its `ask`, and the request that it will make first, None where that is unknown."""

    test: HiddenTest
    ask: Ask

    @cached_property
    def first_request(self) -> Request | None:
        question = first_question(self.test, self.ask.names)
        return None if question is None else self.ask.first_request(*question)


@dataclass
class Runner:
    """Runs tests over one submission. `stopped` says why some of them were not reached, if any were not."""

    asker: Asker
    fixtures: Fixtures
    stopped: str = ""
    _lost: dict[str, _Lost] = field(default_factory=dict)
    _prepared: dict[str, _PreparedTest] = field(default_factory=dict)  # of tests that were expected, by node

    @cached_property
    def _diagnosis(self) -> Diagnosis:
        run = self.asker.run
        return Diagnosis(run.own_edition_files, run.memory, run.deadline.has_time_to_spare)

    def row(self, test: HiddenTest, following: HiddenTest | None = None) -> TestResult:
        """Run one test, and return its row with what is known by then.

        following: the test that will most likely be run next.
        """
        prepared, begun = self._prepared.pop(test.node, None) or self._prepare(test), time.monotonic()
        ask, expected = prepared.ask, [prepared]
        if following is not None:
            expected.append(self._prepared.setdefault(following.node, self._prepare(following)))
        error: BaseException | None = None
        try:
            # The next test's first question is asked while this one's worker works.
            requests = [request for one in expected if (request := one.first_request) is not None]
            self.asker.expect(requests, ask.limits())
            test.run({"ask": ask, "draw": draw, **self.fixtures.provide(ask, test.arguments)})
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # noqa: BLE001  whatever a test raises ends its own row alone
            error = raised
        if not test.has_usable_score():
            error = GraderError("The test sets a score that is no number.")
        staff = {"seconds": round(time.monotonic() - begun, 4), **ask.staff}
        if faults := self.asker.take_faults():
            staff["grader_faults"] = faults
        row = self._result(test, ask, error, staff)
        if row.passed:
            self._diagnosis.note_passed(test.number)
        return row

    def _prepare(self, test: HiddenTest) -> _PreparedTest:
        return _PreparedTest(test, Ask(self.asker, self._diagnosis, test.node, test.subject, test.number))

    def _result(self, test: HiddenTest, ask: Ask, error: BaseException | None, staff: dict[str, Any]) -> TestResult:
        if error is None:
            score = test.score(default=test.weight)
            entry = test.leaderboard_entry()
            passed = score >= test.weight
            return test.result(score=score, passed=passed, output=ask.note, staff=staff, leaderboard=entry)
        if isinstance(error, NotReachedError):
            self.stopped = _TIME_IS_UP
            return test.result(staff=staff)
        if isinstance(error, Unsatisfied):
            score = min(test.score(default=0.0), test.weight)
            text = self._explain(test, ask, error, staff)
            staff |= {"why": error.markdown[:500], **error.staff}
            return test.result(score=score, output=test.hidden_errors or text, staff=staff)
        if isinstance(error, AssertionError):
            text = str(error) or "This does not hold."
            return test.result(output=test.hidden_errors or text, staff={**staff, "why": text[:500]})
        if isinstance(error, IsolationError):
            self.stopped = str(error)
        if not isinstance(error, AutograderError) and self._holds_for_the_reference(test, ask):
            staff["check_failed"] = _trace(error)
            return test.result(output=test.hidden_errors or _INCOMPARABLE, staff=staff)
        return test.result(
            output="**The grader failed in this test; it is not your fault.** The course staff can see why.",
            staff=staff | {"grader_error": _trace(error)},
        )

    def _holds_for_the_reference(self, test: HiddenTest, ask: Ask) -> bool:
        """Return whether a test that raised an exception holds for the reference's answers to the same questions.

        Then it is what the submission answered that the test cannot handle, and else a mistake of the test's own.
        """
        if not test.arguments <= set(ARGUMENTS):
            return False  # a fixture is for one submission
        try:
            test.run({"ask": ask.over_the_reference(), "draw": draw})
        except Exception:  # noqa: BLE001  whatever it is, it is not the submission's
            return False
        return True

    def _explain(self, test: HiddenTest, ask: Ask, error: Unsatisfied, staff: dict[str, Any]) -> str:
        """Return what the author of a lost row reads as long as other rows are not known."""
        self.asker.while_waiting()  # what follows can take seconds
        run = self.asker.run
        inert = messages.inert_libraries(ask.inert_uses, run.submission, run.assignment.rules)
        try:
            findings = error.diagnose()
        except Exception as failure:  # noqa: BLE001  a diagnosis that fails costs itself, never a test
            staff["diagnosis_failed"] = f"{type(failure).__name__}: {failure}"[:1000]
            findings = Findings()
        self._diagnosis.note_lost(test.number, findings.evidence)
        lost = self._lost[test.number] = _Lost(test, error.markdown, findings, inert, error.comes_first)
        return lost.with_sentences(findings.observed, findings.own_forward)

    def final_rows(self, rows: Iterable[TestResult]) -> Iterator[TestResult]:
        """Name the mistakes, now that all rows are known: one that passed later may speak against a mistake.

        rows: those that `rows` yielded. Yields the lost ones again, with their final text.
        """
        by_number: Mapping[str, TestResult] = {row.number: row for row in rows if row.number}
        visible = [lost.test for lost in self._lost.values() if self._is_visible(lost.test)]
        for number, lost in self._lost.items():
            row, cause = by_number[number], self._diagnosis.cause(number)
            text = row.output if lost.test.hidden_errors else self._final_text(lost, cause, visible)
            # The staff get the mistake in every row, its author in the first.
            yield replace(row, output=text, staff={**row.staff, "diagnosis": cause} if cause else row.staff)

    def _final_text(self, lost: _Lost, cause: str, visible: Sequence[HiddenTest]) -> str:
        findings, test, run = lost.findings, lost.test, self.asker.run
        if not cause:
            homework, files = run.assignment.homework, run.submission.files
            first = "" if lost.comes_first else homework.fix_first(test, visible, files)
            return lost.with_sentences(first, findings.observed, findings.own_forward)
        if self._is_visible(test):
            cause = self._diagnosis.tell(cause, test.number, self._places_of(test.number))
        return lost.with_sentences(cause, findings.own_forward)

    def _places_of(self, number: str) -> frozenset[Hashable]:
        """Return the classes and functions that a row's mistake is in, and where the submission has the method.

        A class that inherits the method has it at the same place as the other, and so the same mistake.
        """
        targets = self._diagnosis.targets(number)
        places = (definitions.where(self.asker.run.submission, target) for target in targets)
        return frozenset([*(target.partition(".")[0] for target in targets), *filter(all, places)])

    def _is_visible(self, test: HiddenTest) -> bool:
        return (test.visibility or self.asker.run.assignment.visibility) == "visible"
