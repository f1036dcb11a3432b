"""What several gradings share to be fast: one verified sandbox, and cached answers of the reference and the chaffs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.assignment.config import Assignment
from autograder.feedback.diagnosis import Memory
from autograder.wall import verify
from autograder.wall.sandbox import Sandbox


class SharedSetup:
    """Made once for many gradings, one after another. Close it to end the sandbox.

    remember: whether the next grading gets the cached answers, too.
    """

    def __init__(self, assignment: Assignment, *, remember: bool = True) -> None:
        self.memory = Memory(shared=remember)
        self.kept: dict[Any, Any] = {}  # what the homework's fixtures read once for all gradings
        self.sandbox = Sandbox(assignment.homework_folder)
        self.sandbox.launch()
        self._layers: dict[str, str] | None = None

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.close()

    def verify(self, assignment: Assignment, results: Path) -> dict[str, str]:
        """Return the layers of the wall, tried in the first grading. Raises IsolationError as `verify.verify` does."""
        if self._layers is None:
            self._layers = verify.verify(self.sandbox, assignment, results)
        return self._layers
