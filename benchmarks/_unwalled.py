"""The hidden tests without a wall: each probe is called in this very process, which grading never does."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import GeneratorType
from typing import Any

import numpy as np
from _table import ROOT

from autograder.assignment import config
from autograder.assignment.config import Assignment
from autograder.assignment.files import read_sources
from autograder.feedback.diagnosis import Diagnosis
from autograder.grading.ask import Ask
from autograder.grading.asker import Asker
from autograder.grading.deadline import NO_DEADLINE
from autograder.grading.draw import draw
from autograder.grading.hidden_tests import HiddenTest
from autograder.grading.loading import choose, load_hidden_tests
from autograder.grading.run import Run
from autograder.grading.setup import Setup
from autograder.guest import seam, wire, worker
from autograder.guest.loader import World
from autograder.intake.submission import from_files
from autograder.wall import exchange
from autograder.wall.request import Ending, Outcome, Request, WorkerLimits


class Direct:
    """In the sandbox's place: runs a probe over the submission in this process."""

    peak_bytes = 0

    def __init__(self, *_: object) -> None:
        """No folder of a homework is needed."""

    def __enter__(self) -> Direct:
        self.launch()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def launch(self) -> None:
        """Do nothing: there is no process to start."""

    def close(self) -> None:
        """Do nothing: there is no process to stop."""

    def compile(self, files: Mapping[str, bytes]) -> None:
        """Do nothing: this process keeps what it has compiled."""

    def ask(self, request: Request, limits: WorkerLimits, **_: object) -> Any:
        """Return nothing can be done meanwhile here."""
        return _Asked(request, limits)

    def drop(self, asked: Any) -> None:
        """Do nothing: no question was begun."""

    def outcome(self, asked: _Asked, *_: object) -> Outcome:
        """Ask one probe."""
        answer, *parts = wire.decode(self._answered(asked.request))
        return Outcome(Ending.ANSWERED, answer, tuple(parts))

    def _answered(self, request: Request) -> bytes:
        """Return the answer, and the parts before it where there are any, as they would cross the wall."""
        inputs = wire.decode(wire.encode(request.inputs))
        world = World(request.sources, request.given)
        with world.importing():
            answer = worker.run_probe(request.probe, seam.api().open_api(world, request.edition), inputs)
            parts = list(answer) if isinstance(answer, GeneratorType) else []
        return wire.encode([{} if parts else answer, *parts])


class InProcess(Direct):
    """As `Direct`, with all that a worker does: seeds, exceptions, parts. Only for code that is trusted."""

    def run(self, request: Request, limits: WorkerLimits, **_: object) -> Outcome:
        """Ask one probe at once."""
        return self.outcome(self.ask(request, limits))

    def outcome(self, asked: _Asked, *_: object) -> Outcome:
        """Ask one probe; an exception is an outcome."""
        worker.keep_handout(0, asked.request.handout())
        payload = wire.decode(asked.request.encoded(0), worker.REQUEST_BOUNDS)
        state = np.random.get_state(), np.random.bit_generator.randbits  # type: ignore[attr-defined]  # noqa: NPY002
        worker._seed(asked.request.seed)  # noqa: SLF001  what a worker does, without its process
        parts, stubs, failure = [], [], None
        try:
            with redirect_stdout(StringIO()), np.errstate(all="ignore"):
                for kind, tree in worker._answers(payload):  # noqa: SLF001
                    crossed = wire.decode(wire.encode(tree))
                    if kind in (wire.PART, wire.LAST):
                        parts.append(crossed)
                    elif kind == wire.UNFINISHED:
                        stubs.append(exchange._stub(crossed))  # noqa: SLF001  as from another process
                    elif kind == wire.FAILURE:
                        failure = exchange._failure(crossed)  # noqa: SLF001
        finally:
            np.random.set_state(state[0])  # noqa: NPY002
            np.random.bit_generator.randbits = state[1]  # type: ignore[attr-defined]
        told = {"unfinished": tuple(stubs[: exchange.MOST_STUBS])}
        if failure is not None:
            return Outcome(Ending.RAISED, parts=tuple(parts), failure=failure, **told)
        return Outcome(Ending.ANSWERED, parts.pop(), tuple(parts), **told)


class UnwalledSetup(Setup):
    """What gradings of trusted code share: no wall is tried, and nothing runs behind one."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(assignment, InProcess())  # type: ignore[arg-type]

    def verify(self, *_: object) -> dict[str, str]:
        """No layers."""
        return {}


class Forked(Direct):
    """As `Direct`, each question in a process of its own, forked from this one, which waits for it."""

    def _answered(self, request: Request) -> bytes:
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read_end)
            with os.fdopen(write_end, "wb") as pipe:
                pipe.write(super()._answered(request))
            os._exit(0)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as pipe:
            answered = pipe.read()
        os.waitpid(pid, 0)
        return answered


@dataclass(frozen=True)
class _Asked:
    """A question that waits to be asked."""

    request: Request
    limits: WorkerLimits


def hand_in(folder: Path) -> Path:
    """Put into `folder` what a student hands in whose solution is the reference: none of what stands beside it."""
    for name, content in read_sources(ROOT / "reference").items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def checks() -> dict[str, tuple[float, Callable[[], None]]]:
    """Return the hidden tests over the reference by number, training left out: their weights, and what runs them."""
    assignment = config.load()
    submission = from_files(read_sources(ROOT / "reference"), assignment.edition)
    run = Run(assignment, submission, read_sources(assignment.template), assignment.secret, NO_DEADLINE)
    sandbox: Any = Direct()
    asker = Asker(run, sandbox)
    tests = choose(load_hidden_tests(assignment), assignment, skip=("training",))
    return {test.number: (test.weight, _bound(test, asker)) for test in tests}


def _bound(test: HiddenTest, asker: Asker) -> Callable[[], None]:
    """Return the test with what it asks for."""

    def run() -> None:
        diagnosis = Diagnosis(asker.run.own_edition_files)
        test.run({"draw": draw, "ask": Ask(asker, diagnosis, test.node, test.subject)})

    return run
