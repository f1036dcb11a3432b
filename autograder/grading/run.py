"""One grading: all that is known before the first question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.assignment.config import Assignment
from autograder.assignment.template import EditionFiles
from autograder.base.seeds import derive_seed
from autograder.feedback.diagnosis import Memory
from autograder.grading.deadline import Deadline
from autograder.guest import wire
from autograder.intake.submission import Submission


@dataclass(frozen=True)
class Run:
    """What one grading is about: complete when it is made, and never changed.

    assignment: in the submission's edition.
    handout: the files that students got, which stand in for broken neighbours.
    secret: what every random choice derives from.
    memory: answers of the reference and the chaffs.
    data_folder: the files to train on that were asked for; None: the assignment's own.
    note: shows a short note while the run goes on.
    kept: what the homework's fixtures read once for several gradings; None: this one stands alone.
    edition_files: those of the assignment's edition; None: this run makes its own.
    """

    assignment: Assignment
    submission: Submission
    handout: Mapping[str, bytes]
    secret: str
    deadline: Deadline
    memory: Memory = field(default_factory=Memory)
    data_folder: Path | None = None
    note: Callable[[str], None] = lambda _: None
    kept: MutableMapping[Any, Any] | None = None
    edition_files: EditionFiles | None = None

    def seed(self, purpose: str) -> int:
        """Return a number of 62 bits, derived from the secret, the submission and `purpose`."""
        return derive_seed(self.secret, self.submission.digest, purpose)

    @cached_property
    def reference(self) -> Mapping[str, bytes]:
        """The reference's files, in the submission's edition; every question loads them anew."""
        return self.own_edition_files.reference

    @cached_property
    def own_edition_files(self) -> EditionFiles:
        """What `edition_files` gives, or this run's own."""
        return self.edition_files or EditionFiles(self.assignment)

    # What every request carries, encoded once.

    @cached_property
    def encoded_files(self) -> wire.Encoded:
        """The submission's files."""
        return wire.Encoded(self.submission.files)

    @cached_property
    def encoded_handout(self) -> wire.Encoded:
        """The handout's files."""
        return wire.Encoded(self.handout)

    @cached_property
    def encoded_template(self) -> wire.Encoded:
        """The handout's files as the template has them: what is to do in one of them is not in it."""
        return wire.Encoded({path: text.encode() for path, text in self.own_edition_files.template.items()})

    @cached_property
    def encoded_names(self) -> wire.Encoded:
        """What things are called in the edition."""
        return wire.Encoded(self.assignment.edition.names)
