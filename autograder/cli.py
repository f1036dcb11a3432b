"""The command line: `python -m autograder COMMAND`, and what it prints."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from . import __version__, template
from . import assignment as assignments
from .assignment import Assignment
from .errors import AssignmentError, AutograderError
from .gradescope import HOME, Report, TestResult, failed_report, write

FOUND, UNUSABLE, FAILED = 1, 2, 3  # exit statuses beside 0

console = Console(highlight=False, soft_wrap=False)
errors = Console(stderr=True, highlight=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="autograder")
def cli() -> None:
    """Grade the Beras homework: one submission, a whole class, and the grader itself."""


def main() -> None:
    """Run the command line; every error of ours becomes a sentence and an exit status."""
    try:
        cli(prog_name="python -m autograder", standalone_mode=True)
    except AssignmentError as error:
        errors.print(f"[red]The assignment cannot be used.[/] {_escaped(error)}")
        sys.exit(UNUSABLE)
    except AutograderError as error:
        errors.print(f"[red]The grader failed.[/] {_escaped(error)}")
        sys.exit(FAILED)


def _escaped(value: object) -> str:
    from rich.markup import escape

    return escape(str(value))


@cli.command()
@click.argument("submission", required=False, type=click.Path(path_type=Path))
@click.option(
    "--results", type=click.Path(path_type=Path), help="Where to write results.json  [default: ./results.json]"
)
@click.option("--only", metavar="TEST", help="A test's number, a component (dense, tape, …) or part of a name.")
@click.option("--skip", multiple=True, metavar="TAG", help="Leave out the tests with this tag; may be repeated.")
@click.option("--seed", help="Draw the inputs from this instead of the assignment's secret.")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="A folder with MNIST's IDX files.")
@click.option("-q", "--quiet", is_flag=True, help="Print the score alone.")
def grade(
    submission: Path | None,
    results: Path | None,
    only: str | None,
    skip: tuple[str, ...],
    seed: str | None,
    data_folder: Path | None,
    quiet: bool,
) -> None:
    """Grade SUBMISSION, a folder or a zip file, and write Gradescope's results.json.

    With part = "written" in assignment.toml the written part is graded, as with the command `written`.

    Without SUBMISSION: on Gradescope what was handed in there, elsewhere a demonstration with a few mistakes.
    """
    from . import demonstration, grading

    on_gradescope = submission is None and (HOME / "submission").is_dir()
    results = results or (HOME / "results" / "results.json" if on_gradescope else Path("results.json"))
    try:
        assignment = assignments.load()
        if assignment.part == "written":
            solution = assignment.reference / "conceptual" / "solution.ipynb"
            handed_in = submission or (HOME / "submission" if on_gradescope else solution)
            metadata = HOME / "submission_metadata.json" if on_gradescope else None
            _grade_written(handed_in, results, assignment, metadata, (), quiet=quiet)
            return
        source: Any = submission
        if on_gradescope:
            source = HOME / "submission"
        elif source is None:
            source = demonstration.submission(assignment)
            console.print(
                f"No submission given: grading the demonstration, the reference with {demonstration.SUMMARY}."
            )
        view = _View(quiet=quiet)
        with view:
            report = grading.grade(
                source,
                results,
                assignment,
                only=only,
                skip=skip,
                seed=seed,
                data_folder=data_folder,
                progress=view.progress(),
            )
    except AssignmentError as error:
        with suppress(OSError):  # told below, and there is nowhere else to write
            write(failed_report(str(error)), results)
        raise
    if quiet:
        console.print(f"{report.score:g} / {report.max_score:g}")
    else:
        show(report, results)


def _grade_written(
    source: Path, results: Path, assignment: Assignment, people: Path | None, audience: tuple[str, ...], *, quiet: bool
) -> None:
    from .written import grading, questions, roster

    try:
        written = questions.load(assignment.root)
        details, metadata = roster.submitters(people) if people is not None else ([], {})
        submitters = grading.known_submitters(details, metadata, audience)
        report = grading.grade(source, results, assignment, written, submitters)
    except AssignmentError as error:
        with suppress(OSError):  # told by the caller, and there is nowhere else to write
            write(failed_report(str(error)), results)
        raise
    if quiet:
        console.print(f"{report.score:g} / {report.max_score:g}")
    else:
        show(report, results)


@cli.command()
@click.argument("submission", type=click.Path(path_type=Path))
@click.option(
    "--results", type=click.Path(path_type=Path), help="Where to write results.json  [default: ./results.json]"
)
@click.option("--audience", multiple=True, metavar="NAME", help="Who handed in, 2470 for instance; may be repeated.")
@click.option(
    "--people",
    type=click.Path(path_type=Path),
    help="Whose names to search for: a CSV (name, email, login, sid) or Gradescope's submission_metadata.json.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the score alone.")
def written(
    submission: Path, results: Path | None, audience: tuple[str, ...], people: Path | None, quiet: bool
) -> None:
    """Check the written part: SUBMISSION is a notebook, a LaTeX source, a PDF, or a folder or zip of them.

    What can be computed is graded; the rest is left to people.
    """
    _grade_written(submission, results or Path("results.json"), assignments.load(), people, audience, quiet=quiet)


@cli.command("written-pages")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write into.")
@click.option(
    "--roster", "roster_file", type=click.Path(path_type=Path), help="A CSV: submission, name, email, login, sid."
)
@click.option("--audience", multiple=True, metavar="NAME", help="Who handed in, 2470 for instance; may be repeated.")
def written_pages(source: Path, out: Path, roster_file: Path | None, audience: tuple[str, ...]) -> None:
    """Make pages for grading by question from SOURCE, a folder with a folder or file for every submission.

    Writes a page for each question with all answers, anonymous and in random order, grades.csv to fill in, and key.csv,
    which tells whose answers they are, for `written-merge`.
    """
    from .written import pages, questions, roster

    assignment = assignments.load()
    listed = roster.read(roster_file) if roster_file is not None else []
    entries = pages.from_folder(source, listed)
    made = pages.write(entries, out, questions.load(assignment.root), assignment.secret, audience)
    for line in made.notes:
        console.print(_escaped(line))
    console.print(f"{made.answers} answers of {made.submissions} submissions on {made.pages} pages in {_escaped(out)}.")


@cli.command("written-merge")
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
    from .written import merging, questions

    written_part = questions.load(assignments.load().root)
    notes = merging.merge(pages_folder, grades or (pages_folder / "grades.csv",), programming, out, written_part)
    for line in notes:
        console.print(_escaped(line))
    console.print(f"wrote {_escaped(out)}")


class _View:
    """A progress line while a submission is graded; on a pipe nothing moves."""

    def __init__(self, *, quiet: bool) -> None:
        self.bar = Bar(
            TextColumn("grading"),
            BarColumn(30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self.task = self.bar.add_task("grading", total=None, note="")

    def __enter__(self) -> None:
        self.bar.start()

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def progress(self) -> Any:
        """What a run calls while it works."""
        from .grading import Progress

        return Progress(
            begin=lambda tests: self.bar.update(self.task, total=len(tests)),
            result=lambda result: self.bar.update(self.task, advance=1, note=result.name[:50]),
            note=lambda text: self.bar.update(self.task, note=text),
        )


def show(report: Report, results: Path) -> None:
    """Print the rows as a table, what went wrong under it, and the score."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (("", "left"), ("test", "left"), ("points", "right")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for test in report.tests:
        points = "" if test.score is None else f"{test.score:g} / {test.max_score:g}"
        table.add_row(_mark(test), _escaped(f"{test.number} {test.name}".strip()), points)
    console.print(table)
    told: dict[str, list[str]] = {}
    for test in report.tests:
        if not test.passed or (test.score is not None and test.score < (test.max_score or 0)):
            told.setdefault(test.output, []).append(f"{test.number} {test.name}".strip())
    for output, names in told.items():
        console.print(
            f"\n[bold]{_escaped(', '.join(names) if len(names) < 4 else f'{names[0]} and {len(names) - 1} more')}[/]"
        )
        console.print(_escaped(output))
    if report.output:
        console.print(f"\n{_escaped(report.output)}")
    console.print(
        f"\n[bold]{report.score:g} of {report.max_score:g} points[/] in {report.execution_time:.1f} s"
        f" · {_escaped(results)}"
    )


