"""Hidden tests: gradescope-utils' decorators become rows, and a badly declared test stops the staff, not a student."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment import config
from autograder.base.errors import AssignmentError
from autograder.grading.draw import draw, draw_all
from autograder.grading.loading import read_hidden_tests

ROOT = Path(__file__).resolve().parents[3]
HEAD = """
import pytest
from gradescope_utils.autograder_utils.decorators import *
from homework.probes import losses
from autograder.authoring import editions

def inputs(draw):
    return {"name": "MeanSquaredError", "prediction": draw(5, 4), "truth": draw(5, 4)}
"""


@pytest.fixture
def project(copied_project):
    """A copy of the project with hidden tests of the test's own, worth `points`."""

    def make(source, points):
        root = copied_project({"points = 100": f"points = {points}"}, without=["tests/hidden"])
        hidden = root / "tests" / "hidden"
        hidden.mkdir(parents=True)
        (hidden / "test_mine.py").write_text(HEAD + source)
        return root

    return make


def declared(body, *decorators):
    lines = ["", "", *decorators, "def test_it(ask, draw, set_score=None, set_leaderboard_value=None):"]
    return "\n".join([*lines, '    """It does."""', *(f"    {line}" for line in body.splitlines())]) + "\n"


PLAIN = ('@number("1.1")', "@weight(4)", '@tags("mse", "extra")')


def test_number_name_points_and_tags_reach_the_row(grade, reference_files, project):
    source = declared('ask(losses.forward, **inputs(draw))["loss"].agrees((), (1,))', *PLAIN, '@visibility("hidden")')
    results, _ = grade(reference_files, root=project(source, 4))
    row = next(test for test in results["tests"] if "number" in test)
    assert (row["number"], row["name"], row["score"], row["max_score"]) == ("1.1", "It does.", 4, 4)
    assert (row["status"], row["tags"], row["visibility"]) == ("passed", ["mse", "extra"], "hidden")


@pytest.mark.parametrize(("given", "kept"), [("1.5", 1.5), ("99", 4), ("-1", 0), ("float('nan')", 0)])
def test_partial_credit_stays_within_the_weight(grade, reference_files, project, given, kept):
    source = declared(f"set_score({given})", '@number("1.1")', '@tags("mse")', "@partial_credit(4)")
    results, _ = grade(reference_files, root=project(source, 4))
    assert next(test for test in results["tests"] if "number" in test)["score"] == kept


@pytest.mark.parametrize(("given", "kept"), [("1", 2), ("2", 4), ("99", 8)])
def test_a_score_counts_in_the_points_declared_and_gives_the_same_share_in_every_edition(
    grade, reference_files, project, given, kept
):
    decorators = ('@number("1.1")', '@tags("mse")', "@partial_credit(4)", '@editions("*", s24=8)')
    filler = declared("pass", '@number("1.2")', "@weight(4)", '@editions("*", "-s24")', '@tags("mse")')
    source = declared(f"set_score({given})", *decorators) + filler.replace("test_it", "test_other")
    results, _ = grade(reference_files, root=project(source, 8))
    assert next(test for test in results["tests"] if test.get("number") == "1.1")["score"] == kept


def test_a_score_that_is_no_number_costs_its_own_row(grade, reference_files, project):
    body = 'set_score("many")'
    other = declared("pass", '@number("1.2")', "@weight(2)", '@tags("mse")').replace("test_it", "test_other")
    source = declared(body, '@number("1.1")', '@tags("mse")', "@partial_credit(4)") + other
    results, done = grade(reference_files, root=project(source, 6))
    assert done.returncode == 3
    rows = {test["number"]: test for test in results["tests"] if "number" in test}
    assert "not your fault" in rows["1.1"]["output"]
    assert rows["1.2"]["score"] == 2


