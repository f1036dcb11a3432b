"""What a wrong answer becomes, without a sandbox and without a submission that runs."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.feedback.diagnosis import Diagnosis, Evidence, Question
from autograder.grading.answer import Answer, Unsatisfied
from autograder.grading.answer_feedback import Feedback
from autograder.grading.deadline import NO_DEADLINE
from autograder.grading.public import PublicRun
from autograder.grading.run import Run
from autograder.guest.unfinished import Stub
from autograder.intake.submission import from_files
from autograder.wall.request import Ending, Outcome

RIGHT = {"output": np.arange(21.0).reshape(7, 3), "gradients": [np.ones((7, 3))]}
INPUTS = {"x": np.ones((7, 5))}
QUESTION = Question("1.1", "dense.forward", INPUTS, 0)


@pytest.fixture
def answer(assignment, reference_files):
    """`answer(given)`: a submission's answer to a question about Dense.call, beside the right one."""
    run = Run(assignment, from_files(reference_files, assignment.edition), {}, "secret", NO_DEADLINE)
    feedback = Feedback(run, "Dense.call", Diagnosis(run.own_edition_files))

    def made(given, **parts):
        public = PublicRun(lambda: Outcome(Ending.ANSWERED, given), lambda _: RIGHT, lambda: QUESTION)
        return Answer(QUESTION, given=given, expected=RIGHT, feedback=feedback, **{"public": public, **parts})

    return made


def lost(check):
    with pytest.raises(Unsatisfied) as raised:
        check()
    return raised.value


def test_what_agrees_says_nothing(answer):
    right = answer(RIGHT)
    right["output"].agrees((7, 3))
    right["gradients"][0].agrees()
    assert right["output"].is_the_same_again()


def test_a_factor_is_said_with_the_inputs_and_the_place(answer):
    text = lost(answer({"output": 2 * RIGHT["output"]})["output"].agrees).markdown
    assert "by the same factor: **2" in text
    assert "Called with x (7, 5)" in text
    assert "`beras/layers.py`" in text


def test_a_gradient_that_is_wrong_in_a_test_of_the_call_is_looked_for_on_no_line(answer):
    wrong = answer({"output": RIGHT["output"], "gradients": [2 * RIGHT["gradients"][0]]})
    assert "Look at" not in lost(wrong["gradients"][0].agrees).markdown
    assert "Look at" in lost(answer({"output": 2 * RIGHT["output"]})["output"].agrees).markdown


def test_what_did_not_come_again_is_not_quoted(answer):
    wrong = {"output": RIGHT["output"] * 2.5}
    public = PublicRun(lambda: Outcome(Ending.ANSWERED, RIGHT), lambda _: RIGHT, lambda: QUESTION)
    assert "2.5" not in lost(answer(wrong, public=public)["output"].agrees).markdown


def test_a_missing_entry_and_a_wrong_shape_are_named(answer):
    assert "a list of 1 array" in lost(lambda: answer({"gradients": []})["gradients"][0].agrees()).markdown
    assert "(7, 3)" in lost(lambda: answer({"output": np.ones((3, 7))})["output"].agrees((7, 3))).markdown


def test_what_is_still_to_be_written_comes_before_what_differs(answer):
    stubs = (Stub("beras/layers.py", 20, "call", "error"),)
    met = Outcome(Ending.ANSWERED, {}, unfinished=stubs)
    public = PublicRun(lambda: met, lambda _: RIGHT, lambda: QUESTION, meets_a_stub=lambda: True)
    found = lost(answer({"output": None}, public=public)["output"].agrees)
    assert found.markdown.startswith("**Not implemented yet**")


def test_a_transpose_is_observed_when_the_row_is_lost(answer):
    square = {**RIGHT, "output": np.arange(9.0).reshape(3, 3)}
    turned = {"output": square["output"].T}
    public = PublicRun(lambda: Outcome(Ending.ANSWERED, turned), lambda _: square, lambda: QUESTION)
    wrong = replace(answer(turned, public=public), expected=square)
    findings = lost(wrong["output"].agrees).diagnose()
    assert findings.observed == "It is transposed."
    assert findings.evidence == Evidence(findings.evidence.like, findings.evidence.unlike)
