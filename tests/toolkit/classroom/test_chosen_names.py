"""What one student names, links or hides never takes anything from another."""

import zipfile

import pytest

from autograder.base.people import Person
from autograder.classroom import sources
from autograder.classroom.sources import UNREADABLE, safe_id
from autograder.results import overrides
from autograder.results.lateness import Extension, LatePolicy


def put(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as zipped:
                zipped.writestr("assignment.py", "x = 1")
        else:
            path.write_text("x = 1")
    return folder


def opened(folder, **options):
    with sources.open_source(folder, **options) as source:
        return source


def test_one_git_makes_no_class_of_repositories_and_drops_nobody(tmp_path):
    source = opened(put(tmp_path, "alice.zip", "carol.zip", "bob/a.py", "mallory/a.py", "mallory/.git"))
    assert sorted(one.id for one in source.submissions) == ["alice", "bob", "carol", "mallory"]
    assert all(one.path is not None for one in source.submissions)


def test_one_git_leaves_moodle_s_download_moodle_s(tmp_path):
    names = [f"{name}_assignsubmission_file/a.py" for name in ("Ada L_11", "Cy B_12", "Mal D_13")]
    source = opened(put(tmp_path, *names, "Mal D_13_assignsubmission_file/.git"))
    assert source.kind == "Moodle's download"
    assert len(source.submissions) == 3


def test_what_a_platform_did_not_name_is_graded_or_said(tmp_path):
    source = opened(
        put(tmp_path, "adal_1_501_h.zip", "cyb_2_502_h.zip", "dan_3_503_h.zip", "grace.zip", "notes.txt", ".eve/a.py")
    )
    assert {one.id for one in source.submissions} == {"adal_1", "cyb_2", "dan_3", "grace"}
    assert any(note.startswith("notes.txt") for note in source.notes)
    assert any(note.startswith(".eve") for note in source.notes)


@pytest.mark.parametrize("listed", [False, True])
def test_a_canvas_name_that_reads_as_another_s_upload_is_joined_to_nobody_s(tmp_path, listed):
    names = ("lovelaceada_1002_501_h.zip", "babbagecy_1003_502_h.zip", "lovelaceada_1002_999_2001_503_h.zip")
    folder = put(tmp_path / "class", *names)
    people = tmp_path / "people.csv"
    people.write_text("Student,ID\nAda Lovelace,1002\nCy Babbage,1003\nMal Doe,2001\n")
    source = opened(folder, people=people if listed else None)
    found = {one.id: one for one in source.submissions}
    assert found["lovelaceada_1002"].path.name == "lovelaceada_1002_501_h.zip"
    apart = found["lovelaceada_1002_999_2001_503_h"]
    assert apart.people == ()
    assert "two people" in apart.notes[0]


def test_a_longer_name_takes_nobody_s_place(tmp_path):
    folder = put(tmp_path / "class", "Ada Lovelace.zip", "Ada Lovelace final.zip", "Cy Babbage.zip")
    people = tmp_path / "people.csv"
    people.write_text("name,email\nAda Lovelace,ada@x.edu\nCy Babbage,cb@x.edu\n")
    source = opened(folder, people=people)
    assert sorted(p.email for one in source.submissions for p in one.people) == ["", "ada@x.edu", "cb@x.edu"]
    assert any("joined to nobody's" in note for one in source.submissions for note in one.notes)


def test_a_link_to_another_s_work_is_not_followed(tmp_path):
    folder = put(tmp_path, "alice/a.py", "carol/a.py")
    (folder / "mallory").symlink_to("alice")
    (one,) = [one for one in opened(folder).submissions if one.id == "mallory"]
    assert (one.path, one.state) == (None, UNREADABLE)
    assert "is a link" in one.problem


@pytest.mark.parametrize(
    "name",
    ["options.json", "OPTIONS.JSON", "grades-canvas.csv", "Report.html", "class", "journal.jsonl", "new.json", "con"],
)
def test_no_submission_is_called_what_a_batch_writes(name):
    assert safe_id(name) == f"_{name}"


def test_a_name_of_four_byte_letters_fits_a_file_system():
    assert len(safe_id("\U0001d400" * 80).encode()) <= 180


@pytest.mark.parametrize("word", ["ada@brown.edu", "1002"])
def test_an_address_or_a_number_is_nobody_s_name(word):
    assert not Person(word, "mallory@brown.edu").is_called(word)
    assert Person("Ada", "ada@brown.edu", "1002").is_called(word)


def test_in_a_class_a_login_goes_before_a_name_and_two_of_a_name_have_nothing(assignment):
    people = [
        Person("Ada Lovelace", login="ada"),
        Person("ada", login="m1"),
        Person("Sam", login="s"),
        Person("Sam", login="t"),
    ]
    lines = [overrides.Override(word, "", None, 30.0, "why", 2) for word in ("ada", "Sam")]
    (line,) = overrides.settle(lines, people, [])
    assert [overrides.find_for([person], "", [line]) == (line,) for person in people] == [True, False, False, False]
    policy = LatePolicy(None, [Extension(word, None, 2, "", 2) for word in ("ada", "Sam")]).settle(people)
    assert [(entry.student, entry.by_name) for entry in policy.extensions] == [("ada", False)]
