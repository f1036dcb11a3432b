"""Says where in a submission a worker is that takes long: the innermost function that was running all the time."""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection
from types import FrameType
from typing import Final

FIRST_LOOK: Final = 0.3  # seconds; each further one comes after twice as long

Place = tuple[str, str, int]  # a file of the submission, a function and a line


class Whereabouts:
    """Looks now and then at what runs. A submission can end that; then nobody knows where it was, and no more.

    files: the submission's. tell: called with the innermost place that was there at every look, from the second on.
    """

    def __init__(self, files: Collection[str], tell: Callable[[Place], None]) -> None:
        self.files, self.tell = files, tell
        self._running: list[FrameType] | None = None
        self._pause = FIRST_LOOK

    def begin(self) -> None:
        """Look for the first time in a moment."""
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._look)
            signal.setitimer(signal.ITIMER_REAL, self._pause)

    def _look(self, _: int, present: FrameType | None) -> None:
        frames, frame = [], present
        while frame is not None:
            if frame.f_code.co_filename in self.files:
                frames.append(frame)
            frame = frame.f_back
        if self._running is None:
            self._running = frames
        else:
            self._running = [frame for frame in self._running if any(frame is other for other in frames)]
            if self._running:
                innermost = self._running[0]
                name = getattr(innermost.f_code, "co_qualname", innermost.f_code.co_name)
                self.tell((innermost.f_code.co_filename, name, innermost.f_lineno))
        self._pause *= 2
        signal.setitimer(signal.ITIMER_REAL, self._pause)
