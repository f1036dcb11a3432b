"""The tables of a graded class: statuses, editions, grade books as importers read them, and files to hand back."""

import csv
import errno
import json
import re
import zoneinfo
from dataclasses import replace

import pytest

from autograder.base.errors import AssignmentError, GraderError
from autograder.base.people import Person
from autograder.base.spreadsheet import as_csv, guard_cell, read_sheet, unguard_cell
from autograder.classroom import (
    batch,
    choices,
    feedback,
    gradebook_columns,
    gradebooks,
    grades,
    late_day_bank,
    regrade,
    store,
)
from autograder.classroom.batch import reporting_full_disk
from autograder.classroom.report import page as report
from autograder.classroom.report.statistics import Figures
from autograder.classroom.sources import NOTHING, ClassSubmission, Source, Try, moodle_worksheet, roster
from autograder.cli.tables import describe_difference
from autograder.results.extensions import Balance
from autograder.results.lateness import LatePolicy, LateRules
from autograder.results.overrides import Override, apply

EASTERN = zoneinfo.ZoneInfo("America/New_York")


def results(score, *, edition="s24", worth=4.0, **extra):
    tests = [
        {"name": "Required files", "output": "All there.", "status": "passed"},
        {"number": "0.1", "name": "Tensor", "score": min(score, worth), "max_score": worth, "output": "It differs."},
        {
            "number": "1.1",
            "name": "Dense",
            "score": 0,
            "max_score": 10 - worth,
            "output": "secret",
            "visibility": "hidden",
        },
    ]
    return {
        "score": score,
        "tests": tests,
        "output": "",
        "extra_data": {"submission": "d", "edition": edition, **extra},
    }


def classroom(folder, submissions, documents, kind="a folder"):
    room = store.of_source(folder, Source(kind, tuple(submissions)))
    store.save(room)
    for entry in room.entries:
        if entry.id in documents:
            entry.folder.mkdir(exist_ok=True)
            (entry.folder / "results.json").write_text(json.dumps(documents[entry.id]))
    return store.load(folder)


def submission(name, *people, **options):
    return ClassSubmission(
        name, None if options.get("problem") else __import__("pathlib").Path(), people or (Person(name),), **options
    )


def lines(file):
    return list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))


def test_every_state_is_a_word_in_the_table(tmp_path):
    nothing = {"score": 0, "tests": [], "output": "There are no Python files.", "extra_data": {"tests": {}}}
    broken = {"score": 0, "tests": [], "output": "", "extra_data": {"problem": "no disk"}}
    submissions = [
        submission("a"),
        submission("b"),
        submission("c", problem="The roster has it.", state=NOTHING),
        submission("d"),
        submission("e"),
    ]
    room = classroom(tmp_path, submissions, {"a": results(4), "b": nothing, "d": broken})
    grades.write(grades.read(room), room)
    assert [line["status"] for line in lines(tmp_path / "grades.csv")] == [
        "graded", "nothing that can be graded", "nothing handed in", "grader's fault", "not graded yet",
    ]  # fmt: skip


def test_a_test_that_is_worth_another_number_of_points_in_another_edition_is_another_column(tmp_path):
    people = [f"p{n}" for n in range(6)]
    documents = {
        name: results(n, edition="s24" if n < 3 else "s25", worth=4.0 if n < 3 else 0.0)
        for n, name in enumerate(people)
    }
    room = classroom(tmp_path, map(submission, people), documents)
    book = grades.read(room)
    assert [(test.label, test.points) for test in book.tests] == [
        ("0.1 [s24]", 4), ("0.1 [s25]", 0), ("1.1 [s24]", 6), ("1.1 [s25]", 10),
    ]  # fmt: skip
    assert book.points == 10
    grades.write(book, room)
    table = lines(tmp_path / "grades.csv")
    assert [line["0.1 [s24] Tensor (4)"] for line in table] == ["0", "1", "2", "", "", ""]
    assert {line["of"] for line in table} == {"10"}


