"""Rosters as universities, learning platforms and spreadsheets write them, and who is found by them.

Headings and cells are those of GitHub Classroom's classroom_roster.csv, Canvas's gradebook export (`GradebookExporter`
in canvas-lms), Gradescope's roster and grade exports, Moodle's grading worksheet and Brightspace's grade export.
"""

import subprocess

import pytest

from autograder.base.errors import AssignmentError
from autograder.base.people import Person, fold_name, split_name
from autograder.classroom import sources
from autograder.classroom.sources import ClassSubmission, Source, joining, roster

CANVAS = (
    '"Student","ID","SIS User ID","SIS Login ID","Section","Homework 1 (901234)","Current Score"\n'
    '"    Points Possible","","","","","10.0","(read only)"\n'
    '"Lovelace, Ada","1001","B0001","alovelac","CSCI-2470-S01","9.0","92.5"\n'
    '"O\'Brien, Pat","1007","B0007","pobrien@example.edu","CSCI-2470-S01","",""\n'
    '"Student, Test","1999","","a6d9","CSCI-2470-S01","",""\n'
)
GITHUB = '"identifier","github_username","github_id","name"\n"B01","ada","1","Zoë"\n"eve@example.edu","Eve-X","2",""\n'
GRADESCOPE = (
    "First Name,Last Name,SID,Email,Sections,section_name,Total Score,Max Points,Status\n"
    "Zoë,Nowak,B9,zoe@example.edu,,,,,Missing\n"
)
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n"
    'Participant 123456,Jane Holloway,jane@example.edu,"Submitted for grading - ",,100.00\n'
)
BRIGHTSPACE = (
    "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n"
    "#400123456,#doej,Doe,John,doej@example.edu,#\n"
)
OWN = "Name;E-Mail;Student Number\nŁucja Żak;lucja@example.edu;0012\n"


def read(tmp_path, content, encoding="utf-8"):
    file = tmp_path / "people.csv"
    file.write_bytes(content.encode(encoding))
    return [member.person for member in roster.read(file).members]


@pytest.mark.parametrize(
    ("content", "people"),
    [
        (CANVAS, [Person("Lovelace, Ada", "", "B0001", "alovelac", "1001"),
                  Person("O'Brien, Pat", "pobrien@example.edu", "B0007", "pobrien@example.edu", "1007")]),
        (GITHUB, [Person("Zoë", "", "B01", "ada"), Person("Eve-X", "eve@example.edu", "", "Eve-X")]),
        (GRADESCOPE, [Person("Zoë Nowak", "zoe@example.edu", "B9")]),
        (MOODLE, [Person("Jane Holloway", "jane@example.edu", "", "", "123456")]),
        (BRIGHTSPACE, [Person("John Doe", "doej@example.edu", "400123456", "doej")]),
        (OWN, [Person("Łucja Żak", "lucja@example.edu", "0012")]),
        ("Student ID\tNetID\tFull Name\n0012\tlz1\tŁucja Żak\n", [Person("Łucja Żak", "", "0012", "lz1")]),
        ("id,name\n0012,Ada\n", [Person("Ada", "", "0012")]),
        ("Spring 2026\n\nname,email\nAda,ada@example.edu\n", [Person("Ada", "ada@example.edu")]),
        ("sep=;\r\nname;email\r\nAda;ada@example.edu\r\n", [Person("Ada", "ada@example.edu")]),
        ("name,email\rAda,ada@example.edu\r", [Person("Ada", "ada@example.edu")]),
    ],
)  # fmt: skip
def test_a_roster_of_any_platform_gives_its_people(tmp_path, content, people):
    assert read(tmp_path, content) == people


ADA = Person("Ada Lovelace", "ada@example.edu")


