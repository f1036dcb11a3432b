"""The trusted end of the wall: starts the zygote, has it run probes beside a submission, and ends them.

Not for deciding anything about an answer: it says what came back, or how the submission's process ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from .errors import GraderError, IsolationError
from .guest import wire
from .guest.forbidden import MOST_NOTED

_START: Final = Path(__file__).resolve().parent / "guest" / "start.py"
_ZYGOTE_STARTS_WITHIN: Final = 30.0  # seconds; a cold disk on half a core
_ZYGOTE_ANSWERS_WITHIN: Final = 10.0
_PIPE_BYTES: Final = 1 << 20
_KEPT_ARRAY: Final = 32 * 2**20  # bytes; glibc allows no more
_KINDS: Final = (wire.PART, wire.LAST, wire.FAILURE, wire.REFUSED)
_DYING_TAKES: Final = 0.5  # seconds at most, once the pipe is closed
_LOOKS_EVERY: Final = 0.25  # seconds, while it waits: a longer pause than it chose shows that the machine stood still
_SPARES: Final = 2  # workers that are locked down and wait while others work: as many as there are forks to hide
_NOTICEABLE: Final = 0.5  # seconds that the grader neither worked nor chose to wait: the machine stood still


@dataclass(frozen=True)
class WorkerLimits:
    """What one worker may use: seconds of wall clock, bytes of address space, bytes of answer.

    A machine that leaves the worker waiting for a processor does not cost it its time: what it waited is added,
    up to `longest` seconds in all (three times `seconds` by default).
    """

    seconds: float
    memory_bytes: int
    answer_bytes: int
    longest: float = 0.0

    @property
    def longest_seconds(self) -> float:
        """When the worker is ended, however busy the machine is."""
        return self.longest or 3 * self.seconds

    def within(self, seconds: float) -> WorkerLimits:
        """These limits where no more than `seconds` are left."""
        return replace(self, seconds=min(self.seconds, seconds), longest=min(self.longest_seconds, seconds))


@dataclass(frozen=True)
class Request:
    """One probe over one submission. `inputs` holds arrays, numbers, texts and lists of them."""

    probe: str
    inputs: Mapping[str, Any]
    sources: Mapping[str, bytes]
    given: Mapping[str, bytes]
    edition: Mapping[str, str]
    seed: int
    public: bool = False
    deadly: Mapping[str, str] = field(default_factory=dict)  # files that end their process when loaded, and how
    forbidden: tuple[str, ...] = ()  # libraries that no submission gets

    def asks_like(self, other: Request) -> bool:
        """Whether `other` asks the same of the same submission."""
        mine, its = (
            (one.probe, one.seed, one.public, one.deadly, one.sources, wire.encode(dict(one.inputs)))
            for one in (self, other)
        )
        return mine == its

    def encoded(self) -> bytes:
        """The request as it crosses."""
        return wire.encode(
            {
                "probe": self.probe,
                "inputs": dict(self.inputs),
                "sources": dict(self.sources),
                "given": dict(self.given),
                "edition": dict(self.edition),
                "seed": self.seed,
                "public": self.public,
                "deadly": dict(self.deadly),
                "forbidden": list(self.forbidden),
            }
        )


class Ending(Enum):
    """How an exchange ended; all but ANSWERED and STOPPED are the submission's doing."""

    ANSWERED = "answered"
    STOPPED = "stopped by the grader, which had seen enough"
    RAISED = "raised an exception"
    EXITED = "ended its process"
    CRASHED = "crashed"
    TIMED_OUT = "took too long"
    KILLED = "was killed by the system"
    FLOODED = "answered with too much"
    GARBLED = "answered with something unreadable"


@dataclass(frozen=True)
class Failure:
    """An exception as it crossed: believed by nobody, shown after checks."""

    stage: str
    kind: str
    file: str
    line: int
    function: str
    text: str
    not_implemented: bool