@pytest.mark.parametrize(
    ("source", "told"),
    [("x = = 1\n", r"^The hidden tests cannot be loaded: \S+test_mine\.py:\d+: invalid syntax$"), ("1 / 0\n", "Zero")],
)
def test_a_file_that_cannot_be_loaded_is_named_without_the_frames_of_the_grader(project, source, told):
    root = project(source, 4)
    with pytest.raises(AssignmentError, match=told) as raised:
        read_hidden_tests(config.load(root))
    assert "test_mine.py" in str(raised.value)
    assert "importlib" not in str(raised.value)
    assert "loading.py" not in str(raised.value)


def test_a_leaderboard_entry_is_written(grade, reference_files, project):
    source = declared("set_leaderboard_value(0.9)", *PLAIN, '@leaderboard("accuracy", "desc")')
    results, _ = grade(reference_files, root=project(source, 4))
    assert results["leaderboard"] == [{"name": "accuracy", "value": 0.9, "order": "desc"}]


def test_hidden_errors_hide_the_message(grade, reference_files, project):
    source = declared('ask(losses.forward, **inputs(draw))["loss"].agrees((7,))', *PLAIN, '@hide_errors("Not yet.")')
    results, _ = grade(reference_files, root=project(source, 4))
    assert next(test for test in results["tests"] if "number" in test)["output"] == "Not yet."


def test_hidden_errors_hide_the_text_of_an_assert(grade, reference_files, project):
    source = declared('assert False, "7 is expected"', *PLAIN, '@authoring.hide_errors("Not yet.")')
    results, _ = grade(reference_files, root=project("from autograder import authoring\n" + source, 4))
    assert next(test for test in results["tests"] if "number" in test)["output"] == "Not yet."
    assert "7 is expected" not in json.dumps(results["tests"])
    assert results["extra_data"]["tests"]["1.1"]["why"] == "7 is expected"


@pytest.mark.cases
@pytest.mark.parametrize(
    ("source", "points", "said"),
    [
        (declared("pass", "@weight(4)", '@tags("mse")'), 4, "has no number"),
        (declared("pass", '@number("1")', "@weight(-1)", '@tags("mse")'), 4, "its weight is -1"),
        (declared("pass", '@number("1")', "@weight(4)", '@tags("misspelled")'), 4, "first tag"),
        (declared("pass", '@number("1")', "@weight(4)", '@tags("mse")', '@visibility("secret")'), 4, "visibility"),
        (declared("pass", *PLAIN) + declared("pass", *PLAIN).replace("test_it", "test_other"), 8, "is taken by"),
        (declared("pass", *PLAIN).replace('"""It does."""', "pass"), 4, "no docstring"),
        ("\n\nraise RuntimeError('of the staff')\n", 4, "of the staff"),
        (declared("pass", *PLAIN, '@editions("f25", s25=3)'), 4, "sum to 0 in the edition s24"),
        (declared("pass", *PLAIN, '@editions("s99")'), 4, "there is no edition s99"),
        ("", 4, "holds no hidden tests"),
        (declared("yield", *PLAIN), 4, "would pass without being run"),
        (declared("pass", *PLAIN).replace("def test_it", "async def test_it"), 4, "would pass without being run"),
        (declared("pass", "@pytest.mark.skip", *PLAIN), 4, "pytest.mark.skip does nothing in a grading"),
        (declared("pass", *PLAIN).replace("(ask, draw", "(ask, draw, tmp_path"), 4, "asks for 'tmp_path'"),
        (
            declared("pass", *PLAIN) + "\n\nclass TestMore:\n    def test_it(self): ...\n",
            4,
            "the class TestMore holds tests",
        ),
    ],
    ids=[
        "number",
        "weight",
        "tag",
        "visibility",
        "twice",
        "docstring",
        "import",
        "edition",
        "unknown",
        "none",
        "generator",
        "coroutine",
        "mark",
        "fixture",
        "class",
    ],
)
def test_a_badly_declared_test_is_told_to_the_staff(grade, reference_files, project, source, points, said):
    results, done = grade(reference_files, root=project(source, points))
    assert done.returncode == 2
    assert said in results["extra_data"]["problem"]
    assert said not in results["output"]


