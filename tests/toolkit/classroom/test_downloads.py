"""Names that Canvas, Moodle and Brightspace give to what they hand out, and what students hand in under them.

Canvas: `ContentZipper` of canvas-lms (`add_submission`, `get_filename`). Moodle: `mod_assign\\downloader`
(`get_student_prefix`, `load_submissionplugin_filelist`). Brightspace, Blackboard and Sakai: names as their users' own
scripts take them apart. Autolab: `Submission#save_file`. Submitty: its `submissions` folder.
"""

import zipfile
import zoneinfo

import pytest

from autograder.base.people import Person
from autograder.classroom import sources
from autograder.classroom.sources import NOTHING, UNUSABLE, canvas

EASTERN = zoneinfo.ZoneInfo("America/New_York")


def opened(folder, **options):
    with sources.open_source(folder, **options) as source:
        files = {
            submission.id: sorted(path.name for path in submission.path.iterdir())
            for submission in source.submissions
            if submission.path is not None and submission.path.is_dir()
        }
        return source, files


def put(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as zipped:
                zipped.writestr("assignment.py", "x = 1")
        else:
            path.write_text("x = 1")
    return folder


def pack(folder):
    target = folder.parent / f"{folder.name}-packed.zip"
    with zipfile.ZipFile(target, "w") as made:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                made.write(path, path.relative_to(folder))
    return target


@pytest.mark.parametrize(
    ("name", "person", "user", "late", "rest"),
    [
        ("lovelaceada_1001_5551_hw2.zip", "lovelaceada", "1001", False, "hw2.zip"),
        ("hopper_LATE_1002_5552_assignment-2.py", "hopper", "1002", True, "assignment-2.py"),
        ("obrienpat_1007_text.html", "obrienpat", "1007", False, "text"),
        ("obrienpat_LATE_1007_link.html", "obrienpat", "1007", True, "link"),
        ("obrienpat_1007_50009_text.html", "obrienpat", "1007", False, "text"),
        ("o_brienpat_1007_5552_hw.py", "o_brienpat", "1007", False, "hw.py"),
        ("李小龙_1003_5553_作业.zip", "李小龙", "1003", False, "作业.zip"),
        ("lovelaceada_1001_5551_1_2_x.py", "lovelaceada", "1001", False, "1_2_x.py"),
        ("anon_aB3dE_50011_onehot.py", "anon_aB3dE", "aB3dE", False, "onehot.py"),
        ("LATE_anon_x9Q2z_50012_onehot.py", "anon_x9Q2z", "x9Q2z", True, "onehot.py"),
        ("anon_12345_50012_onehot.py", "anon_12345", "12345", False, "onehot.py"),
        ("LATE_anon_x9Q2z_text.html", "anon_x9Q2z", "x9Q2z", True, "text"),
    ],
)
def test_a_name_of_canvas_s_is_taken_apart(tmp_path, name, person, user, late, rest):
    upload = canvas.parse(tmp_path / name)
    assert (upload.name, upload.user, upload.late, upload.typed or upload.file) == (person, user, late, rest)


@pytest.mark.parametrize("name", ["readme.txt", "ada_hw2.zip", "hw_2.py", "beras-ada"])
def test_other_names_are_not_canvas_s(tmp_path, name):
    assert canvas.parse(tmp_path / name) is None


@pytest.mark.parametrize("zipped", [False, True])
def test_everybody_of_canvas_s_download_is_there_whatever_was_handed_in(tmp_path, zipped):
    folder = put(
        tmp_path / "class",
        "doejane_1001_50001_hw2.zip", "liwei_1003_50003_hw2.rar", "novakpetra_1004_50004_assignment.ipynb",
        "obrienpat_1007_text.html", "raylin_LATE_1009_50011_beras.zip", "raylin_LATE_1009_50012_conceptual.zip",
    )  # fmt: skip
    if zipped:
        with zipfile.ZipFile(tmp_path / "class.zip", "w") as made:
            for path in folder.iterdir():
                made.write(path, path.name)
        folder = tmp_path / "class.zip"
    source, files = opened(folder)
    states = {submission.people[0].name: submission.state for submission in source.submissions}
    assert states == {"doejane": "", "liwei": "", "novakpetra": "", "obrienpat": UNUSABLE, "raylin": ""}
    assert files["raylin_1009"] == ["beras.zip", "conceptual.zip"]
    assert files["liwei_1003"] == ["hw2.rar"]
    assert "a text entry" in next(submission.problem for submission in source.submissions if submission.state)


def test_of_two_uploads_of_one_file_the_later_one_is_graded_and_it_is_said(tmp_path):
    folder = put(tmp_path / "class", "doejane_1001_50001_assignment.py", "liwei_1003_50003_hw2.zip")
    (folder / "doejane_1001_50009_assignment-1.py").write_text("later = 1")
    with sources.open_source(folder) as source:
        jane = source.submissions[0]
        assert (jane.path / "assignment.py").read_text() == "later = 1"
        assert "more than once" in jane.notes[0]


def test_anonymous_people_of_canvas_are_people_and_their_late_marks_are_kept(tmp_path):
    source, _ = opened(put(tmp_path, "anon_aB3dE_50011_onehot.py", "LATE_anon_x9Q2z_50012_onehot.py"))
    found = {submission.id: submission.notes for submission in source.submissions}
    assert found == {"anon_x9Q2z": ("Canvas marks it as late.",), "anon_aB3dE": ()}


@pytest.mark.parametrize(
    "names",
    [
        (
            "Jane Holloway_123456_assignsubmission_file/assignment.py",
            "Li Wei_123457_assignsubmission_file/assignment.py",
        ),
        (
            "Jane Holloway_123456_assignsubmission_file_/assignment.py",
            "Li Wei_123457_assignsubmission_file_/assignment.py",
        ),
        (
            "Jane Holloway_123456_assignsubmission_file_assignment.py",
            "Li Wei_123457_assignsubmission_file_assignment.py",
        ),
    ],
)
def test_moodle_s_folders_and_files_of_any_version_give_names_and_numbers(tmp_path, names):
    source, files = opened(put(tmp_path, *names))
    people = {(submission.people[0].name, submission.people[0].lms_id) for submission in source.submissions}
    assert people == {("Jane Holloway", "123456"), ("Li Wei", "123457")}
    assert files["Jane_Holloway_123456"] == ["assignment.py"]
    assert source.kind == "Moodle's download"


def test_moodle_s_online_text_team_and_blind_participant(tmp_path):
    source, _ = opened(
        put(
            tmp_path,
            "Jane Holloway_123456_assignsubmission_onlinetext/onlinetext.html",
            "Group A_77_assignsubmission_file/assignment.py",
            "Participant_900_assignsubmission_file/assignment.py",
            "Participant_900_assignsubmission_onlinetext/onlinetext.html",
        )
    )
    found = {submission.people[0].name + submission.people[0].lms_id: submission for submission in source.submissions}
    assert found["Jane Holloway123456"].state == UNUSABLE
    assert found["Group A77"].path is not None
    assert found["Participant 900900"].notes == ("There is an online text beside the files.",)


def test_a_blind_worksheet_knows_its_participants_and_a_surname_that_stands_first_its_person(tmp_path):
    names = ("Participant_811", "Participant_812", "van der Berg Anne_82")
    folder = put(tmp_path / "class", *(f"{name}_assignsubmission_file/assignment.py" for name in names))
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address\nParticipant 811,,\nParticipant 812,,\nParticipant 813,,\n"
        ",Anne van der Berg,anne@e.edu\n"
    )
    source, _ = opened(folder, people=worksheet)
    found = {
        submission.people[0].title: (submission.people[0].email, submission.state) for submission in source.submissions
    }
    assert found == {
        "Participant 811": ("", ""), "Participant 812": ("", ""), "Participant 813": ("", NOTHING),
        "Anne van der Berg": ("anne@e.edu", ""),
    }  # fmt: skip


