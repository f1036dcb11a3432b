"""What one student names, links or hides never takes anything from another."""

import zipfile
import zoneinfo
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from autograder.assignment.policy import ByPeople
from autograder.base.gradescope import Metadata
from autograder.base.people import Person
from autograder.classroom import feedback, gradebooks, grades, late_day_bank, sources, store, written_part
from autograder.classroom.sources import NOTHING, UNREADABLE, safe_id
from autograder.results import overrides
from autograder.results.extensions import Balance, Extension
from autograder.results.finishing import Finisher, on_gradescope
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
    assert [(entry.student, entry.way) for entry in policy.extensions] == [("ada", ("login",))]


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
    assert "who has another address in the roster" in found["submission_2"].notes[0]
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


TEAMS = (
    "Name,Email,Student ID,Login,Group\nAda Lovelace,ada@x.edu,1001,ada,Team 7\nGrace Hopper,grace@x.edu,1002,grace,"
    "Team 7\nMal Doe,mal@x.edu,1003,mal,Team 8\n"
)
ADA_S, GRACE_S = ("Ada Lovelace", "ada@x.edu", "1001"), ("Grace Hopper", "grace@x.edu", "1002")


def whose(found):
    """Who is joined to each submission that was handed in, by the address in the roster."""
    return {
        name: [person.email for person in one.people if person.name in ("Ada Lovelace", "Grace Hopper", "Mal Doe")]
        for name, one in found.items()
        if one.state != NOTHING
    }


def moodle(folder, *names):
    return put(folder, *(f"{name}_assignsubmission_file/a.py" for name in names))


def canvas(folder, *names):
    return put(folder, *(f"{name}_90{at}_b.zip" for at, name in enumerate(names)))


@pytest.mark.parametrize("others", [(ADA_S, GRACE_S), (ADA_S,), ()])
def test_an_account_called_as_a_group_is_not_its_members(tmp_path, others):
    people = (*others, ("Team 7", "m@evil.com", ""), ("Mal Doe", "mal@x.edu", "1003"))
    found = owners(export(tmp_path / "class", *people), TEAMS)
    mine = {f"submission_{at}": [email] for at, (_, email, _) in enumerate(others)}
    last = len(others)
    assert whose(found) == {**mine, f"submission_{last}": [], f"submission_{last + 1}": ["mal@x.edu"]}
    notes = found[f"submission_{last}"].notes
    said = (
        "It is called as the group of Ada Lovelace, Grace Hopper, which anybody can be, and m@evil.com is no member's"
    )
    assert notes == (f"{said}: it is joined to nobody's. Look who handed it in, or correct the roster.",)
    assert all(person.name.startswith("claims to be ") for person in found[f"submission_{last}"].people)


def test_a_member_called_as_the_group_hands_in_for_nobody_else_where_most_hand_in_alone(tmp_path):
    people = (("Team 7", "ada@x.edu", ""), ("Mal Doe", "mal@x.edu", ""))
    found = owners(export(tmp_path / "class", *people), TEAMS)
    assert whose(found)["submission_0"] == ["ada@x.edu"]
    assert "most hand in one by one" in found["submission_0"].notes[0]


@pytest.mark.parametrize(
    ("lay", "names"),
    [
        (moodle, ("Ada Lovelace_501", "Grace Hopper_502", "Team 7_503")),
        (moodle, ("Ada Lovelace_501", "Mal Doe_504", "Team 7_503")),
        (canvas, ("lovelaceada_501", "hoppergrace_502", "team7_503")),
        (canvas, ("lovelaceada_501", "doemal_504", "team7_503")),
    ],
    ids=["Moodle", "Moodle, one alone", "Canvas", "Canvas, one alone"],
)
def test_a_display_name_that_is_a_group_s_gives_and_takes_nothing(tmp_path, lay, names):
    found = list(whose(owners(lay(tmp_path / "class", *names), TEAMS)).values())
    assert [len(people) for people in found] == [1, 1, 0]