@pytest.mark.parametrize(
    ("content", "person"),
    [
        # GradebookExporter with first and last names in columns of their own, and a line about posting
        (("LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,HW (1)\n,,,,,,Manual Posting\n"
         "    Points Possible,,,,,,10\nLovelace,Ada,1001,B1,alove,S1,9\nStudent,Test,1999,,abc,S1,\n"),
         Person("Ada Lovelace", "", "B1", "alove", "1001")),
        # the same in a locale with semicolons and decimal commas (CSVWithI18n)
        (('\ufeffStudent;ID;SIS User ID;SIS Login ID;Section;HW (1)\n    Points Possible;;;;;10,00\n'
         '"Lovelace, Ada";1001;B1;alove;S1;9,50\n'), Person("Lovelace, Ada", "", "B1", "alove", "1001")),
        # Canvas's group sets
        (("name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
         "Ada Lovelace,1001,B1,alove,S1,The Tensors,7,\n"), Person("Ada Lovelace", "", "B1", "alove", "1001")),
        # Gradescope's roster, Moodle's participants, Ed's, PrairieLearn's: staff are there, too
        (("First Name,Last Name,SID,Email,Role,Section\nAda,Lovelace,,ada@example.edu,Student,\n"
         "Ina,Prof,,i@e.edu,Instructor,\nTom,T,,t@e.edu,TA,\nRay,R,,r@e.edu,Reader,\n"), ADA),
        (("First name,Last name,ID number,Email address,Roles,Groups\nAda,Lovelace,,ada@example.edu,Student,\n"
         "Ina,Prof,,i@e.edu,Teacher,\nTom,T,,t@e.edu,Non-editing teacher,\n"), ADA),
        ("name,email,role,tutorial,sourced_id\nAda Lovelace,ada@example.edu,student,T1,\nIna,i@e.edu,admin,,\n", ADA),
        ("UID,UIN,Name,Role,HW1\nada@example.edu,B1,Ada Lovelace,Student,9\nina@example.edu,,Ina Prof,Staff,\n",
         Person("Ada Lovelace", "ada@example.edu", "B1", "ada@example.edu")),
        # Blackboard's Grade Center, with its preview user
        (('"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"HW [Total Pts: 10 Score] |123"\n'
         '"Lovelace"\t"Ada"\t"alove"\t"B1"\t"9"\n"Demo"\t"Ina_previewuser"\t"ina_previewuser"\t""\t""\n'),
         Person("Ada Lovelace", "", "B1", "alove")),
        # Google Classroom, with lines of dates, points and means above the first person
        (("Last Name,First Name,Email Address,Homework 1\nDate,,,2/26/2024\nPoints,,,100\nClass Average,,,77\n"
         "Lovelace,Ada,ada@example.edu,95\n"), ADA),
        # a university's own: UCSB's eGrades, Sakai's grades.csv, nbgrader's and Submitty's lists
        (("Enrl Cd,Perm #,Grade,Student Last,Student First Middle,Quarter,Section,Email,ClassLevel\n"
         "08235,A1,,LOVELACE,ADA KING,F23,0100,ada@example.edu,SR\n"),
         Person("ADA KING LOVELACE", "ada@example.edu", "A1")),
        (('"Homework 1","Points"\n""\n"Display ID","ID","Last Name","First Name","grade"\n'
         '"alove","alove","Lovelace","Ada",""\n'), Person("Ada Lovelace", "", "", "alove")),
        ("id,first_name,last_name,email,lms_user_id\nalove,Ada,Lovelace,ada@example.edu,1001\n",
         Person("Ada Lovelace", "ada@example.edu", "alove", "", "1001")),
        (("user_id,user_numeric_id,user_givenname,user_familyname,user_email,registration_section\n"
         "alove,0012,Ada,Lovelace,ada@example.edu,1\n"), Person("Ada Lovelace", "ada@example.edu", "0012", "alove")),
        # a form's questions as headings, marks of what must be filled in, a name in two lines
        (("Timestamp,Email Address,What is your full name?,What is your GitHub username?\n"
         "2/1/2024 10:00:00,ada@example.edu,Ada Lovelace,alove\n"),
         Person("Ada Lovelace", "ada@example.edu", "", "alove")),
        ("Name*,E-Mail\xa0Address*\nAda Lovelace,ada@example.edu\n", ADA),
        ('Name,Email\n"Ada\nLovelace",ada@example.edu\n', ADA),
        ("Preferred Name,Legal Last Name,Campus Email\nAda,Lovelace,ada@example.edu\n", ADA),
        # how to speak of somebody, and a login as it is copied from a browser
        ("Name,Email\nAda Lovelace (she/her),ada@example.edu\n", ADA),
        ("Name,Email,GitHub username\nAda Lovelace,ada@example.edu,https://github.com/alove/\n",
         Person("Ada Lovelace", "ada@example.edu", "", "alove")),
    ],
)  # fmt: skip
def test_of_an_export_with_more_in_it_the_students_are_read(tmp_path, content, person):
    assert read(tmp_path, content) == [person]


