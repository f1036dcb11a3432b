"""`new`: what it makes works at once, and says what is to fill in."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEPT = ("autograder", "homework", "reference", "student_template", "tests/hidden", "assignment.toml", "written.toml")


def run(folder, *arguments, module="autograder", status=0):
    """What a command prints that is run in a folder, without what the tests' own environment would add."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment["COLUMNS"] = "200"
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def scores(project, submission, *arguments):
    """Score and points of each row with a number."""
    results = project / "r.json"
    run(ROOT, "grade", submission, "--assignment", project, "--results", results, "--quiet", *arguments)
    rows = json.loads(results.read_text("utf-8"))["tests"]
    return {row["number"]: (row["score"], row["max_score"]) for row in rows if "number" in row}


@pytest.fixture
def beras(tmp_path):
    """A copy of this homework: what a scaffold changes."""
    ignore = shutil.ignore_patterns("__pycache__", ".*_cache")
    for name in KEPT:
        source, target = ROOT / name, tmp_path / "project" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, ignore=ignore) if source.is_dir() else shutil.copy(source, target)
    return tmp_path / "project"


@pytest.fixture
def homework(tmp_path):
    """A homework that was begun just now, and what the command printed."""
    return tmp_path / "a homework", run(ROOT, "new", "homework", "sorting", "--to", tmp_path / "a homework")


def test_a_new_homework_grades_at_once(homework):
    project, _ = homework
    assert scores(project, project / "reference") == {"1.1": (1, 1)}
    assert scores(project, project / "student_template") == {"1.1": (0, 1)}
    assert "1 chaff, 1 wheat: all as declared" in run(ROOT, "audit", "--no-mutants", "--assignment", project)
    solved = shutil.copytree(project / "student_template", project / "solved")
    shutil.copytree(project / "reference" / "sorting", solved / "sorting", dirs_exist_ok=True)
    assert "1 passed" in run(solved, "tests", module="pytest")
    assert "NotImplementedError" in run(project / "student_template", "tests", module="pytest", status=1)


def test_every_place_to_fill_in_is_listed_with_its_line(homework):
    project, printed = homework
    listed = re.findall(r"^  (\S+):(\d+)  (\S.*)$", printed, re.MULTILINE)
    assert {Path(path).parts[0] for path, *_ in listed} == {
        "README.md", "assignment.toml", "homework", "reference", "student_template", "tests",
    }  # fmt: skip
    for path, line, text in listed:
        assert text in (project / path).read_text("utf-8").splitlines()[int(line) - 1], (path, line)


def test_two_homeworks_have_secrets_of_their_own(tmp_path):
    for name in ("one", "two"):
        run(ROOT, "new", "homework", "same", "--to", tmp_path / name)
    texts = [(tmp_path / name / "assignment.toml").read_text("utf-8") for name in ("one", "two")]
    secrets = [re.search('^secret = "(.+)"', text, re.MULTILINE)[1] for text in texts]
    assert secrets[0] != secrets[1]


@pytest.mark.slow
def test_a_component_is_added_to_another_homework(homework):
    project, _ = homework
    printed = run(ROOT, "new", "component", "MergeSort", "--assignment", project)
    assert "sorting/merge_sort.py" in printed
    assert scores(project, project / "reference") == {"1.1": (1, 1), "2.1": (1, 1)}
    assert "2 chaffs, 2 wheats: all as declared" in run(ROOT, "audit", "--no-mutants", "--assignment", project)
    assert "is what the reference makes of it" in run(ROOT, "template", "--check", "--assignment", project)


@pytest.mark.slow
def test_a_component_of_this_homework_has_all_its_parts(beras):
    printed = run(beras, "new", "component", "Dropout")
    for path in ("beras/dropout.py", "tests/handout.py"):
        assert f"changed  student_template/{path}: generated from the reference" in printed
    for path in ("beras/dropout.py", "probes/dropout.py", "chaffs/dropout.py", "wheats/dropout.py", "test_dropout.py"):
        assert path in printed
    for path in ("beras/dropout.py", "tests/handout.py"):
        assert f"changed  student_template/{path}: generated from the reference" in printed
    only = ("--only", "dropout")
    assert set(scores(beras, beras / "reference", *only).values()) == {(1, 1)}
    assert set(scores(beras, beras / "student_template", *only).values()) == {(0, 1)}
    names = ("dropout_three_times", "dropout_slope_of_one", "dropout_as_a_sum")
    audited = run(beras, "audit", "--no-training", *(part for name in names for part in ("--only", name)))
    assert "2 chaffs, 1 wheat: all as declared" in audited
    assert "is what the reference makes of it" in run(beras, "template", "--check")

    # s26 has no tape, and a list of required files of its own.
    run(beras, "template", "--edition", "s26", "--to", beras / "handout")
    handout = beras / "handout"
    assert "def forward(self, x):" in (handout / "beras" / "dropout.py").read_text("utf-8")
    assert "beras/dropout.py  2 left to write" in run(handout, "--check", module="check_submission")
    run(beras, "make", "solution", "--edition", "s26", "--to", beras / "solved")
    assert set(scores(beras, beras / "solved", *only, "--edition", "s26").values()) == {(1, 1)}
    shutil.copytree(beras / "solved", handout, dirs_exist_ok=True)
    assert "4 passed" in run(handout, "tests/test_dropout.py", module="pytest")
    assert "Dropout: ok" in run(handout, "Dropout", module="tests.gradient_check")


@pytest.mark.slow
def test_a_test_of_its_own_begins_without_points(beras):
    printed = run(beras, "new", "test", "large_batch", "--of", "Dense.call")
    assert "tests/hidden/test_large_batch.py" in printed
    number = re.search(r"--only (1\.\d+)", printed)[1]
    assert scores(beras, beras / "reference", "--only", number) == {number: (0, 0)}
    wheat = run(beras, "audit", "--no-training", "--only", "large_batch_in_another_way")
    assert "1 wheat: all as declared" in wheat


def test_an_upload_is_refused_while_something_is_to_fill_in(beras):
    run(beras, "new", "test", "large_batch", "--of", "Dense.call")
    refused = run(beras, "package", "--check", status=1)
    assert re.search(r"unfinished\s+\d places of scaffolds are still to be filled in", refused)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("test", "x", "--of", "Dense.cal"), "the reference has no Dense.cal"),
        (("test", "x"), "A test needs --of"),
        (("test", "x", "--of", "Dense.call", "--component", "cats"), "--component cats: expected one of core,"),
        (("component", "Dense"), "There is a component dense already"),
        (("component", "two words"), "cannot name a module or a class"),
        (("component", "Tape", "--to", "x"), "--to is for a homework"),
        (("homework", "random"), "is the name of another package"),
        (("homework", "beras", "--to", "homework"), "is there already, and not empty"),
    ],
)
def test_what_cannot_be_begun_is_said_and_nothing_is_written(beras, arguments, said):
    before = {path: path.read_bytes() for path in beras.rglob("*") if path.is_file()}
    assert said in " ".join(run(beras, "new", *arguments, status=2).split())
    after = {path: path.read_bytes() for path in beras.rglob("*") if path.is_file()}
    assert {path: after[path] for path in before} == before
    assert not [path for path in after.keys() - before.keys() if "__pycache__" not in path.parts]
