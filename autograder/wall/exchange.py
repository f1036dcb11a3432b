"""One question put to a worker and its answer, over two pipes and against one clock.

Not for deciding anything about an answer: it says what came back, or how the exchange ended.
"""

from __future__ import annotations

import fcntl
import math
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from typing import Any, Final

import numpy as np

from autograder.base.text import clean
from autograder.guest import blame, wire
from autograder.guest.forbidden import MOST_NOTED
from autograder.guest.printed import MOST_KEPT
from autograder.guest.unfinished import MOST_NOTED as MOST_STUBS
from autograder.guest.unfinished import Stub
from autograder.wall.request import Ending, Failure, Outcome, Refused, WorkerLimits

_PIPE_BYTES: Final = 1 << 20
_LONGEST_FAULT: Final = 300  # characters
_MOST_NODES: Final = 200_000  # values in all frames: each takes some hundred bytes here, and one to five on the way
_KINDS: Final = (
    *(wire.PART, wire.LAST, wire.FAILURE, wire.REFUSED),
    *(wire.FAULT, wire.UNFINISHED, wire.INERT_USES, wire.STILL, wire.PRINTED),
)
_LOOKS_EVERY: Final = 0.25  # seconds, while it waits: a longer pause than it chose shows that the machine stood still
_MOMENT: Final = 0.02  # seconds without an answer after which there is time for something else
_NOTICEABLE: Final = 0.5  # seconds that the grader neither worked nor chose to wait: the machine stood still


class PipeEnd:
    """One end of a pipe, closed once: its number may belong to something else right after."""

    def __init__(self, number: int) -> None:
        self.number, self._open = number, True

    def close(self) -> None:
        """Give it back."""
        if self._open:
            self._open = False
            os.close(self.number)


