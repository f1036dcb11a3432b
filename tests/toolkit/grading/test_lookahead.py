"""Asking ahead: the question of the test to come is found, and answered as it would have been."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from autograder.assignment.files import read_sources
from autograder.authoring import number, tags, weight
from autograder.grading import demonstration, pipeline, runner
from autograder.grading.answer import Unsatisfied
from autograder.grading.asker import Asker
from autograder.grading.deadline import Deadline
from autograder.grading.draw import draw
from autograder.grading.hidden_tests import hidden_test
from autograder.grading.lookahead import first_question
from autograder.grading.run import Run
from autograder.guest.probes import modules
from autograder.intake.submission import from_files
from autograder.wall.request import Ending, WorkerLimits
from autograder.wall.sandbox import Sandbox
from homework.probes import dense

LIMITS = WorkerLimits(10, 2**30, 2**20)


def declared(function):
    """A hidden test with that function."""
    decorate = [number("1.1"), weight(1), tags("dense")]
    for decorator in decorate:
        function = decorator(function)
    function.__doc__ = function.__doc__ or "It does."
    return hidden_test(function, "test_mine.py::test_mine", ["dense"], ("ask", "draw", "train"))


def test_the_first_question_is_found_without_being_asked():
    x = draw(2, 3)

    def hidden(ask, draw):
        assert draw is not None
        ask(dense.forward, x=x, w=1)
        pytest.fail("nothing after the question is run")

    assert first_question(declared(hidden), {}) == (dense.forward, {"x": x, "w": 1})


def test_a_test_that_tries_another_way_is_asked_for_its_first():
    def hidden(ask):
        with contextlib.suppress(Unsatisfied, Exception):
            ask(dense.forward, x=1)
        ask(dense.forward, x=2)

    assert first_question(declared(hidden), {}) == (dense.forward, {"x": 1})


@pytest.mark.parametrize(
    "hidden",
    [
        lambda ask, draw, set_score: ask(dense.forward),
        lambda train: train("get_model"),
        lambda: None,
        lambda ask: 1 / 0,
    ],
)
def test_what_needs_more_or_asks_nothing_is_not_foreseen(hidden):
    assert first_question(declared(hidden), {}) is None


@pytest.fixture
def asker_of(assignment):
    with Sandbox() as sandbox, contextlib.ExitStack() as opened:

        def made(files):
            submission = from_files(files, assignment.edition)
            run = Run(assignment, submission, read_sources(assignment.template), "secret", Deadline(60))
            return opened.enter_context(contextlib.closing(Asker(run, sandbox)))

        yield made


@pytest.fixture
def asker(asker_of, reference_files):
    return asker_of(reference_files)


def loads(asker, name):
    return asker.request(modules.load, {"name": name}, 0)


def test_what_was_expected_is_answered_whatever_is_asked_between(asker):
    expected = loads(asker, "beras.layers")
    asker.expect([expected], LIMITS)
    assert asker.ask(loads(asker, "beras.nothing"), LIMITS).ending is Ending.RAISED
    assert asker.ask(expected, LIMITS).ending is Ending.ANSWERED
    assert asker.ask(expected, LIMITS).ending is Ending.ANSWERED  # by a worker of its own


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the zygote's children through /proc")
@pytest.mark.parametrize("how", ["closed", "others expected"])
def test_what_was_expected_and_did_not_come_leaves_no_worker(asker, how):
    def workers():
        zygote = asker.sandbox._process.pid
        return len(Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split())

    asker.ask(loads(asker, "beras.layers"), LIMITS)
    before = workers()
    asker.expect([loads(asker, "beras.losses"), loads(asker, "beras.core")], LIMITS)
    if how == "closed":
        asker.close()
    else:
        asker.expect([], LIMITS)
    asker.ask(loads(asker, "beras.layers"), LIMITS)  # commands are obeyed in their order
    assert workers() <= before + 2  # what waits for the tests to come


def test_a_worker_that_the_system_kills_beside_another_is_no_verdict(asker_of):
    asker = asker_of({"beras/layers.py": b"import time; time.sleep(1)"})
    request = loads(asker, "beras.layers")
    asker.expect([request], LIMITS)
    worker = asker.sandbox._pid(asker._ahead[0][1].worker)
    time.sleep(0.5)  # it is locked down, and sleeps
    os.kill(worker, signal.SIGKILL)
    assert asker.ask(request, LIMITS).ending is Ending.ANSWERED


@pytest.mark.slow
def test_looking_ahead_changes_no_row(assignment, tmp_path, monkeypatch):
    def rows(name):
        submission = demonstration.submission(assignment)
        report = pipeline.grade(submission, tmp_path / name, assignment, skip=("training",))
        return [test.row() for test in report.tests]

    ahead = rows("ahead.json")
    monkeypatch.setattr(runner, "first_question", lambda *_: None)
    assert rows("one by one.json") == ahead
    assert any(row.get("status") == "failed" for row in ahead)
