"""One question to a worker and what can come of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

from autograder.guest import blame, wire
from autograder.guest.unfinished import Stub

OUT_OF_MEMORY: Final = "MemoryError"


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
        """Return these limits, cut to the `seconds` that are left."""
        return replace(self, seconds=min(self.seconds, seconds), longest=min(self.longest_seconds, seconds))


@dataclass(frozen=True)
class Request:
    """One probe over one submission. `inputs` holds arrays, numbers, texts and lists of them.

    A mapping that many requests share, or that is compared, should be a `wire.Encoded`.
    """

    probe: str
    inputs: Mapping[str, Any]
    sources: Mapping[str, bytes]
    given: Mapping[str, bytes]
    edition: Mapping[str, str]
    seed: int
    public: bool = False
    unloadable: Mapping[str, str] = field(default_factory=dict)  # files that end their process when loaded, and how
    forbidden: tuple[str, ...] = ()  # libraries that no submission gets
    inert: tuple[str, ...] = ()  # libraries that are allowed, and stand-ins
    code: Mapping[str, bytes] = field(default_factory=dict)  # of its files, opaque here: see `grading.compiling`
    notices: bool = True  # whether what ran and is still to be written is looked out for, which takes time

    def asks_like(self, other: Request) -> bool:
        """Return whether `other` asks the same of the same submission."""
        mine, its = (
            (one.probe, one.seed, one.public, one.unloadable, one.sources, wire.encode(one.inputs))
            for one in (self, other)
        )
        return mine == its

    def handout(self) -> bytes:
        """Return what most requests share and no submission has a part in, encoded: the zygote keeps it."""
        return wire.encode(
            {
                "given": self.given,
                "edition": self.edition,
                "forbidden": "\n".join(self.forbidden).encode(),  # as bytes, since a text may be cut
                "inert": "\n".join(self.inert).encode(),
            }
        )

    def encoded(self, handout: int) -> bytes:
        """Return the rest of the request as it crosses; handout: the number by which the zygote knows what it keeps."""
        return wire.encode(
            {
                "probe": self.probe,
                "inputs": self.inputs,
                "sources": self.sources,
                "code": self.code,
                "handout": handout,
                "seed": self.seed,
                "public": self.public,
                "notices": self.notices,
                "unloadable": dict(self.unloadable),
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
    GONE = "ended in a way that is not told"  # only where an outcome is shown: see `Outcome.seen_again`


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
    origin: str = blame.OWN  # whose code the innermost frame belongs to, see `guest.blame`

    def seen_again(self, again: Failure | None) -> Failure:
        """Return what may be shown of this exception: `again`, raised for inputs that are no secret, if it is the same.

        Where it is another one, or none, only the stage is left, whether something is not implemented, and whether
        memory ran out, which depends on more than the inputs' shapes.
        """
        if again is not None and (again.kind, again.stage) == (self.kind, self.stage):
            return again
        kind = self.kind if self.kind == OUT_OF_MEMORY else ""
        return Failure(self.stage, kind, "", 0, "", "", self.not_implemented)


@dataclass(frozen=True)
class Refused:
    """A name at a line of a submission, as its process reports it: a part of a library, or a function that is slow."""

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
    received: int = 0  # bytes
    refused: tuple[Refused, ...] = ()
    faults: tuple[str, ...] = ()  # what of the grader's own failed beside the submission, as its process tells it
    unfinished: tuple[Stub, ...] = ()  # what ran and is still to be written, as its process tells it
    inert_uses: tuple[Refused, ...] = ()  # what it took from a stand-in, and computed with
    still: Refused | None = None  # the function that ran at every look, if the worker took long
    printed: str = ""  # the end of what it printed for inputs that are no secret, as its process tells it
    since: str = ""  # the test in which that function was found to take too long

    def seen_again(self, again: Outcome | None) -> Outcome:
        """Return what may be shown of this outcome, which gave no answer: what came `again`, for public inputs.

        That its code raised, or took too much time or memory, is shown even where that did not come again: the last two
        depend on more than the inputs' shapes. How, where and in what it did is not.
        """
        failure = None if self.failure is None else self.failure.seen_again(None if again is None else again.failure)
        kept = Outcome(self.ending if self.ending in _TOLD_ANYHOW else Ending.GONE, failure=failure)
        if again is None:
            return kept
        if again.ending is not self.ending:
            return replace(kept, unfinished=again.unfinished)
        since = self.since if self.still and again.still and self.still.name == again.still.name else ""
        return replace(again, failure=failure, since=since)


_TOLD_ANYHOW: Final = (Ending.RAISED, Ending.TIMED_OUT, Ending.KILLED)