@pytest.mark.parametrize("listed", [False, True])
def test_a_folder_from_a_drive_is_a_class_though_somebody_handed_in_no_archive(tmp_path, listed):
    names = ("Ada Lovelace - beras.zip", "Grace Hopper - hw.zip", "Alan Turing - notes.gdoc")
    put(tmp_path / "class", *(f"Homework 2/{name}" for name in names))
    people = tmp_path / "people.csv"
    people.write_text("Name,Email\nAda Lovelace,a@e.edu\nGrace Hopper,g@e.edu\nAlan Turing,t@e.edu\n")
    source, _ = opened(tmp_path / "class", people=people if listed else None)
    assert len(source.submissions) == 3
    assert all(submission.path is not None for submission in source.submissions)


def test_two_archives_of_one_person_are_no_class_where_the_roster_knows_the_person(tmp_path):
    put(tmp_path / "class", "Ada Lovelace/beras.zip", "Ada Lovelace/conceptual.zip")
    people = tmp_path / "people.csv"
    people.write_text("Name,Email\nAda Lovelace,a@e.edu\n")
    source, _ = opened(tmp_path / "class", people=people)
    assert [submission.people[0].email for submission in source.submissions] == ["a@e.edu"]


def test_moodle_s_worksheet_says_who_handed_in_nothing_and_who_is_in_a_group(tmp_path):
    folder = put(tmp_path / "class", "Group A_77_assignsubmission_file/assignment.py", "x_1_assignsubmission_file/a.py")
    worksheet = tmp_path / "worksheet.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address,Group\nParticipant 1,x,x@e.edu,\nParticipant 2,Ada,ada@e.edu,Group A\n"
        "Participant 3,Eve,eve@e.edu,Group A\nParticipant 4,Ray,ray@e.edu,\n"
    )
    source, _ = opened(folder, people=worksheet)
    found = {
        submission.id: ([person.name for person in submission.people], submission.state)
        for submission in source.submissions
    }
    assert found == {
        "Group_A_77": (["Ada", "Eve"], ""), "x_1": (["x"], ""), "ray@e.edu": (["Ray"], NOTHING),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "time"),
    [
        ("Sep 24, 2024 926 PM", "2024-09-24T21:26:00-04:00"),
        ("Feb 26, 2024 1201 AM", "2024-02-26T00:01:00-05:00"),
        ("Feb 26, 2024 1205 PM", "2024-02-26T12:05:00-05:00"),
        ("Feb 26, 2024 112 PM", "2024-02-26T13:12:00-05:00"),
        ("February 6, 2024 1112 PM", "2024-02-06T23:12:00-05:00"),
        ("26 February, 2024 1730", "2024-02-26T17:30:00-05:00"),
        ("26 février 2024 1754", "2024-02-26T17:54:00-05:00"),
        ("1. März 2024 805", "2024-03-01T08:05:00-05:00"),
        ("15 de agosto de 2024 1754", "2024-08-15T17:54:00-04:00"),
        ("3 juin 2024 754", "2024-06-03T07:54:00-04:00"),
    ],
)
def test_brightspace_s_times_are_read_in_the_course_s_zone(tmp_path, moment, time):
    folder = put(tmp_path, f"397063-2557369 - Mary-Ann Smith - {moment}/assignment.py", "index.html")
    source, files = opened(folder, zone=EASTERN)
    (submission,) = source.submissions
    assert (submission.people[0].name, submission.created_at) == ("Mary-Ann Smith", time)
    assert files[submission.id] == ["assignment.py"]


