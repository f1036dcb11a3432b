"""The written part graded: the examples as documented, who is asked what, what costs points, what is never lost."""

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.assignment import config
from autograder.base.errors import AssignmentError
from autograder.base.people import Person
from autograder.classroom import written_part
from autograder.written import grading, merging, questions, reader_process, roster
from autograder.written import pages as written_pages
from autograder.written.submission import find_audiences

ROOT = Path(__file__).resolve().parents[3]
SOLUTION = ROOT / "reference" / "conceptual"
TEMPLATE = ROOT / "student_template" / "conceptual"
ASSIGNMENT = config.load()
WRITTEN = questions.load(ROOT)
ONLY_2470 = {"G.1", "G.2", "G.3", "G.4"}


@pytest.fixture
def graded(tmp_path):
    """Grade a path, or the content of a file by its name; returns the rows by number or name."""

    def run(source, *people, metadata=None, audiences=(), written=WRITTEN, name="answers.ipynb"):
        if not isinstance(source, Path):
            path = tmp_path / name
            path.write_bytes(source if isinstance(source, bytes) else source.encode())
            source = path
        submitters = grading.known_submitters(people, metadata, audiences)
        grading.grade(source, tmp_path / "results.json", ASSIGNMENT, written, submitters)
        document = json.loads((tmp_path / "results.json").read_text(), parse_constant=pytest.fail)
        return {row.get("number") or row["name"]: row for row in document["tests"]} | {"": document}

    return run


def notebook(change, path=SOLUTION / "solution.ipynb"):
    document = json.loads(path.read_text("utf-8"))
    change(document)
    return json.dumps(document)


def cell(document, identifier):
    return next(cell for cell in document["cells"] if cell["id"] == identifier)


@pytest.mark.parametrize(("name", "points"), [("solution.ipynb", 16), ("solution.tex", 16), ("solution.pdf", 13)])
def test_each_kind_of_document_is_graded_as_documented(graded, name, points):
    rows = graded(SOLUTION / name, {"name": "Jane Doe"}, audiences=["2470"])
    assert rows[""]["score"] == points
    failed = [number for number, row in rows.items() if number and row.get("status") == "failed"]
    assert failed == []
    assert "No name was found." in rows[grading.ANONYMITY]["output"]
    assert "A person reads the rest, for up to 6 points" in rows["2"]["output"]


@pytest.mark.parametrize("people", [(), ({},), ({"name": ""},)])
def test_where_nobody_s_name_is_known_nothing_is_claimed_of_names(graded, people):
    source = (SOLUTION / "solution.tex").read_text().replace("\\maketitle", "\\author{Jane Doe}\\maketitle")
    rows = graded(source, *people, name="a.tex")
    assert grading.ANONYMITY not in rows
    row = rows[grading.UNSEARCHED]
    assert not {"score", "max_score", "status"} & row.keys()
    assert "none was searched for, and a name may stand in it. A person gives the 5 points" in row["output"]
    known = graded(source, {"name": "Jane Doe"}, name="a.tex")
    assert (known[grading.ANONYMITY]["score"], known[""]["score"]) == (0, rows[""]["score"])


@pytest.mark.parametrize("name", ["conceptual.ipynb", "conceptual.tex"])
def test_the_template_answers_no_question(graded, name):
    rows = graded(TEMPLATE / name, {"name": "Jane Doe"}, audiences=["2470"])
    asked = [rows[question.number] for question in WRITTEN.questions]
    assert all("Not answered" in row["output"] for row in asked)
    assert all(row.get("score", 0) == 0 for row in asked)
    assert rows[""]["score"] == 0
    assert "No answer was found" in rows[grading.ANONYMITY]["output"]


def test_bonus_questions_may_be_left_out(graded):
    def change(document):
        document["cells"] = [one for one in document["cells"] if not re.search("start|shapes|resolve", one["id"])]

    rows = graded(notebook(change))
    assert "failed" not in {rows[number].get("status") for number in ("B.1", "B.2", "B.3", "B.4")}
    assert "Not found" in rows["B.1"]["output"]


