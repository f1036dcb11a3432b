"""Says where in a submission a worker is that takes long: the innermost function that was running all the time."""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection
from types import FrameType
from typing import Final

_PAUSE: Final = 0.2  # seconds between the first looks
_OFTEN: Final = 4  # looks; each further one comes after twice as long

Place = tuple[str, str, int]  # a file of the submission, a function and a line


class Whereabouts:
    """Looks now and then at what runs. A submission can end that; then nobody knows where it was, and no more.

    files: the submission's. tell: called with the innermost place that has stayed since the last look.
    """

    def __init__(self, files: Collection[str], tell: Callable[[Place], None]) -> None:
        self.files, self.tell = files, tell
        self._running: list[FrameType] = []
        self._pause, self._looks = _PAUSE, 0

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
        stayed = [frame for frame in self._running if any(frame is other for other in frames)]
        if stayed:
            name = getattr(stayed[0].f_code, "co_qualname", stayed[0].f_code.co_name)
            self.tell((stayed[0].f_code.co_filename, name, stayed[0].f_lineno))
        self._running = stayed or frames
        self._looks += 1
        self._pause = _PAUSE if self._looks < _OFTEN else 2 * self._pause
        signal.setitimer(signal.ITIMER_REAL, self._pause)
