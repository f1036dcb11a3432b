"""The trusted end of the wall: starts the zygote, has it run probes beside a submission, and ends them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import GraderError, IsolationError
from autograder.guest import wire
from autograder.wall.exchange import Clock, Exchange, PipeEnd, add_death, pipe
from autograder.wall.readable import readable_paths
from autograder.wall.request import Ending, Outcome, Request, WorkerLimits
from autograder.wall.shared_arrays import SharedFile, anonymous_file

_START: Final = Path(__file__).resolve().parents[1] / "guest" / "start.py"
_HOMEWORK: Final = Path(__file__).resolve().parents[2] / "homework"
_ZYGOTE_STARTS_WITHIN: Final = 30.0  # seconds; a cold disk on half a core
_ZYGOTE_ANSWERS_WITHIN: Final = 10.0
_KEPT_ARRAY: Final = 32 * 2**20  # bytes; glibc allows no more
_DYING_TAKES: Final = 0.5  # seconds at most, once the pipe is closed
_ONLY_LINUX: Final = (
    f"Student code runs on Linux alone: this system ({sys.platform}) has no wall to put around it. Nothing of a "
    "submission was run. Grade in Docker, as docs/how-to/use-docker.md shows."
)
_SPARES: Final = 2  # workers that wait, locked down, while others work


class Sandbox:
    """A running zygote. Use as a context manager; nothing of it is left running afterwards.

    homework: the folder whose `api` and `probes` run beside submissions.
    """

    def __init__(self, homework: Path = _HOMEWORK, *, drop_user: bool | None = None) -> None:
        self._homework = homework
        self._drop_user = (os.name == "posix" and os.geteuid() == 0) if drop_user is None else drop_user
        self._readable = readable_paths()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._received = b""
        self._started = False
        self._unread: deque[dict[str, Any]] = deque()  # where the replies go that have not come yet, in their order
        self._spares: deque[_Worker] = deque()
        self._bounds: Mapping[str, int] = {}  # of the last worker
        self._handouts: dict[bytes, int] = {}  # what the zygote keeps for its workers, and by what number
        self._told = 0
        self.peak_bytes = 0  # of the largest worker whose end is known
        self._complaints = anonymous_file("complaints")  # closed with the sandbox, and made anew with the next zygote

    @property
    def required_layers(self) -> list[str]:
        """The layers without which no worker runs a submission here."""
        always = ["one thread", "session", "descriptors", "no new privileges", "limits", "memory limit", "seccomp"]
        return [*always, "user", "capabilities"] if self._drop_user else [*always, "landlock"]

    def __enter__(self) -> Sandbox:
        self.launch()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def launch(self) -> None:
        """Start the zygote without waiting for it to be ready. Raises IsolationError on other systems than Linux."""
        if sys.platform != "linux":
            raise IsolationError(_ONLY_LINUX)
        if self._complaints.closed:
            self._complaints = anonymous_file("complaints")
        ours, theirs = socket.socketpair()
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            # A fork while a thread is inside BLAS hangs the child, and one thread repeats to the last bit.
            **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
            "VECLIB_MAXIMUM_THREADS": "1",
            # Training makes and drops the same large arrays in every step. By default glibc gives their memory back
            # and asks for it again each time, and filling new pages costs more than the arithmetic.
            "MALLOC_MMAP_THRESHOLD_": str(_KEPT_ARRAY),
            "MALLOC_TRIM_THRESHOLD_": str(4 * _KEPT_ARRAY),
        }
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter on our own file
                [sys.executable, "-s", "-B", str(_START), str(theirs.fileno()), str(self._homework)],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                start_new_session=True,
                cwd="/",
            )
        self._control, self._received, self._started = ours, b"", False
        self._unread.clear()
        self._handouts.clear()
        # Not through `_tell`, which would wait for its start; it says that it is ready, and then that this is done.
        common = {"drop_user": self._drop_user, "must": self.required_layers, "readable": self._readable}
        ours.sendall(json.dumps({"do": "begin", **common}).encode() + b"\n")
        self._unread.append({})

    def compile(self, files: Mapping[str, bytes]) -> None:
        """Have files of the handout, by path, compiled once for all workers: never a submission's.

        A submission that keeps one to the byte is spared compiling it.
        """
        if files:
            self._tell({"do": "compile", "files": {path: content.decode() for path, content in files.items()}})

    def _keep(self, handout: bytes) -> int:
        """Return the number by which the zygote knows `handout`.

        A new handout goes to the zygote; waiting workers do not have it.
        """
        if handout not in self._handouts:
            while self._spares:
                self._end(self._spares.popleft())
            if len(self._handouts) == wire.MOST_HANDOUTS:
                del self._handouts[next(iter(self._handouts))]
            self._told += 1
            self._handouts[handout] = self._told
            self._tell({"do": "keep", "number": self._told, "handout": handout.decode("latin-1")})
        return self._handouts[handout]

    def close(self) -> None:
        """End every worker and the zygote itself."""
        while self._spares:
            self._spares.pop().pipes.close()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None
        self._complaints.close()

    def run(
        self,
        request: Request,
        limits: WorkerLimits,
        *,
        shared: SharedFile | None = None,
        meanwhile: Callable[[], None] | None = None,
        enough: Callable[[Any], bool] | None = None,
    ) -> Outcome:
        """Run one probe in a fresh worker.

        meanwhile: what the grader does while the worker works. enough: called with every part of a probe that
        answers in parts; True stops the worker.
        Raises IsolationError where the worker could not be locked down, GraderError where none could be made.
        """
        asked = self.ask(request, limits, shared=shared)
        try:
            if meanwhile is not None:
                meanwhile()
        except BaseException:
            self.drop(asked)
            raise
        return self.outcome(asked, enough)

    def ask(self, request: Request, limits: WorkerLimits, *, shared: SharedFile | None = None) -> Asked:
        """Have a fresh worker run one probe, without waiting for it: `outcome` or `drop` ends what this begins.

        Raises GraderError where no worker could be made.
        """
        bounds, number = _bounds(limits), self._keep(request.handout())
        worker = self._spare(bounds, shared) or self._spawn(bounds, shared)
        exchange = Exchange(worker.request_write, worker.answer_read, os.urandom(wire.NONCE_BYTES), limits)
        exchange.offer(request.encoded(number))
        return Asked(worker, exchange, limits, request, shared)

    def outcome(
        self,
        asked: Asked,
        enough: Callable[[Any], bool] | None = None,
        idle: Callable[[], None] = lambda: None,
    ) -> Outcome:
        """Return what comes of a question; its worker's time runs from here on. Raises what `run` raises.

        idle: called once where nothing comes for a moment.
        """
        begun = time.monotonic()
        asked = self._with_worker(asked)
        worker, exchange = asked.worker, asked.exchange
        grace, quick = 0.0, False
        with worker.pipes:
            pid = self._pid(worker)
            try:
                outcome = exchange.outcome(Clock(pid, asked.limits), enough, idle)
                grace = _DYING_TAKES if outcome.ending is Ending.EXITED else 0.0
                quick = exchange.held and outcome.ending is Ending.ANSWERED and asked.shared is None
            finally:
                end = self._tell({"do": "end", "pid": pid, "grace": grace})
                if quick:
                    # How a worker that has answered ends is no news: the zygote sees to it while the grader compares,
                    # and then to the workers of the next tests, most likely.
                    self._make_spares(worker.bounds)
                else:
                    self._wait(end)
        if not exchange.held and outcome.ending is not Ending.TIMED_OUT:
            why = exchange.lock_failure or f"it ended before that ({end})"
            raise IsolationError(f"A worker could not be locked down: {why}")
        whole = add_death(outcome, end, time.monotonic() - begun)
        return replace(
            whole,
            refused=tuple(exchange.refused),
            faults=tuple(exchange.faults),
            unfinished=tuple(exchange.unfinished),
            inert_uses=tuple(exchange.inert_uses),
            printed=exchange.printed,
            still=exchange.still,
            received=exchange.received,
        )

    def drop(self, asked: Asked) -> None:
        """End the worker of a question whose answer nobody wants any more."""
        self._end(asked.worker)

    def _with_worker(self, asked: Asked) -> Asked:
        """Return `asked`; if its worker could not be made, perhaps long ago, the same question to one made now."""
        try:
            if "pid" in self._wait(asked.worker.reply):
                return asked
        except GraderError:
            asked.worker.pipes.close()
            raise
        self._end(asked.worker)
        while self._spares:  # which take room
            self._end(self._spares.popleft())
        return self.ask(asked.request, asked.limits, shared=asked.shared)

    def _spawn(self, bounds: Mapping[str, int], shared: SharedFile | None = None) -> _Worker:
        """Ask for a worker, without waiting for it: `_pid` does."""
        with ExitStack() as pipes:
            request_end, request_write = pipe(pipes)
            answer_read, answer_end = pipe(pipes)
            with shared.opened() if shared else nullcontext() as file:
                descriptors = [request_end.number, answer_end.number] + ([] if file is None else [file])
                reply = self._tell({"do": "spawn", **bounds}, descriptors)
            request_end.close()
            answer_end.close()
            return _Worker(pipes.pop_all(), request_write, answer_read, bounds, reply)

    def _pid(self, worker: _Worker) -> int:
        """Return the process id of a worker that was asked for."""
        reply = self._wait(worker.reply)
        if "pid" not in reply:
            raise GraderError(f"No worker could be started: {reply.get('error')}")
        return int(reply["pid"])

    def _make_spares(self, bounds: Mapping[str, int]) -> None:
        """Have workers wait that may use as much as the last two could: the next most likely may too."""
        if bounds == self._bounds:
            with suppress(OSError):  # no descriptors are left: the answer that has come counts all the same
                while len(self._spares) < _SPARES:
                    self._spares.append(self._spawn(bounds))
        self._bounds = bounds

    def _spare(self, bounds: Mapping[str, int], shared: SharedFile | None) -> _Worker | None:
        """Return a worker that waits for a request with these bounds and nothing shared; end those that do not fit."""
        while self._spares:
            spare = self._spares.popleft()
            if shared is None and spare.bounds == bounds:
                return spare
            self._end(spare)
        return None

    def _end(self, worker: _Worker) -> None:
        with worker.pipes:
            reply = self._wait(worker.reply)
            if "pid" in reply:  # one that could not be made needs no end
                self._tell({"do": "end", "pid": reply["pid"], "grace": 0})

    def _tell(self, command: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        """Have the zygote do something; what is returned is empty until its reply is waited for."""
        reply: dict[str, Any] = {}
        with self._listening() as control:
            line = json.dumps(command).encode() + b"\n"
            if descriptors:
                socket.send_fds(control, [line], descriptors)  # short enough to go at once
            else:
                control.sendall(line)
        self._unread.append(reply)
        return reply

    def _wait(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Return `reply`, once it has come."""
        with self._listening():
            while not reply:
                came = self._reply()
                self.peak_bytes = max(self.peak_bytes, int(came.get("peak_kb", 0)) * 1024)
                self._unread.popleft().update(came)
        return reply

    @contextmanager
    def _listening(self) -> Iterator[socket.socket]:
        """Wait until the zygote has started, and give its socket. Raises GraderError where it does not answer."""
        if self._control is None:
            raise GraderError("The sandbox is not running.")
        try:
            if not self._started:
                self._control.settimeout(_ZYGOTE_STARTS_WITHIN)
                self._reply()
                self._control.settimeout(_ZYGOTE_ANSWERS_WITHIN)
                self._started = True
            yield self._control
        except OSError as error:
            raise GraderError(f"The zygote does not answer ({error}). {self._complaint()}") from error

    def _reply(self) -> dict[str, Any]:
        assert self._control is not None
        while b"\n" not in self._received:
            try:
                piece = self._control.recv(65536)
            except TimeoutError:
                # Once more: a machine that was suspended meanwhile has kept the zygote from answering.
                piece = self._control.recv(65536)
            if not piece:
                raise ConnectionResetError("it ended")
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _complaint(self) -> str:
        self._complaints.seek(0)
        said = self._complaints.read(4096).decode("utf-8", "replace").strip()
        return f"It said: {said}" if said else "It said nothing."


