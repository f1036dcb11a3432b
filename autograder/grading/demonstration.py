"""The demonstration: the reference with a few mistakes, so that a newcomer sees what a student sees."""

from __future__ import annotations

from autograder.assignment import editions
from autograder.assignment.config import Assignment
from autograder.assignment.variants import render
from autograder.intake.submission import Submission, from_files

MISTAKES = ("not_averaged_over_the_batch", "not_shifted", "bias_gradient_forgotten")
SUMMARY = "three mistakes"


def submission(assignment: Assignment) -> Submission:
    """The reference with MISTAKES in it, as if it had been handed in."""
    chaffs = editions.declared(assignment, "chaffs")
    files = render(editions.reference(assignment), [chaffs[name] for name in MISTAKES])
    return from_files(files, assignment.edition)