def test_brightspace_s_dates_that_cannot_be_read_are_said_and_a_number_before_the_name_is_the_person_s(tmp_path):
    folder = put(tmp_path, "1-2 - N0123456 - Ada Ray- 26 Şubat 2024 1754 - hw.zip", "index.html")
    source, _ = opened(folder, zone=EASTERN)
    assert source.submissions[0].people == (Person("Ada Ray", sid="N0123456"),)
    assert "The time in 1 name cannot be read, 1-2 - N0123456 - Ada Ray- 26 Şubat 2024 1754" in source.notes[0]


def test_brightspace_s_last_attempt_is_graded_and_without_a_zone_nobody_is_late(tmp_path):
    folder = put(
        tmp_path,
        "1-2 - Ada Ray - Sep 24, 2024 926 PM/early.py",
        "1-2 - Ada Ray - Sep 25, 2024 926 AM/later.py",
        "1-3 - Li Wei - Sep 24, 2024 926 PM - assignment.py",
        "1-3 - Li Wei - Sep 24, 2024 926 PM - preprocess.py",
    )
    source, files = opened(folder)
    ada, wei = source.submissions
    assert files[ada.id] == ["later.py"]
    assert ada.facts == ("2 attempts; the last one is graded.",)
    assert files[wei.id] == ["assignment.py", "preprocess.py"]
    assert ada.created_at == wei.created_at == ""
    assert any("set timezone in [due]" in note for note in source.notes)


