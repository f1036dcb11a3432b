"""Asking: the same probe, run over the submission in the sandbox and over the reference here, and the two compared.

A hidden test gets an `Ask` as its `ask`: `answer = ask(topic.probe, x=draw(7, 5), …)`, and then
says what must agree: `answer["weight"].agrees((7, 5, 1), (7, 5, 3))`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from autograder.assignment.homework import Gradient
from autograder.base.errors import GraderError
from autograder.base.seeds import PUBLIC_SEED
from autograder.feedback import failures, reference
from autograder.feedback.diagnosis import Diagnosis, Findings, Question, Raised
from autograder.grading.answer import Answer, Unsatisfied
from autograder.grading.answer_feedback import Feedback
from autograder.grading.asker import SOON, Asker
from autograder.grading.deadline import NotReachedError
from autograder.grading.draw import draw_all
from autograder.grading.public import PublicRun, Task
from autograder.guest import wire
from autograder.guest.loader import World
from autograder.wall.probe_names import probe_name
from autograder.wall.request import Ending, Outcome, Refused, Request, WorkerLimits

_FORWARD_SECONDS: Final = 2.0  # for what names a mistake, far more than a submission that answered needs


class Ask:
    """Asks for one hidden test, and keeps what is to stand beside its row.

    node: names the test in the seeds of its inputs.
    subject: the class or method that it is about.
    """

    def __init__(self, asker: Asker, diagnosis: Diagnosis, node: str, subject: str, number: str = "") -> None:
        self.asker, self.run = asker, asker.run
        self.node, self.subject, self.number = node, subject, number
        self.note = ""  # what the author of a passing submission reads
        self.staff: dict[str, Any] = {}
        self.inert_uses: list[Refused] = []  # what the code computed with and is inert
        self._asked, self._diagnosis = 0, diagnosis
        self._feedback = Feedback(self.run, subject, diagnosis, self._differences)

    @property
    def names(self) -> Mapping[str, str]:
        """What the submission's edition calls things."""
        return self.run.assignment.edition.names

    def __call__(self, probe: Callable[..., Any], **inputs: Any) -> Answer:
        """Run `probe` over the submission and the reference.

        Raises Unsatisfied where the submission gives no answer, with what its author should read.
        """
        return self._answer(Task(probe, inputs))

    def at_scale(self, probe: Callable[..., Any], inputs: Mapping[str, Any], **scaled: Any) -> Answer:
        """Ask the submission with some of `inputs` replaced by what is larger, and the reference with `inputs` alone.

        For sizes that a submission may count on and that the grader has no memory for: what depends on them the test
        must see to. Raises Unsatisfied as a call does.
        """
        return self._answer(Task(probe, inputs, scaled))

    # For fixtures of a homework, which ask questions of another kind.

    def worker(self, request: Request, limits: WorkerLimits, *, alone: bool = False, **options: Any) -> Outcome:
        """Ask for this test, as `Asker.ask` or, `alone`, as `Asker.ask_alone` does."""
        ask = self.asker.ask_alone if alone else self.asker.ask
        outcome = ask(request, limits, test=self.number, **options)
        self.inert_uses.extend(outcome.inert_uses)
        return outcome

    def remark(self, note: str = "", **staff: Any) -> None:
        """Add what stands beside the row: a note for the author where it passes, and notes for the staff."""
        self.note = note or self.note
        self.staff |= staff

    # One question.

    def first_request(self, probe: Callable[..., Any], inputs: Mapping[str, Any]) -> Request:
        """Return the request that this test will make first, if it asks `probe` with `inputs` first."""
        return self._request(Task(probe, inputs), self._seed(0))[0]

    def limits(self, most_seconds: float = math.inf) -> WorkerLimits:
        """Return what the worker of one question may use."""
        limits = self.run.assignment.limits
        return WorkerLimits(
            min(limits.test_seconds, most_seconds), limits.test_memory_mb * 2**20, limits.answer_mb * 2**20
        )

    def _seed(self, number: int) -> int:
        return self.run.seed(f"{self.node}#{number}")

    def _request(self, task: Task, seed: int) -> tuple[Request, Question]:
        values = wire.Encoded(draw_all(task.inputs, seed))
        request = self.asker.request(task.probe, task.at_scale(values), seed, notices=False)
        return request, Question(self.number, probe_name(task.probe), values, seed)

    def _answer(self, task: Task) -> Answer:
        request, question = self._request(task, self._seed(self._asked))
        self._asked += 1
        expected: list[Any] = []
        outcome = self.worker(request, self.limits(), meanwhile=lambda: expected.append(self._ask_reference(question)))
        # What came too late comes too late again: a moment shows where.
        most_seconds = SOON if outcome.ending is Ending.TIMED_OUT else math.inf
        public = PublicRun(
            ask=partial(self._ask_publicly, task, most_seconds),
            expect=self._ask_reference,
            pose=partial(self._pose_publicly, task),
            meets_a_stub=partial(self._meets_a_stub, request),
        )
        if outcome.ending is not Ending.ANSWERED:
            raise self._no_answer(outcome, question, public)
        return Answer(
            question,
            given=outcome.answer,
            expected=expected[0],
            feedback=self._feedback,
            public=public,
            again=partial(self._ask_again, task, public),
        )

    def over_the_reference(self) -> Ask:
        """Return an `Ask` to which the reference answers in the submission's place."""
        return _ReferenceAsk(self.asker, self._diagnosis, self.node, self.subject, self.number)

    def _ask_reference(self, question: Question) -> Any:
        run, memory, inputs = self.run, self.run.memory, wire.encode(question.inputs)
        key = memory.key("", question.probe, inputs, question.seed)
        if memory.shared and key in memory.answers:
            return memory.answers[key]
        world = World(run.reference, {}, notices=False)
        try:
            answer = reference.answer(world, question.probe, inputs, run.assignment.edition.names, question.seed)
        except Exception as error:
            raise GraderError(
                f"The reference fails the probe {question.probe}: {type(error).__name__}: {error}"
            ) from error
        memory.files.setdefault(self.number, set()).update(world.loaded)
        return memory.keep(key, answer)

    # The same question with inputs that are no secret, whose answer may be quoted.

    def _ask_publicly(self, task: Task, most_seconds: float) -> Outcome | None:
        inputs = task.at_scale(draw_all(task.inputs, PUBLIC_SEED))
        request = self.asker.request(task.probe, inputs, public=True)
        try:
            return self.worker(request, self.limits(most_seconds), alone=True)
        except NotReachedError:
            return None  # the test was reached: only what may be quoted of it is not

    def _meets_a_stub(self, request: Request) -> bool:
        """Return whether something still to be written runs for `request`, which did not look out for that."""
        try:
            return bool(self.worker(replace(request, notices=True), self.limits()).unfinished)
        except NotReachedError:
            return False

    def _pose_publicly(self, task: Task) -> Question:
        inputs = wire.Encoded(draw_all(task.inputs, PUBLIC_SEED))
        return Question(self.number, probe_name(task.probe), inputs, PUBLIC_SEED)

    # What names a mistake. Were it hidden inputs again, a submission could choose by them which mistake to make.

    def _ask_again(
        self, task: Task, public: PublicRun, other: Callable[..., Any] | None
    ) -> tuple[Question, Any] | None:
        """Ask with inputs that are no secret, `other` in the place of the task's probe; None where there is no time.

        public: what comes of the task itself for these inputs.
        Returns what was asked, and the answer, None where there is none.
        """
        if not self.run.deadline.has_time_to_spare():
            return None
        asked = Task(other or task.probe, task.inputs)
        as_it_was = other is None and not task.scaled
        outcome = public.outcome if as_it_was else self._ask_publicly(asked, _FORWARD_SECONDS)
        return self._pose_publicly(asked), None if outcome is None else outcome.answer

    def _differences(self, gradient: Gradient, question: Question) -> np.ndarray | None:
        """Return `gradient` by finite differences of the submission's own forward; None where that gives none.

        question: one whose inputs are no secret, for what comes of it is quoted.
        """
        probe = self.run.assignment.homework.moved_forward
        if probe is None:
            return None
        request = self.asker.request(probe, gradient.questions(question.inputs), question.seed)
        outcome = self.worker(request, self.limits(_FORWARD_SECONDS), alone=True)
        return gradient.quotient(outcome.answer, question.inputs) if outcome.ending is Ending.ANSWERED else None

    def _no_answer(self, outcome: Outcome, question: Question, public: PublicRun) -> Unsatisfied:
        diagnose: Callable[[], Findings] = Findings
        shown = outcome.seen_again(public.outcome)
        failure = shown.failure
        markdown = self._feedback.no_answer(shown, question.inputs, public.printed)
        if failure is not None and failure.stage == "run" and failure.text and not failure.not_implemented:
            raised = Raised(failure.kind, failure.text, failure.function.rpartition(".")[2])

            def diagnose() -> Findings:
                # The text is quoted from the run with inputs that are no secret: with those the chaffs are asked.
                return Findings(self._feedback.evidence_of_failure(public.question, raised))

        staff = {"ending": outcome.ending.value, "probe": question.probe}
        if failure is not None and (cause := failures.cause(failure, self.run.submission)):
            # Through the handout's own lines every class may fail in the same way, each for a reason of its own.
            given = self.run.handout.get(failure.file) == self.run.submission.files.get(failure.file, b"")
            staff["cause"] = f"{cause} {self.subject.partition('.')[0]}" if given else cause
        is_done, loads = failure is None or not failure.not_implemented, failure is None or failure.stage == "run"
        return Unsatisfied(markdown, staff, diagnose, is_done=is_done, comes_first=not loads)


class _ReferenceAsk(Ask):
    def _answer(self, task: Task) -> Answer:
        _, question = self._request(task, self._seed(self._asked))
        self._asked += 1
        expected = self._ask_reference(question)
        return Answer(question, given=expected, expected=expected, feedback=self._feedback)
