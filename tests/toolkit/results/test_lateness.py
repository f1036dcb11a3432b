"""Late work: what it costs, what it does not, and whom an extension helps."""

import datetime as dt
import zoneinfo

import pytest

from autograder.assignment.config import load
from autograder.assignment.policy import LateRules
from autograder.base.errors import AssignmentError
from autograder.base.gradescope import Metadata
from autograder.base.people import Person
from autograder.results import detailed_attempts, moments
from autograder.results.extensions import read_balances, read_extensions
from autograder.results.finishing import on_gradescope
from autograder.results.lateness import LatePolicy, LateRecord, apply

DUE = dt.datetime.fromisoformat("2024-02-26T18:00:00-05:00")
ADA, GRACE = Person("Ada", "ada@example.edu", "1"), Person("Grace", "grace@example.edu", "2")
DOCUMENT = {"score": 80, "tests": [{"number": "1.1", "name": "Dense", "score": 80, "max_score": 100}], "extra_data": {}}


def rules(**changes):
    return LateRules(**{"due": DUE, "grace_minutes": 10, "penalty_per_day": 0.1, **changes})


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize(
    "time",
    ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59",
     "1969-12-31T23:59:59+00:00", "1970-01-01T00:00:00+01:00", "2101-01-01T00:00:00+00:00", "2100-12-31T23:59:59-01:00",
     "0001-01-01T00:00:00", "-62135596800 seconds after 1970", "2024-02-30T00:00:00+00:00"],
)  # fmt: skip
def test_a_time_in_no_year_of_ours_is_none_in_any_zone(zone, time):
    own = zoneinfo.ZoneInfo(zone)
    assert moments.read_moment(time, own) is None
    assert moments.show_time(time, own) == ""
    assert LatePolicy(rules(zone=own)).lateness(time, (ADA,), [time]) is None
    raw = {"assignment": {"due_date": time}, "previous_submissions": [{"submission_time": time}]}
    assert LatePolicy(rules(zone=own, penalty_per_day=0.1)).disagreements(Metadata(raw=raw)) == []
    assert detailed_attempts.count_today(Metadata(created_at=time, raw=raw), own) == 1


def score(created_at, late_policy, people=(ADA,)):
    return apply(DOCUMENT, late_policy.lateness(created_at, people))["score"]


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
    assert score(created_at, LatePolicy(rules())) == left


def test_free_days_cost_nothing_and_are_told():
    document = apply(DOCUMENT, LatePolicy(rules(free_days=2)).lateness("2024-02-28T12:00:00-05:00", [ADA]))
    assert document["score"] == 80
    assert "2 days late at no cost" in document["tests"][0]["output"]


def test_after_most_days_nothing_is_left():
    assert score("2024-02-29T12:00:00-05:00", LatePolicy(rules(most_days=2))) == 0


def test_the_row_explains_and_keeps_the_raw_score():
    document = apply(DOCUMENT, LatePolicy(rules()).lateness("2024-02-27T09:30:00-05:00", [ADA]))
    text = document["tests"][0]["output"]
    assert "Monday 26 February 2024, 18:00" in text
    assert "15 hours 30 minutes later" in text
    assert "72 of 80 points" in text
    assert document["extra_data"]["late"]["raw"] == 80


def test_the_row_says_a_share_with_its_decimals():
    late = LatePolicy(rules(penalty_per_day=0.125)).lateness("2024-02-27T09:30:00-05:00", [ADA])
    assert "1 day late: 12.5% less, 70 of 80 points are left." in apply(DOCUMENT, late)["tests"][0]["output"]


def test_the_row_names_the_grace_that_was_missed():
    late = LatePolicy(rules(grace_minutes=15)).lateness("2024-02-26T18:15:30-05:00", [ADA])
    text = apply(DOCUMENT, late)["tests"][0]["output"]
    assert "15 minutes later, less than a minute after the 15 minutes of grace.\n\n1 day late" in text
    text = apply(DOCUMENT, LatePolicy(rules(grace_minutes=0)).lateness("2024-02-26T18:15:30-05:00", [ADA]))
    assert "grace" not in text["tests"][0]["output"]


def test_applying_again_changes_nothing_and_an_extension_takes_it_back(tmp_path):
    late_policy = LatePolicy(rules())
    late = apply(DOCUMENT, late_policy.lateness("2024-02-27T09:30:00-05:00", [ADA]))
    assert apply(late, late_policy.lateness("2024-02-27T09:30:00-05:00", [ADA])) == late
    file = tmp_path / "extensions.csv"
    file.write_text("student,days,due,reason\nADA@example.edu,2,,illness\nnobody,1,,\n", encoding="utf-8-sig")
    extended = LatePolicy(rules(), read_extensions(file))
    assert apply(late, extended.lateness("2024-02-27T09:30:00-05:00", [ADA])) == DOCUMENT
    assert [line for line in extended.doubts([ADA, GRACE]) if "line 3" in line and "'nobody'" in line]


