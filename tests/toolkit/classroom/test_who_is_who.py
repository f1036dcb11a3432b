"""Whose a submission is, where names alone do not say it, and a roster in any language."""

import csv
import json
import zoneinfo

import pytest

from autograder.base.errors import SubmissionError
from autograder.base.people import Person
from autograder.classroom import gradebooks, grades, sources, store
from autograder.classroom.sources import NOTHING, moodle_worksheet, roster
from autograder.classroom.sources.wall_clock import read_wall_time
from autograder.intake import submission

EASTERN = zoneinfo.ZoneInfo("America/New_York")
ADA = Person("Ada Lovelace", "ada@example.edu", "0012", "alove")


def write(folder, name, content):
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def make_class(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "assignment.py").write_text("x = 1")
    return folder


def read(folder, people):
    with sources.open_source(folder, people=people, zone=EASTERN) as source:
        return source, {one.id: one for one in source.submissions}


@pytest.mark.parametrize(
    ("headings", "line"),
    [
        ("Name;Vorname;Matrikelnummer;E-Mail;Benutzername", "Lovelace;Ada;0012;ada@example.edu;alove"),
        ("Nachname;Vorname;Matr.-Nr.;E-Mail-Adresse;Kennung", "Lovelace;Ada;0012;ada@example.edu;alove"),
        ("Nom;Prénom;N° étudiant;Courriel;Identifiant", "Lovelace;Ada;0012;ada@example.edu;alove"),
        ("NOM DE FAMILLE,PRENOM,Matricule,Adresse e-mail,Nom d'utilisateur", "Lovelace,Ada,0012,ada@example.edu,alove"),
        ("Nombre;Apellidos;Matrícula;Correo electrónico;Usuario", "Ada;Lovelace;0012;ada@example.edu;alove"),
        ("Nome;Cognome;Matricola;Indirizzo email;Nome utente", "Ada;Lovelace;0012;ada@example.edu;alove"),
        ("Nome completo;Número de aluno;Correio eletrônico;Utilizador", "Ada Lovelace;0012;ada@example.edu;alove"),
        ("Voornaam;Achternaam;Studentnummer;E-mailadres;Gebruikersnaam", "Ada;Lovelace;0012;ada@example.edu;alove"),
    ],
)
def test_a_roster_in_another_language_is_read_whole(tmp_path, headings, line):
    file = write(tmp_path, "r.csv", f"{headings}\n{line}\n")
    assert [member.person for member in roster.read(file).members] == [ADA]


def test_a_name_of_several_columns_is_one(tmp_path):
    dutch = write(tmp_path, "nl.csv", "Voornaam,Tussenvoegsel,Achternaam\nJan,van der,Berg\n")
    spanish = write(tmp_path, "es.csv", "Nombre,Primer apellido,Segundo apellido\nJosé,García,Márquez\n")
    names = [roster.read(file).members[0].person.name for file in (dutch, spanish)]
    assert names == ["Jan van der Berg", "José García Márquez"]


@pytest.mark.parametrize(
    ("headings", "name"), [("Name,First name", "Ada Lovelace,Ada"), ("Name,Preferred name", "Ada Lovelace,")]
)
def test_a_whole_name_stays_one_beside_a_part_of_it(tmp_path, headings, name):
    file = write(tmp_path, "r.csv", f"{headings},Email\n{name},a@e.edu\nRay Der,Ray,r@e.edu\n")
    assert [member.person.name for member in roster.read(file).members] == ["Ada Lovelace", "Ray Der"]


def test_which_columns_were_used_is_said_and_which_seem_to_be_people_s_and_were_not_understood(tmp_path):
    lines = "".join(
        f"Ada {c},nick{c},{n},200{n}345,a{n}@x.edu,{90 + n % 3}\n" for n, c in enumerate(["Xyz", "Wvu", "Tsr"])
    )
    file = write(tmp_path, "r.csv", f"Name,Rufzeichen,Sitz,Kundennummer,Post,HW1\n{lines}")
    make_class(tmp_path / "class", "Ada Xyz", "Ada Wvu")
    source, _ = read(tmp_path / "class", file)
    assert source.notes[0] == "r.csv: columns used: Name."
    assert source.notes[1].startswith("r.csv: not understood: Rufzeichen, Kundennummer, Post. If it says who")


def test_lost_letters_are_said(tmp_path):
    file = tmp_path / "r.csv"
    file.write_bytes("Name;Mail\nŁukasz Żak;l@e.edu\nAda;a@e.edu\n".encode("cp1252", "replace"))
    (said,) = roster.read(file).notes
    assert said == (
        "r.csv: 1 name has lost letters (?ukasz ?ak): the file was saved in an encoding without them. "
        "Save it again, as UTF-8."
    )


