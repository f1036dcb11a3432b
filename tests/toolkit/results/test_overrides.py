"""Points that people give and take, details by attempt, and all that is applied to a document last."""

import datetime as dt
import json
import zoneinfo
from dataclasses import replace

import pytest

from autograder.assignment.policy import ByPeople, LateRules
from autograder.base.errors import AssignmentError
from autograder.base.gradescope import read_metadata
from autograder.base.people import Person
from autograder.results import detailed_attempts, overrides
from autograder.results.finishing import Finisher, on_gradescope
from autograder.results.lateness import LatePolicy
from autograder.results.report import failed_report

EASTERN = zoneinfo.ZoneInfo("America/New_York")
ADA = Person("Ada", "ada@example.edu", "1")
DUE = dt.datetime.fromisoformat("2024-02-26T18:00:00-05:00")
RULES = LateRules(due=DUE, penalty_per_day=0.1, zone=EASTERN)
DOCUMENT = {
    "score": 5,
    "output": "",
    "tests": [
        {"number": "1.1", "name": "Dense", "score": 3, "max_score": 3, "output": "", "status": "passed"},
        {"number": "1.2", "name": "Bias", "score": 2, "max_score": 4, "output": "It differs.", "status": "failed"},
    ],
    "extra_data": {"submission": "x"},
}
HEAD = "student,test,points,add,reason\n"


def read(tmp_path, lines):
    file = tmp_path / "overrides.csv"
    file.write_text(HEAD + lines)
    return overrides.read(file)


@pytest.mark.parametrize(
    ("lines", "score", "told"),
    [
        ("ada@example.edu,1.2,4,,right but for a dtype\n", 7, "1.2 Bias: 4 instead of 2 points. right but for a dtype"),
        ("Ada,1.2,,1,half right\n", 6, "1.2 Bias: 3 instead of 2 points. half right"),
        ("1,,,-2,the rules\n", 3, "The score: 3 instead of 5 points. the rules"),
        ("ada@example.edu,,9.5,,an oral exam\n", 9.5, "The score: 9.5 instead of 5 points. an oral exam"),
        ("s7,,,-20,the rules\n", 0, "The score: 0 instead of 5 points. the rules"),
    ],
)
def test_points_by_people_are_in_the_score_and_their_reason_in_a_row(tmp_path, lines, score, told):
    document = Finisher(LatePolicy(LateRules()), read(tmp_path, lines)).finish(DOCUMENT, "s7", "", [ADA])
    assert document["score"] == score
    assert document["tests"][0] == {"name": overrides.ROW_NAME, "output": told, "output_format": "text"}
    assert overrides.describe(document) == [told]


def test_applying_a_list_again_changes_nothing_and_without_it_all_is_as_it_was(tmp_path):
    late = "2024-02-27T12:00:00-05:00"
    finisher = Finisher(LatePolicy(RULES), read(tmp_path, "Ada,1.2,4,,x\nAda,,,1,y\n"))
    once = finisher.finish(DOCUMENT, "s7", late, [ADA])
    assert once["score"] == 7.2, "a tenth is taken of 8"
    assert finisher.finish(once, "s7", late, [ADA]) == once
    assert Finisher(LatePolicy(LateRules())).finish(once, "s7", late, [ADA]) == DOCUMENT