def test_an_answer_that_no_probe_gives_is_the_graders_fault(grade, reference_files, project):
    source = declared('ask(losses.forward, **inputs(draw))["lost"].agrees()', *PLAIN)
    results, _ = grade(reference_files, root=project(source, 4))
    assert "not your fault" in next(test for test in results["tests"] if "number" in test)["output"]
    assert results["extra_data"]["grader_errors"] == 1


def test_what_a_test_cannot_handle_of_an_answer_is_not_the_graders_fault(grade, reference_files, project):
    source = declared('import numpy as np; np.shape(ask(losses.gradients, **inputs(draw))["gradients"].given)', *PLAIN)
    root, path = project(source, 4), "beras/losses.py"
    ragged = (
        reference_files[path] + b"\nMeanSquaredError.get_input_gradients = lambda _: [np.ones((5, 4)), np.ones(3)]\n"
    )
    for files, score in ((reference_files, 4), ({**reference_files, path: ragged}, 0)):
        results, done = grade(files, root=root)
        row = next(test for test in results["tests"] if "number" in test)
        assert (row["score"], done.returncode, results["extra_data"].get("grader_errors", 0)) == (score, 0, 0)
    assert "This test cannot compare what your code returned" in row["output"]
    assert "ValueError" in results["extra_data"]["tests"]["1.1"]["check_failed"]


def test_a_mistake_of_the_tests_own_is_the_graders_fault_whatever_was_answered(grade, reference_files, project):
    body = 'ask(losses.forward, **inputs(draw))["loss"]; raise ValueError("of the test")'
    results, done = grade(reference_files, root=project(declared(body, *PLAIN), 4))
    assert "not your fault" in next(test for test in results["tests"] if "number" in test)["output"]
    assert (done.returncode, results["extra_data"]["grader_errors"]) == (3, 1)


def test_a_test_beyond_the_deadline_is_not_reached(grade, reference_files, project):
    """Whether it passes in the test or, on a slow machine, before: while the files are loaded."""
    source = declared("import time; time.sleep(1); ask(losses.forward, **inputs(draw))", *PLAIN)
    root = project(source, 4)
    toml = root / "assignment.toml"
    toml.write_text(re.sub("run_seconds = [0-9]+", "run_seconds = 1", toml.read_text()))
    results, done = grade(reference_files, root=root)
    assert done.returncode == 0
    assert "Not reached" in next(test for test in results["tests"] if "number" in test)["output"]
    assert "time for the whole run" in results["output"]


def test_points_for_extra_credit_come_on_top_and_the_row_says_so(project, grade, reference_files):
    body = "pass"
    extra = declared(body, '@number("1.2")', "@weight(2)", '@tags("mse", "extra credit")').replace(
        "test_it", "test_more"
    )
    root = project(declared(body, *PLAIN) + extra, 4)
    results, done = grade(reference_files, root=root)
    assert done.returncode == 0, done.stderr
    assert results["score"] == 6
    assert "6 of 4 points" in done.stdout
    assert next(test for test in results["tests"] if test.get("number") == "1.2")["name"] == "It does. (extra credit)"


@pytest.mark.parametrize(("low", "high"), [(0.1, 2.0), (0.1, 0.101), (0.0999, 0.1011), (0.5, 0.5), (1e-4, 0.8)])
def test_what_is_drawn_is_never_rounded_out_of_its_bounds(low, high):
    for drawn in (draw(200, 500, low=low, high=high), draw.positive(200, 500, low=low, high=high)):
        values = np.abs(draw_all({"x": drawn}, 5)["x"])
        assert low <= values.min()
        assert values.max() <= high
        assert (values * 1024 % 1 == 0).all()


def test_where_no_number_lies_between_the_bounds_none_is_smaller():
    assert draw_all({"x": draw.positive(9, low=0.1, high=0.1)}, 5)["x"].tolist() == [103 / 1024] * 9
    assert draw_all({"x": draw(low=0.1)}, 5)["x"].shape == ()