@pytest.mark.parametrize("name", ["ada", "1001", "ada@x.edu", "Ada Lovelace final", "Ada King Lovelace"])
def test_an_account_called_nearly_as_somebody_takes_nothing_from_whom_it_calls(tmp_path, name):
    found = owners(moodle(tmp_path / "class", "Ada Lovelace_501", f"{name}_503", "Mal Doe_504"), TEAMS)
    assert whose(found)["Ada_Lovelace_501"] == ["ada@x.edu"]
    assert sorted(len(people) for people in whose(found).values()) == [0, 1, 1]


def test_where_most_hand_in_by_groups_one_alone_takes_no_group_s_place(tmp_path):
    roster = TEAMS + "Eve Ng,eve@x.edu,1004,eve,Team 8\nRay Der,ray@x.edu,1005,ray,Team 8\n"
    names = ("Team 7_71", "Team 8_72", "Ada Lovelace_503")
    found = owners(moodle(tmp_path / "class", *names), roster)
    assert whose(found) == {
        "Team_7_71": ["ada@x.edu", "grace@x.edu"],
        "Team_8_72": ["mal@x.edu"],
        "Ada_Lovelace_503": [],
    }
    assert [person.lms_id for person in found["Team_7_71"].people] == ["", ""], "71 is the group's number"


def repositories(folder, *tails):
    for tail in tails:
        (folder / f"beras-{tail}" / ".git").mkdir(parents=True)
    return folder


GITHUB = (
    "identifier,github_username,name,team\nada@x.edu,ada,Ada,team-7\ngrace@x.edu,grace,Grace,team-7\nm@x.edu,mal,Mal,"
)


def addresses(found):
    return {name: [person.email for person in one.people] for name, one in found.items() if one.state != NOTHING}


@pytest.mark.parametrize("tail", ["team-7", "team-7-1"])
def test_a_login_on_github_that_is_a_team_s_name_is_its_members_nowhere(tmp_path, tail):
    found = owners(repositories(tmp_path / "class", "ada", "mal", tail), GITHUB + "\n")
    assert addresses(found)["beras-ada"] == ["ada@x.edu"]
    assert addresses(found)[f"beras-{tail}"] == ["", ""]
    assert found["grace"].state == NOTHING


def test_a_team_on_github_that_calls_itself_as_somebody_s_login_takes_no_place(tmp_path):
    roster = GITHUB + "team-8\ne@x.edu,eve,Eve,team-8\n"
    found = owners(repositories(tmp_path / "class", "team-7", "team-8", "ada"), roster)
    assert addresses(found)["beras-team-7"] == ["ada@x.edu", "grace@x.edu"]
    assert addresses(found)["beras-ada"] == [""]


def test_a_login_chosen_on_github_is_none_of_the_university_s(tmp_path):
    roster = "name,login,email\nAda Lovelace,ada,ada@x.edu\nGrace Hopper,grace,grace@x.edu\n"
    found = owners(repositories(tmp_path / "class", "ada", "ada-lovelace", "grace"), roster)
    assert addresses(found)["beras-grace"] == ["grace@x.edu"]
    source = opened(tmp_path / "class", people=tmp_path / "people.csv")
    assert any("has no logins of GitHub" in note for note in source.notes)


def sakai(folder, *names):
    return put(folder, *(f"{name}/Submission attachment(s)/a.py" for name in names), f"{names[0]}/timestamp.txt")


@pytest.mark.parametrize("name", ["Lovelace, Ada(ada@gmail.com)", "Doe, Mal(ada@gmail.com)", "Lovelace, Ada(1001)"])
def test_a_guest_whose_login_begins_as_another_s_is_not_that_person(tmp_path, name):
    found = owners(sakai(tmp_path / "class", "Lovelace, Ada(ada)", "Hopper, Grace(grace)", name), TEAMS)
    assert sorted(people for people in whose(found).values() if people) == [["ada@x.edu"], ["grace@x.edu"]]