def test_brightspace_s_people_of_one_name_whom_no_number_tells_apart_are_named(tmp_path):
    names = ("Li Wei - Sep 24", "Li Wei - Sep 25", "Ada Ray - Sep 24")
    folder = put(tmp_path, *(f"7-7 - {name}, 2024 926 PM/assignment.py" for name in names))
    source, _ = opened(folder, zone=EASTERN)
    (note,) = source.notes
    assert note.endswith("only the last attempt is graded: Li Wei.")


def test_people_without_names_on_moodle_are_told_apart_in_every_language(tmp_path):
    folder = put(tmp_path, *(f"Teilnehmerin_81{n}_assignsubmission_file/assignment.py" for n in range(3)))
    people = {one.people[0] for one in opened(folder)[0].submissions}
    assert people == {Person(f"Teilnehmerin 81{n}", lms_id=f"81{n}") for n in range(3)}


TEXT = "Name: {} ({})\nAssignment: HW\nDate Submitted: Monday, February 26, 2024 5:55:03 PM EST\n"


@pytest.mark.parametrize("zipped", [False, True])
def test_blackboard_s_last_attempt_is_graded_and_its_text_tells_who_it_is(tmp_path, zipped):
    folder = put(
        tmp_path / "class",
        "HW 2_a_love_attempt_2024-02-26-17-55-03_assignment.py",
        "HW 2_a_love_attempt_2024-02-26-17-55-03_preprocess.py",
        "HW 2_a_love_attempt_2024-02-24-10-00-00_assignment.py",
        "HW 2_rd_attempt_2024-02-25-10-00-00_hw.zip",
    )  # fmt: skip
    (folder / "HW 2_a_love_attempt_2024-02-26-17-55-03.txt").write_text(TEXT.format("Ada Lovelace", "a_love"))
    (folder / "HW 2_cy_attempt_2024-02-26-17-00-00.txt").write_text(TEXT.format("Cy Ng", "cy"))
    source, files = opened(pack(folder) if zipped else folder, zone=EASTERN)
    found = {submission.people[0]: submission for submission in source.submissions}
    ada, cy, ray = Person("Ada Lovelace", login="a_love"), Person("Cy Ng", login="cy"), Person("rd", login="rd")
    assert set(found) == {ada, cy, ray}
    assert files[found[ada].id] == ["assignment.py", "preprocess.py"]
    assert found[ada].facts == ("2 attempts; the last one is graded.",)
    assert found[ada].created_at == "2024-02-26T17:55:03-05:00"
    assert (found[cy].state, found[cy].path) == (UNUSABLE, None)
    assert found[ray].path.name.endswith("hw.zip")
    assert source.kind == "Blackboard's download"


