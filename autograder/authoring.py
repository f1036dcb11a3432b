"""Names for course staff who write a hidden test, a chaff or a wheat, or a plain homework. All else may change.

Each name is loaded when it is first asked for: a chaff needs no decorators, and a homework no grader.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradescope_utils.autograder_utils.decorators import (
        hide_errors,
        leaderboard,
        number,
        partial_credit,
        tags,
        visibility,
        weight,
    )

    from autograder.assignment.editions import move
    from autograder.assignment.homework import Clue, Conduct, DataSet, Fixture, Gradient, Homework, WrittenCheck
    from autograder.assignment.variants import chaff, wheat
    from autograder.feedback.comparison import as_array, shape_text
    from autograder.grading.answer import Unsatisfied
    from autograder.grading.hidden_tests import editions

_DECORATORS = "gradescope_utils.autograder_utils.decorators"
_PLACES = {
    **dict.fromkeys(
        ("hide_errors", "leaderboard", "number", "partial_credit", "tags", "visibility", "weight"), _DECORATORS
    ),
    **dict.fromkeys(
        ("Clue", "Conduct", "DataSet", "Fixture", "Gradient", "Homework", "WrittenCheck"),
        "autograder.assignment.homework",
    ),
    **dict.fromkeys(("chaff", "wheat"), "autograder.assignment.variants"),
    "Unsatisfied": "autograder.grading.answer",
    "editions": "autograder.grading.hidden_tests",
    "move": "autograder.assignment.editions",
    "shape_text": "autograder.feedback.comparison",
    "as_array": "autograder.feedback.comparison",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for. Raises AttributeError for a name that is not for staff."""
    if name not in _PLACES:
        raise AttributeError(f"autograder.authoring has no {name}; it has {', '.join(sorted(_PLACES))}")
    return getattr(import_module(_PLACES[name]), name)


__all__ = [
    "Clue",
    "Conduct",
    "DataSet",
    "Fixture",
    "Gradient",
    "Homework",
    "Unsatisfied",
    "WrittenCheck",
    "as_array",
    "chaff",
    "editions",
    "hide_errors",
    "leaderboard",
    "move",
    "number",
    "partial_credit",
    "shape_text",
    "tags",
    "visibility",
    "weight",
    "wheat",
]