def _mark(test: TestResult) -> str:
    if test.passed:
        return "[green]✓[/]"
    return "[yellow]~[/]" if test.score else "[red]✗[/]"


@cli.command("template")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the committed template differs.")
def make_template(check: bool) -> None:
    """Make student_template/ from reference/, the solutions cut out, and from written.toml."""
    from .written import questions, templates

    assignment = assignments.load()
    written_part = questions.load(assignment.root)
    figures = templates.figure_problems(written_part, assignment.reference, assignment.template)
    if check:
        drift = template.drift(assignment.reference, assignment.template, templates.generate(written_part)) + figures
        for line in drift:
            console.print(_escaped(line))
        if drift:
            console.print("The template has drifted from the reference. Run: python -m autograder template")
            sys.exit(FOUND)
        console.print("The template is what the reference makes of it.")
        return
    changed = template.write(assignment.reference, assignment.template, templates.generate(written_part))
    for path in changed:
        console.print(f"wrote {_escaped(path)}")
    for line in figures:
        console.print(_escaped(line))
    console.print(f"{len(changed)} files changed in {_escaped(assignment.template)}.")


@cli.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="The folder to fill  [default: where grading looks]"
)
def fetch(folder: Path | None) -> None:
    """Download MNIST (11 MB), with checksums, to where grading looks for it."""
    from . import data

    target = folder or data.default_folder()
    data.fetch(target, lambda line: console.print(_escaped(line)))
    console.print(f"MNIST is in {_escaped(target)}.")


@cli.command("audit")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at once  [default: cores]")
@click.option("--sample", type=click.IntRange(min=1), help="Grade only so many variants, some of every component.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the findings here as JSON.")
def audit_grader(jobs: int | None, sample: int | None, json_file: Path | None) -> None:
    """Grade the grader: every chaff must lose exactly its points, every wheat none.

    Exit status 1 where a mistake survives or a right answer loses.
    """
    from . import audit

    assignment = assignments.load()
    bar = Bar(TextColumn("auditing"), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn(), console=console)
    bar.disable = not console.is_terminal
    with bar:
        task = bar.add_task("auditing", total=None)
        report = audit.audit(
            assignment,
            jobs=jobs,
            sample=sample,
            progress=lambda _, total: bar.update(task, advance=1, total=total),
        )
    console.print(report.table())
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_json(), indent=1) + "\n", encoding="utf-8")
    if not report.passed:
        sys.exit(FOUND)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="A folder with MNIST's IDX files.")
def doctor(as_json: bool, data_folder: Path | None) -> None:
    """Try the wall and the environment on this machine; exit status 1 where something must be mended."""
    from . import doctor as examiner

    checks = examiner.examine(assignments.load(), data_folder)
    if as_json:
        console.print_json(data=examiner.as_json(checks))
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("layer", "wanted", "present", "how it was tried", "what to do"):
            table.add_column(title, overflow="fold")
        for row in examiner.table(checks):
            table.add_row(*map(_escaped, row))
        console.print(table)
    if any(check.fails for check in checks):
        sys.exit(FOUND)


if os.environ.get("NO_COLOR") is not None:
    console.no_color = errors.no_color = True
