"""The demonstration: the reference with a few mistakes, so that a newcomer sees what a student sees."""

from __future__ import annotations

from .assignment import Assignment
from .interview import given_sources
from .submission import Submission, from_files
from .variants import load, render

MISTAKES = ("not_averaged_over_the_batch", "not_shifted", "bias_gradient_forgotten")
SUMMARY = "three mistakes"


def submission(assignment: Assignment) -> Submission:
    """The reference with MISTAKES in it, as if it had been handed in."""
    chaffs = load(assignment.reference / "chaffs")
    files = render(given_sources(assignment.reference), [chaffs[name] for name in MISTAKES])
    return from_files(files, assignment.edition)
