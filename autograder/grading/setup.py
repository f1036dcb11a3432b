"""What one grading, or several in a row, work with beside the submission: a verified sandbox, and cached answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.assignment.config import Assignment
from autograder.assignment.template import EditionFiles
from autograder.feedback.diagnosis import Memory
from autograder.wall import verify
from autograder.wall.sandbox import Sandbox


class Setup:
    """Made for one grading, or for many that come one after another. Close it to end the sandbox.

    sandbox: one that is launched already; None: a new one.
    remember: whether it keeps answers of the reference and the chaffs, and the homework's data, for the next grading.
    """

    def __init__(self, assignment: Assignment, sandbox: Sandbox | None = None, *, remember: bool = True) -> None:
        self.memory = Memory(shared=remember)
        self.kept: dict[Any, Any] | None = {} if remember else None  # what the homework's fixtures have read
        if sandbox is None:
            sandbox = Sandbox(assignment.homework_folder)
            sandbox.launch()  # loads NumPy while the tests are loaded; nothing of the submission is near it yet
        self.sandbox = sandbox
        self._layers: dict[str, str] | None = None
        self._edition_files: dict[str, EditionFiles] = {}

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.close()

    def edition_files(self, assignment: Assignment) -> EditionFiles:
        """Return the files of the assignment's edition, made in the first grading that asks for them."""
        return self._edition_files.setdefault(assignment.edition.name, EditionFiles(assignment))

    def verify(self, assignment: Assignment, results: Path) -> dict[str, str]:
        """Return the layers of the wall, tried in the first grading. Raises IsolationError as `verify.verify` does."""
        if self._layers is None:
            self._layers = verify.verify(self.sandbox, assignment, results)
        return self._layers