def test_who_was_left_out_of_a_roster_is_said(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("Name,Email,Role\nAda,a@e.edu,Student\nIna,i@e.edu,Instructor\nTom,t@e.edu,TA\nUma,u@e.edu,TA\n")
    assert roster.read(file).notes == ("people.csv: who is no student was left out (1 Instructor, 2 TA).",)
    file.write_text("Name,Email,Role\nAda,a@e.edu,Blue\nIna,i@e.edu,Red\n")
    assert len(roster.read(file).members) == 2, "roles that mean nothing here leave nobody out"


@pytest.mark.parametrize("content", ["S24,ada@e.edu,Lovelace,Ada,SCS\n", "ada@e.edu\nray@e.edu\n"])
def test_a_list_without_headings_says_what_to_write(tmp_path, content):
    with pytest.raises(AssignmentError, match=r"line 1: .*It has no headings: write a line of them above, name,email"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("0012_Ada_Lovelace", "Ada Lovelace"),
        ("Lovelace, Ada (alove)", "Ada Lovelace"),
        ("beras (1) - Ada Lovelace", "Ada Lovelace"),
        ("ada@example.edu-final", "Ada Lovelace"),
        ("hw-0012", "Ada Lovelace"),
        ("Ray Der - assignment", "Ray Der"),
        ("gabriel garcía márquez hw", "Gabriel García Márquez"),
        ("garcíamárquezgabriel", "Gabriel García Márquez"),
        ("Ada King Lovelace", "Ada King Lovelace"),
        ("Ray Der for Ada Lovelace", None),
        ("Sam hw", None),
        ("Adam Lovelaces", None),
    ],
)
def test_a_longer_name_that_holds_one_person_is_that_person_s(tmp_path, text, who):
    file = tmp_path / "people.csv"
    file.write_text(
        "Name,Login,Student ID,Email\nAda Lovelace,alove,0012,ada@example.edu\nRay Der,rd,0013,\n"
        "Ada King Lovelace,akl,,\nGabriel García Márquez,gg,,\nSam,s1,,\nSam,s2,,\n"
    )
    found = roster.read(file).find(Person(text))
    assert (found.name if found is not None else None) == who


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("11", "ada@e.edu"),  # a number of two digits, whole
        ("ray9", "ray9@e.edu"),  # what stands before an address's @
        ("Hopper Grace Brewster", "gbh@e.edu"),
        ("Grace Hopper", "gbh@e.edu"),  # the roster has more names
        ("Grace B. Hopper", "gbh@e.edu"),
        ("Grace Murray Hopper", ""),  # another middle name is another person
        ("Ada Augusta Lovelace", "ada@e.edu"),  # the roster has fewer
        ("Addie Lovelace", ""),
        ("Li Wei", ""),  # two of them, for all that is known
        ("Tom Jones", "tj@e.edu"),
        ("Jones Tom", "jt@e.edu"),
    ],
)
def test_a_name_with_more_or_fewer_words_is_a_person_s_where_it_can_be_one_alone(tmp_path, text, who):
    file = tmp_path / "people.csv"
    file.write_text(
        "Name,Student ID,Email\nAda (Addie) Lovelace,11,ada@e.edu\nRay Der,12,ray9@e.edu\n"
        '"Hopper, Grace Brewster",13,gbh@e.edu\nLi Xiao Wei,14,a@e.edu\nLi Da Wei,15,b@e.edu\n'
        "Tom Jones,16,tj@e.edu\nJones Tom,17,jt@e.edu\n"
    )
    found = roster.read(file).find(Person(text))
    assert (found.email if found is not None else "") == who


def test_a_roster_of_excel_for_an_old_mac_is_read(tmp_path):
    people = read(tmp_path, "Name,Email\rZoë Ångström,z@e.edu\r", "mac-roman")
    assert people == [Person("Zoë Ångström", "z@e.edu")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_a_roster_in_any_encoding_of_a_spreadsheet_is_read(tmp_path, encoding):
    people = read(tmp_path, GITHUB, encoding)
    assert people[0].name == "Zoë"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("grade,comment\n1,good\n", "line 1: the columns are grade, comment; expected name or"),
        ("name,email\n", "names nobody"),
        ("name,email\nLovelace, Ada,ada@example.edu\n", "line 2: 3 cells under 2 headings"),
        ("PK\x03\x04", "save it as CSV"),
        ('name,email\n"Ada,ada@example.edu\n' + "x" * 200_000, "quotation mark"),
    ],
)
def test_what_is_no_roster_names_file_line_and_what_is_expected(tmp_path, content, told):
    with pytest.raises(AssignmentError, match=rf"people\.csv.*{told}"):
        read(tmp_path, content)