def test_extra_credit_is_on_top_and_marked(tmp_path):
    document = results(12)
    document["tests"][1] |= {"tags": ["dense", "extra credit"], "score": 4, "name": "Tensor (extra credit)"}
    room = classroom(tmp_path, [submission("a")], {"a": document})
    book = grades.read(room)
    assert (book.points, book.tests[0].extra) == (6, True)


def test_what_people_changed_has_a_column(tmp_path):
    document = apply(results(4), [Override("a", "0.1", 1.0, 0.0, "copied", 2)])
    room = classroom(tmp_path, [submission("a")], {"a": document})
    grades.write(grades.read(room), room)
    (line,) = lines(tmp_path / "grades.csv")
    assert line["changed by hand"] == "0.1 Tensor: 1 instead of 4 points. copied"


class Canvas:
    """What `GradebookImporter` of canvas-lms does to find a student: id, SIS user id, SIS login id, the exact name."""

    def __init__(self, *students):
        self.students = students

    def imported(self, file):
        rows = list(csv.reader(file.read_text("utf-8").splitlines()))
        head = rows[0]
        assert "Student" in head[0]
        assert "ID" in head[1]
        assert re.search(r"SIS\s+User\s+ID", head[2])
        assert re.search(r"SIS\s+Login\s+ID", head[3])
        assert "Section" in head[4]
        assert "Points Possible" in rows[1][0]
        return {self.find(row)["name"]: row[5] for row in rows[2:]}

    def find(self, row):
        for column, key in ((1, "id"), (2, "sis"), (3, "login"), (0, "name"), (0, "sortable")):
            for student in self.students:
                if row[column] and student[key] == row[column]:
                    return student
        raise AssertionError(f"Canvas would make a new student of {row}")


def test_canvas_s_importer_finds_everybody_and_gives_nobody_a_zero_for_nothing(tmp_path):
    students = [
        {"id": "1001", "name": "Ada Lovelace", "sortable": "Lovelace, Ada", "sis": "B1", "login": "alovelac"},
        {"id": "1002", "name": "Grace Hopper", "sortable": "Hopper, Grace", "sis": "B2", "login": "ghopper"},
        {"id": "1003", "name": "Zoë Nowak", "sortable": "Nowak, Zoë", "sis": "B3", "login": "zoe@example.edu"},
        {"id": "1004", "name": "Joan", "sortable": "Joan", "sis": "B4", "login": "joan"},
    ]
    submissions = [
        submission("a", Person("lovelaceada", "", "", "", "1001")),
        submission("b", Person("Hopper, Grace")),
        submission("c", Person("", "zoe@example.edu")),
        submission("d", Person("J.", "", "B4"), problem="The roster has it.", state=NOTHING),
    ]
    room = classroom(tmp_path, submissions, {name: results(n + 1) for n, name in enumerate("abc")}, "Canvas's download")
    grades.write(grades.read(room), room)
    assert Canvas(*students).imported(tmp_path / "grades-canvas.csv") == {
        "Ada Lovelace": "1", "Grace Hopper": "2", "Zoë Nowak": "3", "Joan": "",
    }  # fmt: skip


def test_two_people_of_one_number_are_both_in_the_grade_books(tmp_path):
    submissions = [submission("a", Person("Sam Twin", "", "B3")), submission("b", Person("Sim Twin", "", "B3"))]
    room = classroom(tmp_path, submissions, {"a": results(1), "b": results(2)})
    assert [row.person.name for row in gradebooks.best_rows(grades.read(room))] == ["Sam Twin", "Sim Twin"]
    grades.write(grades.read(room), room)
    students = [{"id": str(n), "name": name, "sortable": "", "sis": "B3" * (n == 1), "login": ""} for n, name in
                enumerate(("Sam Twin", "Sim Twin"), 1)]  # fmt: skip
    assert Canvas(*students).imported(tmp_path / "grades-canvas.csv") == {"Sam Twin": "1", "Sim Twin": "2"}


