"""Asking ahead: the question of the test to come is found, and answered as it would have been."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from autograder.assignment.files import given_sources
from autograder.grading import demonstration, pipeline, plugin
from autograder.grading.answer import Unsatisfied
from autograder.grading.draw import draw
from autograder.grading.interview import Grader
from autograder.grading.lookahead import first_question
from autograder.guest.probes import modules
from autograder.intake.submission import from_files
from autograder.wall.request import Ending, WorkerLimits
from autograder.wall.sandbox import Sandbox
from homework.probes import dense

LIMITS = WorkerLimits(10, 2**30, 2**20)


def test_the_first_question_is_found_without_being_asked():
    x = draw(2, 3)

    def hidden(ask, draw):
        assert draw is not None
        ask(dense.forward, x=x, w=1)
        pytest.fail("nothing after the question is run")

    assert first_question(hidden) == (dense.forward, {"x": x, "w": 1})


def test_a_test_that_tries_another_way_is_asked_for_its_first():
    def hidden(ask):
        with contextlib.suppress(Unsatisfied, Exception):
            ask(dense.forward, x=1)
        ask(dense.forward, x=2)

    assert first_question(hidden) == (dense.forward, {"x": 1})


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
    assert first_question(hidden) is None


@pytest.fixture
def grader(assignment, reference_files):
    with Sandbox() as sandbox:
        submission, given = from_files(reference_files, assignment.edition), given_sources(assignment.template)
        grader = Grader(assignment, submission, sandbox, "secret", time.monotonic() + 60, given)
        with contextlib.closing(grader):
            yield grader


def loads(grader, name):
    return grader.request(modules.load, {"name": name}, 0)


def test_what_was_foreseen_is_answered_whatever_is_asked_between(grader):
    foreseen = loads(grader, "beras.layers")
    grader.foresee(foreseen, LIMITS)
    assert grader.run(loads(grader, "beras.nothing"), LIMITS).ending is Ending.RAISED
    assert grader.run(foreseen, LIMITS).ending is Ending.ANSWERED
    assert grader.run(foreseen, LIMITS).ending is Ending.ANSWERED  # by a worker of its own


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the zygote's children through /proc")
def test_what_was_foreseen_and_did_not_come_leaves_no_worker(grader):
    def workers():
        zygote = grader.sandbox._process.pid
        return len(Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split())

    grader.run(loads(grader, "beras.layers"), LIMITS)
    before = workers()
    grader.foresee(loads(grader, "beras.losses"), LIMITS)
    grader.close()
    grader.run(loads(grader, "beras.layers"), LIMITS)  # commands are obeyed in their order
    assert workers() <= before + 2  # what waits for the tests to come


def test_a_worker_that_the_system_kills_beside_another_is_no_verdict(assignment, grader):
    slow = {"beras/layers.py": b"import time; time.sleep(1)"}
    grader.submission = from_files(slow, assignment.edition)
    request = loads(grader, "beras.layers")
    grader.foresee(request, LIMITS)
    worker = grader.sandbox._pid(grader._foreseen[1].worker)
    time.sleep(0.5)  # it is locked down, and sleeps
    os.kill(worker, signal.SIGKILL)
    assert grader.run(request, LIMITS).ending is Ending.ANSWERED


def test_foresight_changes_no_row(assignment, tmp_path, monkeypatch):
    def rows(name):
        submission = demonstration.submission(assignment)
        report = pipeline.grade(submission, tmp_path / name, assignment, skip=("training",))
        return [test.row() for test in report.tests]

    foreseen = rows("foreseen.json")
    monkeypatch.setattr(plugin, "first_question", lambda _: None)
    assert rows("one by one.json") == foreseen
    assert any(row.get("status") == "failed" for row in foreseen)
