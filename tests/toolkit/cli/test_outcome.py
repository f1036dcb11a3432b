"""What is shown of one graded submission, and to whom."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment.policy import ByPeople
from autograder.base.gradescope import Metadata
from autograder.cli import outcome
from autograder.results.finishing import on_gradescope
from autograder.results.flags import Flag
from autograder.results.report import Report, TestResult
from autograder.results.staff_notes import StaffNotes

WRONG = TestResult("Bias", "1.2", 1.0, 4.0, False, "The bias is forgotten.")
RIGHT = TestResult("Dense", "1.1", 3.0, 3.0, True)
REPORT = Report((RIGHT, WRONG), "**4 of 7 points.**", notes=StaffNotes(flags=(Flag("library", "a.py", 3, "torch"),)))


def printed(capsys, report, *, there=True):
    outcome.show(report, Path("results.json"), quiet=False, on_gradescope=there)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("rows", "stdout", "row", "is_shown"),
    [
        ("visible", "visible", None, True),
        ("hidden", "visible", None, False),
        ("after_published", "visible", None, False),
        ("after_due_date", "visible", None, False),
        ("after_published", "after_published", None, True),
        ("after_published", "after_due_date", None, False),
        ("visible", "after_due_date", None, True),
        ("visible", "visible", "hidden", False),
        ("hidden", "visible", "visible", True),
        ("hidden", "hidden", None, True),  # nobody but the staff reads it
    ],
)
def test_standard_output_shows_students_no_row_that_they_may_not_read_yet(capsys, rows, stdout, row, is_shown):
    report = replace(REPORT, visibility=rows, stdout_visibility=stdout, tests=(RIGHT, replace(WRONG, visibility=row)))
    text = printed(capsys, report)
    assert ("The bias is forgotten." in text) == is_shown
    assert ("1.2 Bias" in text) == is_shown
    whole = stdout == "hidden" or (is_shown and rows != "hidden")
    assert ("4 of 7" in text) == whole
    assert ("torch" in text) == (stdout == "hidden")
    assert "The bias is forgotten." in printed(capsys, report, there=False)  # on the staff's own machine


def test_standard_output_withholds_what_later_attempts_of_a_day_are_not_shown(capsys, assignment):
    times = [f"2024-02-27T{hour:02}:00:00-05:00" for hour in (9, 10, 11)]
    raw = {"previous_submissions": [{"submission_time": time} for time in times]}
    limited = replace(assignment, people=ByPeople(detailed_attempts=2))
    finish = on_gradescope(limited, Metadata(created_at="2024-02-27T20:00:00-05:00", raw=raw))
    text = printed(capsys, replace(REPORT, stdout_visibility="visible", finish=finish))
    assert "The bias is forgotten." not in text
    assert "this is number 4 today" in text
    assert "4 of 7 points" in text