@pytest.mark.parametrize(
    ("headings", "column", "remark"),
    [
        (("HW1 (11)", "HW2 Beras (88123)", "Assignments Current Score"), "HW2 Beras (88123)", ""),
        (("Beras (7)", "Beras written part (8)"), "Beras (7)", ""),
        (("name", "email"), "", ""),
        (("Berasing (1)", "Quiz (2)"), "", "no column of the roster is it ('Berasing (1)', 'Quiz (2)')"),
        (("Beras code (1)", "Beras text (2)"), "", "2 columns of the roster could be it"),
        (("Username", "Beras [Total Pts: 100 Score] |77"), "Beras [Total Pts: 100 Score] |77", ""),
        (("Username", "Quiz [Total Pts: 5 Score] |7"), "", "grades-blackboard.csv calls its column 'Beras'"),
    ],
)
def test_scores_go_to_the_column_that_the_platform_has(headings, column, remark):
    found, said = gradebook_columns.find_column(headings, "Beras")
    assert found == column
    assert remark in said
    assert bool(said) == bool(remark)


@pytest.mark.parametrize(
    ("column", "line", "most"),
    [
        ("HW1 (11)", {"HW1 (11)": "20.0"}, 20),
        ("HW1 (11)", {"HW1 (11)": "10,00"}, 10),
        ("HW1 (11)", {}, None),
        ("HW1 [Total Pts: 12.5 Score] |77", {}, 12.5),
        ("HW1 [Gesamtpunkte: max. 12,5] |77", {}, 12.5),
        ("HW1 Points Grade <Numeric MaxPoints:8 Weight:10>", {}, 8),
        ("", {"HW1 (11)": "20.0"}, None),
    ],
)
def test_what_can_be_had_in_the_platform_s_column_is_read_of_every_platform(column, line, most):
    assert gradebook_columns.find_maximum(column, line) == most
    assert gradebook_columns.find_column([column, "email"], "HW1")[0] == column


@pytest.mark.parametrize(
    ("column", "most", "said"),
    [
        ("HW1 (11)", 20, "grades-canvas.csv: Canvas has 20 points for this homework, and its tests sum to 10."),
        ("HW1 (11)", 10, ""),
        ("HW1 (11)", 8, "Canvas scales no grade: set its points to 10 before the import."),
        ("HW1 [Total Pts: 12.5 Score] |77", 12.5, "grades-blackboard.csv: Blackboard has 12.5 points"),
        ("", None, ""),
    ],
)
def test_other_points_on_the_platform_are_said_before_the_import(tmp_path, column, most, said):
    room = classroom(tmp_path, [submission("a")], {"a": results(4)})
    book = replace(grades.read(room, "HW1"), column=column, platform_points=most)
    found = " ".join(gradebooks.describe(book, room.kind))
    assert said in found
    assert bool(said) == bool(found)


def test_canvas_s_points_possible_are_those_of_its_export(tmp_path):
    file = tmp_path / "canvas.csv"
    file.write_text('Student,ID,HW1 (11),Quiz (12)\n    Points Possible,,20.0,5\n"Lovelace, Ada",1001,,\n')
    assert gradebook_columns.find_maximum("HW1 (11)", roster.read_columns(file)) == 20
    file.write_text("name,email\nAda,ada@example.edu\n")
    assert roster.read_columns(file) == {"name": "", "email": ""}


def test_an_upload_that_cannot_be_graded_is_an_empty_cell_in_every_grade_book(tmp_path):
    nothing = {"score": 0, "tests": [], "output": "A zip that is cut off.", "extra_data": {"tests": {}}}
    zero = apply(nothing, [Override("Eve", "", 0.0, 0.0, "It stays a 0.", 2)])
    people = {
        "a": Person("Ada", "ada@example.edu", "B1", "ada1", "11"), "b": Person("Bob", "bob@example.edu", "B2", "bob1"),
        "e": Person("Eve", "eve@example.edu", "B3", "eve1", "13"),
    }  # fmt: skip
    documents = {"a": results(4), "b": nothing, "e": zero}
    tables = {"Canvas": "HW1", "Moodle": "Grade", "Brightspace": "HW1 Points Grade", "Blackboard": "HW1"}
    for kind, column in tables.items():
        (tmp_path / kind).mkdir()
        submissions = [submission(name, person) for name, person in people.items()]
        room = classroom(tmp_path / kind, submissions, documents, f"{kind}'s download")
        book = grades.read(room, "HW1")
        grades.write(book, room)
        cells = [line[column] for line in lines(room.folder / f"grades-{kind.lower()}.csv")]
        cells = [cell for cell in cells if cell != "10"]  # Canvas's line of points
        assert cells == (["4", "0"] if kind in ("Brightspace", "Blackboard") else ["4", "", "0"])
        (said,) = gradebooks.describe(book, room.kind)
        assert "handed in by Bob. The tables for grade books leave the cell empty" in said
    assert [line["HW1"] for line in lines(room.folder / "grades-gradescope.csv")] == ["4", "", "0"]


