"""The command line, as people and scripts use it."""

import dataclasses
import io
import json
import os
import subprocess
import sys
import zoneinfo
from pathlib import Path

import click
import pytest

from autograder.assignment import config
from autograder.base.errors import AssignmentError
from autograder.cli import batch
from autograder.cli.options import Moment, say_example_secret
from autograder.cli.terminal import Terminal

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments, cwd=ROOT, **environment):
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )


def test_help_lists_the_commands():
    done = run("--help")
    assert done.returncode == 0
    for command in ("grade", "template", "fetch", "audit"):
        assert command in done.stdout


@pytest.mark.parametrize("arguments", [("nonsense",), ("grade", "--nonsense"), ("grade", "a", "b")])
def test_unusable_arguments_exit_with_2(arguments):
    assert run(*arguments).returncode == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("conf.py", "docs holds none of the 11 files that are asked for, such as assignment.py"),
        ("notes.md", "docs cannot be graded: "),
    ],
)
def test_a_folder_with_none_of_the_files_is_said_to_be_one_before_anything_is_graded(tmp_path, name, told):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / name).write_text("# notes")
    results = tmp_path / "results.json"
    done = run("grade", str(tmp_path / "docs"), "--only", "1.1", "--results", str(results))
    assert done.returncode == 0
    assert told in " ".join(done.stderr.split())
    assert json.loads(results.read_text())["score"] == 0


def test_a_drifted_template_exits_with_1_and_says_where(copied_project):
    root = copied_project()
    assert run("template", "--check", cwd=root).returncode == 0
    with (root / "student_template" / "beras" / "losses.py").open("a") as file:
        file.write("# edited by hand\n")
    done = run("template", "--check", cwd=root)
    assert done.returncode == 1
    assert "losses.py" in done.stdout
    assert run("template", cwd=root).returncode == 0
    assert run("template", "--check", cwd=root).returncode == 0


def test_a_module_in_the_working_folder_never_gets_into_the_grader(tmp_path):
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "numpy.py").write_text("raise SystemExit(99)")
    command = [sys.executable, str(ROOT / "autograder"), "--help"]
    done = subprocess.run(
        command, cwd=evil, env={**os.environ, "PYTHONPATH": str(evil)}, check=False, capture_output=True
    )
    assert done.returncode == 0


def test_a_pipe_gets_no_colours(tmp_path):
    done = run("grade", "reference", "--only", "mse", "--results", str(tmp_path / "r.json"))
    assert "\x1b" not in done.stdout
    assert "5 of 5 points" in done.stdout


def test_results_that_cannot_be_written_are_said(tmp_path):
    target = tmp_path / "file"
    target.write_text("")
    done = run("grade", "reference", "--results", str(target / "r.json"))
    assert done.returncode == 2
    assert "cannot be written" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["grade", "written"])
def test_a_submission_that_is_not_there_gets_no_points_but_a_sentence(command, tmp_path):
    results = tmp_path / "r.json"
    results.write_text('{"score": 100}')  # of an earlier run
    done = run(command, str(tmp_path / "mistyped"), "--results", str(results))
    assert done.returncode == 2
    assert "name the folder or the archive" in " ".join(done.stderr.split())
    assert json.loads(results.read_text())["score"] == 100, "an argument that is wrong changes no file"


def test_a_folder_without_mnist_is_refused_before_anything_is_graded(tmp_path):
    done = run("grade", "reference", "--data", str(tmp_path), "--results", str(tmp_path / "r.json"))
    assert done.returncode == 2
    assert "name another folder with --data" in " ".join(done.stderr.split())


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    done = run("template", "--to", str(tmp_path / "file" / "folder"))
    assert done.returncode == 2
    assert "or name another place" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_no_template_is_written_over_somebody_s_work(tmp_path):
    (tmp_path / "assignment.py").write_text("mine")
    done = run("template", "--to", str(tmp_path))
    assert done.returncode == 2
    assert "not empty" in " ".join(done.stderr.split())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_mistake_of_the_toolkits_is_no_finding(copied_project):
    root = copied_project()
    with (root / "autograder" / "upload" / "doctor.py").open("a") as file:
        file.write("1 / 0\n")
    done = run("doctor", cwd=root)
    assert done.returncode == 3
    assert "ZeroDivisionError" in done.stderr
    assert "It is a mistake in the toolkit" in done.stderr


def test_colours_are_left_out_where_no_color_is_set(tmp_path):
    """FORCE_COLOR makes Rich take a pipe for a terminal."""
    command = ("grade", "reference", "--only", "mse", "--results", str(tmp_path / "r.json"))
    assert "\x1b[32m" in run(*command, FORCE_COLOR="1").stdout
    assert "\x1b[32m" not in run(*command, FORCE_COLOR="1", NO_COLOR="1").stdout


@pytest.mark.parametrize(("names", "told"), [(("solution",), "nothing"), (("breadth_first",), "nothing")])
def test_make_writes_a_submission_that_can_be_graded(tmp_path, names, told):
    target = tmp_path / "made"
    done = run("make", *names, "--to", str(target))
    assert done.returncode == 0, done.stderr
    assert f"it must lose {told}" in " ".join(done.stdout.split())
    graded = run("grade", str(target), "--only", "mse", "-q", "--results", str(tmp_path / "r.json"))
    assert (graded.stdout.split(), graded.stderr) == (["5", "/", "5"], "")