@dataclass(frozen=True)
class Refused:
    """A forbidden library that a submission asked for while it ran, as its process tells it."""

    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Outcome:
    """What came of one request: the answer (a tree) and the parts before it, or why there is none."""

    ending: Ending
    answer: Any = None
    parts: tuple[Any, ...] = ()
    failure: Failure | None = None
    detail: str = ""
    seconds: float = 0.0
    peak_bytes: int = 0
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class Pieces:
    """An array too large to be held twice: `pieces` are its rows, some at a time, made while they are written."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    pieces: Iterable[np.ndarray]


class SharedFile:
    """Arrays in an anonymous file that workers map copy-on-write; closed with `close()`."""

    def __init__(self, arrays: Mapping[str, np.ndarray | Pieces]) -> None:
        layout = wire.SharedArrays()
        self.places = {name: layout.add(array.shape, array.dtype) for name, array in arrays.items()}
        with _anonymous_file("arrays") as file:
            for name, array in arrays.items():
                file.seek(self.places[name].offset)
                for piece in array.pieces if isinstance(array, Pieces) else (array,):
                    file.write(np.ascontiguousarray(piece, array.dtype).data.cast("B"))
            file.flush()
            self.descriptor = _reopened_for_reading(file.fileno())

    def close(self) -> None:
        """Give the file back."""
        os.close(self.descriptor)


def _anonymous_file(name: str) -> IO[bytes]:
    """A file without a place on disk where the system has such: then no temporary folder is needed."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create(name, os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile()


def _reopened_for_reading(descriptor: int) -> int:
    try:
        return os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return os.dup(descriptor)


def readable_paths() -> tuple[str, ...]:
    """What a worker may read: the standard library, NumPy, shared libraries and time zones. Nothing of ours."""
    # The interpreter's own folders: those of a virtual environment would bring pytest and the decorators along.
    base = sysconfig.get_paths(
        vars={
            "base": sys.base_prefix,
            "platbase": sys.base_exec_prefix,
            "installed_base": sys.base_prefix,
            "installed_platbase": sys.base_exec_prefix,
        }
    )
    numpy_folder = Path(np.__file__).resolve().parent
    candidates = [
        base["stdlib"],
        base["platstdlib"],
        str(Path(sys.base_prefix) / "lib"),
        str(numpy_folder),
        str(numpy_folder.parent / "numpy.libs"),
        *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/localtime"),
        *("/usr/share/zoneinfo", "/dev/null", "/dev/urandom", "/dev/zero"),
    ]
    return tuple(dict.fromkeys(os.path.realpath(path) for path in candidates if Path(path).exists()))


