"""Late work: what it costs, what it does not, and whom an extension helps."""

import datetime as dt

import pytest

from autograder.assignment.config import LateRules, load
from autograder.base.errors import AssignmentError
from autograder.base.gradescope import Metadata
from autograder.base.people import Person
from autograder.results.finishing import on_gradescope
from autograder.results.lateness import Clerk, applied, read_extensions

DUE = dt.datetime.fromisoformat("2024-02-26T18:00:00-05:00")
ADA, GRACE = Person("Ada", "ada@example.edu", "1"), Person("Grace", "grace@example.edu", "2")
DOCUMENT = {"score": 80, "tests": [{"number": "1.1", "name": "Dense", "score": 80, "max_score": 100}], "extra_data": {}}


def rules(**changes):
    return LateRules(**{"due": DUE, "grace_minutes": 10, "penalty_per_day": 0.1, **changes})


def score(created_at, clerk, people=(ADA,)):
    return applied(DOCUMENT, clerk.lateness(created_at, people))["score"]


@pytest.mark.parametrize(
    ("created_at", "left"),
    [
        ("2024-02-26T18:00:00-05:00", 80),
        ("2024-02-26T18:10:00-05:00", 80),
        ("2024-02-26T23:10:00+00:00", 80),
        ("2024-02-26T18:10:01-05:00", 72),
        ("2024-02-27T18:10:00-05:00", 72),
        ("2024-02-27T18:10:01-05:00", 64),
        ("2024-04-01T00:00:00-05:00", 0),
        ("", 80),
        ("yesterday", 80),
    ],
)
def test_every_begun_day_after_the_grace_costs_its_share(created_at, left):
    assert score(created_at, Clerk(rules())) == left


def test_free_days_cost_nothing_and_are_told():
    document = applied(DOCUMENT, Clerk(rules(free_days=2)).lateness("2024-02-28T12:00:00-05:00", [ADA]))
    assert document["score"] == 80
    assert "2 days late at no cost" in document["tests"][0]["output"]


def test_after_most_days_nothing_is_left():
    assert score("2024-02-29T12:00:00-05:00", Clerk(rules(most_days=2))) == 0


def test_the_row_explains_and_keeps_the_raw_score():
    document = applied(DOCUMENT, Clerk(rules()).lateness("2024-02-27T09:30:00-05:00", [ADA]))
    text = document["tests"][0]["output"]
    assert "Monday 26 February 2024, 18:00" in text
    assert "15 hours 30 minutes later" in text
    assert "72 of 80 points" in text
    assert document["extra_data"]["late"]["raw"] == 80


def test_applying_again_changes_nothing_and_an_extension_takes_it_back(tmp_path):
    clerk = Clerk(rules())
    late = applied(DOCUMENT, clerk.lateness("2024-02-27T09:30:00-05:00", [ADA]))
    assert applied(late, clerk.lateness("2024-02-27T09:30:00-05:00", [ADA])) == late
    file = tmp_path / "extensions.csv"
    file.write_text("student,days,due,reason\nADA@example.edu,2,,illness\nnobody,1,,\n", encoding="utf-8-sig")
    extended = Clerk(rules(), read_extensions(file))
    assert applied(late, extended.lateness("2024-02-27T09:30:00-05:00", [ADA])) == DOCUMENT
    assert [line for line in extended.doubts([ADA, GRACE]) if "line 3" in line and "'nobody'" in line]


def test_where_lateness_costs_points_work_without_a_time_is_said():
    times = ["2024-02-27T09:30:00-05:00", "", "soon"]
    assert Clerk(rules()).untimed(times) == ["2 of 3 submissions carry no time: whether they are late is not judged."]
    assert Clerk(rules()).untimed(times[:1]) == []
    assert Clerk(rules(penalty_per_day=0.0, most_days=None)).untimed(times) == []


def test_an_extension_for_one_of_two_people_of_a_name_is_said(tmp_path):
    file = tmp_path / "extensions.csv"
    file.write_text("student,days\nAda,1\nada@example.edu,1\n")
    other = Person("Ada", "ada2@example.edu", "3")
    (line,) = Clerk(rules(), read_extensions(file)).doubts([ADA, other, GRACE, ADA])
    assert "line 2: 2 people are called 'Ada'" in line


def test_a_group_has_the_most_generous_of_its_extensions(tmp_path):
    file = tmp_path / "extensions.csv"
    file.write_text("student,due,reason\n2,2024-03-01T18:00:00-05:00,travel\n1,2024-02-27T18:00:00-05:00,\n")
    assert score("2024-03-01T17:00:00-05:00", Clerk(rules(), read_extensions(file)), (ADA, GRACE)) == 80


@pytest.mark.parametrize(
    "text",
    [
        "grade,days\nAda,1\n",
        "student,days\nAda,soon\n",
        "student,due\nAda,tomorrow\n",
        "student,days\n,2\n",
        "student,days\nAda,nan\n",
    ],
)
def test_an_unusable_extension_names_its_line(tmp_path, text):
    file = tmp_path / "extensions.csv"
    file.write_text(text)
    with pytest.raises(AssignmentError, match=r"extensions\.csv, line [12]"):
        read_extensions(file)


def test_the_assignment_s_own_dates_are_the_handout_s_and_take_no_points(assignment):
    assert assignment.late["programming"].due == DUE
    assert assignment.late["written"].due == dt.datetime.fromisoformat("2024-02-23T18:00:00-05:00")
    assert on_gradescope(assignment, Metadata(created_at="2024-03-26T18:00:00-05:00", people=(ADA,))) is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("programming = 2024-02-26T18:00:00-05:00", 'programming = "Monday"', r"\[due\] programming"),
        ("programming = 2024-02-26T18:00:00-05:00", "programming = 2024-02-26T18:00:00", "offset"),
        ("penalty_per_day = 0.0", "penalty_per_day = 10", "fraction"),
        ("free_days = 0", "fre_days = 0", "fre_days"),
    ],
)
def test_unusable_rules_name_file_and_key(assignment, tmp_path, old, new, told):
    (tmp_path / "homework").symlink_to(assignment.homework_folder)
    text = (assignment.root / "assignment.toml").read_text()
    assert old in text
    (tmp_path / "assignment.toml").write_text(text.replace(old, new))
    with pytest.raises(AssignmentError, match=told):
        load(tmp_path)