def test_where_all_logins_are_addresses_of_the_university_they_are_the_roster_s(tmp_path):
    names = ("Lovelace, Ada(ada@ad.x.edu)", "Hopper, Grace(grace@ad.x.edu)", "Doe, Mal(ada@gmail.com)")
    found = owners(sakai(tmp_path / "class", *names), TEAMS)
    assert sorted(people for people in whose(found).values() if people) == [["ada@x.edu"], ["grace@x.edu"]]


def test_a_group_s_folder_of_sakai_s_is_its_members(tmp_path):
    found = owners(sakai(tmp_path / "class", "Team 7 (5f6c8a1e-0b2d-4c3e-9f4a-7d8e9f0a1b2c)", "Doe, Mal(mal)"), TEAMS)
    assert sorted(whose(found).values()) == [["ada@x.edu", "grace@x.edu"], ["mal@x.edu"]]


def test_a_number_in_a_profile_overrules_no_address_and_no_number_is_everybody_s(tmp_path):
    people = (("Ada Lovelace", "m@evil.com", "1001"), GRACE_S, ("Mal Doe", "m2@evil.com", "0"))
    found = owners(export(tmp_path / "class", *people), TEAMS)
    assert whose(found)["submission_0"] == []
    assert found["ada"].state == NOTHING
    nameless = owners(export(tmp_path / "other", ("Ada Lovelace", "", "0")), "name,login\nAda Lovelace,ada\n")
    assert nameless["submission_0"].people[0].login == "ada", "by the name; 0 is no number"


def test_another_department_s_address_is_said_unless_most_come_from_there(tmp_path):
    found = owners(export(tmp_path / "class", ("Ada Lovelace", "ada@alumni.x.edu", ""), GRACE_S), TEAMS)
    assert whose(found)["submission_0"] == ["ada@x.edu"]
    assert "comes from ada@alumni.x.edu" in found["submission_0"].notes[0]
    there = (("Ada Lovelace", "ada@cs.x.edu", ""), ("Grace Hopper", "grace@cs.x.edu", ""))
    found = owners(export(tmp_path / "other", *there), TEAMS)
    assert whose(found) == {"submission_0": ["ada@x.edu"], "submission_1": ["grace@x.edu"]}
    assert not any(found[name].notes for name in ("submission_0", "submission_1"))


ADA_ABSENT = Person("Mal Doe", "mal@x.edu", "ada@x.edu")


@pytest.mark.parametrize(
    ("word", "people", "meant"),
    [
        ("ada@x.edu", [ADA_ABSENT], []),
        ("ada@x.edu", [ADA_ABSENT, Person("Ada Lovelace", "ada@x.edu", "1001")], [1]),
        ("ada", [Person("Mal Doe", "mal@x.edu", "ada"), Person("Ada Lovelace", "ada@x.edu", login="ada")], [1]),
        ("ada7", [Person("Mal Doe", "mal@x.edu", "ada7"), Person("Ada Lovelace", "ada@x.edu", login="ada7")], [1]),
        ("Ada Lovelace", [Person("Mal Doe", "mal@x.edu", "Ada Lovelace")], []),
        ("Plato", [Person("Mal Doe", "mal@x.edu", "Plato"), Person("Plato", "plato@x.edu")], [1]),
        ("submission_2", [Person("submission_2", "mal@x.edu", "9"), Person("Ada Lovelace", "ada@x.edu")], [1]),
        ("submission_2", [Person("Mal Doe", "mal@x.edu", "submission_2"), Person("Ada Lovelace", "ada@x.edu")], [1]),
        ("1001", [Person("Ada Lovelace", login="1001"), Person("Grace Hopper", sid="1001")], [1]),
        ("alovelac", [Person("Ada Lovelace", sid="alovelac"), Person("Grace Hopper")], [0]),
    ],
)
def test_a_line_of_the_staff_s_counts_for_nobody_by_a_number_or_name_that_is_chosen_as_another_s(word, people, meant):
    ids = [f"submission_{at + 1}" for at in range(len(people))]
    given = overrides.settle([overrides.Override(word, "", None, 30.0, "why", 2)], people, ids)
    found = [
        at for at, (one, name) in enumerate(zip(people, ids, strict=True)) if overrides.find_for([one], name, given)
    ]
    assert found == meant
    assert bool(list(overrides.doubts([overrides.Override(word, "", None, 1.0, "", 2)], people, ids))) == (not meant)
    if not word.startswith("submission"):
        policy = LatePolicy(LateRules(), [Extension(word, None, 2, "", 2)], [Balance(word, 3, 2)]).settle(people)
        assert [at for at, one in enumerate(people) if policy.free_days_of(one)] == meant
        assert bool(policy.doubts(people)) == (not meant)