def test_make_names_what_a_chaff_costs_and_refuses_what_it_does_not_know_or_would_overwrite(tmp_path):
    from autograder.assignment import config, editions

    chaffs = editions.load_variants(config.load(), "chaffs")
    name, chaff = next((name, chaff) for name, chaff in chaffs.items() if "3.2" in chaff.costs)
    done = run("make", name, "--to", str(tmp_path / "made"))
    assert f"3.2 ({chaff.costs['3.2']:g})" in " ".join(done.stdout.split())
    again = run("make", name, "--to", str(tmp_path / "made"))
    assert again.returncode == 2
    assert "not empty" in " ".join(again.stderr.split())
    unknown = run("make", name + "x", "--to", str(tmp_path / "other"))
    assert unknown.returncode == 2
    assert f"did you mean {name}" in " ".join(unknown.stderr.split())
    assert not (tmp_path / "other").exists()


def test_without_the_environment_it_says_how_to_get_it(tmp_path):
    script = (
        "import sys, runpy; sys.flags\n"
        "class Without:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'rich': raise ModuleNotFoundError('No module', name='rich')\n"
        "sys.meta_path.insert(0, Without())\n"
        f"sys.argv = ['x', '--help']; runpy.run_path({str(ROOT / 'autograder')!r}, run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert "Python has no rich here; activate the environment: . .venv/bin/activate" in done.stderr
    assert "Traceback" not in done.stderr


def test_grade_and_batch_say_when_the_secret_is_still_the_examples(tmp_path):
    """Of the class nothing is graded: what is wrong with a list is found after it is said."""
    results = str(tmp_path / "results.json")
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "assignment.py").write_text("x = 1\n")
    (tmp_path / "overrides.csv").write_text("student,points\n")
    graded = run("grade", "student_template", "--only", "1.1", "--results", results)
    listed = ("--out", str(tmp_path / "out"), "--overrides", str(tmp_path / "overrides.csv"))
    batched = run("batch", str(tmp_path / "class"), *listed)
    for done, status in ((graded, 0), (batched, 2)):
        assert done.returncode == status, done.stderr
        assert done.stderr.count("the secret is still the example's") == 1


@pytest.mark.parametrize(
    ("secret", "seed", "said"),
    [(config.EXAMPLE_SECRET, None, 1), ("a text of our own", None, 0), (config.EXAMPLE_SECRET, "mine", 0)],
)
def test_no_secret_is_spoken_of_that_is_one_s_own_or_not_used(assignment, capsys, secret, seed, said):
    say_example_secret(dataclasses.replace(assignment, secret=secret), seed)
    assert capsys.readouterr().err.count("the secret is still the example's") == said


@pytest.mark.parametrize("terminal", [True, False])
def test_no_path_is_broken_over_two_lines(terminal):
    said = io.StringIO()
    path = f"/{'a folder of staff/' * 9}{'deep' * 30}/extensions.csv".replace(" ", "-")
    Terminal(file=said, force_terminal=terminal, width=80, highlight=False).print(
        f"As the last time: --extensions {path}. [b]Go on[/]."
    )
    assert f"--extensions {path}." in said.getvalue()


def test_make_lists_its_names():
    from autograder.assignment import config, editions

    done = run("make", "--list")
    listed = [line.split(" (")[0] for line in done.stdout.splitlines()[1:]]
    assert set(listed) == {
        name for kind in ("chaffs", "wheats") for name in editions.load_variants(config.load(), kind)
    }
    assert "--list prints all names" in run("make").stderr


def test_only_may_be_repeated_and_the_reference_is_graded_without_its_chaffs(tmp_path):
    results = tmp_path / "r.json"
    done = run("grade", "reference", "--only", "1.1", "--only", "3.1", "--results", str(results))
    document = json.loads(results.read_text())
    assert [row["number"] for row in document["tests"] if "number" in row] == ["1.1", "3.1"]
    assert document["extra_data"]["flags"] == []
    assert "is it a class" not in done.stderr.lower()


def test_a_class_whose_output_is_read_no_more_is_graded_to_the_end(tmp_path):
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "readme.txt").write_text("nothing")
    command = [sys.executable, "-m", "autograder", "batch", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 0, said
    assert "The output is read no more; the work goes on without it." in said
    assert "Traceback" not in said and "Exception ignored" not in said
    assert (tmp_path / "out" / "grades.csv").exists()


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2024-02-26T18:00:00-0500", "2024-02-26T18:00:00-05:00"),
        ("2024-02-26T18:00:00-05:00", "2024-02-26T18:00:00-05:00"),
        ("2024-02-26 18:00", "2024-02-26T18:00:00-05:00"),
        ("2024-07-01 18:00", "2024-07-01T18:00:00-04:00"),
        ("2024-02-26T23:00:00Z", "2024-02-26T23:00:00+00:00"),
        ("2024-02-26 18:00 +0100", "2024-02-26T18:00:00+01:00"),
    ],
)
def test_a_deadline_has_the_form_of_an_extension_s_date(given, moment):
    zone = zoneinfo.ZoneInfo("America/New_York")
    assert batch._read_deadline(Moment().convert(given, None, None), zone).isoformat() == moment


def test_a_deadline_that_is_none_or_on_nobody_s_clock_is_refused_with_an_example():
    for text in ("26.02.2024", "2024-02-26", "soon"):
        with pytest.raises(click.BadParameter, match="expected 2024-02-26T18:00:00-05:00, or 2024-02-26 18:00"):
            Moment().convert(text, None, None)
    with pytest.raises(AssignmentError, match=r"whose clock is that\? Write the offset, 2024-02-26T18:00:00-05:00"):
        batch._read_deadline(Moment().convert("2024-02-26 18:00", None, None), None)