TWO = (
    "Last Name,First Name,OrgDefinedId,Email{}\n"
    "Zhang,Wei,B1,w1@e.edu{}\nZhang,Wei,B2,w2@e.edu{}\nLee,Ann,B3,a@e.edu{}\n"
)
WEI_1, WEI_2 = "20007-8800 - Wei Zhang- Feb 24, 2024 359 PM", "20014-8800 - Wei Zhang- Feb 24, 2024 401 PM"


def test_two_of_one_name_are_no_strangers_and_how_to_tell_them_apart_is_said(tmp_path):
    make_class(tmp_path / "class", WEI_1, WEI_2, "20021-8800 - Ann Lee- Feb 24, 2024 359 PM")
    source, found = read(tmp_path / "class", write(tmp_path, "r.csv", TWO.format("", "", "", "")))
    (said,) = found["Wei_Zhang_20007"].notes
    assert said == (
        "2 people in the roster are called Wei Zhang: give it a column `submission`, and write Wei_Zhang_20007 into "
        "the line of whose this is."
    )
    assert not any("nobody" in note for note in source.notes)
    absent = [one.problem for one in source.submissions if one.state == NOTHING]
    assert (
        absent
        == ["Several people are called so, and the roster does not say whose Wei_Zhang_20007, Wei_Zhang_20014 is."] * 2
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [("Wei_Zhang_20014", "Wei_Zhang_20007"), ("20014", "20007"), (f'"{WEI_2}"', f'"{WEI_1}"')],
)
def test_a_roster_says_whose_a_submission_is(tmp_path, first, second):
    make_class(tmp_path / "class", WEI_1, WEI_2, "20021-8800 - Ann Lee- Feb 24, 2024 359 PM")
    file = write(tmp_path, "r.csv", TWO.format(",submission", f",{first}", f",{second}", ","))
    source, found = read(tmp_path / "class", file)
    assert [found[f"Wei_Zhang_{n}"].people[0].sid for n in (20007, 20014)] == ["B2", "B1"]
    assert len(source.submissions) == 3 and not any(one.notes for one in source.submissions)


CANVAS = 'Student,ID,SIS Login ID,Section{}\n"Lovelace, Ada",1001,ada,1{}\n"Zhang, Wei",1002,wei,1{}\n'


