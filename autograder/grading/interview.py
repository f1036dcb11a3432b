"""Asking: the same probe, run over the submission in the sandbox and over the reference here, and the two compared.

A hidden test gets an `Interview` as its `ask`: `answer = ask(topic.probe, x=draw(7, 5), …)`, and then
says what must agree: `answer["weight"].agrees((7, 5, 1), (7, 5, 3))`.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Final

import numpy as np

from autograder.assignment import editions
from autograder.assignment.config import Assignment
from autograder.assignment.homework import Gradient
from autograder.base.errors import GraderError
from autograder.base.seeds import derived_seed
from autograder.feedback import failures, messages
from autograder.feedback.diagnosis import Diagnosis, Findings, Memory, Question, Raised
from autograder.grading.answer import Answer, Unsatisfied
from autograder.grading.draw import materialised
from autograder.grading.public import PublicRun, Task
from autograder.guest import seam, wire, worker
from autograder.guest.loader import World
from autograder.intake.submission import Submission
from autograder.wall.probe_names import probe_name
from autograder.wall.request import Ending, Outcome, Refused, Request, WorkerLimits
from autograder.wall.sandbox import Asked, Sandbox
from autograder.wall.shared_arrays import SharedFile

_PUBLIC_SEED: Final = 1470
#: The share of the run's time that is kept for grading: when no more is left, mistakes are no longer looked for.
_KEPT_FOR_GRADING: Final = 0.1
_LAST_MOMENT: Final = 0.3  # seconds, for an answer that has most likely come already
_SOON: Final = 1.0  # seconds, after which a function that was found endless is not waited for any longer
_FORWARD_SECONDS: Final = 2.0  # for what names a mistake, far more than a submission that answered needs


class NotReachedError(Exception):
    """The run's own deadline came before the test."""


@dataclass(frozen=True)
class _Sent:
    """What every request of one run has."""

    sources: wire.Encoded
    given: wire.Encoded
    edition: wire.Encoded


