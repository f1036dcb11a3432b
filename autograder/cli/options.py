"""What commands share: the group that they belong to, their exit statuses, their options, the assignment."""

from __future__ import annotations

import datetime as dt
import os
import re
import select
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import click

from autograder import __version__
from autograder.assignment import config
from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError, GraderError
from autograder.cli.terminal import Working, console, errors
from autograder.results.moments import read_moment
from autograder.results.report import failed_report
from autograder.results.results_file import write

FOUND, UNUSABLE, FAILED = 1, 2, 3  # exit statuses beside 0
INTERRUPTED = 130  # what shells say of Ctrl-C
_ROOT: Final = "autograder.assignment"  # the key of the assignment's folder in a context
_TYPED: Final = "autograder.typed"  # and of the arguments as they were typed
_SPEAK_AT_THE_END: Final = ("grade", "written")


class Output(click.Path):
    """A file or a folder to write: refused before any work where it cannot be written.

    folder: it is a folder, made where it is not there. dash: "-" stands for standard output.
    """

    def __init__(self, *, folder: bool = False, dash: bool = False) -> None:
        super().__init__(path_type=Path, dir_okay=folder, file_okay=not folder, readable=False, allow_dash=dash)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        path = Path(super().convert(value, param, ctx))  # type: ignore[arg-type]
        if not (self.allow_dash and path == STANDARD_OUTPUT):
            try:
                check_output(path)
            except AssignmentError as error:
                self.fail(str(error), param, ctx)
        return path


STANDARD_OUTPUT: Final = Path("-")
INPUT: Final = click.Path(path_type=Path)
results_option = click.option("--results", type=Output(), help="Where to write results.json  [default: ./results.json]")


