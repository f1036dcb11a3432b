"""A grading process: an interpreter that grades one submission after another, and the handle that starts and ends it.

A run ends its whole process where it hangs, and a machine may end it for want of memory. Then the handle raises
`ProcessLostError`, and the pool starts another process. The rows of a run that hung are a result, and are read from the
disk: to grade again would hang again. Only JSON crosses. The folder that it grades from may have been
shipped here from another machine; this side of it needs only the standard library.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from autograder.results.watchdog import HANGS

#: Gradings after which a fresh process takes over: what leaks in NumPy stays small.
RENEWED_AFTER: Final = 100
#: Seconds past a run's own deadline and watchdog after which a silent process is ended.
_GRACE: Final = 45.0
_START: Final = 60.0
_LEAVES_WITHIN: Final = 5.0
_SAID: Final = 8192  # bytes kept of what a process writes to its standard error
_LINES: Final = 3  # of them, in a message
_SHOWN: Final = 400  # letters, likewise
_SCRATCH: Final = "autograder-grading-"


class ProcessLostError(Exception):
    """A grading process ended, or had to be ended, while it graded."""


class GradingProcess:
    """A running grader of the homework in `root`, by the toolkit in `toolkit`. One grading at a time."""

    def __init__(self, root: Path, data: str, toolkit: Path) -> None:
        self.graded, self._grades = 0, False
        self.scratch = tempfile.mkdtemp(prefix=_SCRATCH)
        self._results = Path(self.scratch, "results.json")
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TMPDIR": self.scratch,
            "OPENBLAS_NUM_THREADS": "1",
            **({"AUTOGRADER_DATA": data} if data else {}),
        }
        self._child = subprocess.Popen(  # noqa: S603  our own interpreter on our own file
            [sys.executable, "-I", "-B", str(toolkit / "autograder"), "grading-process", str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # a Ctrl-C in the terminal is for the batch alone
            cwd="/",
        )
        self._said = _Tail(self._child.stderr)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._child.pid

    def grade(self, task: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Return what became of `task`, a `Reply` as JSON.

        Raises ProcessLostError where the process ends, or says nothing for `seconds`.
        """
        assert self._child.stdin is not None and self._child.stdout is not None
        self.graded += 1
        self._grades = True
        try:
            self._results.unlink(missing_ok=True)
            self._child.stdin.write(json.dumps({**task, "results": str(self._results)}).encode() + b"\n")
            self._child.stdin.flush()
            answer = _line(self._child.stdout.fileno(), time.monotonic() + seconds + _GRACE + _START)
        except OSError as error:
            raise ProcessLostError(self._ending()) from error
        if answer is None:
            raise ProcessLostError(self._ending())
        reply: dict[str, Any] = json.loads(answer)
        self._grades = False
        return reply

    def rows_until_it_hung(self) -> dict[str, Any] | None:
        """Return results.json of the last grading if its watchdog ended it, and it had begun with the submission."""
        try:
            document: dict[str, Any] = json.loads(self._results.read_text(encoding="utf-8"))
            extra = document["extra_data"]
            return document if extra["stopped"] == HANGS and extra["submission"] else None
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def _ending(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(1)
        status = self._child.poll()
        if status is None:
            return "it was still running long after its time"
        ended = f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"
        said = self._said.read()
        return f"{ended}, and wrote: {said} (`doctor` tries what grading needs here)" if said else ended

    def close(self) -> None:
        """End it, whatever it is doing; its workers go with it. One that has nothing to do ends by itself."""
        if not self._grades and self._child.stdin is not None:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                self._child.stdin.close()
                self._child.wait(_LEAVES_WITHIN)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):  # the third is its reader's
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


