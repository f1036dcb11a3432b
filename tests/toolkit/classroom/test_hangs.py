"""A run that hangs keeps its rows, in a class and alone, and whoever waits for it learns why it ended."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from autograder.classroom.journal import GRADED

WHY = "The run did not end in time. What was graded until then is kept."
PYTHON_RUNS = "__import__('time').sleep(1000)"
A_SEARCH_HOLDS_IT = "__import__('re').match('(a+)+b', 'a' * 60)"
ANSWERED = '["gradients"][0].agrees()\n'


@pytest.fixture
def hanging(copied_project):
    """`hanging(how)`: a project whose second test of a loss hangs, and whose watchdog does not wait for long."""

    def make(how):
        root = copied_project({"run_seconds = 560": "run_seconds = 6"})
        for path, old, new in (
            ("autograder/grading/pipeline.py", "_WATCHDOG_GRACE = 10.0", "_WATCHDOG_GRACE = 0.5"),
            ("autograder/results/watchdog.py", "_TAKES_OVER_AFTER: Final = 3.0", "_TAKES_OVER_AFTER: Final = 1.0"),
            ("tests/hidden/test_3_losses.py", ANSWERED, f"{ANSWERED}    {how}\n"),
        ):
            text = (root / path).read_text()
            assert old in text
            (root / path).write_text(text.replace(old, new, 1))
        return root

    return make


def run(root, *arguments, **environment):
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=100, check=False, env=os.environ | environment
    )


def points(document):
    return {row["number"]: row["score"] for row in document["tests"] if row.get("score")}


@pytest.mark.parametrize("how", [PYTHON_RUNS, A_SEARCH_HOLDS_IT], ids=["python runs", "a search holds it"])
def test_in_a_class_its_rows_are_kept_and_it_is_graded_once(hanging, how, tmp_path):
    root = hanging(how)
    shutil.copytree(root / "reference" / "beras", tmp_path / "class" / "ada" / "beras")
    out = tmp_path / "out"
    done = run(root, "batch", tmp_path / "class", "--out", out, "--only", "mse", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "1 graded" in said and "0 lost" in said
    assert "Not every test was reached. The run did not end in time." in said
    (results,) = out.glob("*/results.json")
    document = json.loads(results.read_text())
    if how == PYTHON_RUNS:  # else a row of the last moment may not be written yet, and nobody gets a turn to write it
        assert points(document) == {"3.1": 1.75}
    assert len(document["tests"]) > 5
    assert document["output"].startswith(WHY)
    (line,) = (out / "journal.jsonl").read_text().splitlines()
    assert (json.loads(line)["status"], json.loads(line)["attempts"]) == (GRADED, 1)


def test_alone_the_terminal_says_it_and_the_status_is_the_graders_failure(hanging, tmp_path):
    root = hanging(PYTHON_RUNS)
    done = run(root, "grade", root / "reference", "--only", "mse", "--results", tmp_path / "r.json")
    assert done.returncode == 3
    assert done.stderr.endswith(f"{WHY}\n")
    assert points(json.loads((tmp_path / "r.json").read_text())) == {"3.1": 1.75}


def test_on_gradescope_it_says_it_and_the_status_stays_0(hanging, tmp_path):
    root = hanging(PYTHON_RUNS)
    shutil.copytree(root / "reference" / "beras", tmp_path / "home" / "submission" / "beras")
    (tmp_path / "home" / "results").mkdir()
    done = run(root, "grade", "--only", "mse", AUTOGRADER_HOME=str(tmp_path / "home"))
    assert done.returncode == 0
    assert WHY in done.stderr
    assert points(json.loads((tmp_path / "home" / "results" / "results.json").read_text())) == {"3.1": 1.75}