def test_the_text_at_the_top_says_the_points_that_there_are_now(tmp_path):
    document = {**DOCUMENT, "output": "**5 of 7 points.**"}
    late = (DUE + dt.timedelta(hours=20)).isoformat()
    finisher = Finisher(LatePolicy(RULES), read(tmp_path, "Ada,1.2,4,,right but for a dtype\n"))
    once = finisher.finish(document, "s7", late, [ADA])
    assert once["output"] == (
        "**5 of 7 points.**\n\nWith what the course staff changed: **7 points**.\n\nAfter lateness: **6.3 points**."
    )
    assert finisher.finish(once, "s7", late, [ADA]) == once
    assert Finisher(LatePolicy(LateRules())).finish(once, "s7", late, [ADA]) == document


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("Ada,1.2,4,,\n", "there is no reason"),
        (",1.2,4,,x\n", "points for nobody"),
        ("Ada,1.2,,,x\n", "either points"),
        ("Ada,1.2,4,1,x\n", "either points"),
        ("Ada,1.2,four,,x\n", "'four' is no number"),
        ("Ada,1.2,-1,,x\n", "the column add"),
        ("Ada,1.2,+1,,x\n", r"points is '\+1', which sets them; to give more, write it into the column add"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused_with_its_number(tmp_path, lines, told):
    with pytest.raises(AssignmentError, match=rf"overrides\.csv, line 2.*{told}"):
        read(tmp_path, lines)


def test_a_line_for_nobody_or_for_two_people_is_said(tmp_path):
    lines = read(tmp_path, "eve,,1,,x\nSam,,1,,x\n")
    people = [ADA, Person("Sam", "s@example.edu"), Person("Sam", "t@example.edu")]
    assert list(overrides.doubts(lines, people, ["s7"])) == [
        "overrides, line 2: nobody in this class is called 'eve'.",
        "overrides, line 3: 2 people are called 'Sam', so it changes nothing. Write an address or a number instead.",
    ]


def test_a_line_that_changes_nothing_or_gives_too_much_is_said(tmp_path):
    lines = read(tmp_path, "Ada,7.7,1,,x\nAda,1.2,40,,x\nBob,,9,,x\n")
    finisher = Finisher(LatePolicy(LateRules()), lines)
    graded = finisher.finish(DOCUMENT, "s7", "", [ADA])
    submissions = [("s7", [ADA], graded), ("s8", [Person("Bob")], None)]
    most = next(test["max_score"] for test in DOCUMENT["tests"] if test.get("number") == "1.2")
    assert finisher.without_effect(submissions) == [
        "overrides, line 2: Ada has no test '7.7'; the line changes nothing.",
        f"overrides, line 3: Ada has 40 points in 1.2, which is worth {most:g}.",
        (
            "overrides, line 4: Bob has no results, so there is nothing to change. Write the points into the grade "
            "book itself."
        ),
    ]


def test_a_number_that_a_spreadsheet_may_have_shortened_is_said(tmp_path):
    tests = [{"number": number, "name": "n", "score": 1, "max_score": 2} for number in ("1.1", "1.10", "2.20")]
    document = {"score": 3, "tests": tests, "extra_data": {}}
    listed = read(tmp_path, "Ada,1.1,2,,x\nAda,1.10,2,,x\nAda,2.2,2,,x\n")
    assert Finisher(LatePolicy(RULES), listed).without_effect([("s7", [ADA], document)]) == [
        (
            "overrides, line 2: the points of Ada go to test 1.1. There is a 1.10, too, and a spreadsheet saves that "
            "as 1.1: look which is meant."
        ),
        "overrides, line 4: Ada has no test '2.2'; the line changes nothing. Did a spreadsheet shorten 2.20?",
    ]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("Ada,,120,,x\n", "overrides, line 2: Ada has 120 points, of 7 that can be had."),
        ("Ada,,,3,x\n", "overrides, line 2: Ada has 8 points, of 7 that can be had."),
        ("Ada,,,-200,x\n", "overrides, line 2: it takes 200 points, and Ada has 5: nothing is left."),
        ("Ada,1.2,,-3,x\n", "overrides, line 2: it takes 3 points, and Ada has 2 in 1.2: nothing is left."),
    ],
)
def test_more_than_can_be_had_or_taken_is_said(tmp_path, lines, told):
    finisher = Finisher(LatePolicy(RULES), read(tmp_path, lines))
    graded = finisher.finish(DOCUMENT, "s7", "2024-02-27T12:00:00-05:00", [ADA])
    assert finisher.without_effect([("s7", [ADA], graded)]) == [told]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "Ada,1.2,3,,x\n1,1.2,4,,y\n",
            ["overrides, line 3: it sets test 1.2 of Ada, Bob to 4 points, and what line 2 did to it is lost."],
        ),
        (
            "Ada,,,1,x\nBob,,6,,y\n",
            ["overrides, line 3: it sets the score of Ada, Bob to 6 points, and what line 2 did to it is lost."],
        ),
        ("Ada,,,-1,x\nbob@e.edu,,,-1,x\n", ["overrides, line 3: it changes the score of Ada, Bob as a line before"]),
        ("Ada,1.2,3,,x\nAda,1.2,3,,x\nAda,1.1,,1,x\nAda,1.1,,1,y\n", []),
    ],
)
def test_two_lines_for_one_submission_are_said_where_one_undoes_or_repeats_the_other(tmp_path, lines, told):
    group = [ADA, Person("Bob", "bob@e.edu")]
    said = Finisher(LatePolicy(LateRules()), read(tmp_path, lines)).doubts([("s7", group)])
    assert [line.startswith(start) for line, start in zip(said, told, strict=True)] == [True] * len(told)