def test_a_list_that_counts_by_what_students_choose_is_said_unless_a_roster_says_who_is_who():
    people = [
        ("submission_1", [Person("Mal Doe", "mal@x.edu", "1001")]),
        ("submission_2", [Person("Eve", "eve@x.edu")]),
    ]
    lines = [overrides.Override(word, "", None, 30.0, "why", 2) for word in ("1001", "eve@x.edu", "submission_2")]
    finisher = Finisher(LatePolicy(LateRules(), [Extension("Eve", None, 2, "", 2)]), tuple(lines))
    *_, said = finisher.doubts(people, listed=False)
    assert "which students set themselves: 'Eve' is Eve (eve@x.edu); '1001' is Mal Doe (mal@x.edu)." in said
    assert said not in finisher.doubts(people)


@pytest.mark.parametrize(("word", "flagged"), [("ada@x.edu", False), ("1001", True), ("Ada Lovelace", True)])
def test_on_gradescope_a_line_that_counts_by_what_the_student_chose_has_a_flag(assignment, tmp_path, word, flagged):
    (tmp_path / "overrides.csv").write_text(f"student,points,reason\n{word},7,a mistake of ours\n")
    people = ByPeople(overrides=str(tmp_path / "overrides.csv"))
    metadata = Metadata("1", "", (Person("Ada Lovelace", "ada@x.edu", "1001"),))
    finish = on_gradescope(replace(assignment, people=people), metadata)
    made = finish({"score": 3, "tests": [], "output": "", "extra_data": {}})
    assert made["score"] == 7
    assert any("Students can change both" in flag["detail"] for flag in made["extra_data"]["flags"]) == flagged


def test_a_table_s_points_are_nobody_s_whose_address_is_another(tmp_path):
    table = tmp_path / "written.csv"
    table.write_text("Name,Email,SID,Total Score\nAda Lovelace,ada@x.edu,1001,9\nGrace Hopper,grace@x.edu,1002,8\n")
    mal, grace = Person("Ada Lovelace", "mal@x.edu", "1001"), Person("G. Hopper", login="grace")
    part = written_part.read(table, [mal, grace])
    assert part.scores == {grace: 8}
    assert "nobody in this class is called 'Ada Lovelace'" in part.notes[0]


@pytest.mark.parametrize(
    ("sid", "roster", "said"),
    [
        ("ada@x.edu", None, "is Ada Lovelace's address"),
        ("nobody@x.edu", None, "is an address"),
        (
            "1001",
            "name,email,sid\nAda Lovelace,ada@x.edu,1001\nMal Doe,mal@x.edu,\n",
            "is Ada Lovelace's in the roster",
        ),
        ("ada", "name,email,login\nAda Lovelace,ada@x.edu,ada\nMal Doe,mal@x.edu,\n", "is Ada Lovelace's login"),
    ],
)
def test_a_number_that_is_another_s_is_left_out_and_said(tmp_path, sid, roster, said):
    folder = export(tmp_path / "class", ADA_S, ("Mal Doe", "mal@x.edu", sid), ("Eve Ng", "eve@x.edu", "7"))
    found = owners(folder, roster) if roster else {one.id: one for one in opened(folder).submissions}
    assert found["submission_1"].people == (Person("Mal Doe", "mal@x.edu"),)
    assert said in found["submission_1"].notes[0]
    assert found["submission_0"].people[0].sid == "1001"
    assert found["submission_0"].notes == ()
    assert found["submission_2"].people[0].sid == "7"


