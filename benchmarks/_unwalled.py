"""The hidden tests without a wall: each probe is called in this very process, which grading never does."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable
from typing import Any

from _table import ROOT

from autograder import assignment as assignments
from autograder.guest import wire, worker
from autograder.guest.api import Beras
from autograder.guest.loader import World
from autograder.interview import Grader, Interview, draw, given_sources
from autograder.sandbox import Ending, Outcome, Request
from autograder.submission import read


class Direct:
    """In the sandbox's place: runs a probe over the submission in this process."""

    peak_bytes = 0

    def launch(self) -> None:
        """Nothing to start."""

    def close(self) -> None:
        """Nothing to stop."""

    def run(
        self, request: Request, limits: object, *, meanwhile: Callable[[], None] | None = None, **_: object
    ) -> Outcome:
        """Ask one probe; what it raises is not told apart."""
        del limits
        if meanwhile is not None:
            meanwhile()
        inputs = wire.decode(wire.encode(dict(request.inputs)))
        world = World(request.sources, request.given)
        with world.entered():
            answer = worker.run_probe(request.probe, Beras(world, request.edition), inputs)
        return Outcome(Ending.ANSWERED, wire.decode(wire.encode(answer)))


def checks() -> dict[str, tuple[float, Callable[[], None]]]:
    """The hidden tests over the reference by number, training left out: their weights, and what runs them."""
    assignment = assignments.load()
    submission = read(ROOT / "reference", assignment.edition, assignment.limits)
    sandbox: Any = Direct()
    grader = Grader(
        assignment, submission, sandbox, assignment.secret, float("inf"), given_sources(assignment.template)
    )
    found: dict[str, tuple[float, Callable[[], None]]] = {}
    for path in sorted(assignment.hidden_tests.glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in vars(module).items():
            if name.startswith("test_") and "training" not in getattr(function, "__tags__", ("training",)):
                found[function.__number__] = (function.__weight__, _bound(function, grader))
    return found


def _bound(function: Callable[..., None], grader: Grader) -> Callable[[], None]:
    """The test with the fixtures that it asks for."""

    def run() -> None:
        available = {"grader": grader, "draw": draw, "ask": Interview(grader, function.__name__, "")}
        wanted = inspect.signature(function).parameters  # set_score among them is partial_credit's to give
        function(**{name: value for name, value in available.items() if name in wanted})

    return run