def test_rows_that_only_one_name_tells_apart_are_one_line_in_grade_books_and_a_note(tmp_path):
    broken = {"score": 0, "tests": [], "output": "A zip that is cut off.", "extra_data": {"tests": {}}}
    ada = Person("Ada Lovelace")
    submissions = [submission("folder", ada), submission("zip", ada), submission("b", Person("Bob"))]
    room = classroom(tmp_path, submissions, {"folder": results(2.5), "zip": broken, "b": results(1)})
    book = grades.read(room, "HW1")
    grades.write(book, room)
    assert [(line["Student"], line["HW1"]) for line in lines(tmp_path / "grades-canvas.csv")[1:]] == [
        ("Ada Lovelace", "2.5"), ("Bob", "1"),
    ]  # fmt: skip
    assert len(lines(tmp_path / "grades.csv")) == 3
    (said,) = gradebooks.describe(book, room.kind)
    assert "Ada Lovelace has 2 rows (folder, zip), and nothing but the name says whose they are." in said


def test_a_moodle_number_is_nobody_s_number_on_canvas(tmp_path):
    worksheet = tmp_path / "w.csv"
    worksheet.write_text(
        "Identifier,Full name,Grade,Maximum Grade,Last modified (grade)\nParticipant 111,Ada,,10.00,-\n"
    )
    room = classroom(tmp_path, [submission("a", Person("Ada", "ada@example.edu", "", "", "111"))], {"a": results(4)})
    grades.write(replace(grades.read(room), worksheet=moodle_worksheet.read_worksheet(worksheet)), room)
    assert lines(tmp_path / "grades-canvas.csv")[1]["ID"] == ""


def test_times_of_several_zones_are_on_one_clock(tmp_path):
    times = ["2024-02-28T05:03:00+00:00", "2024-02-28T00:04:00-05:00", ""]
    submissions = [submission(name, Person(name), created_at=at) for name, at in zip("abc", times, strict=True)]
    room = classroom(tmp_path, submissions, {name: results(1) for name in "abc"})
    for zone, shown in ((None, "2024-02-28T05:04:00+00:00"), (EASTERN, "2024-02-28T00:04:00-05:00")):
        grades.write(replace(grades.read(room), zone=zone), room)
        found = [line["handed in"] for line in lines(tmp_path / "grades.csv")]
        assert found == [shown.replace("04:00+", "03:00+").replace("04:00-", "03:00-"), shown, ""]


def test_gradescopes_columns_have_first_and_last_names_times_and_lateness(tmp_path):
    late = {"raw": 4, "days": 1, "share": 0.1, "due": "2024-02-26T18:00:00-05:00"}
    people = [Person("Lovelace, Ada King", "ada@example.edu", "1")]
    submissions = [submission("a", *people, created_at="2024-02-27T19:30:05-05:00")]
    room = classroom(tmp_path, submissions, {"a": results(3.6, late=late)})
    grades.write(grades.read(room, "HW1"), room)
    (line,) = lines(tmp_path / "grades-gradescope.csv")
    assert line == {
        "First Name": "Ada King", "Last Name": "Lovelace", "SID": "1", "Email": "ada@example.edu", "Sections": "",
        "HW1": "3.6", "HW1 - Max Points": "10", "HW1 - Submission Time": "2024-02-27 19:30:05 -0500",
        "HW1 - Lateness (H:M:S)": "25:30:05",
    }  # fmt: skip


