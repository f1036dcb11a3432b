"""Options: what cannot be written is refused before the work, and so is an option that would do nothing."""

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from autograder.cli.app import cli
from autograder.cli.options import Command, Output

ROOT = Path(__file__).resolve().parents[3]
#: The files and folders that options name to be read; any other is written, and its option says so.
READ = {
    "--assignment", "--data", "--extensions", "--grades", "--late-days", "--overrides", "--people", "--programming",
    "--roster", "--solutions", "--stencil", "--venv", "--with-data", "--written",
}  # fmt: skip


def commands(group=cli):
    for command in group.commands.values():
        yield from commands(command) if isinstance(command, click.Group) else [command]


def options(kind):
    return [
        (command, option)
        for command in commands()
        for option in command.params
        if isinstance(option, click.Option) and isinstance(option.type, kind)
    ]


def named(case):
    return " ".join((case.name, *case.opts)) if isinstance(case, click.Option) else getattr(case, "name", None)


def run(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, **more,
    )  # fmt: skip


@pytest.mark.parametrize(("command", "option"), options(click.Path), ids=named)
def test_an_option_that_names_a_file_is_known_to_read_or_to_write_it(command, option):
    assert isinstance(option.type, Output) != (option.opts[0] in READ)


@pytest.mark.parametrize(("command", "option"), options(Output), ids=named)
def test_a_place_without_a_folder_is_refused_while_the_command_is_read(command, option):
    with pytest.raises(click.BadParameter, match="x cannot be written: there is no folder /nonexistent"):
        command.make_context(command.name, [option.opts[0], "/nonexistent/x"])


def test_the_place_of_a_result_is_refused_before_the_work(tmp_path):
    done = run("audit", "--json", str(tmp_path / "none" / "a.json"))
    assert done.returncode == 2
    assert "--json" in done.stderr
    assert "there is no folder" in done.stderr
    assert "audit" not in done.stdout


@pytest.mark.parametrize("command", [("grade", "reference"), ("written", "reference/conceptual/solution.tex")])
def test_results_make_no_folders(command, tmp_path):
    done = run(*command, "--results", str(tmp_path / "no" / "dir" / "r.json"))
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])


def test_a_file_is_no_folder_and_a_folder_no_file(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(click.BadParameter, match="is a directory"):
        Output().convert(str(tmp_path), None, None)
    with pytest.raises(click.BadParameter, match="is a file"):
        Output(folder=True).convert(str(file), None, None)


def test_what_is_protected_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != tmp_path)  # root may write anywhere
    with pytest.raises(click.BadParameter, match=r"r\.json cannot be written: .* Name another place"):
        Output().convert(str(tmp_path / "r.json"), None, None)


@pytest.mark.parametrize("place", ["/dev/null", "/dev/stdout"])
def test_a_device_can_be_written(place):
    assert Output().convert(place, None, None) == Path(place)


@pytest.mark.parametrize("command", [one for one in commands() if not one.hidden], ids=named)
def test_a_command_has_an_assignment_if_it_loads_one(command):
    assert isinstance(command, Command)
    has = any("--assignment" in option.opts for option in command.params)
    assert has == ("load_assignment(" in inspect.getsource(command.callback))


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        (("template", "--check", "--to", "handout"), "--to would do nothing: --check writes nothing."),
        (("make", "--list", "--to", "here"), "--to would do nothing: --list writes nothing."),
        (("audit", "--quick", "--sample", "3"), "--quick would do nothing: --sample says how many."),
        (("audit", "--only", "x", "--mutants"), "--mutants would do nothing: --only leaves mutants out."),
        (("rehearse", "a.zip", ".", "--image", "debian"), "--image would do nothing: it names what a container"),
        (("batch", ".", "--out", "o", "--cluster", "local:1", "--jobs", "2"), "--jobs would do nothing"),
        (("batch", ".", "--out", "o", "--forget", "--without", "seed"), "--without would do nothing"),
        (("new", "homework", "x", "--assignment", "."), "--assignment would do nothing"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(arguments, refused):
    with pytest.raises(click.UsageError) as caught:
        cli.main(list(arguments), standalone_mode=False)
    assert refused in caught.value.message


@pytest.mark.parametrize("option", [("--only", "dense"), ("--skip", "training"), ("--seed", "x"), ("--data", ".")])
def test_the_written_part_refuses_what_is_for_the_programming_part(copied_project, tmp_path, option):
    root = copied_project({'part = "programming"': 'part = "written"'}, without=["autograder"])
    results = str(tmp_path / "r.json")
    source = str(ROOT / "reference" / "conceptual" / "solution.tex")
    with pytest.raises(click.UsageError) as caught:
        cli.main(["grade", source, "--results", results, "--assignment", str(root), *option], standalone_mode=False)
    assert caught.value.message == (
        f'{option[0]} would do nothing: assignment.toml says part = "written"; it is for the programming part.'
    )
    assert not Path(results).exists()


def test_audit_suggests_names():
    done = run("audit", "--only", "mean_of_batch", "--no-training")
    assert done.returncode == 2
    assert "did you mean" in done.stderr
    assert "`make --list` prints" in " ".join(done.stderr.split())


@pytest.mark.parametrize("arguments", [("--json",), ("--json", "FILE")])
def test_audit_prints_json_or_writes_it(tmp_path, arguments):
    file = tmp_path / "a.json"
    chosen = [str(file) if word == "FILE" else word for word in arguments]
    kmeans = ROOT / "examples" / "kmeans"
    chaff = next((kmeans / "reference" / "chaffs").rglob("*.py"))
    name = re.findall(r"^def (\w+)", chaff.read_text(), re.MULTILINE)[0]
    done = run("audit", "--assignment", str(kmeans), "--only", name, "--no-training", "--jobs", "1", *chosen)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(file.read_text() if file.exists() else done.stdout)
    assert (document["passed"], document["chaffs"], document["findings"]) == (True, 1, [])
    assert file.exists() == ("1 chaff: all as declared" in done.stdout)


@pytest.mark.parametrize("command", [("grade", "reference", "--data"), ("package", "--check", "--with-data")])
def test_a_homework_that_trains_on_nothing_takes_no_data(tmp_path, command):
    done = run(*command, str(tmp_path), "--assignment", str(ROOT / "examples" / "kmeans"))
    assert (done.returncode, "trains on nothing" in done.stderr) == (2, True)
