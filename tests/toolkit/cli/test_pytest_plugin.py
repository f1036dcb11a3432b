"""Staff run the hidden tests with pytest, and read what they expect of pytest and of the grader."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "student_template"


@pytest.fixture
def run(tmp_path):
    """Run pytest as staff do; returns (exit status, what it printed)."""

    def pytest_in(*arguments, root=ROOT):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        command = [sys.executable, "-m", "pytest", *map(str, arguments), "-o", f"cache_dir={tmp_path / 'cache'}"]
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, timeout=300, check=False, env=environment
        )
        return done.returncode, done.stdout + done.stderr

    return pytest_in


@pytest.fixture
def hostile(tmp_path):
    """A submission that brings along code and settings for pytest."""
    folder = shutil.copytree(TEMPLATE, tmp_path / "hostile")
    (folder / "conftest.py").write_text("from pathlib import Path\nPath(__file__).with_name('ran').touch()\n")
    (folder / "tests" / "conftest.py").write_text("from pathlib import Path\nPath(__file__).with_name('ran').touch()\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --exitfirst\n")
    return folder


def test_what_is_not_written_fails_with_the_students_message_and_no_traceback(run):
    status, printed = run("tests/hidden", "--submission", "student_template", "-k", "test_1_dense and test_forward")
    assert status == 1
    assert "failed" in printed and "deselected" in printed
    assert "**Not implemented yet**: `Dense.call` raises `NotImplementedError` at `beras/layers.py` line" in printed
    assert "1.1 Dense.call" in printed  # the heading is the row's name
    assert "0 of 2.5 points" in printed
    assert "FAILED tests/hidden/test_1_dense.py::test_forward - Not implemented yet" in printed
    for internal in ("Traceback", "LostPointsError", "autograder/grading", "autograder/cli"):
        assert internal not in printed


def test_the_reference_is_tested_by_default(run):
    status, printed = run("tests/hidden/test_1_dense.py::test_forward")
    assert status == 0, printed
    assert "submission: the reference" in printed
    assert "1 passed" in printed


@pytest.mark.slow
def test_exitfirst_and_lastfailed_are_pytests_own(run):
    common = ("tests/hidden/test_1_dense.py", f"--submission={TEMPLATE}", "-k", "forward or capitals")
    status, printed = run(*common, "-x")
    assert status == 1 and "1 failed" in printed
    status, printed = run(*common, "--lf", "-v")
    assert "1 failed" in printed and "test_1_dense.py::test_forward FAILED" in printed


def test_the_mistake_is_named_as_in_grading(run, tmp_path, reference_files):
    for name, content in reference_files.items():
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    path = tmp_path / "mine" / "beras" / "losses.py"
    wrong = path.read_text().replace("clip_0_1(y_pred) / batch_size", "clip_0_1(y_pred)")
    assert wrong != path.read_text()
    path.write_text(wrong)
    status, printed = run("tests/hidden", f"--submission={tmp_path / 'mine'}", "-k", "cross_entropy and gradients")
    assert status == 1
    assert "so its gradient carries 1 / batch size too" in printed


@pytest.mark.parametrize("how", [("tests/hidden", "--submission", "{}"), ("--submission={}", "tests/hidden")])
def test_no_code_of_a_submission_runs_outside_of_the_sandbox(run, hostile, how):
    status, printed = run(*(word.format(hostile) for word in how), "-k", "dense and forward")
    assert status == 1
    assert "Not implemented yet" in printed
    assert not list(hostile.rglob("ran"))


def test_a_submission_that_pytest_would_obey_is_refused(run, hostile):
    (hostile / "pytest.ini").unlink()
    status, printed = run("--submission", hostile, "tests/hidden")
    assert status == 4
    assert f"--submission={hostile}" in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--submission=nowhere",), "there is no nowhere; name the folder or the archive"),
        (("--edition=s99",), "s99"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(run, arguments, said):
    status, printed = run("tests/hidden", *arguments)
    assert status in (2, 4)
    assert said in printed
    assert "Traceback" not in printed


def test_an_edition_has_its_own_tests_and_names(run):
    status, printed = run("tests/hidden", "--edition=f25", "--collect-only", "-q")
    _, others = run("tests/hidden", "--edition=s24", "--collect-only", "-q")
    assert status == 0
    assert printed.splitlines()[-1] != others.splitlines()[-1]


def test_the_reference_is_that_of_the_edition(run):
    status, printed = run("tests/hidden", "--edition=s26", "-k", "test_5_backward and test_one_layer")
    assert status == 0, printed


def test_a_mistake_in_a_test_shows_its_traceback(run, copied_project):
    root = copied_project()
    path = root / "tests" / "hidden" / "test_1_dense.py"
    path.write_text(path.read_text() + MISTAKEN)
    status, printed = run("tests/hidden", "-k", "test_mistaken", root=root)
    assert status == 1
    assert "ZeroDivisionError" in printed and "return 1 / 0" in printed


MISTAKEN = '''

@number("1.99")
@weight(1)
@tags("dense")
def test_mistaken(ask, draw):
    """Dense.call is divided by"""
    return 1 / 0
'''
