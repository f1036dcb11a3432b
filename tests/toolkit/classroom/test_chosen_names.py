"""What one student names, links or hides never takes anything from another."""

import zipfile
import zoneinfo

import pytest

from autograder.base.people import Person
from autograder.classroom import gradebooks, grades, late_day_bank, sources, store
from autograder.classroom.sources import NOTHING, UNREADABLE, safe_id
from autograder.results import overrides
from autograder.results.extensions import Balance, Extension
from autograder.results.lateness import LatePolicy, LateRules


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


def export(folder, *submitters):
    """Gradescope's export with a submission for each name, address and number."""
    lines = []
    for index, (name, email, sid) in enumerate(submitters):
        put(folder, f"submission_{index}/a.py")
        lines += [f"submission_{index}:", "  :submitters:", f"  - :name: {name}", f"    :email: '{email}'"]
        lines += [f"    :sid: '{sid}'", "  :created_at: 2024-02-28 10:00:00 Z"]
    (folder / "submission_metadata.yml").write_text("\n".join(lines))
    return folder


def owners(folder, roster):
    people = folder.parent / "people.csv"
    people.write_text(roster)
    return {one.id: one for one in opened(folder, people=people).submissions}


ADA = "name,login,email,sid\nAda Lovelace,ada,ada@x.edu,0012\n"


@pytest.mark.parametrize(
    ("email", "sid", "is_hers"),
    [
        ("ada@x.edu", "", True),
        ("ADA@x.edu", "99", True),
        ("ada@cs.x.edu", "", True),  # a department's address
        ("", "", True),
        ("", "12", True),  # a spreadsheet drops zeros
        ("mal@x.edu", "", False),
        ("ada@x.edu.evil.org", "", False),
        ("", "99", False),
        ("mal@x.edu", "99", False),
    ],
)
def test_a_name_makes_nobody_of_whom_an_address_or_number_says_another(tmp_path, email, sid, is_hers):
    found = owners(export(tmp_path / "class", ("Ada Lovelace", email, sid)), ADA)
    (person,) = found["submission_0"].people
    assert (person.name == "Ada Lovelace") == is_hers
    if not is_hers:
        assert person == Person("claims to be Ada Lovelace", email, sid)
        assert "correct the roster" in found["submission_0"].notes[0]
        assert found["ada"].state == NOTHING


def test_who_is_called_as_somebody_has_no_share_in_points_days_and_overrides(tmp_path):
    people = (("Ada Lovelace", "ada@x.edu", ""), ("ada", "mal@x.edu", ""), ("Ada Lovelace", "mal2@x.edu", "12"))
    found = owners(export(tmp_path / "class", *people), ADA)
    mine = [name for name, one in found.items() if any(person.email == "ada@x.edu" for person in one.people)]
    assert mine == ["submission_0"]
    assert all("claims to be Ada" in found[name].people[0].name for name in ("submission_1", "submission_2"))
    assert "who has another one (submission_0)" in found["submission_2"].notes[0]
    room = store.of_source(tmp_path, sources.Source("an export", tuple(found.values())))
    policy = LatePolicy(LateRules(), balances=[Balance("Ada Lovelace", 3, 2)]).settle(
        person for entry in room.entries for person in entry.people
    )
    lines = late_day_bank.write(room, policy).read_text("utf-8-sig").splitlines()
    assert lines[1:] == ["ada@x.edu,Ada Lovelace,3,0,3"]
    given = overrides.settle(
        [overrides.Override(word, "", None, 5.0, "why", 2) for word in ("ada@x.edu", "Ada Lovelace", "0012")],
        [person for entry in room.entries for person in entry.people],
        [entry.id for entry in room.entries],
    )
    assert len(given) == 3
    counts = [len(overrides.find_for(entry.people, entry.id, given)) for entry in room.entries]
    assert counts == [3, 0, 0]
    book = grades.read(room)
    assert [row.person.email for row in gradebooks.best_rows(book)] == ["ada@x.edu"]
    assert len(book.rows) == 3


