"""One sandbox for runs of different submissions."""

import os
from contextlib import closing

import numpy as np
import pytest

from autograder.wall.request import Ending, Request, WorkerLimits
from autograder.wall.sandbox import LentSandbox
from autograder.wall.shared_arrays import SharedFile

LIMITS = WorkerLimits(seconds=5, memory_bytes=2**30, answer_bytes=2**20)


def ask(sandbox, source=b"x = 1"):
    return sandbox.run(Request("modules.load", {"name": "beras.extra"}, {"beras/extra.py": source}, {}, {}, 1), LIMITS)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:  # noqa: PTH123
        return file.read().split()


@pytest.fixture
def sandbox():
    lent = LentSandbox()
    lent.launch()
    yield lent
    lent.end()


def test_a_closed_run_leaves_no_worker_and_keeps_the_zygote(sandbox):
    for _ in range(3):
        assert ask(sandbox).ending is Ending.ANSWERED
    zygote = sandbox._process.pid
    assert children(zygote)  # those that wait
    sandbox.close()
    assert not children(zygote)
    sandbox.launch()
    assert sandbox._process.pid == zygote
    assert ask(sandbox).ending is Ending.ANSWERED


def test_where_the_zygote_has_died_the_next_run_gets_another(sandbox):
    ask(sandbox)
    first = sandbox._process.pid
    os.kill(first, 9)
    sandbox.close()
    sandbox.launch()
    assert sandbox._process.pid != first
    assert ask(sandbox).ending is Ending.ANSWERED


def test_no_worker_sees_where_another_is_in_the_file_that_they_share(sandbox):
    moves = b"""
import os
places = []
for file in range(3, 32):
    try:
        places.append(os.lseek(file, 0, os.SEEK_CUR))
        os.lseek(file, 41, os.SEEK_SET)
    except OSError:
        pass
assert places[0] == 0
"""
    with closing(SharedFile({"x": np.ones(5)})) as shared:
        for _ in range(2):
            request = Request("modules.load", {"name": "beras.extra"}, {"beras/extra.py": moves}, {}, {}, 1)
            assert sandbox.run(request, LIMITS, shared=shared).ending is Ending.ANSWERED