def test_only_students_of_2470_are_asked_its_questions(graded):
    answered = (SOLUTION / "solution.tex").read_text("utf-8")
    rows = graded(answered, name="a.tex")
    assert not ONLY_2470 & set(rows)
    assert "hand in an empty file named `2470.txt`" in rows[""]["output"]
    assert set(graded(answered, audiences=["2470"], name="a.tex")) >= ONLY_2470


@pytest.mark.parametrize(
    ("files", "metadata", "belongs"),
    [
        ({}, {}, set()),
        ({}, {"assignment": {"title": "HW2 (CSCI 2470)"}}, {"2470"}),
        ({}, {"assignment": {"title": "HW2 (CSCI 1470)"}}, set()),
        ({}, {"assignment": [2470], "users": None}, set()),
        ({"2470.txt": ""}, {}, {"2470"}),
        ({"b.tex": "% audience: 2470"}, {}, {"2470"}),
        ({"b.ipynb": '{"cells": [{}], "metadata": {"autograder": {"audience": "2470"}}}'}, {}, {"2470"}),
    ],
)
def test_an_audience_is_known_by_metadata_a_file_or_the_document(tmp_path, files, metadata, belongs):
    shutil.copy(SOLUTION / "solution.tex", tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert find_audiences(reader_process.read(tmp_path, WRITTEN), WRITTEN, metadata) == belongs


def test_a_name_costs_the_points_of_anonymity_and_is_not_repeated(graded):
    source = (SOLUTION / "solution.tex").read_text("utf-8").replace("Yes: the mean", "I am Jane Doe. Yes: the mean")
    rows = graded(source, {"name": "Jane Doe", "email": "jd@brown.edu"}, name="a.tex")
    row = rows[grading.ANONYMITY]
    assert (row["score"], row["max_score"], row["status"]) == (0, 5, "failed")
    assert re.search(r"line \d+ of the LaTeX source \(a name\)", row["output"])
    assert "jane" not in json.dumps(rows).lower().replace("janedoe", "")


def test_a_name_that_costs_nothing_is_still_told(graded):
    policy = questions.Policy("pending", 0)
    written = questions.Written(**{**vars(WRITTEN), "policy": policy})
    source = "% Jane Doe\n" + (SOLUTION / "solution.tex").read_text("utf-8")
    row = graded(source, {"name": "Jane Doe"}, written=written, name="a.tex")[grading.ANONYMITY]
    assert "score" not in row
    assert "a comment in line 1" in row["output"]


def test_what_people_grade_counts_zero_where_the_policy_says_so(graded):
    written = questions.Written(**{**vars(WRITTEN), "policy": questions.Policy("zero", 5)})
    row = graded(SOLUTION / "solution.tex", written=written)["2"]
    assert (row["score"], row["max_score"]) == (0, 6)


def test_an_answer_that_is_too_long_or_too_short_is_told(graded):
    def long(document):
        cell(document, "answer-losses")["source"].append("\n\n" + "This is one more sentence. " * 6)

    def short(document):
        cell(document, "answer-losses")["source"] = ["**Answer 2**\n\nYes, it can."]

    assert re.search("Too long: 10.* sentences, and 5 at most", graded(notebook(long))["2"]["output"])
    assert "Too short: 1 sentence, and 3 at least" in graded(notebook(short))["2"]["output"]
    assert "status" not in graded(notebook(short))["2"]  # a person gives the points, and none is lost yet


def test_wrong_results_cost_their_points_and_no_others(graded):
    def change(document):
        for name, old, new in (("descent", "from B: 3", "from B: 5"), ("update-rule", "P_j - y_j", "y_j - P_j")):
            one = cell(document, f"answer-{name}")
            one["source"] = "".join(one["source"]).replace(old, new)
            assert new in one["source"]

    rows = graded(notebook(change))
    assert rows["3.4"]["score"] == 2
    assert "`from B`: it is another number." in rows["3.4"]["output"]
    assert rows["1.1"]["score"] == 0
    assert rows["1.2"]["score"] == 4


def test_a_notebook_whose_code_hangs_or_kills_costs_that_question_alone(graded):
    def change(document):
        cell(document, "code-update-step")["source"] = (
            "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos._exit(0)"
        )
        cell(document, "run-1")["source"] = "while True: pass"

    rows = graded(notebook(change))
    assert rows["1.2"]["score"] == 1
    assert rows["3.4"]["score"] == 3


def test_outputs_with_scripts_and_garbage_in_them_do_no_harm(graded):
    def change(document):
        evil = [{"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>", "image/png": "%%%"}}]
        cell(document, "run-1")["outputs"] = [*evil, 7, {"output_type": "stream", "text": {"a": []}}]
        cell(document, "answer-losses")["attachments"] = {"a": 3, "b": {"image/png": ["x", 3]}}

    rows = graded(notebook(change))
    assert "<script>" not in json.dumps(rows)
    assert rows["1.2"]["score"] == 4


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", b"%PDF-1.4 broken", "damaged"),
        ("a.ipynb", b"{", "JSON is broken"),
        ("a.zip", b"PK broken", "There is no notebook|What was handed in is no notebook"),
        ("a.docx", b"text", "damaged, or has a password"),
        ("a.rtf", b"text", "What was handed in is no notebook"),
    ],
)
def test_nothing_that_is_handed_in_is_lost_or_fails_the_grader(graded, name, content, told):
    rows = graded(content, {"name": "Jane Doe"}, name=name)
    assert re.search(told, rows[grading.DOCUMENTS]["output"])
    assert {question.number for question in WRITTEN.questions if question.audience == "all"} <= set(rows)
    assert "person" in rows["1.1"]["output"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.docx", b"text"), ("a.ipynb", b"{}"), ("a.tex", b"x"), ("a.pdf", b"%PDF-1.4")]
)
def test_what_holds_no_answer_earns_nothing(graded, name, content):
    rows = graded(content, {"name": "Jane Doe"}, name=name)
    assert rows[""]["score"] == 0
    assert rows[grading.ANONYMITY]["status"] == "failed"


