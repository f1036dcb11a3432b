"""What one read of a worker's pipe can bring all at once."""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest

from autograder.guest import wire
from autograder.wall.exchange import Clock, Exchange, pipe
from autograder.wall.request import Ending, WorkerLimits

_LIMITS = WorkerLimits(5, 2**30, 2**12)
_NONCE = b"n" * 16


@pytest.fixture
def said():
    """Return the exchange, and the outcome, of a worker whose whole output comes in one read."""

    def bring(output: bytes):
        with ExitStack() as stack:
            _, ours = pipe(stack)
            answers, worker = pipe(stack)
            exchange = Exchange(ours, answers, _NONCE, _LIMITS)
            exchange.offer(b"")
            os.write(worker.number, output)
            worker.close()
            return exchange, exchange.outcome(Clock(os.getpid(), _LIMITS), None)

    return bring


def test_too_much_that_comes_with_the_locks_note_is_too_much_of_a_locked_worker(said):
    """Else a submission's flood is told as a wall that does not stand."""
    exchange, outcome = said(wire.HELD + b"x" * (_LIMITS.answer_bytes + 1))
    assert exchange.held
    assert outcome.ending is Ending.FLOODED


def test_a_worker_that_could_not_be_locked_says_why(said):
    exchange, outcome = said(wire.LOCK + b"no seccomp here")
    assert not exchange.held
    assert exchange.lock_failure == "no seccomp here"
    assert outcome.ending is Ending.EXITED
