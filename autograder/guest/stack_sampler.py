"""Samples the stack of a worker that takes long, and reports the innermost function that was running all the time."""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection
from types import FrameType
from typing import Final

_PAUSE: Final = 0.2  # seconds between the first samples
_FREQUENT_SAMPLES: Final = 4  # samples; each further one comes after twice as long

Place = tuple[str, str, int]  # a file of the submission, a function and a line


class StackSampler:
    """Samples the stack now and then. A submission can stop that; then the place is unknown, and nothing else changes.

    files: the submission's. send: called with the innermost place that has stayed since the last sample.
    """

    def __init__(self, files: Collection[str], send: Callable[[Place], None]) -> None:
        self.files, self.send = files, send
        self._running: list[FrameType] = []
        self._pause, self._samples = _PAUSE, 0

    def begin(self) -> None:
        """Take the first sample in a moment."""
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._sample)
            signal.setitimer(signal.ITIMER_REAL, self._pause)

    def _sample(self, _: int, present: FrameType | None) -> None:
        frames, frame = [], present
        while frame is not None:
            if frame.f_code.co_filename in self.files:
                frames.append(frame)
            frame = frame.f_back
        stayed = [frame for frame in self._running if any(frame is other for other in frames)]
        if stayed:
            name = getattr(stayed[0].f_code, "co_qualname", stayed[0].f_code.co_name)
            self.send((stayed[0].f_code.co_filename, name, stayed[0].f_lineno))
        self._running = stayed or frames
        self._samples += 1
        self._pause = _PAUSE if self._samples < _FREQUENT_SAMPLES else 2 * self._pause
        signal.setitimer(signal.ITIMER_REAL, self._pause)
