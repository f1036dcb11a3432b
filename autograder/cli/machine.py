"""Commands for one's own machine: whether it can grade, and its shell's completion."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from autograder.cli import completion
from autograder.cli.options import FOUND, cli, data_option, load_assignment
from autograder.cli.tables import plain_table
from autograder.cli.terminal import console, escape_markup


@cli.command(short_help="Check whether this machine can grade safely.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@data_option
def doctor(as_json: bool, data_folder: Path | None) -> None:
    """Try the wall and the environment on this machine. Exit status 1 if you must fix something."""
    from autograder.upload import doctor as examiner

    checks = examiner.examine(load_assignment(), data_folder)
    if as_json:
        console.echo(examiner.as_json(checks))
    else:
        table = plain_table("layer", "wanted", "present", "how it was tried")
        for row in examiner.table(checks):
            table.add_row(*map(escape_markup, row[:4]))
        console.print(table)
        for line in examiner.conclude(checks):
            console.print(escape_markup(line))
    if any(check.fails for check in checks):
        sys.exit(FOUND)


@cli.command("completion", of_assignment=False, short_help="Print a shell's completion script.")
@click.argument("shell", required=False, type=click.Choice(completion.SHELLS))
def print_completion(shell: str | None) -> None:
    """Print a script with which a shell (by default the one in $SHELL) completes these commands and their options.

    \b
    bash   python -m autograder completion bash >> ~/.bashrc
    zsh    python -m autograder completion zsh >> ~/.zshrc
    fish   python -m autograder completion fish >> ~/.config/fish/config.fish
    """  # noqa: D301  Click's mark of lines to keep
    own = Path(os.environ.get("SHELL", "")).name
    if shell is None and own not in completion.SHELLS:
        raise click.UsageError(f"$SHELL is {own or 'not set'}: name one of {', '.join(completion.SHELLS)}.")
    console.echo(completion.script(shell or own), nl=False)
