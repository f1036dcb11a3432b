"""The demonstration: the reference with a few mistakes, so that a newcomer sees what a student sees."""

from __future__ import annotations

from autograder.assignment import editions
from autograder.assignment.config import Assignment
from autograder.assignment.variants import render
from autograder.intake.submission import Submission, from_files


def submission(assignment: Assignment) -> Submission:
    """Return the reference with the mistakes of `Homework.demonstration` in it, as if it had been handed in."""
    mistakes = assignment.homework.demonstration
    chaffs = editions.load_variants(assignment, "chaffs")
    files = render(editions.reference(assignment), [chaffs[name] for name in mistakes])
    return from_files(files, assignment.edition)