@pytest.mark.parametrize("zipped", [False, True])
def test_sakai_s_folders_give_names_times_and_who_handed_in_nothing(tmp_path, zipped):
    folder = put(
        tmp_path / "class",
        "Homework 1/Lovelace, Ada(alove)/Submission attachment(s)/assignment.py",
        "Homework 1/Der, Ray(rd)/comments.txt",
        "Homework 1/Ng, Cy(cy)/Submission attachment(s)/hw.rar", "Homework 1/Wei, Li(lw)/timestamp.txt",
        "Homework 1/Ty, Mo(mo)/handed-in-by-mail.py",
    )  # fmt: skip
    for name in ("Lovelace, Ada(alove)", "Wei, Li(lw)"):
        (folder / "Homework 1" / name / "timestamp.txt").write_text("20240226225503000")
    source, files = opened(pack(folder) if zipped else folder)
    states = {
        submission.people[0].name: (submission.people[0].login, submission.state) for submission in source.submissions
    }
    assert states == {
        "Lovelace, Ada": ("alove", ""), "Der, Ray": ("rd", NOTHING), "Ng, Cy": ("cy", ""), "Wei, Li": ("lw", UNUSABLE),
        "Ty, Mo": ("mo", ""),
    }  # fmt: skip
    ada = next(submission for submission in source.submissions if submission.id == "alove")
    assert (ada.created_at, files["alove"], files["cy"]) == (
        "2024-02-26T22:55:03+00:00", ["assignment.py"], ["hw.rar"],
    )  # fmt: skip


GROUP, ANONYMOUS = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"


@pytest.mark.parametrize("zipped", [False, True])
def test_sakai_s_groups_name_their_members_and_who_is_anonymous_has_a_number(tmp_path, zipped):
    tensors, nobody = f"HW/Tensors ({GROUP})", f"HW/{ANONYMOUS} Anonymous Submission"
    folder = put(
        tmp_path / "class",
        f"{tensors}/Submission attachment(s)/assignment.py",
        f"{tensors}/members.txt",
        f"{tensors}/timestamp.txt",
        f"{nobody}/Ficheros/assignment.py",
        f"{nobody}/timestamp.txt",
        *(f"HW/Ng, Cy(cy{number})/comments.txt" for number in range(9)),
    )
    (folder / tensors / "members.txt").write_text("Lovelace, Ad&eacute;(alove); Der, Ray(rd)")
    (folder / tensors / "timestamp.txt").write_text("2024-02-26T22:55:03.120Z")
    source, files = opened(pack(folder) if zipped else folder)
    group, alone, *absent = sorted(source.submissions, key=lambda one: one.id)
    assert {one.state for one in absent} == {NOTHING}
    assert group.people == (Person("Lovelace, Adé", login="alove"), Person("Der, Ray", login="rd"))
    assert (group.created_at, files[group.id]) == ("2024-02-26T22:55:03+00:00", ["assignment.py"])
    assert alone.people == (Person(f"{ANONYMOUS} Anonymous Submission"),)
    assert (alone.path.name, source.kind) == (f"{ANONYMOUS} Anonymous Submission", "Sakai's download")


def test_sakai_s_download_without_folders_is_put_together(tmp_path):
    folder = put(
        tmp_path,
        "HW/Lovelace, Ada(alove)_Submission attachment(s)_assignment.py",
        "HW/Lovelace, Ada(alove)_Submission attachment(s)_preprocess.py",
        "HW/Lovelace, Ada(alove)_comments.txt",
        "HW/Der, Ray(rd)_Submission attachment(s)_hw.zip",
        "HW/Wei, Li(lw)__submissionText.html",
        "HW/Ty, Mo(mo)_comments.txt",
        "HW/Mal, Ory(mo)_Submission attachment(s)_x(rd)_Submission attachment(s)_hw.zip",
        "HW/grades.csv",
    )
    source, files = opened(folder)
    found = {one.people[0].login if one.people else "": one for one in source.submissions}
    assert {login: one.state for login, one in found.items()} == {
        "alove": "", "rd": "", "lw": UNUSABLE, "mo": NOTHING, "": "",
    }  # fmt: skip
    assert files["alove"] == ["assignment.py", "preprocess.py"]
    assert found["rd"].path.name.endswith("_hw.zip")


def test_autolab_s_last_version_is_graded(tmp_path):
    source, _ = opened(put(tmp_path, "a@e.edu_3_handin.zip", "r_d@e.edu_12_handin.zip", "r_d@e.edu_2_handin.zip"))
    found = {submission.people[0].email: submission.path.name for submission in source.submissions}
    assert found == {"a@e.edu": "a@e.edu_3_handin.zip", "r_d@e.edu": "r_d@e.edu_12_handin.zip"}


