"""A second homework, complete in one folder: the toolkit grades, makes and audits it without knowing what it is."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KMEANS = ROOT / "examples" / "kmeans"
WORDS_OF_BERAS = re.compile(r"beras|dense|softmax|mnist|\btape|gradient_tape", re.IGNORECASE)


def run(*arguments, cwd=ROOT):
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def project(tmp_path):
    return shutil.copytree(KMEANS, tmp_path / "kmeans", ignore=shutil.ignore_patterns("__pycache__"))


def graded(submission, tmp_path, assignment=KMEANS):
    results = tmp_path / "results.json"
    done = run("grade", submission, "--assignment", assignment, "--results", results, "--quiet")
    assert done.returncode == 0, done.stderr
    return {row["number"]: row for row in document(tmp_path)["tests"] if "number" in row}


def document(tmp_path):
    return json.loads((tmp_path / "results.json").read_text())


def test_it_is_small():
    files = [p for p in KMEANS.rglob("*") if p.is_file() and p.suffix in (".py", ".toml")]
    own = [p for p in files if "student_template" not in p.parts]
    assert sum(len(path.read_text().splitlines()) for path in own) <= 250


def test_the_reference_gets_all_points(tmp_path):
    rows = graded(KMEANS / "reference", tmp_path)
    assert {number: row["score"] for number, row in rows.items()} == {"1.1": 4, "1.2": 3, "1.3": 3}


@pytest.mark.parametrize(
    ("file", "right", "wrong", "lost", "said"),
    [
        ("distance", "** 2).sum", "** 2).mean", "1.1", "same factor: **0.3333"),
        ("clusters", ".mean(axis=0)", ".sum(axis=0) / len(points)", "1.3", "divide by those of the cluster"),
    ],
)
def test_a_mistake_costs_its_row_and_is_explained(tmp_path, file, right, wrong, lost, said):
    submission = shutil.copytree(KMEANS / "reference" / "kmeans", tmp_path / "mine" / "kmeans")
    path = submission / f"{file}.py"
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong))
    rows = graded(submission.parent, tmp_path)
    assert [number for number, row in rows.items() if row["score"] < row["max_score"]] == [lost]
    assert said in rows[lost]["output"]


def test_its_template_is_what_its_reference_makes_of_it():
    done = run("template", "--check", "--assignment", KMEANS)
    assert done.returncode == 0, done.stdout
    assert "argmin" not in (KMEANS / "student_template" / "kmeans" / "clusters.py").read_text()


@pytest.mark.slow
def test_its_audit_passes():
    done = run("audit", "--assignment", KMEANS, "--no-mutants", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 chaffs, 1 wheat" in done.stdout


def test_a_class_is_graded_with_it(tmp_path):
    for name, source in (("ada", "reference"), ("bob", "student_template")):
        shutil.copytree(KMEANS / source / "kmeans", tmp_path / "class" / name / "kmeans")
    done = run("batch", tmp_path / "class", "--out", tmp_path / "out", "--assignment", KMEANS)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out" / "grades.jsonl").read_text().splitlines()
    assert {row["submission"]: row["score"] for row in map(json.loads, lines)} == {"ada": 10, "bob": 0}


def test_another_homeworks_submission_loses_its_files_and_nothing_crashes(tmp_path):
    rows = graded(ROOT / "reference", tmp_path)
    assert [row["score"] for row in rows.values()] == [0, 0, 0]
    files = next(row for row in document(tmp_path)["tests"] if row["name"] == "Required files")
    assert "Not one of the files that the assignment asks for is there. There are `assignment.py`" in files["output"]
    assert "another homework's" in files["output"]


def refusal(project):
    done = run("grade", KMEANS / "reference", "--assignment", project, "--results", project / "r.json")
    assert done.returncode == 2
    return " ".join(done.stderr.split())


def test_a_folder_without_a_homework_is_refused(project):
    shutil.rmtree(project / "homework")
    said = refusal(project)
    assert "homework is missing" in said
    assert "api.py" in said


def test_a_probe_that_imports_the_toolkit_is_named_with_its_line(project):
    probe = project / "homework" / "probes" / "steps.py"
    probe.write_text(probe.read_text() + "\nfrom autograder.grading import pipeline\n")
    said = refusal(project)
    assert f"steps.py:{len(probe.read_text().splitlines())}:" in said
    assert "imports the toolkit" in said


def test_a_test_of_an_unknown_part_is_named(project):
    test = project / "tests" / "hidden" / "test_kmeans.py"
    test.write_text(test.read_text().replace('@tags("assign")', '@tags("nearest")'))
    said = refusal(project)
    assert "test_assign" in said
    assert "one of distance, assign, update" in said


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("homework/__init__.py", 'package="kmeans"', 'package="means"', "PACKAGE = 'kmeans'"),
        ("homework/api.py", "def open_api", "def opened", "api.py defines no function open_api"),
        (
            "tests/hidden/test_kmeans.py",
            "def test_assign(ask, draw)",
            "def test_assign(ask, drawn)",
            "asks for 'drawn'",
        ),
        ("tests/hidden/test_kmeans.py", "def test_assign", "def assigns", "assigns is numbered and would not be run"),
        ("assignment.toml", '"kmeans/distance.py"', '"kmeans/distances.py"', "requires kmeans/distances.py"),
    ],
)
def test_parts_that_do_not_match_are_named(project, file, old, new, said):
    path = project / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert said in refusal(project)


def test_a_homework_that_cannot_be_imported_says_why(project):
    (project / "homework" / "__init__.py").write_text("from autograder.authoring import Homwork\n")
    assert "Homwork" in refusal(project)


def test_the_toolkit_does_not_know_its_first_homework():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / "autograder").rglob("*"))
        if path.is_file() and path.suffix in (".py", ".html", ".css", ".js")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if WORDS_OF_BERAS.search(line)
    ]
    assert found == []