class Sandbox:
    """A running zygote. Use as a context manager; nothing of it is left running afterwards."""

    def __init__(self, *, drop_user: bool | None = None) -> None:
        self._drop_user = (os.name == "posix" and os.geteuid() == 0) if drop_user is None else drop_user
        self._readable = readable_paths()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._received = b""
        self._started = False
        self._unread: deque[dict[str, Any]] = deque()  # where the replies go that have not come yet, in their order
        self._spares: deque[_Worker] = deque()
        self._bounds: Mapping[str, int] = {}  # of the last worker
        self.peak_bytes = 0  # of the largest worker whose end is known
        self._complaints = _anonymous_file("complaints")  # closed with the sandbox

    @property
    def required_layers(self) -> list[str]:
        """The layers without which no worker runs a submission here."""
        if sys.platform != "linux":
            return ["limits"]
        always = ["one thread", "session", "descriptors", "no new privileges", "limits", "memory limit", "seccomp"]
        return [*always, "user", "capabilities"] if self._drop_user else [*always, "landlock"]

    def __enter__(self) -> Sandbox:
        self.launch()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def launch(self) -> None:
        """Start the zygote without waiting for it to be ready."""
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
                [sys.executable, "-s", "-B", str(_START), str(theirs.fileno())],
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
        bounds = _bounds(limits)
        worker = self._spare(bounds, shared) or self._spawn(bounds, shared)
        exchange = _Exchange(worker.request_write, worker.answer_read, os.urandom(wire.NONCE_BYTES), limits)
        exchange.offer(request)
        return Asked(worker, exchange, limits, shares=shared is not None)

    def outcome(self, asked: Asked, enough: Callable[[Any], bool] | None = None) -> Outcome:
        """What comes of a question; its worker's time runs from here on. Raises what `run` raises."""
        begun = time.monotonic()
        worker, exchange = asked.worker, asked.exchange
        grace, quick = 0.0, False
        with worker.pipes:
            pid = self._pid(worker)
            try:
                outcome = exchange.outcome(_Clock(pid, asked.limits), enough)
                grace = _DYING_TAKES if outcome.ending is Ending.EXITED else 0.0
                quick = exchange.held and outcome.ending is Ending.ANSWERED and not asked.shares
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
        return replace(_completed(outcome, end, time.monotonic() - begun), refused=tuple(exchange.refused))

    def drop(self, asked: Asked) -> None:
        """End the worker of a question whose answer nobody wants any more."""
        self._end(asked.worker)

    def _spawn(self, bounds: Mapping[str, int], shared: SharedFile | None = None) -> _Worker:
        """Ask for a worker, without waiting for it: `_pid` does."""
        pipes = ExitStack()
        request_end, request_write = _pipe(pipes)
        answer_read, answer_end = _pipe(pipes)
        descriptors = [request_end.number, answer_end.number] + ([shared.descriptor] if shared else [])
        command = {
            "do": "spawn",
            "drop_user": self._drop_user,
            "must": self.required_layers,
            "readable": self._readable,
            "limits": bounds,
        }
        try:
            reply = self._tell(command, descriptors)
        except GraderError:
            pipes.close()
            raise
        request_end.close()
        answer_end.close()
        return _Worker(pipes, request_write, answer_read, bounds, reply)

    def _pid(self, worker: _Worker) -> int:
        """The process id of a worker that was asked for."""
        reply = self._wait(worker.reply)
        if "pid" not in reply:
            raise GraderError(f"No worker could be started: {reply.get('error')}")
        return int(reply["pid"])

    def _make_spares(self, bounds: Mapping[str, int]) -> None:
        """Have workers wait that may use as much as the last two could: the next most likely may too."""
        if bounds == self._bounds:
            while len(self._spares) < _SPARES:
                self._spares.append(self._spawn(bounds))
        self._bounds = bounds

    def _spare(self, bounds: Mapping[str, int], shared: SharedFile | None) -> _Worker | None:
        """A worker that waits for a request, with these bounds and nothing shared; those that do not fit are ended."""
        while self._spares:
            spare = self._spares.popleft()
            if shared is None and spare.bounds == bounds:
                return spare
            self._end(spare)
        return None

    def _end(self, worker: _Worker) -> None:
        with worker.pipes:
            self._tell({"do": "end", "pid": self._pid(worker), "grace": 0})

    def _tell(self, command: Mapping[str, Any], descriptors: Iterable[int] = ()) -> dict[str, Any]:
        """Have the zygote do something; what is returned is empty until its reply is waited for."""
        reply: dict[str, Any] = {}
        with self._listening() as control:
            socket.send_fds(control, [json.dumps(command).encode() + b"\n"], list(descriptors))
        self._unread.append(reply)
        return reply

    def _wait(self, reply: dict[str, Any]) -> dict[str, Any]:
        """`reply`, once it has come."""
        with self._listening():
            while not reply:
                came = self._reply()
                self.peak_bytes = max(self.peak_bytes, int(came.get("peak_kb", 0)) * 1024)
                self._unread.popleft().update(came)
        return reply

    @contextmanager
    def _listening(self) -> Iterator[socket.socket]:
        """The zygote's socket, once it has started. Raises GraderError where it does not answer."""
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


class _End:
    """One end of a pipe, closed once: its number may belong to something else right after."""

    def __init__(self, number: int) -> None:
        self.number, self._open = number, True

    def close(self) -> None:
        if self._open:
            self._open = False
            os.close(self.number)