def test_where_lateness_costs_points_work_without_a_time_is_said():
    times = ["2024-02-27T09:30:00-05:00", "", "soon"]
    assert LatePolicy(rules()).warn_untimed(times) == [
        "2 of 3 submissions carry no time: whether they are late is not judged."
    ]
    assert LatePolicy(rules()).warn_untimed(times[:1]) == []
    assert LatePolicy(rules(penalty_per_day=0.0, most_days=None)).warn_untimed(times) == []


def test_an_extension_for_one_of_two_people_of_a_name_is_said(tmp_path):
    file = tmp_path / "extensions.csv"
    file.write_text("student,days\nAda,1\nada@example.edu,1\n")
    other = Person("Ada", "ada2@example.edu", "3")
    (line,) = LatePolicy(rules(), read_extensions(file)).doubts([ADA, other, GRACE, ADA])
    assert "line 2: 2 people are called 'Ada'" in line


def test_two_lines_of_one_person_that_differ_are_said(tmp_path):
    days, more = tmp_path / "days.csv", tmp_path / "more.csv"
    days.write_text("student,left\nAda,1\n2,2\nada@example.edu,3\nGrace,2\n")
    more.write_text("student,days\nAda,1\n1,2\nGrace,1\n")
    policy = LatePolicy(rules(), read_extensions(more), read_balances(days))
    assert policy.doubts([ADA, GRACE]) == [
        "extensions, lines 2 and 3: all are Ada's; the one that gives the most counts. Keep one.",
        "late days, lines 2 and 4: all are Ada's; the one that gives the most counts. Keep one.",
    ]


def test_a_group_has_the_most_generous_of_its_extensions(tmp_path):
    file = tmp_path / "extensions.csv"
    file.write_text("student,due,reason\n2,2024-03-01T18:00:00-05:00,travel\n1,2024-02-27T18:00:00-05:00,\n")
    assert score("2024-03-01T17:00:00-05:00", LatePolicy(rules(), read_extensions(file)), (ADA, GRACE)) == 80


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
    assert on_gradescope(assignment, Metadata(created_at=DUE.isoformat(), people=(ADA,))) is None
    finish = on_gradescope(assignment, Metadata(created_at="2024-03-05T18:00:00-05:00", people=(ADA,)))
    made = finish(DOCUMENT)
    assert {**made, "extra_data": {}} == DOCUMENT
    assert made["extra_data"]["late"]["days"] == 8


