"""A question asked again with inputs that are no secret: only what comes of that may be quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autograder.guest import wire
from autograder.guest.unfinished import Stub
from autograder.wall.request import Ending, Outcome, Request

if TYPE_CHECKING:
    from autograder.grading.interview import Interview


@dataclass(frozen=True)
class Task:
    """What a test asks: a probe, its inputs, and those that are larger for the submission than for the reference."""

    probe: Callable[..., Any]
    inputs: Mapping[str, Any]
    scaled: Mapping[str, Any] = field(default_factory=dict)

    def at_scale(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the submission is asked with."""
        return wire.Encoded({**values, **self.scaled}) if self.scaled else values


class PublicRun:
    """The same question with inputs that are no secret, asked where a mismatch is to be described, and once.

    hidden: the request whose answer is to be described.
    """

    def __init__(self, interview: Interview, task: Task, hidden: Request) -> None:
        self._interview, self._task, self._hidden = interview, task, hidden

    @cached_property
    def outcome(self) -> Outcome | None:
        """What comes of it; None where no time is left."""
        return self._interview.ask_again(self._task)

    @cached_property
    def values(self) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """The submission's answer and the reference's; None where the submission gives none."""
        if self.outcome is None or self.outcome.ending is not Ending.ANSWERED:
            return None
        return self.outcome.answer, self._interview.expected_again(self._task)

    @property
    def printed(self) -> str:
        """The end of what the submission printed."""
        return self.outcome.printed if self.outcome is not None else ""

    @cached_property
    def unfinished(self) -> tuple[Stub, ...]:
        """What ran and is still to be written, where something of the kind ran for the hidden inputs too."""
        stubs = self.outcome.unfinished if self.outcome is not None else ()
        return stubs if stubs and self._interview.meets_a_stub(self._hidden) else ()
