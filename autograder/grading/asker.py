"""Asking a submission's workers, within the run's time, and collecting what they report beside their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from autograder.base.errors import GraderError
from autograder.base.seeds import PUBLIC_SEED
from autograder.grading.deadline import NotReachedError
from autograder.grading.run import Run
from autograder.results.flags import Flag
from autograder.wall.probe_names import probe_name
from autograder.wall.request import Ending, Outcome, Refused, Request, WorkerLimits
from autograder.wall.sandbox import Asked, Sandbox
from autograder.wall.shared_arrays import SharedFile

_LAST_MOMENT: Final = 0.3  # seconds, for an answer that has most likely come already
SOON: Final = 1.0  # seconds, after which a function that was found endless is not waited for any longer


class Asker:
    """Asks one submission. Close it to end the workers whose answers are not needed.

    while_waiting: is called when a worker lets the grader wait.
    """

    def __init__(self, run: Run, sandbox: Sandbox, *, while_waiting: Callable[[], None] = lambda: None) -> None:
        self.run, self.sandbox = run, sandbox
        self.while_waiting = while_waiting
        self._unloadable: dict[str, str] = {}
        self._code: Mapping[str, bytes] = {}
        self._ahead: list[tuple[Request, Asked]] = []
        self._rivals: list[Callable[[], None]] = []
        self._endless: dict[tuple[str, str], str] = {}  # functions, and the tests that waited for them
        self._refused: set[Refused] = set()
        self._suspected: list[Flag] = []
        self._faults: list[str] = []

    def request(
        self,
        probe: Callable[..., Any],
        inputs: Mapping[str, Any],
        seed: int = PUBLIC_SEED,
        *,
        public: bool = False,
        notices: bool = True,
    ) -> Request:
        """Return the request that runs `probe` over the submission.

        public: its inputs are no secret.
        notices: its worker looks out for what is still to be written.
        Raises GraderError where what is public would begin from another seed: a worker could tell it.
        """
        if public and seed != PUBLIC_SEED:
            raise GraderError("A question whose answer may be shown must not begin from a seed that is secret.")
        run, named = self.run, probe_name(probe)
        alone = run.assignment.homework.asked_alone
        return Request(
            probe=named,
            inputs=inputs,
            sources=run.encoded_files,
            given=run.encoded_template if named.startswith(alone) else run.encoded_handout,
            edition=run.encoded_names,
            seed=seed,
            public=public,
            unloadable=self._unloadable,
            forbidden=run.assignment.rules.forbidden,
            inert=run.assignment.rules.inert,
            code=self._code,
            notices=notices,
        )

    def never_load(self, unloadable: Mapping[str, str]) -> None:
        """Have no worker load these files any more, which end their process. unloadable: how each does."""
        self._unloadable = {**self._unloadable, **unloadable}

    def hand_on(self, code: Mapping[str, bytes]) -> None:
        """Give all workers from now on what `compiling.compile_files` returned, bytes that nobody opens here."""
        self._code = code

    # Asking, and waiting for what comes of it.

    def ask(
        self,
        request: Request,
        limits: WorkerLimits,
        *,
        test: str = "",
        shared: SharedFile | None = None,
        meanwhile: Callable[[], None] = lambda: None,
        enough: Callable[[Any], bool] | None = None,
    ) -> Outcome:
        """Ask, and return what comes of it, as `Sandbox.run` does, within what is left of the run's time.

        test: the number of the test that asks.
        meanwhile: is done while the worker works.
        Raises NotReachedError where no time is left, or what is left is too short for the answer.
        """
        left = self.run.deadline.remaining()
        cut_short = left < limits.seconds
        limits = limits.within(left)
        ahead = self._take(request)
        asked = replace(ahead, limits=limits) if ahead else self.sandbox.ask(request, limits, shared=shared)
        try:
            meanwhile()
        except BaseException:
            self.sandbox.drop(asked)
            raise
        soon = bool(self._endless) and enough is None and limits.seconds > SOON
        if soon:
            asked = replace(asked, limits=limits.within(SOON))
        outcome = self.sandbox.outcome(asked, enough, self.while_waiting)
        if soon and outcome.ending is Ending.TIMED_OUT and _function(outcome) not in self._endless:
            outcome, soon = self.sandbox.run(request, limits, shared=shared, enough=enough), False
        if outcome.ending is Ending.TIMED_OUT:
            outcome = self._remember(outcome, limits, test)
        if ahead and outcome.ending is Ending.KILLED:
            # It may have been killed because its neighbour used up the memory: ask again, alone.
            outcome = self.sandbox.run(request, limits, shared=shared, enough=enough)
        self._collect(outcome)
        if cut_short and not soon and outcome.ending is Ending.TIMED_OUT:
            raise NotReachedError
        return outcome

    def ask_alone(self, request: Request, limits: WorkerLimits, *, test: str = "") -> Outcome:
        """Ask what may be quoted, while no other worker has anything of the submission.

        A worker that knows hidden inputs could otherwise pass them to this one, over a channel that is still open.
        """
        self.close()
        for drop in self._rivals:
            drop()
        return self.ask(request, limits, test=test)

    def drop_before_public_runs(self, drop: Callable[[], None]) -> None:
        """Have `drop` end other workers, which can be asked again, before anything is asked that may be quoted."""
        self._rivals.append(drop)

    # Questions that the grader sends now, and whose answers it reads later.

    def begin(self, request: Request, limits: WorkerLimits) -> Asked:
        """Ask without waiting: `finish` or `drop` ends it."""
        return self.sandbox.ask(request, limits)

    def finish(self, asked: Asked) -> Outcome:
        """Return what comes of a question, within what is left of the run's time: at the end, a moment."""
        left = max(self.run.deadline.left(), _LAST_MOMENT)
        outcome = self.sandbox.outcome(replace(asked, limits=asked.limits.within(left)))
        self._collect(outcome)
        return outcome

    def drop(self, asked: Asked) -> None:
        """End the worker of a question whose answer is not needed."""
        self.sandbox.drop(asked)

    def expect(self, requests: Sequence[Request], limits: WorkerLimits) -> None:
        """Have these questions, and no others, on their way: `ask` will most likely be called with them soon."""
        ahead, self._ahead = self._ahead, []
        for known, asked in ahead:
            if any(known.asks_like(request) for request in requests):
                self._ahead.append((known, asked))
            else:
                self.sandbox.drop(asked)
        for request in requests:
            if not any(known.asks_like(request) for known, _ in self._ahead):
                self._ahead.append((request, self.sandbox.ask(request, limits)))

    def _take(self, request: Request) -> Asked | None:
        for index, (known, asked) in enumerate(self._ahead):
            if known.asks_like(request):
                del self._ahead[index]
                return asked
        return None

    def close(self) -> None:
        """End the workers of questions that were expected and did not come."""
        ahead, self._ahead = self._ahead, []  # first: what fails here must not fail in every later test
        for _, asked in ahead:
            self.sandbox.drop(asked)

    # What workers report beside their answers.

    @property
    def refused(self) -> frozenset[Refused]:
        """Forbidden libraries that the submission asked for while it ran."""
        return frozenset(self._refused)

    @property
    def suspected(self) -> tuple[Flag, ...]:
        """What tests noticed."""
        return tuple(self._suspected)

    def suspect(self, flag: Flag) -> None:
        """Note what a test noticed, for the staff."""
        self._suspected.append(flag)

    def note_fault(self, text: str) -> None:
        """Note that something of the grader's failed beside the submission, for the staff."""
        if text not in self._faults:
            self._faults.append(text)

    def take_faults(self) -> list[str]:
        """Return what of the grader's failed beside the submission since the last call."""
        taken, self._faults = self._faults, []
        return taken

    def _collect(self, outcome: Outcome) -> None:
        self._refused.update(outcome.refused)
        for text in outcome.faults:
            self.note_fault(text)

    def _remember(self, outcome: Outcome, limits: WorkerLimits, test: str) -> Outcome:
        """Return `outcome`, which came too late, with the first test that waited for the same function."""
        function = _function(outcome)
        if function[0] not in self.run.submission.files:
            return outcome
        if limits.seconds >= self.run.assignment.limits.test_seconds:
            self._endless.setdefault(function, test)
        since = self._endless.get(function, "")
        return replace(outcome, since=since if since != test else "")


def _function(outcome: Outcome) -> tuple[str, str]:
    """Return file and name of the function that a worker was in when its time was up; empty where that is unknown."""
    return (outcome.still.file, outcome.still.name) if outcome.still is not None else ("", "")