@pytest.mark.parametrize("costless", [{"penalty_per_day": 0.0}, {"penalty_per_day": 0.0, "most_days": 30}])
def test_lateness_that_costs_nothing_is_recorded_without_a_word_to_the_student(costless):
    document = {**DOCUMENT, "score": 100 / 3, "output": "Well done."}
    late_policy = LatePolicy(rules(**costless))
    made = apply(document, late_policy.lateness("2024-03-05T18:10:00-05:00", (ADA,)))
    assert {**made, "extra_data": {}} == document
    assert LateRecord.read(made) == LateRecord(100 / 3, days=8, due=DUE.isoformat())
    assert apply(made, late_policy.lateness("2024-03-05T18:10:00-05:00", (ADA,))) == made
    assert apply(made, None) == document
    assert "late" not in apply(document, late_policy.lateness("2024-02-26T18:10:00-05:00", (ADA,)))["extra_data"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("programming = 2024-02-26T18:00:00-05:00", 'programming = "Monday"', r"\[due\] programming"),
        ('timezone = "America/New_York"', 'timezone = "Atlantis"', "timezone is 'Atlantis'"),
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


def test_all_lines_that_cannot_be_understood_are_told_at_once(tmp_path):
    file = tmp_path / "extensions.csv"
    file.write_text("student,days\nada,soon\ngrace,2\n,3\n" + "eve,never\n" * 30)
    with pytest.raises(AssignmentError) as caught:
        read_extensions(file)
    told = str(caught.value).splitlines()
    assert "line 2: days is 'soon'" in told[0]
    assert "line 4: an extension for nobody" in told[1]
    assert told[20:] == ["and 12 more lines."]


EASTERN = zoneinfo.ZoneInfo("America/New_York")
AUTUMN = dt.datetime.fromisoformat("2024-11-02T18:00:00-04:00")  # clocks go back in the night that follows
SPRING = dt.datetime.fromisoformat("2024-03-09T18:00:00-05:00")  # and forward in this one


def extended(tmp_path, text, **changes):
    file = tmp_path / "extensions.csv"
    file.write_text(text)
    own = rules(grace_minutes=0, zone=EASTERN, **changes)
    return LatePolicy(own, read_extensions(file, own.zone))


@pytest.mark.parametrize(
    ("due", "handed_in", "left"),
    [
        (AUTUMN, "2024-11-03T17:40:00-05:00", 80),
        (AUTUMN, "2024-11-03T18:00:01-05:00", 72),
        (SPRING, "2024-03-10T18:00:00-04:00", 80),
        (SPRING, "2024-03-10T18:00:01-04:00", 72),
    ],
)
def test_a_day_s_extension_over_a_change_of_clocks_ends_at_the_same_hour(tmp_path, due, handed_in, left):
    assert score(handed_in, extended(tmp_path, "student,days\nAda,1\n", due=due)) == left


@pytest.mark.parametrize(
    ("due", "handed_in", "left"),
    [
        (AUTUMN, "2024-11-03T18:00:00-05:00", 72),
        (AUTUMN, "2024-11-03T18:00:01-05:00", 64),
        (SPRING, "2024-03-10T18:00:00-04:00", 72),
        (SPRING, "2024-03-10T18:00:01-04:00", 64),
        (AUTUMN, "2024-11-04T00:00:00+01:00", 72),
    ],
)
def test_a_late_day_is_a_day_of_the_clock_on_the_wall(due, handed_in, left):
    assert score(handed_in, LatePolicy(rules(due=due, grace_minutes=0, zone=EASTERN))) == left


@pytest.mark.parametrize(
    "due", ["2024-02-28 18:00", "2024-02-28T18:00", "2024-02-28T23:00Z", "2024-02-28T18:00:00-05:00"]
)
def test_a_time_without_an_offset_is_of_the_course_s_zone(tmp_path, due):
    late_policy = extended(tmp_path, f"Email;New due date\nada@example.edu;{due}\n")
    assert score("2024-02-28T18:00:00-05:00", late_policy) == 80
    assert score("2024-02-28T18:00:01-05:00", late_policy) == 72


@pytest.mark.parametrize("text", ["student,due\nAda,2/28/2024 18:00\n", "student,due\nAda,2024-02-28\n"])
def test_a_time_that_two_people_would_read_as_two_is_refused_with_the_right_form(tmp_path, text):
    with pytest.raises(AssignmentError, match=r"line 2: due is .*expected a time, 2024-02-28 18:00"):
        extended(tmp_path, text)


def test_late_days_of_a_term_are_free_for_whoever_has_some_left(tmp_path):
    file = tmp_path / "late-days.csv"
    file.write_text("student,called,before,used,left\nada@example.edu,Ada,3,1,2\ngrace@example.edu,Grace,0,0,0\n")
    late_policy = LatePolicy(rules(free_days=1), balances=read_balances(file))
    two_days = "2024-02-28T12:00:00-05:00"
    assert score(two_days, late_policy) == 80
    assert score(two_days, late_policy, (GRACE,)) == 64
    assert score(two_days, late_policy, (Person("Somebody"),)) == 72, "who is in no list has the rules' own free days"
    assert score(two_days, late_policy, (GRACE, ADA)) == 80


@pytest.mark.parametrize("text", ["student,left\nAda,two\n", "student,left\n,2\n", "student,left\nAda,-1\n"])
def test_a_balance_that_is_none_names_its_line(tmp_path, text):
    file = tmp_path / "late-days.csv"
    file.write_text(text)
    with pytest.raises(AssignmentError, match=r"line 2: .*expected a student and whole days"):
        read_balances(file)


@pytest.mark.parametrize(
    ("now", "changes", "nothing_left", "told"),
    [
        ("2024-02-20T18:00:00-05:00", {}, False, "6 days from now. Each day begun costs 10%; no extensions."),
        ("2024-02-27T18:00:00-05:00", {}, False, "Who hands in now loses 10%."),
        ("2026-11-26T18:00:00-05:00", {}, True, "Who hands in now loses 100%."),
        ("2024-02-27T18:00:00-05:00", {"penalty_per_day": 0.125}, False, "costs 12.5%; no extensions. Who"),
        ("2024-03-10T18:00:00-05:00", {"most_days": 3}, True, "nothing is left after 3 days"),
        ("2024-03-26T18:00:00-05:00", {"penalty_per_day": 0.0}, False, "Lateness costs nothing."),
        ("2026-11-26T18:00:00-05:00", {"penalty_per_day": 0.0}, False, "costs nothing. That is long ago: set [due]"),
        ("1844-11-26T18:00:00-05:00", {}, False, "That is far ahead: is the year in [due] right?"),
    ],
)
def test_what_the_rules_do_today_is_a_sentence(now, changes, nothing_left, told):
    penalty = LatePolicy(rules(**changes)).penalty_now(dt.datetime.fromisoformat(now))
    assert told in penalty.text
    assert penalty.is_nothing_left == nothing_left


def test_without_a_date_there_is_nothing_to_say_of_today():
    assert LatePolicy(LateRules()).penalty_now(dt.datetime.now(dt.timezone.utc)) is None