def test_a_table_of_a_hundred_megabytes_is_refused_at_once(tmp_path):
    file = tmp_path / "people.csv"
    with file.open("wb") as opened:
        opened.write(b"name,email\n")
        opened.truncate(100 * 2**20)
    with pytest.raises(AssignmentError, match="100 MB; at most 32 are read"):
        roster.read(file)


def test_two_people_of_one_number_one_address_or_one_name_are_each_said(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text('name,sid,email\nSam,B3,s@example.edu\nSim,b3,S@example.edu\n"Ray, Ada",B4,\nAda Ray,B5,\n')
    assert roster.read(file).notes == (
        "people.csv: 2 people have the number 'b3': Sam, Sim.",
        "people.csv: 2 people have the address 's@example.edu': Sam, Sim.",
        "people.csv: 2 people are called 'ada ray'; to mean one of them, write a number or an address.",
    )


def test_names_are_one_however_they_are_typed():
    assert fold_name("Lovelace, Ada") == fold_name("ada  lovelace")
    assert Person("Zoë").is_called("Zoe\u0308")
    assert Person("Love, Ada").is_called("Ada Love")
    assert not Person("King, Jr., Martin").is_called("Jr., Martin King")
    assert split_name("Lovelace, Ada King") == ("Ada King", "Lovelace")
    assert split_name("Plato") == ("Plato", "")


def clone(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)
        subprocess.run(["git", "init", "-q"], cwd=folder / name, check=True)
        (folder / name / "assignment.py").write_text("x = 1")
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.edu")
        subprocess.run(["git", "add", "-A"], cwd=folder / name, check=True)
        subprocess.run(["git", *identity, "commit", "-qm", "work"], cwd=folder / name, check=True)


def opened(folder, **options):
    with sources.open_source(folder, **options) as source:
        return source


@pytest.mark.parametrize(
    ("names", "logins"),
    [
        (("beras-ada-lee",), {"ada-lee"}),
        (("beras-ada-lee", "beras-ada-ray"), {"ada-lee", "ada-ray"}),
        (("hw-2-ada-lee", "hw-2-eve"), {"ada-lee", "eve"}),
    ],
)
@pytest.mark.git
def test_a_repository_is_of_the_longest_login_behind_what_all_names_begin_with(tmp_path, names, logins):
    clone(tmp_path, *names)
    people = ["lee", "eve", "ada-lee", "ada-ray"]
    lines = "".join(f"{login}@example.edu,{login}\n" for login in people)
    (tmp_path / "classroom_roster.csv").write_text(f"identifier,github_username\n{lines}")
    found = {submission.people[0] for submission in opened(tmp_path).submissions if submission.path}
    assert {person.login for person in found} == logins
    assert all(person.email == f"{person.login}@example.edu" for person in found)


def test_the_second_repository_of_whoever_accepted_twice_is_that_person_s_where_nobody_has_the_first(tmp_path):
    for name in ("beras-ada-l-1", "beras-cy-2", "beras-eve"):
        (tmp_path / name / ".git").mkdir(parents=True)
    (tmp_path / "classroom_roster.csv").write_text("identifier,github_username\nAda,ada-l\nCy,cy-2\nEve,eve\n")
    assert [one.people[0].login for one in opened(tmp_path).submissions] == ["ada-l", "cy-2", "eve"]


def test_a_login_that_ends_in_another_s_or_adds_a_number_to_it_is_not_that_person_s(tmp_path):
    for name in ("beras-ada", "beras-ada-1", "beras-grace", "beras-mal-ada", "beras-the-real-ada"):
        (tmp_path / name / ".git").mkdir(parents=True)
    (tmp_path / "classroom_roster.csv").write_text("identifier,github_username\na@x.edu,ada\ng@x.edu,grace\n")
    found = {one.id: one for one in opened(tmp_path).submissions}
    assert {name: one.people[0].email for name, one in found.items() if one.people[0].email} == {
        "beras-ada": "a@x.edu",
        "beras-grace": "g@x.edu",
    }
    assert found["beras-ada-1"].people[0].name == "claims to be ada"
    assert "who has another one (beras-ada)" in found["beras-ada-1"].notes[0]
    assert found["beras-mal-ada"].people[0].title == "mal-ada"
    assert found["beras-ada"].notes == ()


@pytest.mark.git
def test_a_team_s_repository_is_of_all_its_members(tmp_path):
    clone(tmp_path, "beras-the-tensors", "beras-eve")
    (tmp_path / "roster.csv").write_text(
        "identifier,github_username,team\nada@example.edu,ada,The Tensors\n"
        "ray@example.edu,ray,The Tensors\ne@example.edu,eve,\n"
    )
    people = {
        submission.id: [person.email for person in submission.people] for submission in opened(tmp_path).submissions
    }
    assert people == {"beras-the-tensors": ["ada@example.edu", "ray@example.edu"], "beras-eve": ["e@example.edu"]}


@pytest.mark.git
def test_a_roster_beside_the_clones_that_cannot_be_read_costs_names_and_nobody(tmp_path):
    clone(tmp_path, "beras-ada", "beras-eve")
    (tmp_path / "classroom_roster.csv").write_text("this,is\nno,roster\n")
    source = opened(tmp_path)
    assert {submission.people[0].title for submission in source.submissions} == {"ada", "eve"}
    assert any("line 1: the columns are this, is; expected" in note for note in source.notes)


@pytest.mark.git
def test_a_roster_beside_the_clones_is_taken_as_one_that_is_named(tmp_path):
    folder = tmp_path / "class"
    clone(folder, "beras-ada", "beras-eve")
    file = folder / "classroom_roster.csv"
    file.write_text(
        '"identifier","github_username","github_id","name"\n"ada@x.edu","ada","1","Ada"\n"gil@x.edu","","",""\n'
    )
    beside, named = opened(folder), opened(folder, people=file)
    told = [[(one.id, one.people, one.notes, one.problem) for one in each.submissions] for each in (beside, named)]
    assert told[0] == told[1]
    assert beside.notes == named.notes
    found = {submission.id: submission for submission in beside.submissions}
    assert found["gil@x.edu"].state == sources.NOTHING
    assert found["beras-eve"].notes == ("eve is not in the roster.",)
    assert any("The roster lists nobody of 1 submission: beras-eve" in note for note in beside.notes)


@pytest.mark.git
def test_of_two_rosters_beside_the_clones_nobody_is_missing(tmp_path):
    clone(tmp_path, "beras-ada", "beras-eve")
    for name, person in (("roster-a.csv", "ada"), ("roster-b.csv", "gil")):
        (tmp_path / name).write_text(f"identifier,github_username\n{person}@x.edu,{person}\n")
    source = opened(tmp_path)
    assert [(one.id, one.people[0].email) for one in source.submissions] == [
        ("beras-ada", "ada@x.edu"),
        ("beras-eve", ""),
    ]
    assert any("There are 2 rosters (roster-a.csv, roster-b.csv)" in note for note in source.notes)


def export(folder, *people):
    """A folder with Gradescope's export of people with addresses and numbers."""
    head = "".join(
        f"submission_{n}:\n  :submitters:\n  - :name: {name}\n    :email: {email}\n    :sid: '{sid}'\n"
        for n, (name, email, sid) in enumerate(people)
    )
    for n in range(len(people)):
        (folder / f"submission_{n}").mkdir(parents=True)
    (folder / "submission_metadata.yml").write_text(head)
    return folder


EVE, GIL = ("Early Eve", "eve@x.edu", "0800123001"), ("Gil Ray", "gil@x.edu", "0800123002")


@pytest.mark.parametrize("head", ["sid,name,email", "Student ID,name,email", "sid,name"])
@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (("0800123001", "0800123002"), ""),
        (("800123001", "800123002"), "2 numbers in the roster have lost their leading zeros (800123001, which is 0800"),
        (("800123001.0", "800123002.0"), "2 numbers in the roster have lost their leading zeros"),
        (("8.00123E+08", "8.00123E+08"), "roster.csv: 2 numbers were left out, 8.00123E+08 for instance"),
        (("8,00123e+08", "8,00123e+08"), "roster.csv: 2 numbers were left out, 8,00123e+08 for instance"),
    ],
)
def test_a_number_that_a_spreadsheet_spoiled_replaces_none_and_is_said(tmp_path, head, numbers, said):
    columns = head.count(",") + 1
    rows = [(f'"{number}"', *person[:2])[:columns] for number, person in zip(numbers, (EVE, GIL), strict=True)]
    file = tmp_path / "roster.csv"
    file.write_text("\n".join([head, *map(",".join, rows)]) + "\n")
    source = opened(export(tmp_path / "class", EVE, GIL), people=file)
    assert [[one.people[0].sid for one in source.submissions], len(source.submissions)] == [[EVE[2], GIL[2]], 2]
    assert [one.people[0].name for one in source.submissions] == ["Early Eve", "Gil Ray"]
    told = " ".join(source.notes)
    assert said in told
    assert ("spreadsheet" in told) == bool(said)