@dataclass
class Grader:
    """What every test of one run shares."""

    assignment: Assignment
    submission: Submission
    sandbox: Sandbox
    secret: str
    deadline: float
    given: Mapping[str, bytes]
    deadly: Mapping[str, str] = field(default_factory=dict)
    code: Mapping[str, bytes] = field(default_factory=dict)  # of the submission's files, see `compiling`
    memory: Memory = field(default_factory=Memory)
    refused: set[Refused] = field(default_factory=set)  # forbidden libraries that were asked for while code ran
    # Breaches of the rules that a test noticed: the rule, the file, the line (0: the whole file), and what was seen.
    suspected: list[tuple[str, str, int, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # what of the grader's failed beside the submission, for the staff
    swallowed: list[Refused] = field(default_factory=list)  # what the present test's code computed with, and is inert
    endless: dict[tuple[str, str], str] = field(default_factory=dict)  # functions, and the tests that waited for them
    present: str = ""  # the test that is running
    chores: deque[Callable[[], None]] = field(default_factory=deque)  # what can be done while a worker works
    idle: Callable[[], None] = lambda: None  # what is done when a worker lets the grader wait
    drops: list[Callable[[], None]] = field(default_factory=list)  # what ends workers that can be asked again
    _foreseen: tuple[Request, Asked] | None = None

    @cached_property
    def _sent(self) -> _Sent:
        return _Sent(*map(wire.Encoded, (self.submission.files, self.given, self.assignment.edition.names)))

    @cached_property
    def reference(self) -> Mapping[str, bytes]:
        """The reference's files, in the submission's edition; every question loads them anew."""
        return editions.reference(self.assignment)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What names the mistakes of this run."""
        return Diagnosis(self.assignment, self.reference, self.memory, self.has_time_to_spare)

    def seed(self, purpose: str) -> int:
        """A number of 62 bits, derived from the assignment's secret, the submission and `purpose`."""
        return derived_seed(self.secret, self.submission.digest, purpose)

    def remaining(self) -> float:
        """Seconds until the run's own deadline. Raises NotReachedError where there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0.05:
            raise NotReachedError
        return left

    def has_time_to_spare(self) -> bool:
        """Whether there is time for what gives no points."""
        return self.deadline - time.monotonic() > _KEPT_FOR_GRADING * self.assignment.limits.run_seconds

    def run(
        self,
        request: Request,
        limits: WorkerLimits,
        *,
        shared: SharedFile | None = None,
        meanwhile: Callable[[], None] = lambda: None,
        enough: Callable[[Any], bool] | None = None,
    ) -> Outcome:
        """Run `request` in the sandbox as `Sandbox.run` does, within what is left of the run's time."""
        left = self.remaining()
        cut_short = left < limits.seconds
        limits = limits.within(left)
        foreseen = self._take(request)
        asked = replace(foreseen, limits=limits) if foreseen else self.sandbox.ask(request, limits, shared=shared)
        try:
            while self.chores:
                self.chores.popleft()()
            meanwhile()
        except BaseException:
            self.sandbox.drop(asked)
            raise
        soon = bool(self.endless) and enough is None and limits.seconds > _SOON
        if soon:
            asked = replace(asked, limits=limits.within(_SOON))
        outcome = self.sandbox.outcome(asked, enough, self.idle)
        if soon and outcome.ending is Ending.TIMED_OUT and _function(outcome) not in self.endless:
            outcome, soon = self.sandbox.run(request, limits, shared=shared, enough=enough), False
        if outcome.ending is Ending.TIMED_OUT:
            outcome = self._remembered(outcome, limits)
        if foreseen and outcome.ending is Ending.KILLED:
            # Perhaps for what the worker beside it took of the machine's memory: that is no verdict.
            outcome = self.sandbox.run(request, limits, shared=shared, enough=enough)
        self._note(outcome)
        self.swallowed.extend(outcome.swallowed)
        if cut_short and not soon and outcome.ending is Ending.TIMED_OUT:
            raise NotReachedError
        return outcome

    def _remembered(self, outcome: Outcome, limits: WorkerLimits) -> Outcome:
        """`outcome`, which came too late, with the first test that waited for the same function."""
        function = _function(outcome)
        if function[0] not in self.submission.files:
            return outcome
        if limits.seconds >= self.assignment.limits.test_seconds:
            self.endless.setdefault(function, self.present)
        since = self.endless.get(function, "")
        return replace(outcome, since=since if since != self.present else "")

    def run_alone(self, request: Request, limits: WorkerLimits) -> Outcome:
        """Run a request whose answer may be quoted, while no other worker has anything of the submission.

        A worker that knows hidden inputs could otherwise tell them to this one, by some way that nobody has closed.
        """
        self.close()
        for drop in self.drops:
            drop()
        return self.run(request, limits)

    def foresee(self, request: Request, limits: WorkerLimits) -> None:
        """Ask what will most likely be run soon, but not next."""
        self.close()
        self._foreseen = request, self.sandbox.ask(request, limits)

    def _take(self, request: Request) -> Asked | None:
        if self._foreseen is None or not self._foreseen[0].asks_like(request):
            return None
        asked, self._foreseen = self._foreseen[1], None
        return asked

    def close(self) -> None:
        """End the worker of what was foreseen and did not come."""
        if self._foreseen is not None:
            self.sandbox.drop(self._foreseen[1])
            self._foreseen = None

    def ask(self, request: Request, limits: WorkerLimits) -> Asked:
        """Ask what is looked at later, with `outcome`: meanwhile other workers can be run."""
        return self.sandbox.ask(request, limits)

    def outcome(self, asked: Asked) -> Outcome:
        """What comes of a question, within what is left of the run's time: at the end, a moment."""
        left = max(self.deadline - time.monotonic(), _LAST_MOMENT)
        outcome = self.sandbox.outcome(replace(asked, limits=asked.limits.within(left)))
        self._note(outcome)
        return outcome

    def _note(self, outcome: Outcome) -> None:
        self.refused.update(outcome.refused)
        self.faults += [text for text in outcome.faults if text not in self.faults]

    def take_faults(self) -> list[str]:
        """What of the grader's own failed beside the submission since the last time."""
        taken, self.faults = self.faults, []
        return taken

    def request(
        self,
        probe: Callable[..., Any],
        inputs: Mapping[str, Any],
        seed: int,
        *,
        public: bool = False,
        notices: bool = True,
    ) -> Request:
        """The request that runs `probe` over the submission."""
        return Request(
            probe=probe_name(probe),
            inputs=inputs,
            sources=self._sent.sources,
            given=self._sent.given,
            edition=self._sent.edition,
            seed=seed,
            public=public,
            deadly=self.deadly,
            forbidden=self.assignment.rules.forbidden,
            inert=self.assignment.rules.inert,
            code=self.code,
            notices=notices,
        )


def _function(outcome: Outcome) -> tuple[str, str]:
    """File and name of the function that a worker was in when its time was up; empty where nobody knows."""
    return (outcome.still.file, outcome.still.name) if outcome.still is not None else ("", "")


@dataclass
class Interview:
    """The asking of one test."""

    grader: Grader
    name: str
    subject: str
    staff: dict[str, Any] = field(default_factory=dict)
    note: str = ""  # what the author of a passing submission reads
    number: str = ""
    _asked: int = 0
    _last_seed: int = 0

    def __call__(self, probe: Callable[..., Any], **inputs: Any) -> Answer:
        """Run `probe` over the submission and the reference.

        Raises Unsatisfied where the submission gives no answer, with what its author should read.
        """
        return self._answer(Task(probe, inputs))

    def again(
        self, probe: Callable[..., Any], inputs: Mapping[str, Any], number: int, other: Callable[..., Any] | None
    ) -> tuple[Question, Any] | None:
        """Ask the submission's question `number` again with inputs drawn anew, `other` in the place of `probe`.

        Returns what was asked, and the answer, None where there is none; None where there is no time.
        """
        if not self.grader.has_time_to_spare():
            return None
        probe, seed = other or probe, self.grader.seed(f"{self.name}#{number} again")
        values = wire.Encoded(materialised(inputs, seed))
        outcome = self.grader.run(self.grader.request(probe, values, seed), self._limits(_FORWARD_SECONDS))
        return Question(self.number, probe_name(probe), values, seed), outcome.answer

    def at_scale(self, probe: Callable[..., Any], inputs: Mapping[str, Any], **scaled: Any) -> Answer:
        """Ask the submission with some of `inputs` replaced by what is larger, and the reference with `inputs` alone.

        For sizes that a submission may count on and that the grader has no memory for: what depends on them the test
        must see to. Raises Unsatisfied as a call does.
        """
        return self._answer(Task(probe, inputs, scaled))

    def _answer(self, task: Task) -> Answer:
        values = self._drawn(task.inputs)
        self._asked += 1
        expected: list[Any] = []

        def ask_reference() -> None:
            expected.append(self._ask_reference(task.probe, values))

        request = self.grader.request(task.probe, task.at_scale(values), self._last_seed, notices=False)
        outcome = self.grader.run(request, self._limits(), meanwhile=ask_reference)
        if outcome.ending is not Ending.ANSWERED:
            raise self._no_answer(task, outcome, values)
        return Answer(
            interview=self,
            probe=probe_name(task.probe),
            given=outcome.answer,
            expected=expected[0],
            inputs=values,
            seed=self._last_seed,
            public=PublicRun(self, task, request),
            again=partial(self.again, task.probe, task.inputs, self._asked),
        )

    def meets_a_stub(self, request: Request) -> bool:
        """Whether something that is still to be written runs for `request`, which did not look out for that."""
        try:
            return bool(self.grader.run(replace(request, notices=True), self._limits()).unfinished)
        except NotReachedError:
            return False

    def _drawn(self, inputs: Mapping[str, Any]) -> wire.Encoded:
        self._last_seed = self.grader.seed(f"{self.name}#{self._asked}")
        return wire.Encoded(materialised(inputs, self._last_seed))

    def foresee(self, probe: Callable[..., Any], inputs: Mapping[str, Any]) -> None:
        """Have the sandbox work already on what this interview is going to ask first."""
        request = self.grader.request(probe, self._drawn(inputs), self._last_seed, notices=False)
        self.grader.foresee(request, self._limits())

    def _ask_reference(self, probe: Callable[..., Any], values: Mapping[str, Any]) -> Any:
        # Through the wire and back: the probe gets its own copies, and both answers the same types.
        encoded, memory = wire.encode(values), self.grader.memory
        key = memory.key("", probe_name(probe), encoded)
        if memory.shared and key in memory.answers:
            return memory.answers[key]
        inputs = wire.decode(encoded, worker.REQUEST_BOUNDS)
        world = World(self.grader.reference, {}, notices=False)
        try:
            with world.entered(), redirect_stdout(None):  # `fit` prints
                answer = worker.run_probe(
                    probe_name(probe), seam.api().open_api(world, self.grader.assignment.edition.names), inputs
                )
        except Exception as error:
            raise GraderError(
                f"The reference fails the probe {probe_name(probe)}: {type(error).__name__}: {error}"
            ) from error
        memory.files.setdefault(self.number, set()).update(world.loaded)
        return memory.keep(key, wire.decode(wire.encode(answer)))

    def _limits(self, most_seconds: float = math.inf) -> WorkerLimits:
        limits = self.grader.assignment.limits
        return WorkerLimits(
            min(limits.test_seconds, most_seconds), limits.test_memory_mb * 2**20, limits.answer_mb * 2**20
        )

    def _no_answer(self, task: Task, outcome: Outcome, values: Mapping[str, Any]) -> Unsatisfied:
        diagnose: Callable[[], Findings] = Findings
        failure, printed = outcome.failure, ""
        if failure is not None:
            public = self.ask_again(task)
            printed = public.printed if public is not None else ""
            failure = failure.seen_again(None if public is None else public.failure)
            outcome = replace(outcome, failure=failure, unfinished=() if public is None else public.unfinished)
        markdown = failures.no_answer(outcome, self.grader.submission, self.subject, values)
        markdown = messages.with_printed(markdown, printed)
        if failure is not None and failure.stage == "run" and failure.text and not failure.not_implemented:
            raised = Raised(failure.kind, failure.text, failure.function.rpartition(".")[2])
            question = Question(self.number, probe_name(task.probe), values, self._last_seed)

            def diagnose() -> Findings:
                return Findings(self.grader.diagnosis.of_failure(question, raised))

        staff = {"ending": outcome.ending.value, "probe": probe_name(task.probe)}
        return Unsatisfied(markdown, staff, diagnose, is_done=failure is None or not failure.not_implemented)

    def own_differences(self, gradient: Gradient, inputs: Mapping[str, Any]) -> np.ndarray | None:
        """`gradient` by finite differences of the submission's own forward; None where that gives none."""
        probe = self.grader.assignment.homework.moved_forward
        if probe is None:
            return None
        request = self.grader.request(probe, gradient.questions(inputs), self._last_seed)
        outcome = self.grader.run(request, self._limits(_FORWARD_SECONDS))
        return gradient.quotient(outcome.answer, inputs) if outcome.ending is Ending.ANSWERED else None

    def ask_again(self, task: Task) -> Outcome | None:
        """Ask the submission the same with inputs of the same shapes from a public seed; None where no time is left."""
        inputs = task.at_scale(materialised(task.inputs, _PUBLIC_SEED))
        request = self.grader.request(task.probe, inputs, _PUBLIC_SEED, public=True)
        try:
            return self.grader.run_alone(request, self._limits())
        except NotReachedError:
            return None  # the test was reached: only what may be quoted of it is not

    def expected_again(self, task: Task) -> Any:
        """What the reference answers to `ask_again`."""
        return self._ask_reference(task.probe, wire.Encoded(materialised(task.inputs, _PUBLIC_SEED)))
