"""Commands for the people who grade the written part."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import (
    INPUT,
    Output,
    audience_option,
    cli,
    load_assignment,
)
from autograder.cli.terminal import (
    Working,
    console,
    escape_markup,
)
from autograder.feedback.text import plural


@cli.command("written-pages", short_help="Make pages for grading by question.")
@click.argument("source", type=INPUT)
@click.option("--out", type=Output(folder=True), required=True, help="The folder to write into.")
@click.option(
    "--roster",
    "roster_file",
    type=INPUT,
    help="A CSV of the class, as `batch` reads it, with audience if there are several.",
)
@audience_option
def written_pages(source: Path, out: Path, roster_file: Path | None, audience: tuple[str, ...]) -> None:
    """Make pages for grading by question from SOURCE: Gradescope's export, or a folder of submissions.

    A page has all answers to one question, anonymous and in random order. Fill in grades.csv; `written-merge` needs
    key.csv, which says whose answers they are.
    """
    from autograder.written import pages, questions, roster

    assignment = load_assignment()
    listed, remarks = roster.read(roster_file) if roster_file is not None else ([], ())
    with Working("reading the class") as work, pages.entries(source, listed) as entries:
        made = pages.write(entries, out, questions.load(assignment.root), assignment, audience, work.at)
        notes = (*remarks, *made.notes, *pages.coverage(source, entries, listed))
    for line in notes:
        console.print(escape_markup(line))
    counts = plural(made.answers, "answer"), plural(made.submissions, "submission"), plural(made.pages, "page")
    console.print("{} of {} on {} in {}.".format(*counts, escape_markup(out)))


@cli.command("written-merge", short_help="Give students the points typed on the pages.")
@click.argument("pages_folder", metavar="DIR", type=INPUT)
@click.option(
    "--grades",
    type=INPUT,
    multiple=True,
    help="The filled-in CSV  [default: DIR/grades.csv]; may be repeated.",
)
@click.option(
    "--programming",
    type=INPUT,
    help="A CSV with the programming part's grades: submission, score.",
)
@click.option("--out", type=Output(), required=True, help="The CSV to write.")
def written_merge(pages_folder: Path, grades: tuple[Path, ...], programming: Path | None, out: Path) -> None:
    """Give each student the points typed on the pages, what was computed, and the programming part's points.

    DIR is what `written-pages --out` made.
    """
    from autograder.written import merging, questions

    written_part = questions.load(load_assignment().root)
    notes = merging.merge(pages_folder, grades or (pages_folder / "grades.csv",), programming, out, written_part)
    for line in notes:
        console.print(escape_markup(line))
    console.print(f"wrote {escape_markup(out)}")