def test_moodle_s_worksheet_has_its_own_identifiers(tmp_path):
    room = classroom(
        tmp_path, [submission("a", Person("Jane", "", "", "", "123456"))], {"a": results(4)}, "Moodle's download"
    )
    grades.write(grades.read(room), room)
    (line,) = lines(tmp_path / "grades-moodle.csv")
    assert line["Identifier"] == "Participant 123456"
    # Without any of these headings Moodle's importer refuses the file.
    assert {"Identifier", "Grade", "Last modified (grade)"} <= line.keys()


def test_brightspace_and_blackboard_find_people_by_user_name_and_who_has_none_is_said(tmp_path):
    """Their importers refuse, or pass over, a line without one; and an empty score would be one."""
    people = {"a": Person("Ada", "", "B1", "ada1"), "b": Person("Bob"), "c": Person("Cleo", "", "B3", "cleo")}
    for kind in ("Brightspace", "Blackboard"):
        submissions = [submission(name, person) for name, person in people.items()]
        submissions[2] = submission("c", people["c"], problem="Nothing was handed in.", state=NOTHING)
        (tmp_path / kind).mkdir()
        room = classroom(tmp_path / kind, submissions, {"a": results(4), "b": results(3)}, f"{kind}'s download")
        column = "Beras [Total Pts: 10 Score] |77" if kind == "Blackboard" else "Beras (77)"
        book = replace(grades.read(room, "Beras"), column=column)
        grades.write(book, room)
        (said,) = gradebooks.describe(book, room.kind)
        assert "leaves out 1 score" in said
        assert "--roster" in said
    brightspace = lines(tmp_path / "Brightspace" / "grades-brightspace.csv")
    assert brightspace == [
        {"OrgDefinedId": "B1", "Username": "ada1", "Beras Points Grade": "4", "End-of-Line Indicator": "#"}
    ]
    blackboard = lines(tmp_path / "Blackboard" / "grades-blackboard.csv")
    assert blackboard == [{"Username": "ada1", "Beras [Total Pts: 10 Score] |77": "4"}]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-x", "@sum", "\t=1", "＝1", "|x", "%x", "  =1"])
def test_no_cell_is_a_formula_and_ours_are_read_back(tmp_path, cell):
    assert guard_cell(cell).startswith("'")
    file = tmp_path / "x.csv"
    file.write_text(as_csv([["name", "sid"], [cell, "1"]]), encoding="utf-8", newline="")
    (line,) = read_sheet(file, {"name": (), "sid": ()}, ("name",)).lines
    assert line["name"] == cell.strip()


@pytest.mark.parametrize("cell", ["", "ada", "-1.5", "+3", "0", "O'Brien", "'quoted'"])
def test_other_cells_stay_as_they_are(cell):
    assert guard_cell(cell) == unguard_cell(cell) == cell


def test_what_is_left_of_a_term_s_late_days_is_a_table_for_the_next_assignment(tmp_path):
    used = {"raw": 4, "days": 3, "free": 2, "share": 0.1}
    submissions = [submission("a", Person("Ada", "ada@example.edu")), submission("b", Person("Eve", "eve@example.edu"))]
    room = classroom(tmp_path, submissions, {"a": results(4, late=used), "b": results(4)})
    assert late_day_bank.write(room, LatePolicy(LateRules())) is None
    file = late_day_bank.write(
        room, LatePolicy(LateRules(free_days=1), balances=(Balance("Ada", 5, 2), Balance("Joan", 0, 3)))
    )
    assert [(line["student"], line["before"], line["used"], line["left"]) for line in lines(file)] == [
        ("ada@example.edu", "5", "2", "3"), ("eve@example.edu", "1", "0", "1"), ("Joan", "0", "0", "0"),
    ]  # fmt: skip


