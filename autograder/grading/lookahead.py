"""The first question of a hidden test, found without asking it.

That follows from the test alone, so its worker can be at work while the test before is still dealt with. The grader and
the workers each keep a processor busy. This changes only when a question is asked, never what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from autograder.grading.draw import draw
from autograder.grading.hidden_tests import HiddenTest

Question = tuple[Callable[..., Any], Mapping[str, Any]]  # a probe and its inputs

_FORESEEABLE: Final = {"ask", "draw"}  # what may be handed to a test twice


class _Asked(BaseException):  # no Exception: a test that tries another way must not catch it
    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question


@dataclass(frozen=True)
class _NotingAsk:
    """Stands in for `Ask`: ends the test with its first question."""

    names: Mapping[str, str]

    def __call__(self, probe: Callable[..., Any], **inputs: Any) -> NoReturn:
        raise _Asked((probe, inputs))


def first_question(test: HiddenTest, names: Mapping[str, str]) -> Question | None:
    """Run `test` up to its first `ask`; None where it asks nothing, or needs more than `ask` and `draw` for it.

    names: what the submission's edition calls things.
    """
    if not test.arguments <= _FORESEEABLE or test.sets_values:
        return None
    try:
        test.run({"ask": _NotingAsk(names), "draw": draw})
    except _Asked as asked:
        return asked.question
    except Exception:  # noqa: BLE001  it is raised again, and reported, when the test is run
        return None
    return None
