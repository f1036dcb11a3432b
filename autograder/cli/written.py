"""Commands for the people who grade the written part."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import (
    audience_option,
    cli,
    load_assignment,
)
from autograder.cli.terminal import (
    Working,
    console,
    escaped,
)
from autograder.feedback.text import plural


@cli.command("written-pages", short_help="Make pages for grading by question.")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write into.")
@click.option(
    "--roster", "roster_file", type=click.Path(path_type=Path), help="A CSV: submission, name, email, login, sid."
)
@audience_option
def written_pages(source: Path, out: Path, roster_file: Path | None, audience: tuple[str, ...]) -> None:
    """Make pages for grading by question from SOURCE: Gradescope's export, or a folder with a folder or file for each.

    Writes a page for each question with all answers, anonymous and in random order, grades.csv to fill in, and key.csv,
    which tells whose answers they are, for `written-merge`.
    """
    from autograder.written import pages, questions, roster

    assignment = load_assignment()
    listed = roster.read(roster_file) if roster_file is not None else []
    with Working("reading the class") as work, pages.entries(source, listed) as entries:
        made = pages.write(entries, out, questions.load(assignment.root), assignment.secret, audience, work.at)
    for line in made.notes:
        console.print(escaped(line))
    counts = plural(made.answers, "answer"), plural(made.submissions, "submission"), plural(made.pages, "page")
    console.print("{} of {} on {} in {}.".format(*counts, escaped(out)))


@cli.command("written-merge", short_help="Bring grades by question back to students.")
@click.argument("pages_folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--grades",
    type=click.Path(path_type=Path),
    multiple=True,
    help="The filled-in CSV  [default: DIR/grades.csv]; may be repeated.",
)
@click.option(
    "--programming",
    type=click.Path(path_type=Path),
    help="A CSV with the programming part's grades: submission, score.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The CSV to write.")
def written_merge(pages_folder: Path, grades: tuple[Path, ...], programming: Path | None, out: Path) -> None:
    """Bring the grades in DIR/grades.csv back to those whose answers they are, with the programming part's."""
    from autograder.written import merging, questions

    written_part = questions.load(load_assignment().root)
    notes = merging.merge(pages_folder, grades or (pages_folder / "grades.csv",), programming, out, written_part)
    for line in notes:
        console.print(escaped(line))
    console.print(f"wrote {escaped(out)}")
