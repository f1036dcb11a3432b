"""Samples the stack of a worker that takes long, and reports the innermost function that was running all the time."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any, Final

_PAUSE: Final = 0.2  # seconds between the first samples
_FREQUENT_SAMPLES: Final = 4  # samples; each further one comes after twice as long

Place = tuple[str, str, int]  # a file of the submission, a function and a line


class _Mark:
    """Put on frames as their trace function: none is called as long as nobody traces, and this one does nothing."""

    def __call__(self, *_: Any) -> None:
        """Trace no further."""


class StackSampler:
    """Samples the stack now and then. A submission can stop that; then the place is unknown, and nothing else changes.

    files: the submission's. send: called with the innermost place that has stayed since the last sample.
    No frame is kept between samples, since one that has ended would keep its arrays: those that run are marked.
    """

    def __init__(self, files: Collection[str], send: Callable[[Place], None]) -> None:
        self.files, self.send = files, send
        self._mark = _Mark()
        self._pause, self._samples = _PAUSE, 0

    def begin(self) -> None:
        """Take the first sample in a moment."""
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._sample)
            signal.setitimer(signal.ITIMER_REAL, self._pause)

    def _sample(self, _: int, present: FrameType | None) -> None:
        frames, frame = [], present
        while frame is not None and sys.gettrace() is None:  # the marks of frames that are traced are another's
            if frame.f_code.co_filename in self.files:
                frames.append(frame)
            frame = frame.f_back
        stayed = next((frame for frame in frames if frame.f_trace is self._mark), None)
        if stayed is not None:
            name = getattr(stayed.f_code, "co_qualname", stayed.f_code.co_name)
            self.send((stayed.f_code.co_filename, name, stayed.f_lineno))
        else:
            self._mark = _Mark()
            for frame in frames:
                frame.f_trace = self._mark
        self._samples += 1
        self._pause = _PAUSE if self._samples < _FREQUENT_SAMPLES else 2 * self._pause
        signal.setitimer(signal.ITIMER_REAL, self._pause)