class LentSandbox(Sandbox):
    """A sandbox that many gradings use, one after another: `close` ends only the workers of one grading.

    The zygote, which holds nothing of a submission, stays until `end`. No worker of one grading is left for the next.
    """

    def launch(self) -> None:
        """Start the zygote, unless it is there."""
        if self._control is None:
            super().launch()

    def close(self) -> None:
        """End every worker, and see that it is gone; a zygote that does not do that is ended itself."""
        if self._control is None:
            return
        try:
            while self._spares:
                self._end(self._spares.popleft())
            while self._unread:
                self._wait(self._unread[0])
        except GraderError:
            self.end()
        self.peak_bytes = 0

    def end(self) -> None:
        """End the zygote too."""
        super().close()


@dataclass(frozen=True)
class _Worker:
    """A worker that was asked for: our ends of its pipes, all closed with `pipes`, what it may use, and its pid."""

    pipes: ExitStack
    request_write: PipeEnd
    answer_read: PipeEnd
    bounds: Mapping[str, int]
    reply: dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question on its way: see `Sandbox.ask`."""

    worker: _Worker
    exchange: Exchange
    limits: WorkerLimits
    request: Request
    shared: SharedFile | None  # arrays, which a worker that is made ahead has not


def _bounds(limits: WorkerLimits) -> dict[str, int]:
    return {"cpu_seconds": int(limits.seconds) + 1, "address_space": limits.memory_bytes}
