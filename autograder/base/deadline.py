"""A bound on the processor's time for one piece of work in this process."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

_AGAIN: Final = 1.0  # seconds until it is raised anew, where something swallowed it


class TookTooLong(BaseException):
    """A piece of work has used up the processor's time that it may have."""


@contextlib.contextmanager
def processor_seconds(seconds: float) -> Iterator[None]:
    """Bound what is done within to `seconds` of the processor, which a busy machine does not shorten.

    Only a process's main thread can be bounded; in another one nothing is. Raises TookTooLong within.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGPROF, stop)
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