@pytest.mark.parametrize("heading", ["Status", "Enrollment Status", "Registration Status"])
@pytest.mark.parametrize("word", ["Dropped", "withdrawn", "W - Web Withdrawal", "Drop/Delete", "inactive"])
def test_nobody_waits_for_who_left_the_course(tmp_path, heading, word):
    file = tmp_path / "roster.csv"
    file.write_text(
        f"name,email,{heading}\nEarly Eve,eve@x.edu,{word}\nNo Show,ns@x.edu,{word}\nAnn Lee,ann@x.edu,Registered\n"
    )
    source = opened(export(tmp_path / "class", EVE), people=file)
    assert [one.people[0].name for one in source.submissions] == ["Early Eve", "Ann Lee"]
    assert "2 people left the course and have no row without work: Early Eve; No Show." in " ".join(source.notes)
    assert "Graded all the same, though the roster says that they left the course: Early Eve." in source.notes
    assert source.submissions[0].notes == ()


@pytest.mark.parametrize("word", ["Registered", "Submitted for grading", "not dropped", "Dropbox", ""])
def test_another_status_says_nothing_of_who_is_in_the_course(tmp_path, word):
    file = tmp_path / "roster.csv"
    file.write_text(f"name,email,Status\nEarly Eve,eve@x.edu,{word}\nNo Show,ns@x.edu,{word}\n")
    source = opened(export(tmp_path / "class", EVE), people=file)
    assert len(source.submissions) == 2
    assert "Status" not in " ".join(source.notes)


