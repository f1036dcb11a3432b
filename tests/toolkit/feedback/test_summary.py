"""The top of the page: what a student reads first."""

import pytest

from autograder.feedback.summary import summarise
from autograder.results.report import TestResult

AS = "edition s24, with Python 3.11"


def row(number, score, most, output="It differs.", **staff):
    return TestResult(
        name="a test", number=number, score=score, max_score=most, passed=score >= most, output=output, staff=staff
    )


def test_full_points_are_said_shortly():
    assert summarise([row("1.1", 3, 3), row("1.2", 2, 2)], AS) == (
        f"**5 of 5 points.** Every test passed. Graded as {AS}."
    )


def test_where_to_begin_and_what_follows_from_what():
    rows = [
        row("1.10", 0, 1, "Most likely the same cause as in 1.4."),
        row("1.4", 0, 2),
        row("1.5", 2, 2),
        row("2.12", 0.5, 1),
        row("1.7", 0, 2, "It differs.\n\nMost likely the same cause as in 1.4."),
    ]
    text = summarise(rows, AS)
    assert text.startswith(
        "**2.5 of 8 points.** 2 mistakes cost points. Begin with **1.4** (1.7 and 1.10 have the same"
    )
    assert "then **2.12**." in text


def test_a_chain_of_references_leads_to_its_first_row():
    rows = [row("5.1", 0, 1), row("5.2", 0, 1, "same cause as in 5.1"), row("9.1", 0, 6, "same cause as in 5.2")]
    assert "1 mistake costs points. Begin with **5.1** (5.2 and 9.1 have the same cause)." in summarise(rows, AS)


def test_a_reference_to_a_row_that_lost_nothing_is_a_mistake_of_its_own():
    rows = [row("5.1", 1, 1), row("5.2", 0, 1, "same cause as in 5.1")]
    assert "Begin with **5.2**." in summarise(rows, AS)


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 test asks for what is not written yet."), (2, "2 tests ask for what is not written yet.")],
)
def test_what_is_not_written_is_no_mistake(count, said):
    rows = [row(f"1.{n}", 0, 1, "**Not implemented yet**: `f`") for n in range(count)]
    text = summarise(rows, AS)
    assert said in text
    assert "mistake" not in text


def test_a_long_list_ends():
    text = summarise([row(f"1.{n}", 0, 1) for n in range(1, 10)], AS)
    assert "9 mistakes cost points." in text
    assert text.count("**1.") == 6
    assert ", and 3 more." in text


def test_a_row_adds_its_headline():
    text = summarise([row("9.1", 6, 6, headline="the simple model trains to 97.3 %")], AS)
    assert "the simple model trains to 97.3 %." in text


def test_rows_without_points_cost_nothing():
    assert "Every test passed." in summarise([row("0.1", 0, 0), row("1.1", 1, 1)], AS)