def test_of_two_addresses_beside_one_name_none_is_hers_for_certain(tmp_path):
    people = (("Ada Lovelace", "a@y.edu", ""), ("Ada Lovelace", "b@y.edu", ""))
    found = owners(export(tmp_path / "class", *people), "name,sid\nAda Lovelace,0012\n")
    assert all("so does another one" in found[f"submission_{index}"].notes[0] for index in (0, 1))
    (hers,) = (one for one in found.values() if one.state == NOTHING)
    assert "none of them is for certain" in hers.problem


WHO = ("Ada Lovelace", "Cy Babbage", "Dan Ito", "Eve Ng")
MOODLE = [f"{who}_1{at}_assignsubmission_file_b.zip" for at, who in enumerate(WHO)]
BLACKBOARD = [f"HW_u{at}_attempt_2024-02-26-17-55-03_b.zip" for at in range(4)]
BRIGHTSPACE = [f"1{at}-77 - {who} - Feb 26, 2024 926 PM - b.zip" for at, who in enumerate(WHO)]
CANVAS = [f"student{at}_100{at}_50{at}_b.zip" for at in range(4)]
OTHERS = {
    "Canvas": "a_{n}_{n}_m.py",
    "Moodle": "x{n}_{n}_assignsubmission_file_m.py",
    "Blackboard": "x{n}_attempt_2024-02-26-17-55-03_m.py",
    "Brightspace": "1{n}-77 - X{n} - Feb 26, 2024 926 PM - m.py",
    "Autolab": "x{n}@x.edu_{n}_m.py",
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize(
    ("platform", "names", "mine"),
    [
        ("Moodle's download", MOODLE, "Mal Doe_16_assignsubmission_file_"),
        ("Blackboard's download", BLACKBOARD, "HW_mal_attempt_2024-02-26-17-55-03_"),
        ("Brightspace's download", BRIGHTSPACE, "19-77 - Mal Doe - Feb 26, 2024 926 PM - "),
        ("Canvas's download", CANVAS, "maldoe_1009_600_"),
    ],
    ids=["Moodle", "Blackboard", "Brightspace", "Canvas"],
)
def test_no_number_of_one_student_s_files_makes_a_download_another_platform_s(tmp_path, platform, names, mine, other):
    source = opened(put(tmp_path, *names, *(mine + OTHERS[other].format(n=n) for n in range(1, 12))))
    assert source.kind == platform
    assert sum(bool(one.people) and one.people[0].title != "Mal Doe" for one in source.submissions) >= len(names)


def test_a_student_called_anon_makes_no_download_an_anonymous_one(tmp_path):
    own = [f"anon_1009_{600 + n}_student0_1000_{700 + n}_b.zip" for n in range(9)]
    source = opened(put(tmp_path, *CANVAS, *own))
    (ada,) = (one for one in source.submissions if one.id == "student0_1000")
    assert ada.path.name == CANVAS[0]
    assert all(one.people == () for one in source.submissions if one.id.startswith("anon"))


@pytest.mark.parametrize(
    "settings", ["[" * 200_000, '{"active_version": ' + "9" * 5000 + "}", "\0", '{"active_version": []}']
)
def test_settings_that_are_none_cost_submitty_s_others_nothing(tmp_path, settings):
    for who in ("ada", "grace", "mal"):
        put(tmp_path, f"{who}/1/b.zip")
        (tmp_path / who / "user_assignment_settings.json").write_text('{"active_version": 1}')
    (tmp_path / "mal" / "user_assignment_settings.json").write_text(settings)
    assert {one.id: one.path.name for one in opened(tmp_path).submissions} == dict.fromkeys(
        ("ada", "grace", "mal"), "1"
    )


@pytest.mark.parametrize("moment", ["2024-13-99-99-99-99", "0000-00-00-00-00-00", "9999-12-31-23-59-59"])
def test_a_moment_of_blackboard_s_that_is_no_time_is_said(tmp_path, moment):
    names = [*BLACKBOARD, f"HW_mal_attempt_{moment}_b.zip"]
    source = opened(put(tmp_path, *names), zone=zoneinfo.ZoneInfo("Europe/Berlin"))
    found = {one.people[0].login: one for one in source.submissions}
    assert found["u0"].created_at == "2024-02-26T17:55:03+01:00"
    assert found["mal"].created_at == ""
    assert any("cannot be read" in note for note in source.notes) or "a time that is none" in found["mal"].notes[0]