def test_canvas_s_groups_are_suspected_where_no_name_is_that_of_its_number(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("projectgroup1_1001_9001_beras.zip", "projectgroup1_1001_9002_more.py"):
        (folder / name).write_bytes(b"")
    source, _ = read(folder, write(tmp_path, "r.csv", CANVAS.format("", "", "")))
    assert source.notes[-1] == (
        "1 name in the download is not that of the person with this number in the roster (projectgroup1 has the "
        "number of Lovelace, Ada). If these are groups, give the roster a column `group` with these names, and each "
        "member has the grade."
    )
    grouped = write(tmp_path, "g.csv", CANVAS.format(",Group", ",Project Group 1", ",Project Group 1"))
    source, found = read(folder, grouped)
    assert [person.login for person in found["projectgroup1_1001"].people] == ["ada", "wei"]
    assert len(source.notes) == 1


def test_canvas_s_persons_are_no_groups_whatever_part_of_the_name_they_use(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("lovelaceada_1001_9001_beras.zip", "weizhang_1002_9002_beras.zip"):
        (folder / name).write_bytes(b"")
    assert len(read(folder, write(tmp_path, "r.csv", CANVAS.format("", "", "")))[0].notes) == 1


ENGLISH = (
    "Identifier,Full name,ID number,Status,Grade,Maximum grade,Grade can be changed,Last modified (submission),"
    "Last modified (grade),Feedback comments\n"
)
GERMAN = (
    "Kennung,Vollständiger Name,ID-Nummer,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
    "Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
)
PEOPLE = (
    '{0}111,Ada Lovelace,0012,Submitted,,"{1}",Yes,"{2}",-,{3}\n'
    '{0}222,Ray Der,0013,No submission,7,"{1}",Yes,-,"{2}",\n'
)


def grade_moodle(folder, worksheet, score):
    """What `grades-moodle.csv` holds of a class of two, of whom Ada handed in."""
    room = store.of_source(
        folder / "out",
        read(
            make_class(folder / "class", "Ada Lovelace_111_assignsubmission_file_", "Bo Li_333_assignsubmission_file_"),
            worksheet,
        )[0],
    )
    (room.folder / "Ada_Lovelace_111").mkdir(parents=True)
    tests = [{"number": "1.1", "name": "Dense", "score": score, "max_score": 100}]
    document = {"score": score, "tests": tests, "output": "", "extra_data": {"submission": "d"}}
    (room.folder / "Ada_Lovelace_111" / "results.json").write_text(json.dumps(document))
    book = grades.GradeBook((), grades.read(room).rows, "HW", worksheet=moodle_worksheet.read_worksheet(worksheet))
    grades.write(book, room)
    text = (room.folder / "grades-moodle.csv").read_text("utf-8-sig")
    return room, list(csv.reader(text.splitlines())), list(gradebooks.describe(book, room.kind))


@pytest.mark.parametrize(
    ("headings", "called", "most", "time"),
    [
        (ENGLISH, "Participant ", "100.00", "Wednesday, 28 February 2024, 12:05 PM"),
        (GERMAN, "Teilnehmer/in", "100,00", "Mittwoch, 28. Februar 2024, 12:05"),
    ],
)
def test_moodle_s_own_worksheet_is_handed_back_with_the_grades_in_it(tmp_path, headings, called, most, time):
    worksheet = write(tmp_path, "w.csv", headings + PEOPLE.format(called, most, time, "well done"))
    room, (names, ada, ray), said = grade_moodle(tmp_path, worksheet, 4.5)
    assert ",".join(names) + "\n" == headings
    assert ada == [f"{called}111", "Ada Lovelace", "0012", "Submitted", "4.5", most, "Yes", time, "-", "well done"]
    assert ray[4] == "7", "who was not graded here keeps what Moodle has"
    assert said == []
    # Moodle's time of the hand-in is that of the submission.
    assert room.entries[0].created_at == "2024-02-28T12:05:00-05:00"


def test_what_moodle_would_pass_over_or_overwrite_is_said_or_left_out(tmp_path):
    worksheet = write(tmp_path, "w.csv", ENGLISH + PEOPLE.format("Participant ", "4.00", "-", "=a formula"))
    _, (names, *_), said = grade_moodle(tmp_path, worksheet, 4.5)
    assert names[-1] == "Last modified (grade)", "Moodle keeps the comments that a table cannot hold as they are"
    assert "Moodle has 4 points for this homework, and its tests sum to 100." in said[0]
    assert "1 grade is above its maximum, and Moodle passes over" in said[0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Wednesday, 28 February 2024, 12:00 PM", "2024-02-28T12:00"),
        ("Tuesday, 5 March 2024, 12:09 AM", "2024-03-05T00:09"),
        ("Mittwoch, 28. Februar 2024, 18:30", "2024-02-28T18:30"),
        ("mardi 6 août 2024, 09:15", "2024-08-06T09:15"),
        ("martes, 27 de febrero de 2024, 23:59", "2024-02-27T23:59"),
        ("martedì, 27 febbraio 2024, 23:59", "2024-02-27T23:59"),
        ("maandag 4 november 2024, 08:00", "2024-11-04T08:00"),
        ("terça-feira, 3 de dezembro de 2024 às 10:00", None),
        ("2024年2月28日", None),
    ],
)
def test_moodle_s_times_are_read_in_its_languages(text, moment):
    found = read_wall_time(text)
    assert (found and found.isoformat(timespec="minutes")) == moment


LOOSE = ("Ada Lovelace.html", "Ray Der.py", "zoe_li.txt", "Max Ott.csv", "readme.txt", "grade_all.py", "index.html")


def test_whatever_file_is_named_as_somebody_of_the_roster_has_a_row(tmp_path, assignment):
    folder = make_class(tmp_path / "class", "Bo Bach")
    for name in LOOSE:
        (folder / name).write_text("x = 1")
    people = "\n".join(
        f"{name},{name[:2]}@e.edu" for name in ("Ada Lovelace", "Ray Der", "Zoe Li", "Max Ott", "Bo Bach")
    )
    source, found = read(folder, write(tmp_path, "r.csv", f"Name,Email\n{people}\n"))
    assert sorted(person.name for one in source.submissions for person in one.people) == [
        "Ada Lovelace", "Bo Bach", "Max Ott", "Ray Der", "Zoe Li",
    ]  # fmt: skip
    assert not any(one.state == NOTHING for one in source.submissions)
    left_out = [note.split()[0] for note in source.notes if "left out" in note]
    assert left_out == ["grade_all.py", "index.html", "readme.txt"]
    with pytest.raises(SubmissionError, match=r"Ada Lovelace\.html is neither a folder nor a zip"):
        submission.read_for(assignment, found["Ada_Lovelace"].path)


def test_without_a_roster_a_person_s_page_or_module_has_a_row_and_the_course_s_own_has_none(tmp_path):
    folder = make_class(tmp_path / "class", "Bo Bach")
    for name in LOOSE:
        (folder / name).write_text("x = 1")
    source, found = read(folder, None)
    assert sorted(found) == ["Ada_Lovelace", "Bo_Bach", "Ray_Der", "zoe_li"]
    assert [path.name for path in (tmp_path / "class").glob("*.py")], "what is graded lies elsewhere"
    assert sum("left out" in note for note in source.notes) == 4