def test_everybody_has_a_page_with_what_students_may_read_and_nobody_else_s_name(tmp_path, assignment):
    pair = (Person("Ada", "ada@example.edu"), Person("Eve <b>", "eve@example.edu"))
    submissions = [submission("a", *pair), submission("c", Person("Joan"), problem="The roster has it.", state=NOTHING)]
    room = classroom(tmp_path, submissions, {"a": results(2)})
    target = tmp_path / "feedback"
    assert feedback.write(room, target, assignment) == 3
    index = {line["name"]: line for line in lines(target / "index.csv")}
    assert index["Joan"]["status"] == NOTHING
    html = (target / index["Ada"]["file"]).read_text()
    other = (target / index["Eve <b>"]["file"]).read_text()
    markdown = (target / index["Ada"]["file"]).with_suffix(".md").read_text()
    for text in (html, markdown):
        assert "It differs." in text
        assert "secret" not in text
        assert "Eve" not in text
        assert "2 of 10" not in text, "a total would tell what a hidden row holds"
    assert "Eve &lt;b&gt;" in other
    assert "Ada" not in other
    assert not re.search(r"(src|href)=", html)
    assert "The roster has it." in (target / index["Joan"]["file"]).read_text()


@pytest.mark.parametrize("late", [False, True])
def test_a_page_says_the_total_once_and_without_extra_credit(tmp_path, assignment, late):
    row = {
        "number": "1.1",
        "name": "Dense",
        "score": 8,
        "max_score": 10,
        "visibility": "visible",
        "output": "It differs.",
    }
    extra = {**row, "number": "9.9", "score": 0, "max_score": 5, "tags": ["extra credit"]}
    document = {"score": 6 if late else 8, "output": "**8 of 10 points.** 1 test costs points.", "tests": [row, extra]}
    room = classroom(tmp_path, [submission("a", Person("Ada"))], {"a": document})
    feedback.write(room, tmp_path / "feedback", assignment)
    text = (tmp_path / "feedback" / "Ada.md").read_text()
    assert re.findall(r"(\d+ of \d+) points", text) == (["6 of 10"] if late else []) + ["8 of 10"]


def test_the_index_of_the_pages_tells_people_of_one_name_apart(tmp_path, assignment):
    people = [Person("smithjohn", "", "", "", number) for number in ("1006", "1007")]
    submissions = [submission(f"smithjohn_{person.lms_id}", person) for person in people]
    room = classroom(tmp_path, submissions, {"smithjohn_1006": results(2), "smithjohn_1007": results(3)})
    feedback.write(room, tmp_path / "feedback", assignment)
    index = lines(tmp_path / "feedback" / "index.csv")
    assert [(line["lms id"], line["submission"], line["file"]) for line in index] == [
        ("1006", "smithjohn_1006", "smithjohn_1006.html"), ("1007", "smithjohn_1007", "smithjohn_1007.html"),
    ]  # fmt: skip


def test_who_left_the_class_has_no_page_any_more_and_nothing_else_is_removed(tmp_path, assignment):
    people = [Person("Ada"), Person("Ben"), Person("Ben")]
    room = classroom(tmp_path, [submission(str(n), person) for n, person in enumerate(people)], {"0": results(2)})
    target = tmp_path / "feedback"
    feedback.write(room, target, assignment)
    (target / "Eve.html").write_text("by hand")
    feedback.write(replace(room, entries=room.entries[:1]), target, assignment)
    assert {path.name for path in target.iterdir()} == {"Ada.html", "Ada.md", "Eve.html", "index.csv"}


@pytest.mark.parametrize("there", [("ada.html", "essay"), ("index.csv", "title,author\n")])
def test_pages_replace_nobody_s_own_files(tmp_path, assignment, there):
    room = classroom(tmp_path, [submission("a", Person("Ada"))], {"a": results(2)})
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / there[0]).write_text(there[1])
    with pytest.raises(AssignmentError, match=r"another folder|a new folder"):
        feedback.write(room, tmp_path / "own", assignment)
    assert [path.read_text() for path in (tmp_path / "own").iterdir()] == [there[1]]


def test_times_are_on_the_course_s_clock(tmp_path, assignment):
    sent = submission("a", Person("Ada", "ada@example.edu"), created_at="2024-02-28T05:03:00+00:00")
    room = classroom(tmp_path, [sent], {"a": results(2)})
    feedback.write(room, tmp_path / "feedback", assignment)
    assert "28 February 2024, 00:03 (UTC-0500)" in (tmp_path / "feedback" / "ada@example.edu.md").read_text()
    report.write(room, tmp_path / "report.html", assignment)
    assert "28 February 2024, 00:03 (UTC-0500)" in (tmp_path / "report.html").read_text()


