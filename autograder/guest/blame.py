"""Whose code raised an exception, and what of the grader's own failed beside a submission.

"Your code raised" needs proof: the innermost frame of the traceback lies in the submission's files. NumPy's and the
standard library's frames belong to their caller, and so do frames of the grader that only pass a call on.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import traceback
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from types import FrameType
from typing import Final

import numpy as np

OWN, HANDOUT, STAND_IN, ADDED, PROBE = "submission", "handout", "stand-in", "added", "probe"

_FOLDER: Final = f"{Path(__file__).parent}{os.sep}"


def _homework_folder() -> str:
    """Return the folder of the homework's part beside a submission; "" as long as none is loaded."""
    return "".join(f"{folder}{os.sep}" for folder in getattr(sys.modules.get("homework"), "__path__", [])[:1])


#: As it is when this is loaded: behind the wall the homework has been named, and a submission may rename it.
_HOMEWORK: Final = _homework_folder()
#: The files whose frames belong to their caller; Python's own are called `<frozen …>`.
_LIBRARIES: Final = ("<", sysconfig.get_path("stdlib") + os.sep, f"{Path(np.__file__).parent}{os.sep}")
#: Files whose frames say nothing: they load a submission, refuse what is forbidden, as documented, or take the place of
#: Python's own `open` and `print`.
_SAYING_NOTHING: Final = frozenset(
    {"loader.py", "compiled.py", "api.py", "forbidden.py", "worker.py", "scratch.py", "printed.py"}
)
#: What takes part in a submission's own work, and could be left out.
_ADDED: Final = frozenset({"vectorised.py", "watch.py"})
_STAND_INS: Final = "stand_ins.py"
_PASSES_ON: Final = "passes_on"  # a local name of functions that hand a call on as it is
_AGAIN_AND_AGAIN: Final = 20  # times that a line which calls itself stands in a traceback, at least
_MOST_FAULTS: Final = 20
_LONGEST: Final = 300


class UnusableError(Exception):
    """What a submission returned cannot be used: the text, a sentence without a full stop, says what it is.

    It begins with the name of what returned it, as in "`evaluate` returns one number".
    """


def origin(error: BaseException, sources: Collection[str]) -> str:
    """Return whose code the innermost frame of `error` belongs to; PROBE where nobody else's is in the traceback.

    sources: the submission's files.
    """
    if isinstance(error, RecursionError) and _calls_itself(error, sources):
        return OWN
    for frame in _innermost_first(error):
        file = frame.f_code.co_filename
        if file in sources:
            # What Python says of a stand-in in a formula, which has no frame of its own.
            return STAND_IN if type(error) is TypeError and "'Inert'" in str(error) else OWN
        if file.startswith("handout/"):
            return HANDOUT
        if file.startswith(_ours()) and not _only_passes_on(frame):
            name = _own_name(file)
            return ADDED if name in _ADDED else STAND_IN if name == _STAND_INS else PROBE
    return PROBE


def _calls_itself(error: BaseException, sources: Collection[str]) -> bool:
    """Return whether one line of the submission repeats in the traceback, whoever owns the last frame."""
    places = Counter(
        (frame.f_code, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename in sources
    )
    return max(places.values(), default=0) > _AGAIN_AND_AGAIN


def is_raised_in(error: BaseException, *files: str) -> bool:
    """Return whether one of these files of ours raised `error` itself, and not what it called of a submission."""
    for frame in _innermost_first(error):
        name = frame.f_code.co_filename
        if name in files:
            return not _only_passes_on(frame)
        if not name.startswith(_LIBRARIES):
            return False
    return False


def _innermost_first(error: BaseException) -> Iterator[FrameType]:
    return (frame for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))))


def _ours() -> tuple[str, ...]:
    return tuple(filter(None, (_FOLDER, _HOMEWORK or _homework_folder())))


def _own_name(file: str) -> str:
    """Return a file of ours by its name from the folder that it lies in, the guest's or the homework's."""
    for folder in _ours():
        file = file.removeprefix(folder)
    return file


def _only_passes_on(frame: FrameType) -> bool:
    code = frame.f_code
    return _own_name(code.co_filename) in _SAYING_NOTHING or _PASSES_ON in code.co_varnames


class Faults:
    """What of the grader's failed beside a submission, once each, until it is taken away."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._seen: set[str] = set()

    def report(self, part: str, error: BaseException) -> None:
        """Keep that `part` of the grader raised `error`."""
        lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if _is_ours(frame)]
        place = f" at line {lines[-1]}" if lines else ""
        text = f"{part} raised {type(error).__name__}{place}: {_text(error)}"[:_LONGEST]
        if text not in self._seen and len(self._seen) < _MOST_FAULTS:
            self._seen.add(text)
            self._waiting.append(text)

    def take(self) -> list[str]:
        """Return all that was reported since the last time."""
        taken, self._waiting = self._waiting, []
        return taken


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_ours())


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:
        return "(its text could not be read)"


#: Of this process, which serves one submission and one question.
faults: Final = Faults()
