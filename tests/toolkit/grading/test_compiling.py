"""A submission's files are compiled once, and what hands them on decides nothing."""

import marshal

import pytest

from autograder.assignment import config
from autograder.grading.asker import Asker
from autograder.grading.compiling import compile_files
from autograder.grading.deadline import Deadline
from autograder.grading.run import Run
from autograder.guest.probes import modules
from autograder.intake.submission import from_files
from autograder.wall.request import Ending, WorkerLimits
from autograder.wall.sandbox import Sandbox

LIMITS = WorkerLimits(seconds=5, memory_bytes=2**30, answer_bytes=2**20)
GOOD = b"x = 1\n"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


def asker(sandbox, files):
    own = config.load()
    return Asker(Run(own, from_files(files, own.edition), {}, "secret", Deadline(600)), sandbox)


def loaded(made, code):
    made.hand_on(code)
    return made.ask(made.request(modules.load, {"name": "beras.extra"}, public=True), LIMITS)


def test_a_file_that_is_no_python_is_left_out_and_the_others_are_compiled(sandbox):
    made = asker(sandbox, {"beras/extra.py": GOOD, "beras/layers.py": b"def f(:\n", "beras/core.py": b"\x00"})
    assert set(compile_files(made)) == {"beras/extra.py"}


def test_nothing_of_a_submission_runs_while_it_is_compiled(sandbox):
    made = asker(sandbox, {"beras/extra.py": b"import os\nos._exit(3)\n"})
    code = compile_files(made)
    assert set(code) == {"beras/extra.py"}
    assert loaded(made, code).ending is Ending.EXITED


def test_an_exception_of_compiled_code_names_the_students_own_line(sandbox):
    made = asker(sandbox, {"beras/extra.py": b"x = 1\n\nx.y\n"})
    failure = loaded(made, compile_files(made)).failure
    assert (failure.file, failure.line, failure.kind) == ("beras/extra.py", 3, "AttributeError")


@pytest.mark.parametrize("bytes_", [b"", b"garbage", marshal.dumps(7), marshal.dumps(compile(GOOD, "x", "exec"))[:-9]])
def test_what_cannot_be_read_is_compiled_again(sandbox, bytes_):
    made = asker(sandbox, {"beras/extra.py": b"x.y\n"})
    outcome = loaded(made, {"beras/extra.py": bytes_})
    assert outcome.failure.kind == "NameError"


def test_bytes_that_crash_their_reader_cost_that_worker_and_no_other(sandbox):
    made = asker(sandbox, {"beras/extra.py": GOOD})
    hostile = compile("0", "beras/extra.py", "exec").replace(co_code=b"d\xff" * 8, co_consts=())
    loaded(made, {"beras/extra.py": marshal.dumps(hostile)})  # whatever becomes of it
    assert loaded(made, {}).ending is Ending.ANSWERED
    assert loaded(asker(sandbox, {"beras/extra.py": GOOD}), {}).ending is Ending.ANSWERED


def test_a_file_whose_compiling_ends_the_worker_hands_on_nothing(sandbox):
    deep = b"x = " + b"-" * 3_000_000 + b"1\n"
    made = asker(sandbox, {"beras/extra.py": GOOD, "beras/layers.py": deep})
    code = compile_files(made)
    assert "beras/layers.py" not in code
    assert loaded(made, code).ending is Ending.ANSWERED


def test_more_code_than_a_worker_may_hand_back_is_none(sandbox, monkeypatch):
    monkeypatch.setattr("autograder.grading.compiling._LIMITS", WorkerLimits(5, 2**30, 2**14))
    made = asker(sandbox, {"beras/extra.py": b"x = " + repr("a" * 100_000).encode()})
    assert dict(compile_files(made)) == {}