def test_the_same_hand_in_gets_the_same_results(graded):
    first, second = (graded(SOLUTION / "solution.ipynb") for _ in range(2))
    for rows in (first, second):
        rows[""].pop("execution_time")
    assert first == second


def cli(*arguments, cwd=ROOT):
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


def test_the_command_line_takes_people_and_audience(tmp_path):
    metadata = {"assignment": {"title": "HW2"}, "users": [{"name": "Solution Doe", "email": "x@y.z", "id": 4}]}
    (tmp_path / "metadata.json").write_text(json.dumps(metadata))
    options = ("--people", tmp_path / "metadata.json", "--audience", "2470", "--results", tmp_path / "r.json")
    done = cli("written", SOLUTION / "solution.tex", *options)
    assert done.returncode == 0
    # The file's name is the person's, and may be the platform's choice.
    assert "16 of 16 points" in done.stdout
    assert cli("written", SOLUTION / "solution.tex", "--audience", "1470").returncode == 2


def test_an_assignment_whose_part_is_written_is_graded_as_such(copied_project, tmp_path):
    root = copied_project({'part = "programming"': 'part = "written"'})
    done = cli("grade", TEMPLATE / "conceptual.tex", "-q", "--results", tmp_path / "r.json", cwd=root)
    assert (done.returncode, done.stdout.strip()) == (0, "0 / 11")


