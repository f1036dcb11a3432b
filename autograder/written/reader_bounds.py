"""Bounds on the process that reads a stranger's documents: memory, seconds of CPU, and seconds for one step."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class OutOfTimeError(Exception):
    """A step took longer than it may."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError in the body after `seconds`; without effect outside of a main thread and on Windows."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def bind(megabytes: int, seconds: int, largest_output: int) -> None:
    """Bound this process for good; what the system has no bound for stays open, and the parent watches the clock."""
    with suppress(ImportError):  # no such bounds on Windows
        import resource

        for kind, amount in (
            ("RLIMIT_AS", megabytes * 2**20),
            ("RLIMIT_CPU", seconds + 1),
            ("RLIMIT_FSIZE", largest_output),
            ("RLIMIT_CORE", 0),
        ):
            with suppress(ValueError, OSError):  # macOS has no bound on the address space
                resource.setrlimit(getattr(resource, kind), (amount, amount))
