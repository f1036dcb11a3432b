"""Commands for a graded class: look at it, hand it back, compare two gradings."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.options import (
    FOUND,
    INPUT,
    Output,
    check_output,
    cli,
    find_path,
    load_assignment,
)
from autograder.cli.tables import describe_difference
from autograder.cli.terminal import (
    Working,
    console,
    escape_markup,
    say_lines,
)


@cli.command("feedback", short_help="Write a page for each student.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=Output(folder=True), help="The folder to write into  [default: FOLDER/feedback]")
def write_feedback(folder: Path, out: Path | None) -> None:
    """Write an HTML page and a Markdown file for each student of a graded class.

    FOLDER is what `batch --out` made. A page needs no other file, names nobody else, and shows what Gradescope would
    show.
    """
    from autograder.classroom import batch, feedback, store

    target = out or folder / "feedback"
    check_output(target)
    with batch.reporting_full_disk(target, recorded=False), Working("writing"):
        count = feedback.write(store.load(folder), target, load_assignment())
    people = "1 person" if count == 1 else f"{count} people"
    console.print(
        f"{people}, in {escape_markup(target)}; whose file is whose is in {escape_markup(target / 'index.csv')}"
    )


@cli.command("report", short_help="Make a page about a graded class.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=Output(), help="The file to write  [default: FOLDER/report.html]")
def make_report(folder: Path, out: Path | None) -> None:
    """Write a page about a graded class: scores, tests, mistakes, training, and what every student saw.

    FOLDER is what `batch --out` made.
    """
    from autograder.classroom import batch, choices, store, written_part
    from autograder.classroom.report import page as report

    target = out or folder / "report.html"
    check_output(target)
    used = choices.recall(folder)
    with batch.reporting_full_disk(target.parent, recorded=False), Working("making the report"):
        room = store.load(folder)
        report.write(room, target, load_assignment(), written_part.of_class(room, find_path(used, "written")))
    console.print(f"{escape_markup(target)} ({target.stat().st_size / 2**20:.1f} MB)")


@cli.command("diff", of_assignment=False, short_help="Show what changed between two gradings.")
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--fail-on-change", is_flag=True, help="Exit with 1 if any score differs.")
def compare_runs(old: Path, new: Path, as_json: bool, fail_on_change: bool) -> None:
    """Show what changed from OLD to NEW: two graded classes, two results.json, or an export and a graded class.

    It publishes nothing.
    """
    from autograder.classroom import choices, regrade, store

    regrade.refuse_two_kinds(old, new)
    in_part = choices.has_part(old) or choices.has_part(new)
    found = regrade.compare(regrade.read(old), regrade.read(new), in_part=in_part)
    if as_json:
        console.print_json(data=found.as_json())
    else:
        for part in describe_difference(found):
            console.print(part)
        if all((folder / store.CLASS_FILE).is_file() for folder in (old, new)):
            say_lines(choices.describe_differences(choices.recall(old), choices.recall(new)))
    if fail_on_change and found.changed:
        sys.exit(FOUND)


@cli.command(hidden=True)
@click.argument("root", type=INPUT)
def grading_process(root: Path) -> None:
    """Grade for the homework in ROOT what comes in on standard input, for `batch`; see `grading_process.py`."""
    from autograder.classroom.grading_process import serve

    serve(root)
