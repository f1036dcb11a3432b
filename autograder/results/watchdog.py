"""Ends a run that hangs, whatever holds it: a thread of its own process first, and then a process beside it.

The thread keeps the rows that were not written yet, and says why on the terminal. It gets no turn where one call never
gives Python back, such as a search for a regular expression. The process beside it needs none.

This file is also that process's whole program: it imports nothing else before it has to write.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from autograder.results.results_file import ResultsFile

#: Why a run of hidden tests was ended here, for the staff. A batch knows by it that what is on disk is a result.
HANGS: Final = "The run did not end in time."
#: The exit status of a process whose run hung, where nobody asks for another: as of every failure of the grader's.
FAILED: Final = 3
#: Seconds that the thread has before the process takes over.
_TAKES_OVER_AFTER: Final = 3.0
_STEP: Final = 0.5
_ENDS_WITHIN: Final = 5.0
_DONE: Final = b"."


class Watchdog:
    """A context manager that ends the process where a run hangs for `seconds`: what is on disk by then stays.

    Time in which the machine stands still does not count.

    sentence, output: why, for the staff and at the top of the student's page.
    close: is called before the end, where Python still runs.
    status: the process's exit status then. The process beside it has none to give: it kills.
    """

    def __init__(
        self,
        results: ResultsFile,
        seconds: float,
        sentence: str,
        output: str,
        *,
        close: Callable[[], None] = lambda: None,
        status: int = FAILED,
    ) -> None:
        self._results, self._seconds, self._close, self._status = results, seconds, close, status
        self._sentence, self._output = sentence, output
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Watchdog:
        self._thread.start()
        told = [str(self._seconds + _TAKES_OVER_AFTER), str(os.getpid()), str(Path.cwd() / self._results.file)]
        with contextlib.suppress(OSError):  # no process can be started: the thread is left
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter on this file
                [sys.executable, "-I", "-S", "-B", str(Path(__file__).resolve()), *told, self._sentence, self._output],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C in the terminal is for the run
                cwd="/",
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):  # somebody ended it
                self._process.stdin.write(_DONE)
                self._process.stdin.close()
            try:
                self._process.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _watch(self) -> None:
        if passes(self._seconds, self._over.wait):
            self._give_up()

    def _give_up(self) -> None:
        try:
            notes = replace(self._results.report.notes, stopped=self._sentence)
            self._results.update(output=self._output, notes=notes)
            _say(self._output)
            self._close()
        finally:
            os._exit(self._status)


def passes(seconds: float, wait: Callable[[float], bool]) -> bool:
    """Return whether `seconds` pass before it is over.

    wait: waits for at most so long, and returns whether it is over. A step that takes far longer than it should is a
    machine that stood still, and counts as one step.
    """
    left = seconds
    while left > 0:
        begun = time.monotonic()
        if wait(min(left, _STEP)):
            return False
        left -= min(time.monotonic() - begun, 2 * _STEP)
    return True


def _watch_from_outside(seconds: float, grader: int, results: Path, sentence: str, output: str) -> None:
    """End the process `grader`, this one's parent, where it is still there after `seconds`; say why in `results`."""

    def is_over(most: float) -> bool:
        # It says so, or it is gone: then its end of the pipe is closed, too.
        return bool(select.select([0], [], [], most)[0]) or os.getppid() != grader

    if not passes(seconds, is_over):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(grader, signal.SIGSTOP)  # it writes nothing from here on
        try:
            _say_why(results, sentence, output)
        finally:
            if os.getppid() == grader:
                os.kill(grader, signal.SIGKILL)
    _say(output)


def _say(output: str) -> None:
    """Say it below the line that moves on a terminal, which hides the cursor and can no longer show it again."""
    with contextlib.suppress(OSError, ValueError):  # nobody reads it
        print(f"\x1b[?25h\n{output}" if sys.stderr.isatty() else output, file=sys.stderr, flush=True)


def _say_why(results: Path, sentence: str, output: str) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from autograder.base.files import as_json, replace_file
    from autograder.results.results_file import UNFINISHED

    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):  # what is on disk stays as it is
        document = json.loads(results.read_text(encoding="utf-8"))
        before = document.get("output", "").replace(UNFINISHED, "").strip()  # here it is known what ended the run
        document["output"] = "\n\n".join(filter(None, (output, before)))
        document["extra_data"] = {**document.get("extra_data", {}), "stopped": sentence}
        replace_file(results, as_json(document))


if __name__ == "__main__":
    _watch_from_outside(float(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], sys.argv[5])
