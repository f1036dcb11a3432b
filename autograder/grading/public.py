"""A question asked again with public inputs: messages may quote only what happens then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from autograder.feedback.diagnosis import Question
from autograder.guest import wire
from autograder.guest.unfinished import Stub
from autograder.wall.request import Ending, Outcome


@dataclass(frozen=True)
class Task:
    """What a test asks: a probe, its inputs, and those that are larger for the submission than for the reference."""

    probe: Callable[..., Any]
    inputs: Mapping[str, Any]
    scaled: Mapping[str, Any] = field(default_factory=dict)

    def at_scale(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the submission is asked with."""
        return wire.Encoded({**values, **self.scaled}) if self.scaled else values


@dataclass(frozen=True)
class PublicRun:
    """Asks the same question with public inputs, once, and only if a message must describe a lost row.

    ask: asks the submission; None where no time is left.
    expect: returns what the reference answers to the question.
    meets_a_stub: returns whether something still to be written runs for the hidden inputs, too.
    pose: returns the question.
    """

    ask: Callable[[], Outcome | None]
    expect: Callable[[Question], Mapping[str, Any]]
    pose: Callable[[], Question]
    meets_a_stub: Callable[[], bool] = lambda: False

    @cached_property
    def question(self) -> Question:
        """What is asked."""
        return self.pose()

    @cached_property
    def outcome(self) -> Outcome | None:
        """What comes of it; None where no time is left."""
        return self.ask()

    @cached_property
    def values(self) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """The submission's answer and the reference's; None where the submission gives none."""
        if self.outcome is None or self.outcome.ending is not Ending.ANSWERED:
            return None
        return self.outcome.answer, self.expect(self.question)

    @property
    def printed(self) -> str:
        """The end of what the submission printed."""
        return self.outcome.printed if self.outcome is not None else ""

    @cached_property
    def unfinished(self) -> tuple[Stub, ...]:
        """What ran and is still to be written, where something of the kind ran for the hidden inputs, too."""
        stubs = self.outcome.unfinished if self.outcome is not None else ()
        return stubs if stubs and self.meets_a_stub() else ()


#: For an answer of which nothing may be quoted.
NOTHING_PUBLIC = PublicRun(lambda: None, lambda _: {}, lambda: Question("", "", {}, 0))