@dataclass(frozen=True)
class _Worker:
    """A worker that was asked for: our ends of its pipes, all closed with `pipes`, what it may use, and its pid."""

    pipes: ExitStack
    request_write: _End
    answer_read: _End
    bounds: Mapping[str, int]
    reply: dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question on its way: see `Sandbox.ask`."""

    worker: _Worker
    exchange: _Exchange
    limits: WorkerLimits
    shares: bool  # arrays, which a worker that is made ahead has not


def _bounds(limits: WorkerLimits) -> dict[str, int]:
    return {"cpu_seconds": int(limits.seconds) + 1, "address_space": limits.memory_bytes}


def _pipe(stack: ExitStack) -> tuple[_End, _End]:
    """The reading and the writing end of a new pipe, both closed with `stack` at the latest."""
    ends = tuple(_End(number) for number in os.pipe())
    for end in ends:
        stack.callback(end.close)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the user's pipe quota is used up: a smaller pipe is slower, nothing else
            fcntl.fcntl(ends[1].number, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return ends[0], ends[1]


class _Clock:
    """The time that a worker has left, not counting what it spent in wait for a processor.

    Nor does time count in which the grader itself stood still: a machine or a container that is suspended and goes
    on stops both, and the worker has had nothing of it.
    """

    def __init__(self, pid: int, limits: WorkerLimits) -> None:
        self._pid, self._limits = pid, limits
        self._begun = self._seen = time.monotonic()
        self._worked = time.thread_time()
        self._queued = _waited("self")
        self._pause = 0.0  # what the grader last chose to wait, at most
        self._deadline = self._begun + limits.seconds

    def left(self) -> float:
        """0 or less once the worker's time is up, else how many seconds the caller may wait before it asks again."""
        self._leave_out_standstill()
        left = self._deadline - time.monotonic()
        if left <= 0:
            bonus = min(self._limits.seconds + _waited(self._pid), self._limits.longest_seconds)
            self._deadline = max(self._deadline, self._begun + bonus)
            left = self._deadline - time.monotonic()
        self._pause = min(max(left, 0.0), _LOOKS_EVERY)
        return min(left, _LOOKS_EVERY)

    def _leave_out_standstill(self) -> None:
        now, worked = time.monotonic(), time.thread_time()
        lost = now - self._seen - self._pause - (worked - self._worked)
        if lost > _NOTICEABLE:
            queued = _waited("self")
            lost -= queued - self._queued
            self._queued = queued
        if lost > _NOTICEABLE:
            self._begun += lost
            self._deadline += lost
        self._seen, self._worked = now, worked


def _waited(process: int | str) -> float:
    """Seconds for which a process could have run and no processor was free (sched-stats of proc(5))."""
    try:
        with open(f"/proc/{process}/schedstat", encoding="ascii") as file:  # noqa: PTH123  once an exchange
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0  # not Linux, or a kernel without the count: the clock on the wall decides


