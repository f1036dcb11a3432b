"""Commands about editions of the handout: what one lacks, and a draft of a new one's table."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.assignment.config import spell_command
from autograder.cli.options import FOUND, Group, cli, load_assignment
from autograder.cli.terminal import console, escape_markup


@cli.group("edition", cls=Group, short_help="Check an edition of the handout, or draft a new one.")
def edition_group() -> None:
    """Work on the editions of the handout; see docs/how-to/add-an-edition.md."""


@edition_group.command("check", short_help="List what an edition still lacks.")
@click.argument("name", required=False)
def check(name: str | None) -> None:
    """List what is still missing in the edition NAME, by default in every one.

    It grades the edition's own reference, without training, and says what that loses.

    Exit status 1 if something is missing.
    """
    from dataclasses import replace

    from autograder.audit.edition_gaps import lacks

    assignment = load_assignment(edition=name)
    wanted = [assignment.edition] if name else list(assignment.editions.values())
    found = 0
    for edition in wanted:
        lines = list(lacks(replace(assignment, edition=edition)))
        found += len(lines)
        console.print(f"{escape_markup(edition.name)}: {'complete' if not lines else 'lacks'}")
        for line in lines:
            console.print(f"- {escape_markup(line)}", soft_wrap=True)
    if found:
        sys.exit(FOUND)
    chosen = wanted[0].name if len(wanted) == 1 else "NAME"
    command = spell_command(assignment.root, "audit", "--edition", chosen)
    console.print(f"Next: {escape_markup(command)}, which grades the grader.")


@edition_group.command("new", short_help="Draft an edition's table from a handout.")
@click.argument("name")
@click.option(
    "--stencil",
    "folder",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="The handout: a folder or an archive. It is parsed in a locked-down process, and never run.",
)
def new(name: str, folder: Path) -> None:
    """Compare a handout with every edition, and print a draft of [edition.NAME] for assignment.toml.

    The draft is like the nearest edition. Below it come the names, files and definitions that differ.
    """
    from autograder.audit import new_edition

    assignment = load_assignment()
    drafted = new_edition.draft(name, new_edition.read_stencil(folder, assignment), assignment)
    console.echo(drafted.text, nl=False)
