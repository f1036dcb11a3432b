"""Who has an extension, who is in time only by it, and the late days used and left, as the report shows them."""

import datetime as dt
import json

import pytest

from autograder.assignment.policy import LateRules
from autograder.base.people import Person
from autograder.classroom import allowances, store
from autograder.classroom.sources import ClassSubmission, Source
from autograder.results.extensions import Balance, Extension
from autograder.results.lateness import LatePolicy

DUE = dt.datetime.fromisoformat("2024-02-26T18:00:00-05:00")
ADA, BOB = Person("Ada", "ada@example.edu"), Person("Bob", "bob@example.edu")


def measured(tmp_path, policy, created_at, *people, used=None):
    sent = ClassSubmission("s", tmp_path, people, created_at=created_at)
    room = store.of_source(tmp_path, Source("a folder", (sent,)))
    if used is not None:
        room.entries[0].folder.mkdir()
        document = {"score": 5, "tests": [], "extra_data": {"late": {"raw": 5, "days": used, "free": used}}}
        (room.entries[0].folder / store.RESULTS_FILE).write_text(json.dumps(document))
    allowances.write(room, policy)
    found = allowances.of_people(room.entries[0], allowances.load(tmp_path))
    return [found[person].sentences for person in people]


@pytest.mark.parametrize(
    ("handed_in", "needed"),
    [
        ("2024-02-26T18:10:00-05:00", False),  # within the grace
        ("2024-02-26T18:20:00-05:00", True),
        ("2024-02-28T18:10:00-05:00", True),
        ("2024-02-28T18:20:00-05:00", False),  # late all the same
        ("", False),
    ],
)
def test_who_is_in_time_only_by_an_extension(tmp_path, handed_in, needed):
    policy = LatePolicy(LateRules(due=DUE, grace_minutes=15), [Extension("ada@example.edu", None, 2, "illness", 2)])
    ((first, *more), partner) = measured(tmp_path, policy, handed_in, ADA, BOB)
    assert first == "Extension until Wednesday 28 February 2024, 18:00 (UTC-0500): illness."
    assert more == ["In time only by it."] * needed
    assert partner == ["In time only by a partner's extension."] * needed


def test_late_days_used_and_left_of_each(tmp_path):
    policy = LatePolicy(LateRules(due=DUE, penalty_per_day=0.1), balances=[Balance("ada@example.edu", 3, 2)])
    assert measured(tmp_path, policy, "2024-02-28T12:00:00-05:00", ADA, BOB, used=2) == [
        ["Late days: 2 days used here, 1 left."],
        ["Late days: none used here, 0 left."],
    ]


def test_without_dates_and_lists_nothing_is_said(tmp_path):
    assert measured(tmp_path, LatePolicy(LateRules()), "2024-02-28T12:00:00-05:00", ADA) == [[]]
    extension = Extension("Ada", None, 2, "", 2)
    assert measured(tmp_path, LatePolicy(LateRules(), [extension]), "", ADA) == [["Extension of 2 days."]]
    (tmp_path / allowances.FILE_NAME).write_text("[5")
    assert allowances.load(tmp_path) == {}


def group_notes(tmp_path, policy, created_at, *people, used=None):
    measured(tmp_path, policy, created_at, *people, used=used)
    sent = ClassSubmission("s", tmp_path, people, created_at=created_at)
    return allowances.describe_groups(store.of_source(tmp_path, Source("a folder", (sent,))), policy)


@pytest.mark.parametrize(("left", "payers"), [((0, 2), "Bob (2)"), ((1, 2), "Ada (1) and Bob (2)"), ((2, 3), "")])
def test_whose_late_days_paid_for_a_group_is_said(tmp_path, left, payers):
    said = (
        f"Ada, Bob: 2 days late at no cost, by late days of {payers}. Ada had fewer left: these are used up, and "
        "nothing more is taken."
    )
    notes = [said] if payers else []
    balances = [Balance(person.email, days, 2) for person, days in zip((ADA, BOB), left, strict=True)]
    policy = LatePolicy(LateRules(due=DUE, penalty_per_day=0.1), balances=balances)
    assert group_notes(tmp_path, policy, "2024-02-28T12:00:00-05:00", ADA, BOB, used=2) == notes
    (tmp_path / "alone").mkdir()
    assert group_notes(tmp_path / "alone", policy, "2024-02-28T12:00:00-05:00", ADA, used=min(left[0], 2)) == []


@pytest.mark.parametrize(
    ("handed_in", "is_said"),
    [("2024-02-26T18:00:00-05:00", False), ("2024-02-27T18:00:00-05:00", True), ("2024-03-10T18:00:00-05:00", True)],
)
def test_whose_extension_counts_for_a_group_is_said(tmp_path, handed_in, is_said):
    policy = LatePolicy(LateRules(due=DUE), [Extension("ada@example.edu", None, 2, "illness", 2)])
    said = ["Ada, Bob: the extension of Ada counts for Bob as well."] * is_said
    assert group_notes(tmp_path, policy, handed_in, ADA, BOB) == said