def test_the_tests_figures_leave_out_where_none_was_run_and_the_report_counts_what_was_handed_in(tmp_path, assignment):
    tests = [{**test, "score": 0} for test in results(4)["tests"] if "score" in test]
    empty = {"score": 0, "tests": tests, "output": "No files.", "extra_data": {"tests": {}}}
    submissions = [submission(name, Person(name, f"{name}@x.edu")) for name in "abcde"]
    submissions.append(submission("f", Person("Joan"), problem="The roster has it.", state=NOTHING))
    documents = {name: results(4) for name in "abcd"} | {"e": empty}
    room = classroom(tmp_path, submissions, documents)
    figures = Figures(grades.read(room))
    assert figures.handed_in == 5
    item = figures.items[0]
    assert (item.passed, figures.left_out) == (1.0, 1)
    report.write(room, tmp_path / "report.html", assignment)
    page = (tmp_path / "report.html").read_text()
    assert "5 submissions · 6 students" in page
    assert "1 in which nothing can be graded" in page


def test_a_score_that_lateness_changes_says_so(tmp_path):
    late = {"name": "Handed in late", "output": "Due Friday; handed in on Sunday.\n\n2 days late: 20% less."}
    before, after = results(4), results(4)
    after |= {"score": 3.2, "tests": [late, *after["tests"]]}
    for name, document in (("old", before), ("new", after)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    difference = regrade.compare(*(regrade.read(tmp_path / f"{name}.json") for name in ("old", "new")))
    assert [change.reason for change in difference.scores] == [
        "Due Friday; handed in on Sunday. 2 days late: 20% less."
    ]


def test_one_submission_is_not_compared_with_a_class(tmp_path):
    (tmp_path / "class").mkdir()
    classroom(tmp_path / "class", [submission("a")], {"a": results(4)})
    single = tmp_path / "class" / "a" / "results.json"
    for pair in ((single, tmp_path / "class"), (tmp_path / "class", single)):
        with pytest.raises(AssignmentError, match=r"results\.json is the result of one .*class is none"):
            regrade.refuse_two_kinds(*pair)
    for pair in ((single, single), (tmp_path / "class", tmp_path / "class")):
        regrade.refuse_two_kinds(*pair)


def test_a_grading_with_a_part_of_the_tests_is_compared_by_those_that_both_have(tmp_path):
    """Nobody loses points because tests were left out."""
    whole = {name: results(score) for name, score in (("a", 4), ("b", 2))}
    part = {name: {**document, "tests": document["tests"][:2]} for name, document in whole.items()}
    part["b"] = json.loads(json.dumps(part["b"]))
    part["b"]["tests"][1]["score"] = part["b"]["score"] = 3
    for document in whole.values():
        document["tests"][2]["score"] = 6
        document["score"] += 6
    folders = [tmp_path / "old", tmp_path / "new"]
    for folder, documents, used in zip(folders, (whole, part), ({}, {"only": "0.1"}), strict=True):
        folder.mkdir()
        classroom(folder, [submission("a"), submission("b")], documents)
        choices.keep(folder, used)
    assert [choices.has_part(folder) for folder in folders] == [False, True]
    assert choices.has_part(folders[1] / "a" / "results.json")
    difference = regrade.compare(*map(regrade.read, folders), in_part=True)
    assert [(change.id, change.old, change.new) for change in difference.scores] == [("b", 2, 3)]
    assert "What is compared: 1 test that both have" in " ".join(map(str, describe_difference(difference)))
    assert difference.as_json()["common_tests"] == 1
    everything = regrade.compare(*map(regrade.read, folders))
    assert (len(everything.scores), everything.common) == (2, None)


HOSTILE = [
    "\udcff", "\0", "a\r\nb", "\x1b]0;t\x07", "\u202e", "=1+1", "x" * 100_000,
    "]]>", "{{ x }}", "[/]", "\u2028", ',;\t"',
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "NaN", "-1", "1e999", "../../x", "[" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_one_submission_holds_keeps_the_tables_from_being_written(tmp_path, assignment, value):
    mal = submission(
        "mal", Person(value, value, value, value, value), created_at=value, notes=(value,),
        tries=(Try(value, 1.0), Try(value, 2.0, {value: 1.0})),
    )  # fmt: skip
    gone = submission("gone", Person(value), problem=value, state=value)
    document, other = results(3), results(4)
    document["output"] = document["tests"][1]["output"] = document["tests"][1]["name"] = value
    document["tests"][1]["number"] = other["tests"][1]["number"] = value
    document["extra_data"] |= {"late": {"raw": 3, "days": 2, "due": value}, "tests": {value: {"diagnosis": value}}}
    room = classroom(tmp_path, [submission("ada"), mal, gone], {"ada": other, "mal": document})
    policy = LatePolicy(LateRules(free_days=3), balances=[Balance(value, 3, 2)])
    late_day_bank.write(room, policy)
    book = grades.read(room, "HW")
    grades.write(book, room)
    assert {row.entry.id: row.score for row in book.rows} == {"ada": 4, "mal": 3, "gone": None}
    assert len(lines(tmp_path / "grades.csv")) == 3
    assert feedback.write(room, tmp_path / "feedback", assignment) == 3
    report.write(room, tmp_path / "report.html", assignment)
    assert "<h1" in (tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    "broken",
    [
        {"tests": 5}, {"tests": [5]}, {"score": "9"}, {"score": None}, {"extra_data": []}, {"output": 5},
        {"tests": [{"number": "0.1", "score": "2"}]}, {"tests": [{"number": 1, "score": 2}]},
        {"tests": [{"number": "0.1", "score": float("nan")}]}, {"tests": [{"number": "0.1", "score": 1, "tags": 5}]},
        {"execution_time": "long"}, "[" * 100_000, {"extra_data": {"late": 5, "tests": 5, "flags": 5, "overrides": 5}},
        {"extra_data": {"tests": {"0.1": {"curves": 5, "seconds": "x", "diagnosis": []}}}},
    ],
)  # fmt: skip
def test_a_result_of_another_form_costs_its_own_row(tmp_path, assignment, broken):
    room = classroom(tmp_path, [submission("ada"), submission("mal")], {"ada": results(4)})
    room.entries[1].folder.mkdir()
    text = broken if isinstance(broken, str) else json.dumps(results(3) | broken)
    (room.entries[1].folder / "results.json").write_text(text)
    late_day_bank.write(room, LatePolicy(LateRules(free_days=3)))
    book = grades.read(room, "HW")
    grades.write(book, room)
    assert {row.entry.id: row.score for row in book.rows}["ada"] == 4
    assert len(lines(tmp_path / "grades.csv")) == 2
    feedback.write(room, tmp_path / "feedback", assignment)


def test_what_cannot_be_finished_of_one_submission_costs_that_one(tmp_path, assignment):
    room = classroom(tmp_path, map(submission, ("ada", "mal")), {"ada": results(4), "mal": results(3)})

    def finish(entry, document):
        if entry.id == "mal":
            raise OverflowError("date value out of range")
        return {**document, "score": 3.5}

    work = batch.Batch(room, assignment, batch.Options(), finish=finish, chosen=frozenset())
    tally = work.run(None)
    assert (tally.kept, tally.failed) == (1, ["mal"])
    grades.write(grades.read(room), room)
    ada, mal = lines(tmp_path / "grades.csv")
    assert (ada["score"], mal["score"], mal["status"]) == ("3.5", "", "grader's fault")
    assert "Lateness and overrides could not be applied (OverflowError: date value out of range)" in mal["flags"]


def test_a_disk_that_takes_nothing_is_named_with_what_to_do(tmp_path):
    with pytest.raises(AssignmentError, match=r"Read-only.* name another --out"), reporting_full_disk(tmp_path):
        raise OSError(errno.EROFS, "Read-only file system")
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(GraderError, match="run the same command again"), reporting_full_disk(tmp_path):
        raise full
    with pytest.raises(AssignmentError, match="make room, or name"), reporting_full_disk(tmp_path, recorded=False):
        raise full
