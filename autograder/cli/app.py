"""The command line: `python -m autograder COMMAND`."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.table import Table

from autograder import __version__
from autograder.assignment import config, template
from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError, AutograderError
from autograder.base.gradescope import HOME, METADATA, read_metadata
from autograder.cli import completion
from autograder.cli.terminal import (
    AuditView,
    BatchView,
    GradingView,
    console,
    errors,
    escaped,
    say_first,
    say_last,
    show,
)
from autograder.results.board import write
from autograder.results.report import failed_report

FOUND, UNUSABLE, FAILED = 1, 2, 3  # exit statuses beside 0
INTERRUPTED = 130  # what shells say of Ctrl-C


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="autograder")
def cli() -> None:
    """Grade the Beras homework: one submission, a whole class, and the grader itself."""


def main() -> None:
    """Run the command line; every error of ours becomes a sentence and an exit status."""
    try:
        cli(prog_name="python -m autograder", complete_var=completion.VARIABLE)
    except AssignmentError as error:
        errors.print(f"[red]Error:[/] {escaped(error)}")  # as Click says what cannot be used
        sys.exit(UNUSABLE)
    except AutograderError as error:
        errors.print(f"[red]The grader failed.[/] {escaped(error)}")
        sys.exit(FAILED)
    except OSError as error:
        if error.filename is None:
            _told_with_its_traceback()
        errors.print(f"[red]Error:[/] {escaped(error.filename)}: {escaped(error.strerror)}. Name another place.")
        sys.exit(UNUSABLE)
    except Exception:  # noqa: BLE001  Python's own exit status, 1, would mean that something was found
        _told_with_its_traceback()


def _told_with_its_traceback() -> NoReturn:
    traceback.print_exc()
    errors.print("[red]The grader failed.[/] It is a mistake in the toolkit: report it with the lines above.")
    sys.exit(FAILED)


@cli.command()
@click.argument("submission", required=False, type=click.Path(path_type=Path))
@click.option(
    "--results", type=click.Path(path_type=Path), help="Where to write results.json  [default: ./results.json]"
)
@click.option("--only", metavar="TEST", help="A test's number, a component (dense, tape, …) or part of a name.")
@click.option("--skip", multiple=True, metavar="TAG", help="Leave out the tests with this tag; may be repeated.")
@click.option("--seed", help="Draw the inputs from this instead of the assignment's secret.")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="A folder with MNIST's IDX files.")
@click.option(
    "--edition", default=config.AUTO, show_default=True, help="Of the handout; auto: by what the files define."
)
@click.option("-q", "--quiet", is_flag=True, help="Print the score alone.")
def grade(
    submission: Path | None,
    results: Path | None,
    only: str | None,
    skip: tuple[str, ...],
    seed: str | None,
    data_folder: Path | None,
    edition: str,
    quiet: bool,
) -> None:
    """Grade SUBMISSION, a folder or a zip file, and write Gradescope's results.json.

    With part = "written" in assignment.toml the written part is graded, as with the command `written`.

    Without SUBMISSION: on Gradescope what was handed in there, elsewhere a demonstration with a few mistakes.
    """
    on_gradescope = submission is None and (HOME / "submission").is_dir()
    results = results or (HOME / "results" / "results.json" if on_gradescope else Path("results.json"))
    with _unusable_told(results):
        _check_there(submission)
        assignment = config.load(edition=edition)
        if assignment.part == "written":
            solution = assignment.reference / "conceptual" / "solution.ipynb"
            handed_in = submission or (HOME / "submission" if on_gradescope else solution)
            people = HOME / METADATA if on_gradescope else None
            _grade_written(handed_in, results, assignment, people, (), quiet=quiet)
            return
        from autograder.wall.sandbox import Sandbox

        with Sandbox() as sandbox:  # which loads NumPy, on a processor of its own, while we load the rest
            from autograder.assignment import data
            from autograder.grading import demonstration, pipeline
            from autograder.results import lateness

            if data_folder is not None:
                data.load(data_folder)  # unusable images are said before anything is graded
            source: Any = submission
            if on_gradescope:
                source = HOME / "submission"
            elif source is None:
                source = demonstration.submission(assignment)
                console.print(
                    f"No submission given: grading the demonstration, the reference with {demonstration.SUMMARY}."
                )
            view = GradingView(quiet=quiet)
            with view:
                report = pipeline.grade(
                    source,
                    results,
                    assignment,
                    only=only,
                    skip=skip,
                    seed=seed,
                    data_folder=data_folder,
                    progress=view.progress(),
                    finish=lateness.finish(assignment, read_metadata(HOME / METADATA)) if on_gradescope else None,
                    sandbox=sandbox,
                )
    show(report, results, quiet=quiet)
    if report.staff.get("grader_errors") and not on_gradescope:  # which would show nobody a grade then
        errors.print(f"[red]The grader failed in a test.[/] The traceback is in {escaped(results)}, extra_data.tests.")
        sys.exit(FAILED)
    if report.staff.get("grader_faults") and not on_gradescope:
        errors.print(
            "[red]A part of the grader failed, and the questions were asked without it.[/] "
            f"{escaped(results)} says which, in extra_data.grader_faults."
        )
        sys.exit(FAILED)


def _check_there(submission: Path | None) -> None:
    """A name that was mistyped is not a submission without files: nobody should be given its 0 points."""
    if submission is not None and not submission.exists():
        raise AssignmentError(f"There is no {submission}: name the folder or the archive to grade.")


@contextmanager
def _unusable_told(results: Path) -> Iterator[None]:
    """While it lasts, an assignment that cannot be used is told in `results` too, where Gradescope looks."""
    try:
        yield
    except AssignmentError as error:
        with suppress(OSError):  # told by whoever called, and there is nowhere else to write
            write(failed_report(str(error)), results)
        raise


def _grade_written(
    source: Path, results: Path, assignment: Assignment, people: Path | None, audience: tuple[str, ...], *, quiet: bool
) -> None:
    from autograder.results import lateness
    from autograder.written import grading, questions, roster

    written = questions.load(assignment.root)
    details, metadata = roster.submitters(people) if people is not None else ([], {})
    submitters = grading.known_submitters(details, metadata, audience)
    finish = None
    if people is not None and people.suffix == ".json":
        finish = lateness.finish(replace(assignment, part="written"), read_metadata(people))
    report = grading.grade(source, results, assignment, written, submitters, finish=finish)
    show(report, results, quiet=quiet)


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
    results = results or Path("results.json")
    with _unusable_told(results):
        _check_there(submission)
        _grade_written(submission, results, config.load(), people, audience, quiet=quiet)


@cli.command("written-pages")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write into.")
@click.option(
    "--roster", "roster_file", type=click.Path(path_type=Path), help="A CSV: submission, name, email, login, sid."
)
@click.option("--audience", multiple=True, metavar="NAME", help="Who handed in, 2470 for instance; may be repeated.")
def written_pages(source: Path, out: Path, roster_file: Path | None, audience: tuple[str, ...]) -> None:
    """Make pages for grading by question from SOURCE: Gradescope's export, or a folder with a folder or file for each.

    Writes a page for each question with all answers, anonymous and in random order, grades.csv to fill in, and key.csv,
    which tells whose answers they are, for `written-merge`.
    """
    from autograder.written import pages, questions, roster

    assignment = config.load()
    listed = roster.read(roster_file) if roster_file is not None else []
    with pages.entries(source, listed) as entries:
        made = pages.write(entries, out, questions.load(assignment.root), assignment.secret, audience)
    for line in made.notes:
        console.print(escaped(line))
    console.print(f"{made.answers} answers of {made.submissions} submissions on {made.pages} pages in {escaped(out)}.")


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
    from autograder.written import merging, questions

    written_part = questions.load(config.load().root)
    notes = merging.merge(pages_folder, grades or (pages_folder / "grades.csv",), programming, out, written_part)
    for line in notes:
        console.print(escaped(line))
    console.print(f"wrote {escaped(out)}")


@cli.command("template")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the committed template differs.")
@click.option("--edition", help="Of the handout  [default: the assignment's]")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Fill this folder, tests and all, instead.")
def make_template(check: bool, edition: str | None, folder: Path | None) -> None:
    """Make student_template/ from reference/ and written.toml; or another edition's template elsewhere."""
    from autograder.written import questions, templates

    assignment = config.load(edition=edition)
    if folder is not None:
        changed = template.export(assignment, folder)
        console.print(f"{len(changed)} files written to {escaped(folder)}, edition {assignment.edition.name}.")
        return
    if assignment.edition != config.load().edition:
        raise click.UsageError(f"student_template/ is not the template of {edition}: name a folder with --to.")
    written_part = questions.load(assignment.root)
    figures = templates.figure_problems(written_part, assignment.reference, assignment.template)
    if check:
        drift = template.drift(assignment, assignment.template, templates.generate(written_part)) + figures
        for line in drift:
            console.print(escaped(line))
        if drift:
            console.print("The template has drifted from the reference. Run: python -m autograder template")
            sys.exit(FOUND)
        console.print("The template is what the reference makes of it.")
        return
    changed = template.write(assignment, assignment.template, templates.generate(written_part))
    for path in changed:
        console.print(f"wrote {escaped(path)}")
    for line in figures:
        console.print(escaped(line))
    console.print(f"{len(changed)} files changed in {escaped(assignment.template)}.")


