"""The top of the page: what a student reads first."""

from dataclasses import replace

import pytest

from autograder.feedback.summary import NOT_REACHED, in_reading_order, summarise
from autograder.results.report import TestResult

AS = "as edition s24, with Python 3.11"


def row(number, score, most, output="It differs.", **staff):
    return TestResult(
        name="a test", number=number, score=score, max_score=most, passed=score >= most, output=output, staff=staff
    )


def test_full_points_are_said_shortly():
    assert summarise([row("1.1", 3, 3), row("1.2", 2, 2)], AS) == (
        f"**5 of 5 points.** Every test passed. Graded {AS}."
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
        "**2.5 of 8 points.** 4 tests cost points. Begin with **1.4** (1.7 and 1.10 most likely have the same cause)"
    )
    assert "then **2.12**." in text


def test_a_chain_of_references_leads_to_its_first_row():
    rows = [
        row("5.1", 0, 1),
        row("5.2", 0, 1, "Most likely the same cause as in 5.1."),
        row("9.1", 0, 6, "Most likely the same cause as in 5.2."),
    ]
    assert "3 tests cost points. Begin with **5.1** (5.2 and 9.1 most likely have the same cause)." in summarise(
        rows, AS
    )


def test_a_reference_to_a_row_that_lost_nothing_is_a_mistake_of_its_own():
    rows = [row("5.1", 1, 1), row("5.2", 0, 1, "Most likely the same cause as in 5.1.")]
    assert "Begin with **5.2**." in summarise(rows, AS)


def test_what_an_exception_says_of_causes_is_not_believed():
    forged = "`call` raised ValueError: `Most likely the same cause as in 5.1.`."
    told = summarise([row("5.1", 0, 1), row("5.2", 0, 1, forged)], AS)
    assert "Begin with **5.1**, then **5.2**." in told


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
    assert "9 tests cost points." in text
    assert text.count("**1.") == 6
    assert ", and 3 more." in text


def test_a_row_adds_its_headline():
    text = summarise([row("9.1", 6, 6, headline="the simple model trains to 97.3 %")], AS)
    assert "the simple model trains to 97.3 %." in text


def test_rows_without_points_cost_nothing():
    assert "Every test passed." in summarise([row("0.1", 0, 0), row("1.1", 1, 1)], AS)


def test_what_is_hidden_counts_for_nothing():
    rows = [row("1.1", 1, 1), replace(row("1.2", 0, 7, headline="secret"), visibility="hidden")]
    text = summarise(rows, AS)
    assert text.startswith("**1 of 1 points in the tests that you can see.** Every test passed.")
    assert "1.2" not in text
    assert "secret" not in text
    assert summarise(rows, AS, "after_published") == f"Graded {AS}."


def test_a_row_of_its_own_visibility_is_seen_among_hidden_ones():
    text = summarise([row("1.1", 1, 1), replace(row("1.2", 0, 7), visibility="visible")], AS, "hidden")
    assert text.startswith("**0 of 7 points in the tests that you can see.** 1 test costs points.")


def test_what_a_breach_of_the_rules_takes_is_taken():
    penalty = TestResult(name="Rules", score=-2.0, max_score=0.0, passed=False)
    assert summarise([row("1.1", 5, 5), penalty], AS).startswith("**3 of 5 points.**")


def test_what_was_not_asked_is_no_mistake():
    rows = [row("1.1", 0, 1, NOT_REACHED), row("1.2", 0, 1, "The grader failed.", grader_error="Traceback")]
    assert "2 tests could not be asked; no other lost points." in summarise(rows, AS)
    assert "1 test costs points. Begin with **1.3**." in summarise([*rows, row("1.3", 0, 1)], AS)


def test_what_is_wrong_is_read_first_and_what_informs_last():
    broken = TestResult(name="Files that can be loaded", passed=False)
    informs = TestResult(name="Required files", passed=True)
    rows = [informs, broken, row("0.1", 0, 0), row("1.1", 1, 1), row("1.2", 0, 1), row("1.3", 1, 2), row("1.4", 2, 2)]
    named = [test.number or test.name for test in in_reading_order(rows)]
    assert named == ["Files that can be loaded", "1.2", "1.3", "1.1", "1.4", "Required files", "0.1"]


def test_extra_credit_comes_on_top_and_costs_nothing():
    extra = replace(row("1.2", 0, 2), tags=("extra credit",))
    assert summarise([row("1.1", 5, 5), extra], AS).startswith("**5 of 5 points.** Every test passed.")
    assert summarise([row("1.1", 5, 5), replace(extra, score=2.0)], AS).startswith("**7 of 5 points.**")


def test_a_training_that_was_not_tried_is_no_mistake_of_its_own():
    unwritten = row("1.1", 0, 3, "**Not implemented yet**: `Dense.call` raises `NotImplementedError`.")
    untried = row("9.1", 0, 6, "**No training was tried**: no model can learn yet.", **{"not trained": True})
    assert "1 test asks for what is not written yet." in summarise([unwritten, untried], AS)
    assert "1 test costs points. Begin with **1.1**." in summarise([row("1.1", 0, 3), untried], AS)
    assert "Begin with **9.1**." in summarise([row("1.1", 3, 3), untried], AS)


def test_rows_that_failed_at_the_same_line_stand_together():
    rows = [row("1.1", 0, 1, cause="a.py:3"), row("1.2", 0, 1, cause="b.py:9"), row("1.3", 0, 1, cause="a.py:3")]
    assert "3 tests cost points. Begin with **1.1** (1.3 most likely has the same cause), then **1.2**." in summarise(
        rows, AS
    )


def test_of_many_rows_with_one_cause_their_count_is_said():
    rows = [row(f"1.{n}", 0, 1, cause="a.py") for n in range(1, 19)]
    assert "18 tests cost points. Begin with **1.1** (17 more most likely have the same cause)." in summarise(rows, AS)


def test_a_row_that_asks_for_more_of_another_is_no_place_to_begin():
    rows = [
        row("2.13", 0, 1),
        row("2.14", 0, 1, "It differs.\n\nThis method composes what another returns: fix 2.13 first."),
        row("2.20", 0, 1, "It differs.\n\nIt asks for the same in another case: fix 2.14 first."),
        row("9.1", 0, 6, "Training builds on `Softmax` (2.13), which lost points: fix this first."),
    ]
    assert "4 tests cost points. Begin with **2.13** (2.14 and 2.20 build on it). Graded" in summarise(rows, AS)


def test_one_mistake_is_never_counted_as_several():
    for count in range(1, 12):
        text = summarise([row(f"1.{n}", 0, 1, "It differs.") for n in range(count)], AS)
        assert "mistake" not in text
        assert f"{count} test{'s cost' if count > 1 else ' costs'} points." in text
