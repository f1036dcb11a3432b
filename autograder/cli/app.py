"""The command line: `python -m autograder COMMAND`."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import Final, NoReturn

import click

from autograder.base.errors import AssignmentError, AutograderError
from autograder.cli import batch, classroom, completion, edition, grade, machine, scaffolds, staff, upload, written
from autograder.cli.options import FAILED, INTERRUPTED, UNUSABLE, cli
from autograder.cli.terminal import console, errors, escape_markup

PROGRAM: Final = "python -m autograder"

# Each adds its commands to the group.
__all__ = [
    "batch",
    "classroom",
    "cli",
    "edition",
    "grade",
    "machine",
    "main",
    "scaffolds",
    "staff",
    "upload",
    "written",
]


def main() -> None:
    """Run the command line, and exit; every error of ours becomes a sentence and an exit status."""
    try:
        status = cli.main(prog_name=PROGRAM, complete_var=completion.VARIABLE, standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)  # a number where Click itself ended it, after --help
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        errors.print("Stopped.")
        sys.exit(INTERRUPTED)
    except AssignmentError as error:
        errors.print(f"[red]Error:[/] {escape_markup(error)}")  # as Click says what cannot be used
        sys.exit(UNUSABLE)
    except AutograderError as error:
        errors.print(f"[red]The grader failed.[/] {escape_markup(error)}")
        sys.exit(FAILED)
    except OSError as error:
        if error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            errors.print(f"[red]Error:[/] {error.strerror}: make room, or name another place to write to.")
            sys.exit(UNUSABLE)
        if error.filename is None:
            _report_crash()
        errors.print(
            f"[red]Error:[/] {escape_markup(error.filename)}: {escape_markup(error.strerror)}. Name another place."
        )
        sys.exit(UNUSABLE)
    except Exception:  # noqa: BLE001  Python's own exit status, 1, would mean that something was found
        _report_crash()


def _report_crash() -> NoReturn:
    traceback.print_exc()
    errors.print("[red]The grader failed.[/] It is a mistake in the toolkit: report it with the lines above.")
    sys.exit(FAILED)


if os.environ.get("NO_COLOR") is not None:
    console.no_color = errors.no_color = True