def test_numbers_that_all_are_addresses_are_the_university_s(tmp_path):
    folder = export(tmp_path / "class", ("Ada", "a.l@x.edu", "al@x.edu"), ("Cy", "cy.b@x.edu", "cb@x.edu"))
    assert [one.people[0].sid for one in opened(folder).submissions] == ["al@x.edu", "cb@x.edu"]


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x1b", "\x00", "\u2028", "\U000e0041"])
def test_a_name_hides_and_turns_nothing(hidden):
    person = Person(f"Ada{hidden} Lovelace{hidden}", f"{hidden}ada@x.edu")
    assert " ".join(person.name.split()) == "Ada Lovelace"
    assert person.email.strip() == "ada@x.edu"
    assert Person("Ada Lovelace").is_called(f"Ada{hidden} Lovelace") or hidden in "\x1b\x00"


def test_joiners_stay_in_names_that_need_them_and_tell_nobody_apart():
    name = "\u0645\u0647\u200c\u0646\u0627\u0632 Ray"
    assert Person(name).name == name
    assert Person(name).is_called(name.replace("\u200c", ""))


def test_a_page_in_markdown_shows_a_name_and_nothing_else(tmp_path, assignment):
    name = "![x](http://evil/a.png) <b>Ada</b> `x` [y](javascript:1) http://evil www.evil.com $x$ \u202eB."
    problem = f"{name} cannot be read."
    room = store.Classroom(tmp_path, (store.Entry("ada", tmp_path / "ada", (Person(name),), problem=problem),))
    feedback.write(room, tmp_path / "pages", assignment)
    (page,) = (tmp_path / "pages").glob("*.md")
    text = page.read_text(encoding="utf-8")
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    assert "http:" not in text, "many viewers make a link of it"
    assert "www." not in text
    kinds = {child.type for token in tokens for child in token.children or ()} | {token.type for token in tokens}
    assert kinds <= {
        "heading_open",
        "heading_close",
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "text_special",
    }
    shown = "".join(child.content for token in tokens for child in token.children or ())
    assert shown.count("http://evil/a.png) <b>Ada</b> `x` [y](javascript:1) http://evil www.evil.com $x$ B.") == 2


def test_a_number_in_a_chosen_name_takes_nobody_s_row(tmp_path):
    roster = "Name,Email,submission\nAda Lovelace,ada@x.edu,\nWei Zhang,wz@x.edu,20007\n"
    eve, ada, wei = "evemallory20007_30003_503_h.zip", "lovelaceada_30001_501_h.zip", "zhangwei_20007_504_h.zip"
    absent = owners(put(tmp_path / "a", ada, eve), roster)
    assert absent["wz@x.edu"].state == NOTHING
    assert not any(person.email for person in absent["evemallory20007_30003"].people)
    there = owners(put(tmp_path / "b", ada, eve, wei), roster)
    assert [person.email for person in there["zhangwei_20007"].people] == ["wz@x.edu"]


IN_CLASS = "name,email,sid,submission\nAda Lovelace,ada@x.edu,20001,77001\nCy Babbage,cy@x.edu,20002,\n"


@pytest.mark.parametrize("name", ["ada@x.edu", "20001", "hw 77001"])
def test_an_address_or_number_that_a_file_is_called_by_is_a_claim_as_a_name_is(tmp_path, name):
    alone = owners(put(tmp_path / "a", f"{name}.zip", "Cy Babbage.zip"), IN_CLASS)
    assert [person.email for person in alone[safe_id(name)].people] == ["ada@x.edu"]
    both = owners(put(tmp_path / "b", f"{name}.zip", "Ada Lovelace.zip", "Cy Babbage.zip"), IN_CLASS)
    for ident in (safe_id(name), "Ada_Lovelace"):
        assert [person.name for person in both[ident].people] == ["claims to be Ada Lovelace"]
        assert "and so does another one" in both[ident].notes[0]
    (absent,) = (one for one in both.values() if one.state == NOTHING)
    assert "none of them is for certain" in absent.problem
    assert [person.email for person in both["Cy_Babbage"].people] == ["cy@x.edu"]
