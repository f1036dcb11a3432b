"""Where the machine has no room for a worker: one that could not be made costs what nobody else can answer, no more."""

import contextlib
import os
import sys
from pathlib import Path

import pytest

from autograder.assignment.files import read_sources
from autograder.base.errors import GraderError
from autograder.grading.asker import Asker
from autograder.grading.deadline import Deadline
from autograder.grading.run import Run
from autograder.guest.probes import modules
from autograder.intake.submission import from_files
from autograder.wall import sandbox as walls
from autograder.wall import verify
from autograder.wall.request import Ending, Request, WorkerLimits
from autograder.wall.sandbox import LentSandbox, Sandbox

LIMITS = WorkerLimits(10, 2**30, 2**20)
ZYGOTE = """
import os, runpy, sys
fork, asked = os.fork, 0

def fork_where_there_is_room():
    global asked
    if sys._getframe(1).f_code.co_name == "_spawn":
        asked += 1
        if asked in {without}:
            raise BlockingIOError(11, "Resource temporarily unavailable")
    return fork()

os.fork = fork_where_there_is_room
runpy.run_path({start!r}, run_name="__main__")
"""


@pytest.fixture
def sandbox_without(tmp_path, monkeypatch):
    """`sandbox_without(n, …)`: a sandbox whose n-th worker cannot be forked."""
    with contextlib.ExitStack() as opened:

        def make(*without, kind=Sandbox):
            script = tmp_path / "start.py"
            script.write_text(ZYGOTE.format(without=set(without), start=str(walls._START)))
            monkeypatch.setattr(walls, "_START", script)
            made = kind()
            made.launch()
            opened.callback(getattr(made, "end", made.close))
            return made

        yield make


def load(sandbox):
    source = {"beras/extra.py": b"x = 1"}
    return sandbox.run(Request("modules.load", {"name": "beras.extra"}, source, {}, {}, 1), LIMITS).ending


def asker_of(sandbox, assignment, files):
    run = Run(assignment, from_files(files, assignment.edition), read_sources(assignment.template), "s", Deadline(60))
    return Asker(run, sandbox)


def test_a_worker_made_ahead_that_could_not_be_is_made_anew(sandbox_without):
    sandbox = sandbox_without(3, 4)  # after two of the same kind, two are made ahead
    assert [load(sandbox) for _ in range(4)] == [Ending.ANSWERED] * 4


def test_where_there_is_no_room_at_all_it_says_so(sandbox_without):
    sandbox = sandbox_without(*range(1, 10))
    for _ in range(2):
        with pytest.raises(GraderError, match=r"No worker could be started: fork: .*Resource temporarily unavailable"):
            load(sandbox)


def test_a_question_asked_ahead_without_a_worker_is_asked_again(sandbox_without, assignment, reference_files):
    asker = asker_of(sandbox_without(1), assignment, reference_files)
    request = asker.request(modules.load, {"name": "beras.layers"}, 0)
    asker.expect([request], LIMITS)
    assert asker.ask(request, LIMITS).ending is Ending.ANSWERED


@pytest.mark.parametrize("how", ["closed", "others expected"])
def test_a_question_asked_ahead_without_a_worker_is_dropped(sandbox_without, assignment, reference_files, how):
    asker = asker_of(sandbox_without(1), assignment, reference_files)
    request = asker.request(modules.load, {"name": "beras.layers"}, 0)
    asker.expect([request], LIMITS)
    if how == "closed":
        asker.close()
    else:
        asker.expect([], LIMITS)
    assert asker.ask_alone(request, LIMITS).ending is Ending.ANSWERED


def test_a_lent_sandbox_keeps_its_zygote_where_a_worker_made_ahead_could_not_be(sandbox_without):
    sandbox = sandbox_without(3, 4, kind=LentSandbox)
    assert [load(sandbox) for _ in range(2)] == [Ending.ANSWERED] * 2
    zygote = sandbox._process.pid
    sandbox.close()
    sandbox.launch()
    assert sandbox._process.pid == zygote
    assert load(sandbox) is Ending.ANSWERED


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_a_worker_whose_second_pipe_cannot_be_made_leaves_no_first(monkeypatch):
    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    with Sandbox() as sandbox:
        assert load(sandbox) is Ending.ANSWERED
        before, make, made = descriptors(), os.pipe, []

        def pipe():
            if made:
                raise OSError(24, "Too many open files")
            made.append(make())
            return made[0]

        with monkeypatch.context() as patched:
            patched.setattr(os, "pipe", pipe)
            with pytest.raises(OSError, match="Too many"):
                load(sandbox)
        assert descriptors() == before


def test_an_answer_counts_where_no_worker_can_be_made_ahead(monkeypatch):
    with Sandbox() as sandbox:
        assert load(sandbox) is Ending.ANSWERED
        make, made = os.pipe, []

        def pipe():
            made.append(1)
            if len(made) > 2:  # the worker that is asked has both
                raise OSError(24, "Too many open files")
            return make()

        with monkeypatch.context() as patched:
            patched.setattr(os, "pipe", pipe)
            assert load(sandbox) is Ending.ANSWERED
        assert len(made) == 3
        assert load(sandbox) is Ending.ANSWERED


def test_the_wall_is_tried_with_programs_that_every_machine_has(monkeypatch):
    start = verify.subprocess.Popen

    def start_python(words, *rest, **options):
        if words[0] != sys.executable:
            raise FileNotFoundError(2, "No such file or directory", words[0])
        return start(words, *rest, **options)

    with Sandbox() as sandbox:
        monkeypatch.setattr(verify.subprocess, "Popen", start_python)
        held = verify.attempts(sandbox, [])
    assert held["signal another process"] and held["trace a process"]
