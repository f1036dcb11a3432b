"""Bounds on the time of one piece of work in this process, by the clock or by what its processor did."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

_AGAIN: Final = 1.0  # seconds until it is raised anew, where something swallowed it


class OutOfTimeError(Exception):
    """A step took longer than it may."""


class TookTooLong(BaseException):
    """A piece of work has used up the processor's time that it may have."""


def time_limit(seconds: float) -> contextlib.AbstractContextManager[None]:
    """Raise OutOfTimeError in the body after `seconds`; without effect outside of a main thread and on Windows."""
    return _limit("ITIMER_REAL", "SIGALRM", seconds, 0, OutOfTimeError)


def processor_time_limit(seconds: float) -> contextlib.AbstractContextManager[None]:
    """Raise TookTooLong in the body after `seconds` of the processor, which a busy machine does not shorten.

    Without effect outside of a main thread and on Windows.
    """
    return _limit("ITIMER_PROF", "SIGPROF", seconds, _AGAIN, TookTooLong)


@contextlib.contextmanager
def _limit(timer: str, number: str, seconds: float, again: float, error: type[BaseException]) -> Iterator[None]:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise error

    clock, signal_number = getattr(signal, timer), getattr(signal, number)
    before = signal.signal(signal_number, stop)
    try:
        signal.setitimer(clock, seconds, again)
        yield
    finally:
        signal.setitimer(clock, 0)
        signal.signal(signal_number, before)