class _Exchange:
    """One request written and its answer read, both against one deadline."""

    def __init__(self, write_end: _End, read_end: _End, nonce: bytes, limits: WorkerLimits) -> None:
        self.write_end, self.read_end = write_end, read_end
        self.nonce, self.answer_bytes = nonce, limits.answer_bytes
        self.to_write = memoryview(b"")
        self.buffer = bytearray()
        self.received = 0
        self.held = False
        self.lock_failure = ""
        self.refused: list[Refused] = []
        os.set_blocking(write_end.number, False)
        os.set_blocking(read_end.number, False)

    def offer(self, request: Request) -> None:
        """Write as much as the pipe takes now."""
        self.to_write = memoryview(self.nonce + request.encoded())
        self._write()

    def _write(self) -> None:
        try:
            while self.to_write:
                self.to_write = self.to_write[os.write(self.write_end.number, self.to_write) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.to_write = memoryview(b"")
        self.write_end.close()

    def outcome(self, clock: _Clock, enough: Callable[[Any], bool] | None) -> Outcome:
        """Everything until the last frame, the worker's end, or the deadline."""
        parts: list[Any] = []
        bounds = wire.Bounds(message_bytes=self.answer_bytes)
        try:
            for kind, payload in self._frames(clock):
                tree = wire.decode(payload, bounds)
                if kind == wire.REFUSED:
                    if len(self.refused) < MOST_NOTED:
                        self.refused.append(_refused(tree))
                    continue
                if kind == wire.FAILURE:
                    return Outcome(Ending.RAISED, parts=tuple(parts), failure=_failure(tree))
                if kind == wire.LAST:
                    if not isinstance(tree, dict):
                        raise wire.WireError("the answer is no mapping")  # noqa: TRY301  told apart just below
                    return Outcome(Ending.ANSWERED, tree, tuple(parts))
                parts.append(tree)
                if enough is not None and enough(tree):
                    return Outcome(Ending.STOPPED, parts=tuple(parts))
        except TimeoutError:
            return Outcome(Ending.TIMED_OUT, parts=tuple(parts))
        except _TooMuchError:
            return Outcome(Ending.FLOODED, parts=tuple(parts))
        except wire.WireError as error:
            return Outcome(Ending.GARBLED, parts=tuple(parts), detail=str(error))
        return Outcome(Ending.EXITED, parts=tuple(parts))

    def _frames(self, clock: _Clock) -> Iterator[tuple[int, bytes]]:
        with selectors.DefaultSelector() as selector:
            selector.register(self.read_end.number, selectors.EVENT_READ)
            if self.to_write:
                selector.register(self.write_end.number, selectors.EVENT_WRITE)
            while True:
                framed = self._cut()
                if framed is not None:
                    yield framed
                    continue
                left = clock.left()
                if left <= 0:
                    raise TimeoutError
                for key, _ in selector.select(left):
                    if key.fd == self.read_end.number:
                        if not self._read():
                            return
                    else:
                        self._write()
                        if not self.to_write:
                            selector.unregister(key.fd)

    def _read(self) -> bool:
        piece = os.read(self.read_end.number, _PIPE_BYTES)
        self.received += len(piece)
        if self.received > self.answer_bytes:
            raise _TooMuchError
        self.buffer += piece
        return bool(piece)

    def _cut(self) -> tuple[int, bytes] | None:
        """The next whole frame of the buffer."""
        if not self.held:
            if len(self.buffer) < len(wire.HELD):
                return None
            if not self.buffer.startswith(wire.HELD):
                self.lock_failure = bytes(self.buffer[len(wire.LOCK) : 500]).decode("utf-8", "replace")
                return None
            # From here on a submission may be speaking: it can no longer say that the wall does not stand.
            self.held = True
            del self.buffer[: len(wire.HELD)]
        if len(self.buffer) < wire.HEADER.size:
            return None
        magic, nonce, kind, length = wire.HEADER.unpack_from(self.buffer)
        if magic != wire.MAGIC or nonce != self.nonce or kind not in _KINDS:
            raise wire.WireError("a frame with a foreign header")
        if length > self.answer_bytes:
            raise _TooMuchError
        end = wire.HEADER.size + length
        if len(self.buffer) < end:
            return None
        payload = bytes(self.buffer[wire.HEADER.size : end])
        del self.buffer[:end]
        return kind, payload


class _TooMuchError(Exception):
    """The worker sends more than it may."""


def _text(tree: Any, name: str) -> str:
    value = tree.get(name) if isinstance(tree, dict) else None
    return value.text if isinstance(value, wire.Text) else ""


def _number(tree: Any, name: str) -> int:
    value = tree.get(name) if isinstance(tree, dict) else None
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "bi":
        return int(value)
    return 0


def _refused(tree: Any) -> Refused:
    return Refused(_text(tree, "name"), _text(tree, "file"), _number(tree, "line"))


def _failure(tree: Any) -> Failure:
    """A Failure from what a worker sent: each field of the type it should have, or empty."""
    return Failure(
        stage=_text(tree, "stage") or "run",
        kind=_text(tree, "class"),
        file=_text(tree, "file"),
        line=_number(tree, "line"),
        function=_text(tree, "function"),
        text=_text(tree, "text"),
        not_implemented=bool(_number(tree, "not_implemented")),
    )


def _completed(outcome: Outcome, end: Mapping[str, Any], seconds: float) -> Outcome:
    """`outcome` with what the zygote saw of the worker's death."""
    ending, detail = outcome.ending, outcome.detail
    status = int(end.get("exit", 0))
    if ending is Ending.EXITED and not end.get("killed"):
        if status == -signal.SIGXCPU or (status == -signal.SIGKILL and float(end.get("cpu", 0)) > seconds / 2 > 1):
            ending, detail = Ending.TIMED_OUT, "of processor time"
        elif status == -signal.SIGKILL:
            ending = Ending.KILLED
        elif status < 0:
            ending, detail = Ending.CRASHED, _signal_name(-status)
        else:
            detail = f"with status {status}"
    return Outcome(
        ending=ending,
        answer=outcome.answer,
        parts=outcome.parts,
        failure=outcome.failure,
        detail=detail,
        seconds=seconds,
        peak_bytes=int(end.get("peak_kb", 0)) * 1024,
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
