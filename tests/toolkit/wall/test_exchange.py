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

    def bring(output: bytes, limits=_LIMITS, enough=None):
        with ExitStack() as stack:
            _, ours = pipe(stack)
            answers, worker = pipe(stack)
            exchange = Exchange(ours, answers, _NONCE, limits)
            exchange.offer(b"")
            os.write(worker.number, output)
            worker.close()
            return exchange, exchange.outcome(Clock(os.getpid(), limits), enough)

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


_LARGE = WorkerLimits(5, 2**30, 2**24)
_TEXTS = wire.frame(wire.PART, _NONCE, wire.encode([""] * 19_990))


def test_frames_that_hold_very_many_values_together_are_too_much(said):
    """Each takes three bytes on the way, and many times that in the grader."""
    _, outcome = said(wire.HELD + _TEXTS * 12, _LARGE)
    assert outcome.ending is Ending.FLOODED
    assert len(outcome.parts) == 10


def test_a_part_that_has_been_looked_at_is_not_kept(said):
    seen = []
    last = wire.frame(wire.LAST, _NONCE, wire.encode({}))
    _, outcome = said(wire.HELD + _TEXTS * 2 + last, _LARGE, lambda part: bool(seen.append(len(part))))
    assert outcome.ending is Ending.ANSWERED
    assert (seen, outcome.parts) == ([19_990] * 2, ())
