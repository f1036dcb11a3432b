"""What is not there while a submission is graded: whose it is, and what to do, in words that fit what was handed in."""

import pytest

from autograder.feedback.failures import explain_load_failure, no_answer
from autograder.feedback.surroundings import advise, explain_missing_module
from autograder.intake.submission import Submission
from autograder.wall.request import Ending, Failure, Outcome

PATH = "beras/layers.py"


def failing(line, kind, text, *, file=PATH, stage="load", missing=()):
    failure = Failure(stage, kind, file, 1 if file else 0, "", text, not_implemented=False)
    files = {PATH: line.encode(), "assignment.py": b""}
    return failure, Submission(files={path: files[path] for path in files if path not in missing}, missing=missing)


@pytest.mark.parametrize(
    ("line", "absent", "told"),
    [
        ("from beras.utils import f", "beras.utils", "`beras/utils.py` was not handed in. Hand it in as well, in the"),
        ("from .utils import f", "beras.utils", "`beras/utils.py` was not handed in."),
        ("import beras.utils.arrays", "beras.utils", "`beras/utils/arrays.py` was not handed in."),
        ("from tests.helpers import f", "tests", "a folder of your own? Then `tests/helpers.py` was not handed in"),
        ("import utils", "utils", "Is `utils` a file of your own? Then `utils.py` was not handed in"),
        ("import pandas.plotting as p", "pandas", "`pandas` is not there when your code is graded. Import it where"),
        ("import tkinter", "tkinter", "`tkinter` is not there when your code is graded. Import it where"),
        ("import numpy.nothing", "numpy.nothing", "and has no `numpy.nothing`."),
    ],
)
def test_a_missing_module_is_a_file_not_handed_in_or_a_library_that_is_not_there(line, absent, told):
    advice = advise(*failing(line, "ModuleNotFoundError", f"No module named '{absent}'"))
    assert told in advice
    assert ("library" in advice) == (absent in ("tests", "utils"))


def test_a_file_of_a_package_whose_other_files_are_missing_is_of_the_homework_too():
    failure, _ = failing("", "ModuleNotFoundError", "No module named 'beras.utils'", file="assignment.py")
    told = advise(failure, Submission(files={"assignment.py": b"import beras.utils"}, missing=(PATH,)))
    assert told.startswith("`beras/utils.py` was not handed in.")


def test_files_that_import_each_other_are_told_how_to_stop():
    text = (
        "cannot import name 'x' from partially initialized module 'beras.core' (most likely due to a circular import)"
    )
    told = advise(*failing("from beras.core import x", "ImportError", text))
    assert "`beras/core.py`" in told
    assert "import each other, directly or through others: neither can be complete before the other." in told


def test_a_module_imported_by_its_name_alone_is_named_with_its_folder():
    text = "cannot import name 'utils' from 'beras' (unknown location)"
    assert "`beras/utils.py` was not handed in" in advise(*failing("from beras import utils", "ImportError", text))
    assert advise(*failing("", "ImportError", "cannot import name 'x' from 'numpy' (x.py)")) == ""
    assert advise(*failing("", "ImportError", "cannot import name 'x' from 'assignment' (x.py)")) == ""


@pytest.mark.parametrize(
    "text", ["[Errno 2] No such file or directory: 'data/config.json'", "data/config.json not found."]
)
def test_a_file_that_is_not_there_is_named_and_what_of_a_submission_is(text):
    told = advise(*failing("open('data/config.json')", "FileNotFoundError", text, stage="run"))
    assert told.startswith("No file `data/config.json` is there while your code is graded")


def test_a_module_that_no_line_of_the_submission_asked_for_is_the_machines_fault():
    failure, submission = failing("import argparse", "ModuleNotFoundError", "No module named 'argparse'", stage="run")
    assert explain_missing_module(failure, submission) == ""
    failure, submission = failing("", "ModuleNotFoundError", "No module named 'argparse'", file="", stage="run")
    assert "A module is missing here that no line of your code imports" in explain_missing_module(failure, submission)
    told = explain_load_failure(PATH, Outcome(Ending.RAISED, failure=failure), submission)
    assert "tell the course staff" in told


@pytest.mark.parametrize(
    ("loss", "text", "call", "told"),
    [
        ("class Loss:\n    pass\n", "Loss() takes no arguments", "self.loss(p, y)", True),
        (
            "class Loss:\n    def __init__(self, e=1):\n        pass\n",
            "Loss.__init__() takes from 1 to 2 positional arguments but 3 were given",
            "self.loss(p, y)",
            True,
        ),
        ("class Loss:\n    pass\n", "Loss() takes no arguments", "Loss(p, y)", False),
        ("class Other:\n    pass\n", "Loss() takes no arguments", "self.loss(p, y)", False),
    ],
)
def test_a_class_that_was_handed_over_for_an_object_is_named(loss, text, call, told):
    model = f"class Model:\n    def step(self, p, y):\n        return {call}\n"
    files = {"beras/model.py": model.encode(), "beras/losses.py": loss.encode()}
    failure = Failure("run", "TypeError", "beras/model.py", 3, "step", text, not_implemented=False)
    message = no_answer(Outcome(Ending.RAISED, failure=failure), Submission(files=files), "Model.step", {})
    assert ("is the class `Loss` itself" in message) == told