@cli.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="The folder to fill  [default: where grading looks]"
)
def fetch(folder: Path | None) -> None:
    """Download MNIST (11 MB), with checksums, to where grading looks for it."""
    from autograder.assignment import data

    target = folder or data.default_folder()
    data.fetch(target, lambda line: console.print(escaped(line)))
    console.print(f"MNIST is in {escaped(target)}.")


@cli.command("audit")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at once  [default: cores]")
@click.option(
    "--sample", type=click.IntRange(min=1), help="Grade only so many variants, and mutants, some of every component."
)
@click.option("--edition", help="Of the handout  [default: the assignment's]")
@click.option("--quick", is_flag=True, help="The same as --sample 25.")
@click.option(
    "--only", multiple=True, metavar="NAME", help="Grade the chaff, wheat or solution of this name; may be repeated."
)
@click.option(
    "--solutions",
    "solutions_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Whole submissions, EDITION/right-NAME and EDITION/wrong-NAME  [default: tests/solutions]",
)
@click.option("--training/--no-training", default=True, show_default=True, help="Train with the wheats and the chaffs.")
@click.option("--mutants/--no-mutants", default=None, help="With mutants  [default: if mutmut is installed]")
@click.option("--matrix", is_flag=True, help="Name the chaffs that each test catches.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the findings here as JSON.")
def audit_grader(
    jobs: int | None,
    sample: int | None,
    edition: str | None,
    quick: bool,
    only: tuple[str, ...],
    solutions_folder: Path | None,
    training: bool,
    mutants: bool | None,
    matrix: bool,
    json_file: Path | None,
) -> None:
    """Grade the grader: chaffs and wrong solutions must lose points, exactly there; wheats and right ones none.

    Exit status 1 where a mistake survives, a right answer loses or does not train, no chaff fails a test that is worth
    points, or fewer than 95 % of all mutants or 90 % of a component's are caught.
    """
    from autograder import solutions
    from autograder.audit import audit

    assignment = config.load(edition=edition)
    folder = solutions_folder or assignment.root / "tests" / "solutions"
    whole = [one for one in solutions.load(folder, assignment) if edition in (None, config.AUTO, one.edition)]
    view = AuditView()
    with view:
        report = audit.audit(
            assignment,
            jobs=jobs,
            sample=25 if quick and sample is None else sample,
            only=only,
            mutate=mutants,
            train=training,
            whole=whole,
            progress=view.update,
        )
    if not only or matrix:
        console.print(report.table(matrix=matrix))
    if report.mutants:
        console.print()
        console.print(report.mutation_table())
    elif mutants is None and not audit.can_mutate():
        console.print("Mutants were left out: mutmut is not installed (./setup.sh --dev).")
    for line in report.findings(assignment.root):
        console.print(f"[red]{escaped(line)}[/]", soft_wrap=True)  # a place can be clicked on, and searched for
    console.print(report.summary)
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_json(), indent=1) + "\n", encoding="utf-8")
    if not report.passed:
        sys.exit(FOUND)


