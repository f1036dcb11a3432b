"""The run's own deadline, which comes before Gradescope's."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

#: The share of the run's time that is kept for grading: when no more is left, mistakes are no longer looked for.
_KEPT_FOR_GRADING: Final = 0.1
_TOO_LITTLE: Final = 0.05  # seconds, in which no question can be asked


class NotReachedError(Exception):
    """The run's own deadline came before the test."""


@dataclass(frozen=True)
class Deadline:
    """When a run that may take `seconds` must end, by the monotonic clock. It begins when this is made."""

    seconds: float
    begun: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Return the seconds that are left; below zero where the deadline has passed."""
        return self.begun + self.seconds - time.monotonic()

    def elapsed(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self.begun

    def remaining(self) -> float:
        """Return the seconds that are left for another question. Raises NotReachedError where there are none."""
        left = self.left()
        if left <= _TOO_LITTLE:
            raise NotReachedError
        return left

    def has_time_to_spare(self) -> bool:
        """Return whether there is time for what gives no points."""
        return self.left() > _KEPT_FOR_GRADING * self.seconds


#: For runs that may take as long as they like.
NO_DEADLINE: Final = Deadline(1e9)