class _Tail:
    """The end of what a process writes to its standard error, read all the time, so that it never waits for us."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._end = stream, b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self._stream:
            while piece := self._stream.read1():
                self._end = (self._end + piece)[-_SAID:]

    def read(self) -> str:
        """Return the last lines, as one that a message may show; empty where there is none."""
        self._reader.join(_LEAVES_WITHIN)  # what it started may hold the stream, and is ended after this
        lines = [line.strip() for line in self._end.decode("utf-8", "replace").splitlines()]
        text = " | ".join(list(filter(None, lines))[-_LINES:])[-_SHOWN:]
        return "".join(c if c.isprintable() else "?" for c in text)


def _line(descriptor: int, deadline: float) -> bytes | None:
    """Return one line; None at the end of the stream or the deadline."""
    pieces: list[bytes] = []
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], min(left, 60))[0]:
            continue
        piece = os.read(descriptor, 2**20)
        if not piece:
            return None
        pieces.append(piece)
        if piece.endswith(b"\n"):
            return b"".join(pieces)
    return None


class ProcessPool:
    """As many processes as gradings are asked for at once, each used again and again. Safe to share among threads.

    root: the homework's folder. toolkit: the folder that the toolkit lies in, by default this module's.
    """

    def __init__(self, root: Path, data: str = "", *, toolkit: Path | None = None) -> None:
        self.root, self.data = root, data
        self.toolkit = toolkit or Path(__file__).resolve().parents[2]
        self._idle: queue.SimpleQueue[GradingProcess] = queue.SimpleQueue()
        self._all: set[GradingProcess] = set()
        self._guard = threading.Lock()
        self._closed = False

    def perform(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """Grade a `Task` as JSON, and return the `Reply` as JSON."""
        begun = time.monotonic()
        try:
            process = self._idle.get_nowait()
        except queue.Empty:
            process = self._start()
        try:
            reply = process.grade(task, float(task["seconds"]))
        except ProcessLostError as error:
            document = process.rows_until_it_hung()
            self._end(process)
            if document is None:
                return {"lost": str(error), "machine": os.uname().nodename}
            return _reply({"document": document}, begun)
        if process.graded >= RENEWED_AFTER:
            self._end(process)
        else:
            self._idle.put(process)
        return _reply(reply, begun)

    def _start(self) -> GradingProcess:
        with self._guard:
            if self._closed:
                raise ProcessLostError("the batch has ended")
            process = GradingProcess(self.root, self.data, self.toolkit)
            self._all.add(process)
            return process

    def _end(self, process: GradingProcess) -> None:
        with self._guard:
            self._all.discard(process)
        process.close()

    def pids(self) -> list[int]:
        """Return the processes that grade at this moment."""
        with self._guard:
            return [process.pid for process in self._all]

    def close(self) -> None:
        """End every process at once, in the midst of a grading too."""
        with self._guard:
            self._closed = True
            processes, self._all = list(self._all), set()
        for process in processes:
            process.close()


def _reply(reply: Mapping[str, Any], begun: float) -> dict[str, Any]:
    return {**reply, "machine": os.uname().nodename, "seconds": round(time.monotonic() - begun, 3)}


def serve(root: Path) -> None:
    """Grade for the homework in `root` what comes in on standard input, one line of JSON a submission."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    grader = _Grader(root)
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks, grader), daemon=True).start()
    while True:
        reply = grader.grade(json.loads(tasks.get()))
        answers.write(json.dumps(reply).encode() + b"\n")
        answers.flush()


def _listen(stream: Any, tasks: queue.SimpleQueue[bytes], grader: _Grader) -> None:
    """Hand on every line; when the batch is gone, this process ends too, even in the midst of a grading."""
    for line in stream:
        tasks.put(line)
    grader.leave()
    scratch = Path(tempfile.gettempdir())
    if scratch.name.startswith(_SCRATCH):
        shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


class _Grader:
    """Grades one submission after another, all of them in the sandbox of the first."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sandbox: Any = None
        self._works = threading.Lock()

    def grade(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        """Return what became of a `Task`, a `Reply`, both as JSON."""
        with self._works:
            return self._grade(tree)

    def leave(self) -> None:
        """End the sandbox, unless it is needed at this moment: then it ends with this process."""
        if self._works.acquire(blocking=False):
            self._start_afresh()

    def _grade(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        from autograder.assignment import config
        from autograder.base.errors import AssignmentError, IsolationError
        from autograder.classroom.grading_messages import Reply, Task
        from autograder.grading import pipeline
        from autograder.grading.setup import Setup
        from autograder.wall.sandbox import LentSandbox

        task, file = Task.from_json(tree), Path(tree["results"])
        try:
            assignment = config.load(self._root, edition=task.edition)
            if self._sandbox is None:
                self._sandbox = LentSandbox(assignment.homework_folder)
            self._sandbox.launch()
            options: Any = {"only": task.only, "skip": task.skip, "seed": task.seed}
            with contextlib.ExitStack() as opened:
                setup = Setup(assignment, self._sandbox, remember=False)
                opened.callback(self._close, setup)
                pipeline.grade(task.source, file, assignment, setup=setup, **options)
        except (AssignmentError, IsolationError) as error:
            self._start_afresh()
            return Reply(unusable=f"{type(error).__name__}: {error}").to_json()
        except Exception as error:  # noqa: BLE001  the report on disk says it; the batch decides what to do
            self._start_afresh()
            return Reply(failed=f"{type(error).__name__}: {error}").to_json()
        return Reply(document=json.loads(file.read_text(encoding="utf-8"))).to_json()

    def _close(self, setup: Any) -> None:
        """End the workers of one grading; where that fails, its grade stays, and the next one has another sandbox."""
        try:
            setup.close()
        except Exception:  # noqa: BLE001  nothing that is left of a sandbox changes a row
            self._start_afresh()

    def _start_afresh(self) -> None:
        """Have the next grading start a zygote of its own: what became of this one, nobody knows."""
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            with contextlib.suppress(Exception):  # it ends with this process
                sandbox.end()