def metadata(tmp_path, **changes):
    document = {
        "id": 7,
        "created_at": "2024-02-27T20:00:00-05:00",
        "assignment": {"due_date": "2024-02-26T18:00:00-05:00"},
        "users": [{"name": "Ada", "email": "ada@example.edu", "assignment": {"due_date": None}}],
        "previous_submissions": [],
        **changes,
    }
    file = tmp_path / "submission_metadata.json"
    file.write_text(json.dumps(document))
    return read_metadata(file)


def own_date(due):
    return [{"name": "Ada", "email": "ada@example.edu", "assignment": {"due_date": due}}]


@pytest.mark.parametrize(
    ("changes", "score", "flagged"),
    [
        ({}, 4, False),
        ({"users": own_date("2024-03-01T18:00:00-05:00")}, 5, True),
        ({"users": own_date("2024-02-27T18:00:00-05:00")}, 4.5, True),
        ({"users": own_date("2024-02-20T18:00:00-05:00")}, 4, True),
        ({"assignment": {"due_date": "2024-03-01T18:00:00.000000-05:00"}}, 5, True),
        ({"assignment": None, "users": None}, 4, False),
        ({"assignment": {"due_date": "soon"}, "users": own_date(7)}, 4, False),
    ],
)
def test_the_later_of_our_due_date_and_gradescopes_counts_and_a_difference_is_flagged(
    assignment, tmp_path, changes, score, flagged
):
    strict = replace(assignment, late={"programming": RULES})
    finish = on_gradescope(strict, metadata(tmp_path, **changes))
    document = finish(DOCUMENT)
    assert document["score"] == score
    assert any(flag["rule"] == "due date" for flag in document["extra_data"]["flags"]) == flagged
    assert finish(document) == document


def test_gradescopes_dates_are_no_matter_where_lateness_costs_nothing(assignment, tmp_path):
    assert on_gradescope(assignment, metadata(tmp_path, users=own_date("2024-03-01T18:00:00-05:00"))) is None


def test_overrides_of_the_assignment_hold_on_gradescope(assignment, tmp_path):
    read(tmp_path, "ada@example.edu,1.2,4,,right\n")
    own = replace(assignment, root=tmp_path, people=ByPeople(overrides="overrides.csv"))
    assert on_gradescope(own, metadata(tmp_path))(DOCUMENT)["score"] == 7


@pytest.mark.parametrize(
    ("times", "hidden"),
    [
        (["2024-02-27T09:00:00-05:00", "2024-02-27T10:00:00-05:00"], True),
        (["2024-02-26T23:59:00-05:00", "2024-02-27T10:00:00-05:00"], False),
        (["2024-02-28T00:59:00+00:00", "2024-02-27T05:00:00+00:00"], True),
        ([], False),
        (["never", None], False),
    ],
)
def test_after_so_many_attempts_of_a_day_points_are_shown_and_no_messages(assignment, tmp_path, times, hidden):
    limited = replace(
        assignment, late={"programming": replace(RULES, penalty_per_day=0)}, people=ByPeople(detailed_attempts=2)
    )
    before = [{"submission_time": time, "score": 1} for time in times]
    finish = on_gradescope(limited, metadata(tmp_path, previous_submissions=before))
    document = finish(DOCUMENT)  # which records how late it is, too
    assert ("It differs" not in json.dumps(document)) == hidden
    if hidden:
        assert "number 3 today" in document["tests"][1]["output"]
        assert (document["score"], document["tests"][1]["score"]) == (5, 2)
        assert finish(document) == document
    assert detailed_attempts.count_today(metadata(tmp_path, previous_submissions="none"), EASTERN) == 1


@pytest.mark.parametrize(
    ("failure", "counted"),
    [
        ({"autograder_error": True}, 1),
        ({"autograder_error": False}, 2),
        ({"results": failed_report("No data.").document()}, 1),
        ({"results": DOCUMENT}, 2),
        ({"results": None, "autograder_error": None}, 2),
    ],
)
def test_a_submission_that_the_grader_failed_for_uses_up_no_attempt(tmp_path, failure, counted):
    before = [{"submission_time": "2024-02-27T10:00:00-05:00", **failure}]
    assert detailed_attempts.count_today(metadata(tmp_path, previous_submissions=before), EASTERN) == counted
