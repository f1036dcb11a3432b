"""The toolkit's errors, split by whose fault it is.

AutograderError
├── SubmissionError (ValueError)   the student can fix it: told in results.json
├── AssignmentError (ValueError)   the staff can fix it: exit status 2
├── IsolationError (OSError)       the machine lacks a layer of the wall: nothing of the submission is run
└── GraderError (RuntimeError)     we must fix it: exit status 3
"""

from __future__ import annotations

__all__ = ["AssignmentError", "AutograderError", "GraderError", "IsolationError", "SubmissionError"]


class AutograderError(Exception):
    """The base of every error that the toolkit raises on purpose."""


class SubmissionError(AutograderError, ValueError):
    """The submission cannot be graded as it is; the text tells its author what to do."""


class AssignmentError(AutograderError, ValueError):
    """`assignment.toml`, the hidden tests, the reference or the data cannot be used; the text names file and key."""


class IsolationError(AutograderError, OSError):
    """A layer of the wall that must be there is absent on this machine."""


class GraderError(AutograderError, RuntimeError):
    """The grader itself failed: never the student's fault."""
