"""What `check_submission.py --written` says to students before the deadline."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "student_template"
SOURCE = (TEMPLATE / "conceptual" / "conceptual.tex").read_text("utf-8")


@pytest.fixture
def check(tmp_path):
    shutil.copy(TEMPLATE / "check_submission.py", tmp_path)

    def run(name, content, *names):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        options = [word for one in names for word in ("--name", one)]
        command = [sys.executable, "-I", "check_submission.py", "--written", name, *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


def test_the_template_is_empty_and_names_nobody(check):
    status, said = check("conceptual.tex", SOURCE, "Ada Lovelace")
    assert status == 0
    assert "Answer 2  is empty" in said and "Nothing here would be flagged" in said


def test_no_answer_of_the_untouched_notebook_is_ticked(check):
    content = (TEMPLATE / "conceptual" / "conceptual.ipynb").read_text("utf-8")
    status, said = check("conceptual.ipynb", content, "Ada Lovelace")
    assert status == 0
    assert "✓ Answer" not in said
    assert said.count("is empty") == 16


@pytest.mark.parametrize("name", ["FIRST LAST", "Login", "Your Name", "your_login"])
def test_the_name_of_the_example_is_refused(tmp_path, name):
    shutil.copy(TEMPLATE / "check_submission.py", tmp_path)
    command = [sys.executable, "-I", "check_submission.py", "--written", "a.tex", "--name", name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"{name!r} is the example's: say your own name" in done.stderr


@pytest.mark.parametrize("name", ["solution.tex", "solution.ipynb"])
def test_the_solution_answers_everything(check, name):
    content = (ROOT / "reference" / "conceptual" / name).read_bytes()
    _, said = check(name, content, "Ada Lovelace")
    assert said.count("✓ Answer") == 16
    assert "empty" not in said and "no result" not in said


def test_a_name_is_flagged_in_the_text_and_in_the_name_of_the_file(check):
    assert "'Ada Lovelace' stands in its text" in check("a.tex", SOURCE + "% by Ada Lovelace", "Ada Lovelace")[1]
    status, said = check("lovelace.tex", SOURCE, "Ada Lovelace")
    assert "'Lovelace' stands in the name lovelace.tex" in said
    assert check("alove1.tex", SOURCE, "alove1")[0] == 1
    assert status == 0


def test_a_result_that_is_missing_and_a_picture_that_is_not_there_are_named(check):
    answered = SOURCE.replace("% Your answer goes here, in the place of this line.", "By the chain rule.", 1)
    assert "Answer 1.1  has no result behind: gradient" in check("a.tex", answered)[1]
    status, said = check("a.tex", answered.replace("chain rule.", "chain rule. \\includegraphics{sketch.png}"))
    assert status == 1 and "The picture sketch.png is not there" in said


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.docx", b"PK", "make a PDF of it"),
        ("a.ipynb", b"{", "no valid .ipynb"),
        ("a.ipynb", json.dumps({"cells": []}).encode(), "no label"),
        ("a.tex", b"\xff\xfe", "no valid .tex"),
        ("a.tex", b"hello", "no label"),
    ],
)
def test_what_the_grader_could_not_use_is_flagged(check, name, content, told):
    status, said = check(name, content)
    assert status == 1
    assert told in said