@cli.command("package")
@click.option("--out", type=click.Path(path_type=Path), default=Path("autograder.zip"), show_default=True)
@click.option("--edition", metavar="NAME", help="The handout's edition, in place of assignment.toml's.")
@click.option("--part", type=click.Choice(config.PARTS), help="What it grades, in place of assignment.toml's.")
@click.option("--with-data", "data_folder", type=click.Path(path_type=Path), help="MNIST's IDX files, to go along.")
@click.option("--allow", multiple=True, metavar="CHECK", help="Leave out this check; the refusal names it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a sentence.")
def package_upload(
    out: Path,
    edition: str | None,
    part: str | None,
    data_folder: Path | None,
    allow: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make the zip to upload to Gradescope, after the checks that spare an embarrassment there.

    Exit status 1 where a check speaks against it; nothing is written then.
    """
    from autograder.upload import package

    assignment = config.load(edition=edition)
    with console.status("checking") as status:
        found = list(package.problems(assignment, allow=allow, progress=lambda kind: status.update(f"checking {kind}")))
    for problem in found:
        errors.print(f"[red]{problem.kind}[/]  {escaped(problem.text)}")
    if found:
        names = " ".join(f"--allow {problem.kind}" for problem in found)
        errors.print(f"Nothing was written. Mend this, or go on all the same: python -m autograder package {names}")
        sys.exit(FOUND)
    made = package.build(assignment, out, edition=edition, part=part, data_folder=data_folder)
    if as_json:
        console.print_json(data={"path": str(made.path), "sha256": made.digest, "files": made.files})
    else:
        size = made.path.stat().st_size / 1e6
        console.print(f"{escaped(made.path)}: {made.files} files, {size:.1f} MB, SHA-256 {made.digest}")


@cli.command()
@click.argument("upload", type=click.Path(path_type=Path))
@click.argument("submission", type=click.Path(path_type=Path))
@click.option("--venv", type=click.Path(path_type=Path), help="Use this virtual environment instead of a new one.")
@click.option("--offline", is_flag=True, help="Let nothing reach the network.")
@click.option("--results", type=click.Path(path_type=Path), help="Keep the results.json here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of what people would see.")
def rehearse(
    upload: Path, submission: Path, venv: Path | None, offline: bool, results: Path | None, as_json: bool
) -> None:
    """Do with UPLOAD, the zip for Gradescope, and SUBMISSION what Gradescope would do.

    Exit status 1 where it would show no grade.
    """
    from autograder.upload import rehearsal

    played = rehearsal.rehearse(upload, submission, venv=venv, offline=offline)
    if as_json:
        console.print_json(data=played.as_json())
    else:
        _show_rehearsal(played)
    if results is not None and played.document:
        results.write_text(json.dumps(played.document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if not played.passed:
        sys.exit(FOUND)


def _show_rehearsal(played: Any) -> None:
    from autograder.upload import rehearsal

    for step in played.steps:
        console.print(f"{step.name}: status {step.status}, {step.seconds:.1f} s")
    console.print(f"memory: {played.peak_mb} MB at the peak")
    for title, lines in (
        ("A student sees", rehearsal.seen_by_a_student(played.document)),
        ("The staff sees, too", rehearsal.seen_by_staff(played.document, played.steps)),
        ("Other than on Gradescope", played.unlike),
        ("Gradescope would show no grade", played.problems),
    ):
        shown = list(lines)
        if shown:
            console.print(f"\n[bold]{title}[/]")
            for line in shown:
                console.print(escaped(line))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="A folder with MNIST's IDX files.")
def doctor(as_json: bool, data_folder: Path | None) -> None:
    """Try the wall and the environment on this machine; exit status 1 where something must be mended."""
    from autograder.upload import doctor as examiner

    checks = examiner.examine(config.load(), data_folder)
    if as_json:
        click.echo(examiner.as_json(checks))
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("layer", "wanted", "present", "how it was tried", "what to do"):
            table.add_column(title, overflow="fold")
        for row in examiner.table(checks):
            table.add_row(*map(escaped, row))
        console.print(table)
    if any(check.fails for check in checks):
        sys.exit(FOUND)


@cli.command("batch")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The folder for the results; made if needed."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions at once on this machine  [default: cores]")
@click.option(
    "--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://host:port, or local:N for N processes here."
)
@click.option("--force", is_flag=True, help="Grade again what is recorded already.")
@click.option("--only", metavar="TEST", help="A test's number, a component (dense, tape, …) or part of a name.")
@click.option("--skip", multiple=True, metavar="TAG", help="Leave out the tests with this tag; may be repeated.")
@click.option("--seed", help="Draw the inputs from this instead of the assignment's secret.")
@click.option("--data", "data_folder", type=click.Path(path_type=Path), help="A folder with MNIST's IDX files.")
@click.option(
    "--edition", default=config.AUTO, show_default=True, help="Of the handout; auto: by what the files define."
)
@click.option(
    "--deadline", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="Of repositories: the last commit before."
)
@click.option(
    "--extensions", type=click.Path(path_type=Path), help="A CSV of extensions: student, due or days, reason."
)
def grade_class(
    source: Path,
    out: Path,
    jobs: int | None,
    cluster: str | None,
    force: bool,
    only: str | None,
    skip: tuple[str, ...],
    seed: str | None,
    data_folder: Path | None,
    edition: str,
    deadline: Any,
    extensions: Path | None,
) -> None:
    """Grade a whole class: Gradescope's export, Classroom's repositories, Canvas's download, a folder of submissions.

    Results appear in OUT as they are made. Stopped or crashed, the same command goes on where it was. Exit status 3
    where the grader failed on a submission, or a part of it did beside one; 130 after Ctrl-C.
    """
    from autograder.assignment import data
    from autograder.classroom import batch, executors, similarity, sources, store
    from autograder.classroom import grades as tables
    from autograder.results import lateness

    assignment = config.load(edition=edition)
    if data_folder is not None:
        data.load(data_folder)  # unusable images are said before anything is graded
    options = batch.Options(only, skip, seed, edition, data_folder)
    clerk = lateness.clerk(assignment, "programming", extensions)
    with sources.opened(source, deadline=deadline) as opened:
        room = store.of_source(out, opened)
        people = [person for entry in room.entries for person in entry.people]
        say_first(room, [*clerk.doubts(people), *clerk.untimed(entry.created_at for entry in room.entries)])
        view = BatchView()
        work = batch.Batch(
            room,
            assignment,
            options,
            finish=lambda entry, document: lateness.applied(document, clerk.lateness(entry.created_at, entry.people)),
            progress=view.update,
        )

        def crew_of(key: str) -> Any:
            if cluster is not None:
                return executors.cluster(assignment.root, cluster, options.data, key)
            return executors.local(assignment.root, jobs or os.cpu_count() or 1, options.data)

        with view:
            tally = work.run(crew_of, force=force)
        if tally.stopped:
            errors.print(
                f"Stopped. {tally.done + tally.kept} results are kept; the same command goes on with the rest."
            )
            sys.exit(INTERRUPTED)
        with batch.full_disk_said(out):
            similarity.update(room, assignment)
            written = tables.write(tables.read(room, assignment.name), room)
    say_last(room, tally, written)
    if tally.failed or tally.faulty:
        sys.exit(FAILED)


@cli.command("report")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path), help="The file to write  [default: FOLDER/report.html]")
def make_report(folder: Path, out: Path | None) -> None:
    """One page about a graded class: scores, tests, mistakes, training, and what every student saw."""
    from autograder.classroom import batch, store
    from autograder.classroom.report import page as report

    target = out or folder / "report.html"
    with batch.full_disk_said(target.parent):
        report.write(store.load(folder), target, config.load())
    console.print(f"{escaped(target)} ({target.stat().st_size / 2**20:.1f} MB)")


@cli.command("diff")
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--fail-on-change", is_flag=True, help="Exit status 1 where any score differs.")
def compare_runs(old: Path, new: Path, as_json: bool, fail_on_change: bool) -> None:
    """What changed from OLD to NEW: two graded classes, two results.json, or what an export holds and a run.

    Nothing is published; this only tells what publishing would change.
    """
    from autograder.classroom import regrade

    found = regrade.between(regrade.read(old), regrade.read(new))
    if as_json:
        console.print_json(data=found.as_json())
    else:
        for part in found.tables():
            console.print(part)
    if fail_on_change and found.changed:
        sys.exit(FOUND)


@cli.command("completion")
@click.argument("shell", required=False, type=click.Choice(completion.SHELLS))
def print_completion(shell: str | None) -> None:
    """Print what lets SHELL (by default the one in $SHELL) complete these commands and their options.

    \b
    bash   python -m autograder completion bash >> ~/.bashrc
    zsh    python -m autograder completion zsh >> ~/.zshrc
    fish   python -m autograder completion fish >> ~/.config/fish/config.fish
    """  # noqa: D301  Click's mark of lines to keep
    own = Path(os.environ.get("SHELL", "")).name
    if shell is None and own not in completion.SHELLS:
        raise click.UsageError(f"$SHELL is {own or 'not set'}: name one of {', '.join(completion.SHELLS)}.")
    click.echo(completion.script(shell or own), nl=False)


@cli.command(hidden=True)
def station() -> None:
    """Grade what comes in on standard input, for `batch`; see `station.py`."""
    from autograder.classroom.station import serve

    serve()


if os.environ.get("NO_COLOR") is not None:
    console.no_color = errors.no_color = True