def test_late_work_is_late_by_the_written_parts_date(copied_project, tmp_path):
    root = copied_project({"penalty_per_day = 0.0": "penalty_per_day = 0.1"})
    metadata = {"created_at": "2024-02-24T12:00:00-05:00", "users": [{"name": "Jane Doe"}]}
    (tmp_path / "metadata.json").write_text(json.dumps(metadata))
    options = ("--people", tmp_path / "metadata.json", "--results", tmp_path / "r.json", "-q")
    assert cli("written", SOLUTION / "solution.tex", *options, cwd=root).returncode == 0
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["score"] == pytest.approx(16 * 0.9)
    assert "Due 2024-02-23" in document["tests"][0]["output"] or "February" in document["tests"][0]["output"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Five submissions, two of them nearly alike, made into pages by the command line."""
    folder = tmp_path_factory.mktemp("class")
    source = (SOLUTION / "solution.tex").read_text("utf-8")
    for student, own in (("s1", "Jane Doe wrote: "), ("s2", ""), ("s3", "<script>alert(1)</script> ")):
        (folder / "in" / student).mkdir(parents=True)
        (folder / "in" / student / "a.tex").write_text(source.replace("Yes: the mean", f"{own}Yes: the mean"), "utf-8")
    shutil.copy(SOLUTION / "solution.pdf", folder / "in" / "s4.pdf")
    shutil.copytree(TEMPLATE, folder / "in" / "=s5")
    (folder / "in" / "s6.pdf").write_bytes(b"%PDF broken")
    roster = "submission,name,email,audience\ns1,Jane Doe,jd@brown.edu,2470\ns2,Will Young,wy@brown.edu,\n"
    (folder / "roster.csv").write_text(roster)
    done = cli("written-pages", folder / "in", "--out", folder / "out", "--roster", folder / "roster.csv")
    assert done.returncode == 0, done.stderr
    return folder, done


def test_gradescopes_export_is_a_source_with_its_people(tmp_path):
    export = tmp_path / "assignment_7_export"
    (export / "submission_1").mkdir(parents=True)
    shutil.copy(SOLUTION / "solution.pdf", export / "submission_1" / "a.pdf")
    source = (SOLUTION / "solution.tex").read_text("utf-8").replace("Yes: the mean", "Jane Doe thinks: the mean")
    (export / "submission_2").mkdir()
    (export / "submission_2" / "a.tex").write_text(source, "utf-8")
    people = {1: "Will Young", 2: "Jane Doe"}
    yaml = "".join(
        f"submission_{number}:\n  :submitters:\n  - :name: {name}\n    :sid: '1'\n    :email: a@b.c\n"
        for number, name in people.items()
    )
    (export / "submission_metadata.yml").write_text(yaml)
    shutil.make_archive(str(tmp_path / "export"), "zip", tmp_path, export.name)
    for number, given in enumerate((export, tmp_path / "export.zip")):
        done = cli("written-pages", given, "--out", tmp_path / f"out{number}")
        assert done.returncode == 0, done.stderr
        page = (tmp_path / f"out{number}" / "question-2.html").read_text("utf-8")
        assert page.count("<article") == 2
        assert "Jane" not in page
        assert "█████ thinks" in page


def lines(file):
    with file.open(newline="", encoding="utf-8-sig") as opened:
        return list(csv.DictReader(opened))


def test_a_page_holds_all_answers_to_one_question_anonymous_and_harmless(pages):
    folder, _ = pages
    page = (folder / "out" / "question-2.html").read_text("utf-8")
    assert page.count("<article") == 5
    assert "4 answers are nearly identical" in page or "3 answers are nearly identical" in page
    assert "1 left it unanswered" in page or "1 not found" in page
    words = re.sub(r"data:image/[^\"']+|<script>.*?</script>|sha256-[^']+", "", page, flags=re.DOTALL)
    for unwanted in ("Jane", "Doe", "s1", "<script>alert", "jd@brown.edu"):
        assert unwanted not in words
    assert "&lt;script&gt;alert(1)" in words
    assert "█████ wrote: Yes" in page
    assert "s6.pdf" not in page and "the PDF cannot be shown: whoever holds key.csv can open it" in page
    assert "default-src 'none'" in page


def test_tickets_tell_nothing_and_differ_from_question_to_question(pages):
    folder, _ = pages
    key = lines(folder / "out" / "key.csv")
    tickets = [line["ticket"] for line in key]
    assert len(set(tickets)) == len(tickets)
    by_question = {}
    for line in key:
        by_question.setdefault(line["question"], []).append(line["submission"])
    assert len({tuple(order) for order in by_question.values()}) > 1
    assert by_question["G.1"] == ["s1"]


def test_the_same_class_makes_the_same_pages(pages, tmp_path):
    folder, _ = pages
    cli("written-pages", folder / "in", "--out", tmp_path / "out", "--roster", folder / "roster.csv")
    for name in ("index.html", "question-2.html", "grades.csv", "key.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / "out" / name).read_bytes()


def test_pages_that_may_hold_grades_are_not_overwritten(pages):
    folder, _ = pages
    done = cli("written-pages", folder / "in", "--out", folder / "out")
    assert done.returncode == 2
    assert "may hold grades" in " ".join(done.stderr.split())


def filled(folder, target, points):
    entries = lines(folder / "out" / "grades.csv")
    owners = {line["ticket"]: line["submission"] for line in lines(folder / "out" / "key.csv")}
    for line in entries:
        if line["question"] == "2":
            line["points"] = points(owners[line["ticket"]])
            line["comment"] = "=1+1"
    with target.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, entries[0])
        writer.writeheader()
        writer.writerows(entries)


def test_grades_come_back_to_their_owners_beside_the_programming_part(pages, tmp_path):
    folder, _ = pages
    owned = {"s1": "1", "s2": "2", "s3": "3", "s4": "4.5", "s6": "", "'=s5": "0"}
    filled(folder, tmp_path / "grades.csv", owned.get)
    (tmp_path / "programming.csv").write_text("submission,score\ns1,90\ns2,80\ns9,70\ns4,\n")
    options = ("--grades", tmp_path / "grades.csv", "--programming", tmp_path / "programming.csv")
    done = cli("written-merge", folder / "out", *options, "--out", tmp_path / "merged.csv")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "answers have no points yet" in said
    assert "programming part alone: 's9'" in said
    assert "'s4' has no score" in said
    merged = {line["submission"]: line for line in lines(tmp_path / "merged.csv")}
    assert float(merged["s1"]["total"]) == float(merged["s1"]["written"]) + 90
    assert [merged[one]["2"] for one in ("s1", "s2", "s4", "'=s5")] == ["1", "2", "4.5", "0"]
    assert merged["s1"]["comments"] == "2: =1+1"


def test_an_empty_cell_stays_empty_and_a_semicolon_table_of_excel_s_is_read(pages, tmp_path):
    folder, _ = pages
    filled(folder, tmp_path / "grades.csv", lambda _: "1,5")
    rows = [list(line.values()) for line in lines(tmp_path / "grades.csv")]
    head = ";".join(lines(tmp_path / "grades.csv")[0])
    text = "\n".join([head, *(";".join(cells) for cells in rows)])
    (tmp_path / "grades.csv").write_bytes(text.encode("cp1252"))
    done = cli("written-merge", folder / "out", "--grades", tmp_path / "grades.csv", "--out", tmp_path / "merged.csv")
    assert done.returncode == 0, done.stderr
    merged = lines(tmp_path / "merged.csv")
    assert "'" not in {cell for line in merged for cell in line.values()}
    assert {line["submission"]: line["2"] for line in merged}["s1"] == "1.5"


def test_gradescope_s_own_grades_are_matched_by_submission_number_login_or_name(pages, tmp_path):
    folder, _ = pages
    (tmp_path / "scores.csv").write_text(
        "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID\n"
        "Ada,Lovelace,B1,s1@example.edu,,90,100,Graded,7001\n"
        "s2,,B2,other@example.edu,,80,100,Graded,7002\n"
        "Eve,Ray,s3,eve@example.edu,,70,100,Graded,7003\n"
        "Un,Known,B9,u@example.edu,,60,100,Missing,\n"
    )
    options = ("--programming", tmp_path / "scores.csv")
    done = cli("written-merge", folder / "out", *options, "--out", tmp_path / "merged.csv")
    assert done.returncode == 0, done.stderr
    merged = {line["submission"]: line["programming"] for line in lines(tmp_path / "merged.csv")}
    assert (merged["s1"], merged["s2"], merged["s3"]) == ("90", "80", "70")
    assert "Un Known has no written part here" in " ".join(done.stdout.split())


def test_whoever_has_a_programming_part_alone_is_named_and_has_no_points_for_the_other(pages, tmp_path):
    """The table can be given to `batch --written` again: a submission of its own class is nobody unknown there."""
    folder, _ = pages
    (tmp_path / "grades.csv").write_text(
        "name,sid,email,submission,score\nAda Low,B1,a@e.edu,s9,90\nBo Lu,B2,b@e.edu,s8,80\nCy Mo,B3,c@e.edu,s8,80\n"
    )
    options = ("--programming", tmp_path / "grades.csv")
    done = cli("written-merge", folder / "out", *options, "--out", tmp_path / "merged.csv")
    assert done.returncode == 0, done.stderr
    merged = {line["submission"]: line for line in lines(tmp_path / "merged.csv")}
    assert [merged["s9"][name] for name in ("name", "email", "sid", "written", "of", "programming", "total")] == [
        "Ada Low", "a@e.edu", "B1", "", "", "90", "90",
    ]  # fmt: skip
    assert (merged["s8"]["name"], merged["s8"]["email"]) == ("Bo Lu; Cy Mo", "b@e.edu; c@e.edu")
    part = written_part.read(tmp_path / "merged.csv", [Person("Ada Low", "a@e.edu", "B1")])
    assert part.scores == {} and not any("Ada" in note or "s9" in note for note in part.notes)


@pytest.mark.parametrize(
    ("points", "told"), [("7", "between 0 and 6"), ("-1", "between 0 and 6"), ("nan", "no number"), ("x", "no number")]
)
def test_points_that_cannot_be_are_named_with_their_line(pages, tmp_path, points, told):
    folder, _ = pages
    filled(folder, tmp_path / "grades.csv", lambda _: points)
    with pytest.raises(AssignmentError, match=rf"grades\.csv, line \d+: .*{told}"):
        merging.merge(folder / "out", [tmp_path / "grades.csv"], None, tmp_path / "merged.csv", WRITTEN)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (b"question,ticket,points\n2,nobody,1\n", r"grades\.csv, line 2: key\.csv knows no ticket 'nobody'"),
        (
            b"question,points\n2,1\n",
            r"grades\.csv, line 1: the columns are question, points; expected question and ticket",
        ),
        (b"", r"grades\.csv is empty; expected a CSV with the columns question"),
        (b"question,ticket,points\n2,\xff,1\n", r"grades\.csv, line 2: key\.csv knows no ticket 'ÿ'"),
    ],
)
def test_a_table_of_grades_that_cannot_be_used_is_named(pages, tmp_path, table, told):
    folder, _ = pages
    (tmp_path / "grades.csv").write_bytes(table)
    with pytest.raises(AssignmentError, match=told):
        merging.merge(folder / "out", [tmp_path / "grades.csv"], None, tmp_path / "merged.csv", WRITTEN)


def test_an_answer_that_was_graded_twice_is_named(pages, tmp_path):
    folder, _ = pages
    for name in ("a.csv", "b.csv"):
        filled(folder, tmp_path / name, lambda _: "1")
    with pytest.raises(AssignmentError, match=r"b\.csv, line \d+: the ticket .* was graded before"):
        merging.merge(folder / "out", [tmp_path / "a.csv", tmp_path / "b.csv"], None, tmp_path / "merged.csv", WRITTEN)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            b"section,grade\nA,1,2\n",
            r"roster\.csv, line 1: the columns are section, grade; expected name or last or email or login",
        ),
        (b"PK\x03\x04", r"roster\.csv is a spreadsheet's own file"),
    ],
)
def test_a_roster_that_cannot_be_used_is_named(tmp_path, table, told):
    (tmp_path / "roster.csv").write_bytes(table)
    with pytest.raises(AssignmentError, match=told):
        roster.read(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("table", "people"),
    [
        ('Student,ID,SIS Login ID\n    Points Possible,,\n"Student, Test",9,x\nAda,1,ada\n', ["Ada"]),
        ("OrgDefinedId,Username,Last Name,First Name\n#0012,#ada,Lovelace,Ada\n", ["Ada Lovelace 0012 ada"]),
        ("Matrikelnummer;Vorname;Nachname\n0012;Ada;Lovelace\n", ["Ada Lovelace 0012"]),
    ],
)
def test_a_roster_is_read_as_for_a_batch(tmp_path, table, people):
    (tmp_path / "roster.csv").write_text(table)
    found, _ = roster.read(tmp_path / "roster.csv")
    shown = [" ".join(filter(None, map(line.get, ("name", "sid", "login")))) for line in found]
    assert [who.removesuffix(" 1 ada") for who in shown] == people


def test_written_merge_adds_what_the_command_for_one_hand_in_computes(pages, tmp_path):
    folder, _ = pages
    filled(folder, tmp_path / "grades.csv", lambda _: "1.5")
    merging.merge(folder / "out", [tmp_path / "grades.csv"], None, tmp_path / "merged.csv", WRITTEN)
    merged = {line["submission"]: line for line in lines(tmp_path / "merged.csv")}
    people = {line["submission"]: line for line in roster.read(folder / "roster.csv")[0]}
    for name in ("s1", "s2"):
        source = next((folder / "in").glob(f"{name}*"))
        audiences = [people[name]["audience"]] if people.get(name, {}).get("audience") else []
        known = [people[name]] if name in people else []
        submitters = grading.known_submitters(known, chosen=audiences)
        report = grading.grade(source, tmp_path / "results.json", ASSIGNMENT, WRITTEN, submitters)
        computed = sum(row.score or 0 for row in report.tests)
        assert computed >= 10
        assert float(merged[name]["written"]) == computed + 1.5
        assert merged[name]["1.2"] == "4"
        assert "1.1" in merged[name]["not graded yet"] and "2" not in merged[name]["not graded yet"].split()
    page = (folder / "out" / "question-1.1.html").read_text("utf-8")
    assert "1 of 1 computed" in page


def test_points_of_gradescope_that_hold_what_was_computed_are_not_counted_twice(pages, tmp_path):
    folder, _ = pages
    table = "Submission ID,1.1: The update rule (11.0 pts),1.2: One step (4.0 pts)\ns1,10.5,3\n"
    (tmp_path / "scores.csv").write_text(table)
    merging.merge(folder / "out", [tmp_path / "scores.csv"], None, tmp_path / "merged.csv", WRITTEN)
    merged = {line["submission"]: line for line in lines(tmp_path / "merged.csv")}
    assert (merged["s1"]["1.1"], merged["s1"]["1.2"]) == ("10.5", "3")


def test_every_wrong_cell_is_named_at_once(pages, tmp_path):
    folder, _ = pages
    filled(folder, tmp_path / "grades.csv", lambda owner: "many" if owner in ("s1", "s2") else "")
    with pytest.raises(AssignmentError) as caught:
        merging.merge(folder / "out", [tmp_path / "grades.csv"], None, tmp_path / "merged.csv", WRITTEN)
    assert str(caught.value).count("'many' is no number") == 2


def test_who_is_on_no_page_is_said_and_two_hand_ins_of_one_name_stay_two(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("ada.tex", "ada.ipynb", "hal.md", "notes.md", "notes.txt"):
        (folder / name).write_text("Answer 2: yes", "utf-8")
    listed = [{"submission": one, "name": one.title(), "email": f"{one}@x.edu"} for one in ("ada", "hal", "zoe")]
    found = written_pages.from_folder(folder, listed)
    assert [(one.id, one.people[0].name) for one in found] == [
        ("ada.ipynb", "Ada"),
        ("ada.tex", "Ada"),
        ("hal", "Hal"),
    ]
    assert written_pages.coverage(folder, found, listed) == [
        "On the roster, and handed in nothing here (1): Zoe.",
        "'ada' handed in more than once; each is graded as a submission of its own.",
        "Left aside, as no hand-in has such an ending or name (2): notes.md; notes.txt.",
    ]


def test_what_no_program_can_decide_about_is_no_zero_and_the_denominator_says_why(graded):
    rows = graded(b"# Answers", name="notes.md")
    assert all("score" not in rows[question.number] for question in WRITTEN.asked(frozenset()))
    assert "11 of the computed points, and they are not counted" in rows[""]["output"]
    rows = graded(SOLUTION / "solution.pdf", name="solution.pdf")
    assert (
        "3 of the computed points, and they are not counted here: 1.2 (3). A person gives them." in rows[""]["output"]
    )


def test_the_name_of_a_lone_file_costs_nothing_and_a_name_within_does(graded):
    source = (SOLUTION / "solution.tex").read_text("utf-8")
    jane = {"name": "Jane Doe", "login": "jane"}
    row = graded(source, jane, name="jane.tex")[grading.ANONYMITY]
    assert (row["score"], row["max_score"]) == (5, 5)
    assert "it costs nothing" in row["output"]
    row = graded(source.replace("\\maketitle", "\\author{Jane Doe}\\maketitle"), jane, name="a.tex")[grading.ANONYMITY]
    assert row["score"] == 0
    assert "(a name)" in row["output"] and "(a login)" not in row["output"]