def test_who_is_in_the_roster_and_handed_in_nothing_has_a_row_and_a_stranger_is_noted(tmp_path):
    for name in ("alovelac", "stranger"):
        (tmp_path / "class" / name).mkdir(parents=True)
    file = tmp_path / "gradebook.csv"
    file.write_text(CANVAS)
    found = {submission.id: submission for submission in opened(tmp_path / "class", people=file).submissions}
    assert found["alovelac"].people[0].sid == "B0001"
    assert found["stranger"].notes == ("stranger is not in the roster.",)
    assert (found["pobrien@example.edu"].state, found["pobrien@example.edu"].path) == (sources.NOTHING, None)
    assert len(found) == 3


def test_canvas_s_own_export_names_the_people_of_its_download(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    (folder / "lovelaceada_1001_5551_assignment.py").write_text("x = 1")
    (folder / "obrienpat_LATE_1007_5552_assignment.py").write_text("x = 1")
    file = tmp_path / "gradebook.csv"
    file.write_text(CANVAS)
    people = [submission.people[0] for submission in opened(folder, people=file).submissions]
    assert [(person.name, person.lms_id, person.sid) for person in people] == [
        ("Lovelace, Ada", "1001", "B0001"),
        ("O'Brien, Pat", "1007", "B0007"),
    ]


def test_two_people_with_one_number_are_two_and_are_said(tmp_path):
    lines = "".join(
        f"submission_{n}:\n  :submitters:\n  - :name: {name}\n    :sid: B0003\n    :email: ''\n"
        for n, name in ((1, "Sam Twin"), (2, "Sim Twin"))
    )
    for name in ("submission_1", "submission_2"):
        (tmp_path / name).mkdir()
    (tmp_path / "submission_metadata.yml").write_text(f"---\n{lines}")
    source = opened(tmp_path)
    assert all(submission.notes == () for submission in source.submissions), "nobody is in two submissions"
    assert source.notes == (
        "2 people have the number 'B0003': Sam Twin, Sim Twin. Each has a row; correct the number.",
    )


def test_submissions_of_nobody_in_the_roster_are_said_at_once(tmp_path):
    listed = tmp_path / "roster.csv"
    listed.write_text("name,email\nZoe Quist,zoe@x.edu\nYan Pu,yan@x.edu\n")
    people = [Person(name, f"{name.split()[0].lower()}@y.edu") for name in ("Ada Young", "Bob Barker")]
    source = Source("a folder", tuple(ClassSubmission(one.name, tmp_path, (one,)) for one in people))
    found = joining.apply(source, roster.read(listed))
    assert found.notes[-1] == (
        "The roster lists nobody of 2 submissions: Ada Young; Bob Barker. The roster knows no submission at all: is it "
        "this class's?"
    )
