"""Writes the texts about the wrong answers of one test, and starts the search for the mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.assignment.homework import Gradient
from autograder.feedback import failures, messages, own_forward
from autograder.feedback.comparison import Mismatch, as_array
from autograder.feedback.diagnosis import Again, Diagnosis, Evidence, Question, Raised
from autograder.grading.run import Run
from autograder.guest.unfinished import Stub
from autograder.wall.request import Outcome


def _no_differences(_gradient: Gradient, _question: Question) -> None:
    return None


@dataclass(frozen=True)
class Feedback:
    """Writes the texts of one test's lost rows, and looks for the mistake.

    subject: the class or method that the test is about.
    differences: a gradient by finite differences of the submission's own forward, for a question's inputs; None where
    that gives none.
    """

    run: Run
    subject: str
    diagnosis: Diagnosis
    differences: Callable[[Gradient, Question], np.ndarray | None] = _no_differences

    def mismatch(self, shown: Mismatch, name: str, inputs: Mapping[str, Any], printed: str) -> str:
        """Return the text for a value that is wrong. shown: what of the mismatch may be quoted."""
        homework = self.run.assignment.homework
        place, home = homework.find_place(self.subject, name), homework.home_check(self.subject)
        text = messages.mismatch(shown, name, self.run.submission, place, inputs, home)
        return messages.append_printed(text, printed)

    def sentence(self, sentence: str, name: str, inputs: Mapping[str, Any]) -> str:
        """Return the text where the test itself says in a sentence what is wrong with a value."""
        place = self.run.assignment.homework.find_place(self.subject, name)
        return messages.sentence(sentence, self.run.submission, place, inputs)

    def still_to_do(self, stubs: tuple[Stub, ...]) -> str:
        """Return the text where something that ran is still to be written; or nothing."""
        return failures.still_to_do(stubs, self.run.submission, self.subject)

    def no_answer(self, outcome: Outcome, inputs: Mapping[str, Any], printed: str = "") -> str:
        """Return the text where no answer came."""
        text = failures.no_answer(outcome, self.run.submission, self.subject, inputs, self.run.handout)
        return messages.append_printed(text, printed)

    def evidence(
        self, question: Question, returned: Mapping[str, Any], expected: Mapping[str, Any], name: str, again: Again
    ) -> Evidence:
        """Return which known mistakes give the wrong value `name` of an answer."""
        return self.diagnosis.explain_answer(question, returned, expected, name, again)

    def evidence_of_failure(self, question: Question, raised: Raised) -> Evidence:
        """Return which known mistakes raise the same exception."""
        return self.diagnosis.explain_failure(question, raised)

    def own_forward(self, question: Question, name: str, returned: Any, expected: Any) -> str:
        """Say whether a gradient agrees with the submission's own forward, in a sentence; or nothing.

        All of it for a question whose inputs are no secret.
        """
        gradient = self.run.assignment.homework.gradients.get((question.probe, name))
        array, right = as_array(returned), as_array(expected)
        if gradient is None or array is None or right is None or not self.run.deadline.has_time_to_spare():
            return ""
        quotient = self.differences(gradient, question)
        if quotient is None:
            return ""
        forward = f"`{self.subject.partition('.')[0]}.{self.run.assignment.edition.names.get('forward', '')}`"
        return own_forward.judge(array, quotient, right, gradient.owner or forward)