def pipe(stack: ExitStack) -> tuple[PipeEnd, PipeEnd]:
    """Return the reading and the writing end of a new pipe, both closed with `stack` at the latest."""
    ends = tuple(PipeEnd(number) for number in os.pipe())
    for end in ends:
        stack.callback(end.close)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the user's pipe quota is used up: a smaller pipe is slower, nothing else
            fcntl.fcntl(ends[1].number, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return ends[0], ends[1]


class Clock:
    """The time that a worker has left, not counting what it spent in wait for a processor.

    Nor does time count in which the grader itself stood still: a machine or a container that is suspended and goes
    on stops both, and the worker has had nothing of it.
    """

    def __init__(self, pid: int, limits: WorkerLimits) -> None:
        self._pid, self._limits = pid, limits
        self._begun = self._seen = time.monotonic()
        self._worked = time.thread_time()
        self._queued = _seconds_waited("self")
        self._pause = 0.0  # what the grader last chose to wait, at most
        self._deadline = self._begun + limits.seconds

    def left(self) -> float:
        """0 or less once the worker's time is up, else how many seconds the caller may wait before it asks again."""
        self._leave_out_standstill()
        left = self._deadline - time.monotonic()
        if left <= 0:
            bonus = min(self._limits.seconds + _seconds_waited(self._pid), self._limits.longest_seconds)
            self._deadline = max(self._deadline, self._begun + bonus)
            left = self._deadline - time.monotonic()
        self._pause = min(max(left, 0.0), _LOOKS_EVERY)
        return min(left, _LOOKS_EVERY)

    def _leave_out_standstill(self) -> None:
        now, worked = time.monotonic(), time.thread_time()
        lost = now - self._seen - self._pause - (worked - self._worked)
        if lost > _NOTICEABLE:
            queued = _seconds_waited("self")
            lost -= queued - self._queued
            self._queued = queued
        if lost > _NOTICEABLE:
            self._begun += lost
            self._deadline += lost
        self._seen, self._worked = now, worked


def _seconds_waited(process: int | str) -> float:
    """Return seconds for which a process could have run and no processor was free (sched-stats of proc(5))."""
    try:
        with open(f"/proc/{process}/schedstat", encoding="ascii") as file:  # noqa: PTH123  once an exchange
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0  # not Linux, or a kernel without the count: the clock on the wall decides


class Exchange:
    """One request written and its answer read, both against one deadline."""

    def __init__(self, write_end: PipeEnd, read_end: PipeEnd, nonce: bytes, limits: WorkerLimits) -> None:
        self.write_end, self.read_end = write_end, read_end
        self.nonce, self.answer_bytes = nonce, limits.answer_bytes
        self.to_write = memoryview(b"")
        self.buffer = bytearray()
        self.received = 0
        self.held = False
        self.lock_failure = ""
        self.refused: list[Refused] = []
        self.faults: list[str] = []
        self.unfinished: list[Stub] = []
        self.inert_uses: list[Refused] = []
        self.still: Refused | None = None
        self.printed = ""
        os.set_blocking(write_end.number, False)
        os.set_blocking(read_end.number, False)

    def offer(self, request: bytes) -> None:
        """Write as much of it as the pipe takes now."""
        self.to_write = memoryview(self.nonce + request)
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

    def _is_note(self, kind: int, tree: Any) -> bool:
        """Keep what is no part of the answer, as much of it as is bounded; False for what is."""
        if kind == wire.STILL:
            self.still = _parse_refused(tree)
        elif kind in (wire.REFUSED, wire.INERT_USES):
            noted = self.refused if kind == wire.REFUSED else self.inert_uses
            if len(noted) < MOST_NOTED:
                noted.append(_parse_refused(tree))
        elif kind == wire.FAULT:
            if len(self.faults) < MOST_NOTED:
                self.faults.append(clean(_text(tree, "text"))[:_LONGEST_FAULT])
        elif kind == wire.UNFINISHED:
            if len(self.unfinished) < MOST_STUBS:
                self.unfinished.append(_stub(tree))
        elif kind == wire.PRINTED:
            lines = _text(tree, "text").replace("\r\n", "\n").replace("\r", "\n")  # progress overwrites its line
            self.printed = clean(lines)[-MOST_KEPT:]
        else:
            return False
        return True

    def outcome(
        self, clock: Clock, enough: Callable[[Any], bool] | None, idle: Callable[[], None] = lambda: None
    ) -> Outcome:
        """Read until the last frame, the worker's end, or the deadline, and return the outcome.

        enough: takes every part, of which then none is kept. idle: called where nothing comes.
        """
        parts: list[Any] = []
        bounds, allowance = wire.Bounds(message_bytes=self.answer_bytes), wire.Allowance(_MOST_NODES)
        try:
            for kind, payload in self._frames(clock, idle):
                tree = wire.decode(payload, bounds, allowance=allowance)
                if self._is_note(kind, tree):
                    continue
                if kind == wire.FAILURE:
                    return Outcome(Ending.RAISED, parts=tuple(parts), failure=_failure(tree))
                if kind == wire.LAST:
                    if not isinstance(tree, dict):
                        raise wire.WireError("the answer is no mapping")  # noqa: TRY301  told apart just below
                    return Outcome(Ending.ANSWERED, tree, tuple(parts))
                if enough is None:
                    parts.append(tree)
                elif enough(tree):
                    return Outcome(Ending.STOPPED)
        except TimeoutError:
            return Outcome(Ending.TIMED_OUT, parts=tuple(parts))
        except (_TooMuchError, wire.TooManyNodesError):
            return Outcome(Ending.FLOODED, parts=tuple(parts))
        except wire.WireError as error:
            return Outcome(Ending.GARBLED, parts=tuple(parts), detail=str(error))
        return Outcome(Ending.EXITED, parts=tuple(parts))

    def _frames(self, clock: Clock, idle: Callable[[], None]) -> Iterator[tuple[int, bytes]]:
        patience = _MOMENT
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
                ready = selector.select(min(left, patience))
                if not ready and patience < left:
                    patience = math.inf
                    idle()
                for key, _ in ready:
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
        self.buffer += piece
        if not self.held:
            self._note_lock()  # before anything else is judged: one read can bring the lock's note and too much
        if self.received > self.answer_bytes:
            raise _TooMuchError
        return bool(piece)

    def _note_lock(self) -> None:
        """Cut what the worker says of its own locking off the buffer, once all of that has come."""
        if len(self.buffer) < len(wire.HELD):
            return
        if not self.buffer.startswith(wire.HELD):
            self.lock_failure = bytes(self.buffer[len(wire.LOCK) : 500]).decode("utf-8", "replace")
            return
        # From here on a submission may be speaking: it can no longer say that the wall does not stand.
        self.held = True
        del self.buffer[: len(wire.HELD)]

    def _cut(self) -> tuple[int, bytes] | None:
        """Return the next whole frame of the buffer."""
        if not self.held or len(self.buffer) < wire.HEADER.size:
            return None
        magic, nonce, kind, length = wire.HEADER.unpack_from(self.buffer)
        if magic != wire.MAGIC or nonce != self.nonce or kind not in _KINDS:
            raise wire.WireError("a frame with a foreign header")
        if length > self.answer_bytes:
            raise _TooMuchError
        end = wire.HEADER.size + length
        if len(self.buffer) < end:
            return None
        with memoryview(self.buffer) as whole:
            payload = bytes(whole[wire.HEADER.size : end])
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


def _parse_refused(tree: Any) -> Refused:
    return Refused(_text(tree, "name"), _text(tree, "file"), _number(tree, "line"))


def _stub(tree: Any) -> Stub:
    return Stub(_text(tree, "file"), _number(tree, "line"), _text(tree, "function"), _text(tree, "how"))


def _failure(tree: Any) -> Failure:
    """Return a Failure from what a worker sent: each field of the type it should have, or empty."""
    return Failure(
        stage=_text(tree, "stage") or "run",
        kind=_text(tree, "class"),
        file=_text(tree, "file"),
        line=_number(tree, "line"),
        function=_text(tree, "function"),
        text=_text(tree, "text"),
        not_implemented=bool(_number(tree, "not_implemented")),
        origin=_text(tree, "origin") or blame.OWN,
    )


def add_death(outcome: Outcome, end: Mapping[str, Any], seconds: float) -> Outcome:
    """Return `outcome` with what the zygote saw of the worker's death."""
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
