"""A search in a student's text ends in a moment, whatever stands there, and however much."""

import time

import pytest

from autograder.assignment.recognition import recognise
from autograder.assignment.signs import Sign
from autograder.base.searching import LONGEST_LINE, MOST_LINES, lines_to_search, text_to_search
from autograder.feedback import failures, messages, slips
from autograder.intake.submission import Submission
from autograder.wall.request import Ending, Failure, Outcome, Refused

PATH = "beras/layers.py"
UNITS = {
    "lines that begin a definition": "def assign\n",
    "a line of names": "a.",
    "an f-string of f-strings": "f'",
    "an f-string of braces": "f'f'f'{{{",
    "blanks": " ",
    "lines of blanks": " \t \n",
    "classes": "class Dense\n",
    "methods": "class Dense:\n def call\n",
    "brackets": "type x[",
    "carriage returns": "\r",
    "uses": "fit   ",
}


def search_everything(content, assignment):
    """Have everything that searches a source search this one."""
    files = {PATH: content, "assignment.py": content, "beras/core.py": content, "beras/losses.py": content}
    submission = Submission(files=files)
    recognise(files, assignment)
    for line in (1, 2):
        messages.inert_libraries([Refused("scipy.special.expit", PATH, line)], submission, assignment.rules)
        for kind, text in (
            ("SyntaxError", "invalid syntax"),
            ("SyntaxError", "f-string: expecting '}'"),
            ("ModuleNotFoundError", "No module named 'scipy.a'"),
            ("TypeError", "Dense.call() takes 1 positional argument but 2 were given"),
            ("NameError", "name 'get_ipython' is not defined"),
            ("SystemExit", "2"),
            ("BdbQuit", ""),
        ):
            failure = Failure(
                stage="run", kind=kind, file=PATH, line=line, function="call", text=text, not_implemented=False
            )
            slips.explain(failure, submission, text)
            failures.no_answer(Outcome(Ending.RAISED, failure=failure), submission, "Dense.call", {})


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_four_times_the_text_takes_about_four_times_as_long(assignment, unit):
    def seconds(size):
        content = (unit * (size // len(unit) + 1)).encode()
        lines_to_search.cache_clear()
        text_to_search.cache_clear()
        begun = time.process_time()
        search_everything(content, assignment)
        return time.process_time() - begun

    seconds(100)  # what is loaded once
    small, large = min(seconds(4_000) for _ in range(2)), seconds(16_000)
    # Quadratic, it is sixteen times as long, and more. What is short anyway is compared with nothing.
    assert large < max(10 * small, 0.3)


def test_lines_are_cut_and_numbered_as_python_numbers_them():
    content = b"a\r\nb\rc\n" + b"x" * (LONGEST_LINE + 9) + b"\n" * (2 * MOST_LINES)
    lines = lines_to_search(content)
    assert lines[:3] == ("a", "b", "c")
    assert (len(lines[3]), len(lines)) == (LONGEST_LINE, MOST_LINES)


def test_a_sign_wants_each_of_its_lines_and_none_of_those_after_a_mark():
    sign = Sign.parse([r"^Variable\s*=\s*Tensor", r"!\bdef assign\b"])
    assert sign.is_in(["class Tensor:", "Variable = Tensor"])
    assert not sign.is_in(["    def assign(self):", "Variable = Tensor"])
    assert not sign.is_in(["class Tensor:"])
