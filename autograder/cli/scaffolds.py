"""The command `new`: what a hidden test, a component or a homework begins with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from autograder.assignment import config, scaffold, template
from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError
from autograder.cli.options import Output, cli, load_assignment, refuse_useless
from autograder.cli.terminal import console, escape_markup

#: The first number, and the first component, that a file of hidden tests names.
_NUMBER: Final = re.compile(r'@number\("([^"]+)"\)')
_TAG: Final = re.compile(r'@tags\("([^"]+)"')


@cli.command("new", short_help="Make a new test, component or homework.")
@click.argument("kind", type=click.Choice(scaffold.KINDS))
@click.argument("name")
@click.option("--of", metavar="METHOD", help="What a new test is about: Class.method, or a function of the reference.")
@click.option("--component", metavar="TAG", help="A new test's component  [default: that of METHOD's other tests]")
@click.option("--to", "folder", type=Output(folder=True), help="A new homework's folder  [default: ./NAME]")
def begin(kind: str, name: str, of: str | None, component: str | None, folder: Path | None) -> None:
    """Make the files of a new hidden test, component or homework called NAME, and list what you must fill in.

    \b
    test       a hidden test with a probe, a chaff, a wheat and a public test
    component  a part of the homework: its reference and template, and such a test
    homework   a folder with another assignment, for --assignment
    """  # noqa: D301  Click's mark of lines to keep
    generated: list[str] = []
    if kind == "homework":
        _refuse("test", of=of, component=component)
        refuse_useless("assignment", why="a new homework is made of no other; --to names its folder.")
        made = scaffold.new_homework(name, folder or Path(name))
        _write_template(config.load(made.root, with_template=False))
        where = f" --assignment {shlex.quote(str(made.root))}"
        submission, chosen, audited = f"{made.root}/reference", "", " --no-mutants --no-training"
    else:
        _refuse("homework", to=folder)
        assignment = load_assignment()
        where = "" if assignment.root == config.ROOT else f" --assignment {shlex.quote(str(assignment.root))}"
        if kind == "component":
            _refuse("test", of=of, component=component)
            made = scaffold.new_component(name, assignment, [number for number, *_ in _hidden(assignment)])
            generated = _write_template(config.load(assignment.root))
        else:
            if of is None:
                raise click.UsageError("A test needs --of: what it is about, Class.method or a function.")
            made = _new_test(name, assignment, of, component)
        submission = "reference" if not where else f"{assignment.root}/reference"
        tests = next(path for path in made.written if path.startswith("tests/hidden/"))
        asked = (made.root / tests).read_text(encoding="utf-8")
        chosen = f" --only {_first(_NUMBER.search(asked))}"
        meant = f" --component {_first(_TAG.search(asked))}" if kind == "component" else chosen
        audited = f"{meant} --no-training"
    _show(made, generated)
    console.print("\nTry it:")
    for line in (
        f"./run_autograder{where} {shlex.quote(submission)}{chosen}",
        f"python -m autograder audit{audited}{where}",
    ):
        console.print(f"  {escape_markup(line)}", soft_wrap=True)


def _refuse(kind: str, **options: Any) -> None:
    for option, value in options.items():
        if value is not None:
            raise click.UsageError(f"--{option} is for a {kind}.")


def _hidden(assignment: Assignment) -> list[tuple[str, str, str]]:
    """Return number, component and first word of every hidden test."""
    from autograder.grading.loading import read_hidden_tests

    return [(test.number, test.tags[0], (test.name.split() or [""])[0]) for test in read_hidden_tests(assignment)]


def _new_test(name: str, assignment: Assignment, of: str, component: str | None) -> scaffold.Scaffold:
    hidden = _hidden(assignment)
    known = assignment.homework.components
    if component is None:
        alike = [tag for _, tag, word in hidden if word == of] or [
            tag for _, tag, word in hidden if word.partition(".")[0] == of.partition(".")[0]
        ]
        if not alike:
            raise AssignmentError(f"No hidden test asks for {of} yet: say --component, one of {', '.join(known)}.")
        component = alike[0]
    elif component not in known:
        raise AssignmentError(f"--component {component}: expected one of {', '.join(known)}.")
    numbers = [number for number, tag, _ in hidden if tag == component]
    majors = {number.partition(".")[0] for number in numbers}
    beside = [number for number, *_ in hidden if number.partition(".")[0] in majors]
    return scaffold.new_test(name, assignment, of=of, component=component, numbers=beside)


def _write_template(assignment: Assignment) -> list[str]:
    """Write what the template has of the reference, and return what changed; the written part's documents stay."""
    folder = assignment.template.relative_to(assignment.root)
    return [(folder / name).as_posix() for name in template.write(assignment, assignment.template)]


def _first(found: re.Match[str] | None) -> str:
    return found[1] if found else ""


def _show(made: scaffold.Scaffold, generated: Iterable[str]) -> None:
    for path in made.written:
        console.print(f"wrote    {escape_markup(path)}", soft_wrap=True)
    for path, what in made.changed.items():
        console.print(f"changed  {escape_markup(path)}: {escape_markup(what)}", soft_wrap=True)
    for path in generated:
        console.print(f"changed  {escape_markup(path)}: generated from the reference", soft_wrap=True)
    console.print("\nTo fill in:")
    for gap in made.gaps:
        console.print(f"  {escape_markup(gap.path)}:{gap.line}  {escape_markup(gap.text)}", soft_wrap=True)