@pytest.mark.parametrize(("active", "graded"), [(1, ["first.py"]), (2, ["second.py"]), (9, ["second.py"]), (0, None)])
def test_submitty_s_active_version_is_graded(tmp_path, active, graded):
    put(tmp_path, "ada/1/first.py", "ada/2/second.py", "ray/1/assignment.py")
    (tmp_path / "ada" / "user_assignment_settings.json").write_text(f'{{"active_version": {active}}}')
    source, files = opened(pack(tmp_path))
    ada, _ = source.submissions
    assert files.get("ada") == graded
    assert (ada.state == NOTHING) == (graded is None)
    assert files["ray"] == ["assignment.py"]


def test_folders_of_numbers_are_people_where_no_version_is_said_to_be_active(tmp_path):
    source, _ = opened(put(tmp_path, "0012/1/assignment.py", "0013/1/assignment.py"))
    assert (source.kind, len(source.submissions)) == ("a folder of submissions", 2)


def test_a_group_s_work_on_canvas_is_its_members_by_canvas_s_own_group_set(tmp_path):
    folder = put(tmp_path / "class", "thetensors_1001_6001_hw.zip", "hopperg_1003_6002_hw.zip")
    groups = tmp_path / "groups.csv"
    groups.write_text(
        "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
        "Ada Lovelace,1001,B1,al,S1,The Tensors,7,\nRay Der,1002,B2,rd,S1,The Tensors,7,\nG Hopper,1003,B3,gh,S1,,,\n"
    )
    source, _ = opened(folder, people=groups)
    people = {tuple(person.name for person in submission.people) for submission in source.submissions}
    assert people == {("Ada Lovelace", "Ray Der"), ("G Hopper",)}


def test_what_is_no_archive_in_a_folder_of_submissions_is_somebody_s_all_the_same(tmp_path):
    source, _ = opened(put(tmp_path, "ada.zip", "bob.rar", "cy.ipynb", "notes.txt"))
    assert {submission.people[0].name for submission in source.submissions} == {"ada", "bob", "cy"}
    assert len(source.notes) == 1


def test_a_zip_in_which_every_name_is_in_another_script_is_read(tmp_path):
    names = ["Łucja", "李小龙", "محمد", "Ἀριστοτέλης", "Дмитрий", "รัตนา", "זאב", "데이비드", "शर्मा", "Zoë"]
    packed = tmp_path / "class.zip"
    with zipfile.ZipFile(packed, "w") as zipped:
        for name in names:
            zipped.writestr(f"{name}/assignment.py", "x = 1")
    source, _ = opened(packed)
    assert {submission.people[0].name for submission in source.submissions} == set(names)
    # Zips of some tools hold UTF-8 and do not say so.
    raw = packed.read_bytes()
    packed.write_bytes(
        raw.replace(b"\x14\x00\x00\x08", b"\x14\x00\x00\x00").replace(
            b"\x14\x03\x14\x00\x00\x08", b"\x14\x03\x14\x00\x00\x00"
        )
    )
    source, _ = opened(packed)
    assert {submission.people[0].name for submission in source.submissions} == set(names)


def test_a_folder_of_ten_thousand_entries_is_read(tmp_path):
    for number in range(10_000):
        (tmp_path / f"student{number}").mkdir()
    source, _ = opened(tmp_path)
    assert len(source.submissions) == 10_000


@pytest.mark.parametrize("name", ["options.py", "report.py", "aux.py"])
def test_a_file_keeps_the_name_by_which_the_student_s_code_imports_it(tmp_path, name):
    folder = put(tmp_path / "canvas", f"lovelaceada_1001_5551_{name}", "lovelaceada_1001_5552_assignment.py")
    put(folder, "hopper_1002_5553_assignment.py")
    _, files = opened(folder)
    assert sorted([name, "assignment.py"]) in files.values()
    moodle = put(tmp_path / "moodle", f"Ada Lovelace_1001_assignsubmission_file_/{name}")
    moodle = put(moodle, "Ada Lovelace_1001_assignsubmission_file_/assignment.py")
    _, files = opened(moodle)
    assert sorted([name, "assignment.py"]) in files.values()