def _join_lines(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Return what was given, one a line; None where nothing was."""
    return "\n".join(values) or None


class Moment(click.ParamType):  # type: ignore[type-arg]  # older ones take none
    """A time as a list of extensions has it: with an offset, or without one on the clock of the course's time zone."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the time in ISO 8601, with an offset where it was given one."""
        text = str(value).strip().replace(" +", "+").replace(" -", "-")
        if re.fullmatch(r"[+-]\d{4}", text[-5:]) and ":" in text:
            text = f"{text[:-2]}:{text[-2:]}"
        if read_moment(text, dt.timezone.utc) is None:
            self.fail(f"{value!r} is no time; expected 2024-02-26T18:00:00-05:00, or 2024-02-26 18:00.", param, ctx)
        return text.replace(" ", "T", 1)


only_option = click.option(
    "--only",
    metavar="TEST",
    multiple=True,
    callback=_join_lines,
    help="Run only some tests: a test's number, a component (its first tag) or part of a name; may be repeated.",
)
skip_option = click.option(
    "--skip",
    multiple=True,
    metavar="TAG",
    help="Leave out the tests with exactly this tag or number; may be repeated.",
)
seed_option = click.option("--seed", help="Draw the inputs from this instead of the assignment's secret.")
data_option = click.option("--data", "data_folder", type=INPUT, help="The folder with the files to train on.")
edition_option = click.option(
    "--edition",
    metavar="NAME",
    default=config.AUTO,
    show_default=True,
    help="The handout's edition; auto: the one that the files show.",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print only the score.")
audience_option = click.option(
    "--audience",
    multiple=True,
    metavar="NAME",
    help="A group that every author here belongs to, such as 2470; may be repeated.",
)


class Command(click.Command):
    """A command that can be given another assignment's folder, and says on a pipe that it works.

    One that grades a single submission does not say so: what it prints is the autograder's output on Gradescope.
    of_assignment: whether it loads the assignment at all; without, it has no option --assignment.
    """

    def __init__(self, *args: Any, of_assignment: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        if of_assignment and not self.hidden:
            self.params.append(
                click.Option(
                    ["--assignment"],
                    type=INPUT,
                    metavar="DIR",
                    expose_value=False,
                    is_eager=True,
                    callback=_keep_root,
                    help="Use the assignment.toml in this folder.",
                )
            )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments, and keep them as they were typed."""
        ctx.meta[_TYPED] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        if self.hidden or self.name in _SPEAK_AT_THE_END:
            return super().invoke(context)
        typed = context.command_path.removeprefix(context.find_root().command_path).strip()  # `edition check`
        with Working(typed or f"{self.name}", piped_only=True):
            return super().invoke(context)


class Group(click.Group):
    """The group of all commands. Where nobody reads what one prints any more, it ends as if all had been read."""

    command_class = Command

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read what was typed; --help prints here."""
        with _ending_with_the_reader():
            return super().make_context(*arguments, **options)

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        with _ending_with_the_reader():
            return super().invoke(context)


@contextmanager
def _ending_with_the_reader() -> Iterator[None]:
    """Exit with 0 where a text was printed that nobody reads: Click exits with 1, which means that something was found.

    Raises GraderError where it is another pipe that broke.
    """
    try:
        yield
    except BrokenPipeError as error:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        if not any(event & select.POLLERR for _, event in poll.poll(0)):
            raise GraderError(f"A process that the grader talks to has ended ({error}).") from error
        console.give_up()
        raise click.exceptions.Exit(0) from error


def _keep_root(context: click.Context, _parameter: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        context.meta[_ROOT] = folder.absolute()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="autograder")
def cli() -> None:
    """Grade a homework: one submission, a whole class, and the grader itself."""


def repeat_command(*more: str) -> str:
    """Return the command that runs as it was typed, with `more` arguments after those it has."""
    context = click.get_current_context()
    return f"{context.command_path} {shlex.join((*context.meta[_TYPED], *more))}"


def refuse_useless(*parameters: str, why: str) -> None:
    """Raise UsageError for the first of these parameters that was typed: it would do nothing. why: a sentence."""
    context = click.get_current_context()
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in parameters and source is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{parameter.opts[0]} would do nothing: {why}")


def load_assignment(*, edition: str | None = None, with_template: bool = True) -> Assignment:
    """Load the assignment of `--assignment`, or the project's own. Raises what `config.load` raises."""
    root = click.get_current_context().meta.get(_ROOT, config.ROOT)
    return config.load(root, edition=edition, with_template=with_template)


def check_data(assignment: Assignment, folder: Path | None) -> None:
    """Raise AssignmentError for files to train on that are unusable, before anything is graded."""
    if folder is None:
        return
    if assignment.homework.data is None:
        raise AssignmentError(f"This homework trains on nothing: leave {folder} out.")
    assignment.homework.data().load(folder)


def find_path(options: Mapping[str, str], name: str) -> Path | None:
    """Return the file or folder that an option of a class names; None where it names none."""
    return Path(options[name]) if name in options else None


def check_there(submission: Path | None) -> None:
    """Refuse a name that was mistyped: a submission that is not there must not be graded with 0 points."""
    if submission is not None and not submission.exists():
        raise AssignmentError(f"There is no {submission}: name the folder or the archive to grade.")


def check_output(target: Path) -> None:
    """Raise AssignmentError where `target` cannot be written, or where it would lie in no folder.

    Such a folder is not made: more likely it was mistyped than forgotten.
    """
    if target.exists() and not target.is_file():  # a folder, a device, a pipe of the shell's
        written = target
    elif not target.parent.is_dir():
        raise AssignmentError(
            f"{target} cannot be written: there is no folder {target.parent}. Make it, or name another place."
        )
    else:
        written = target.parent  # whole files take the places of others
    for path in dict.fromkeys((written, target)):
        if path.exists() and not os.access(path, os.W_OK):
            raise AssignmentError(f"{target} cannot be written: you may not change {path}. Name another place.")


@contextmanager
def reporting_unusable(results: Path, *, when: bool) -> Iterator[None]:
    """While it lasts, report an unusable assignment in `results` too, where Gradescope looks.

    when: whether it is; an error is raised on in any case.
    """
    try:
        yield
    except AssignmentError as error:
        with suppress(OSError):  # the caller reports it, and there is nowhere else to write
            if when:
                write(failed_report(str(error)), results)
        raise


def say_example_secret(assignment: Assignment, seed: str | None = None) -> None:
    """Say, in a line, that the hidden inputs are no secret; what is graded is graded all the same."""
    if assignment.secret == config.EXAMPLE_SECRET and seed is None:
        errors.print(config.EXAMPLE_NOTE, style="yellow")
