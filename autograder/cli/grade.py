"""Commands for one submission: its programming part and its written part."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.assignment import config
from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError, SubmissionError
from autograder.base.gradescope import HOME, METADATA, read_metadata
from autograder.cli.options import (
    FAILED,
    INPUT,
    audience_option,
    check_data,
    check_output,
    check_there,
    cli,
    data_option,
    edition_option,
    load_assignment,
    only_option,
    quiet_option,
    refuse_useless,
    reporting_unusable,
    results_option,
    say_example_secret,
    seed_option,
    skip_option,
)
from autograder.cli.outcome import show
from autograder.cli.terminal import GradingView, console, errors, escape_markup

if TYPE_CHECKING:
    from autograder.grading.pipeline import RecognisedSubmission
    from autograder.intake.submission import Submission
    from autograder.results.report import Report


@cli.command(short_help="Grade one submission.")
@click.argument("submission", required=False, type=INPUT)
@results_option
@only_option
@skip_option
@seed_option
@data_option
@edition_option
@quiet_option
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
    """Grade SUBMISSION, a folder, a zip or a tar, and write Gradescope's results.json.

    With part = "written" in assignment.toml it grades the written part, as the command `written` does, and refuses
    options that are for the programming part alone.

    Without SUBMISSION it grades, on Gradescope, the submission there; elsewhere, a demonstration with a few mistakes.

    From any folder: PROJECT/run_autograder SUBMISSION, and for every other command PROJECT/.venv/bin/python
    PROJECT/autograder COMMAND; `python -m autograder` is found in the project's folder alone.
    """
    on_gradescope = submission is None and (HOME / "submission").is_dir()
    results = results or (HOME / "results" / "results.json" if on_gradescope else Path("results.json"))
    if not on_gradescope:
        check_output(results)
    _check_one(submission)
    # On a laptop the terminal shows what is wrong with the command, and the last results stay as they are. A broken
    # assignment is reported in both places.
    with reporting_unusable(results, when=on_gradescope):
        with reporting_unusable(results, when=edition == config.AUTO and not on_gradescope):
            assignment = load_assignment(edition=edition)
        if assignment.part == "written":
            refuse_useless(
                *("only", "skip", "seed", "data_folder", "edition"),
                why='assignment.toml says part = "written"; it is for the programming part.',
            )
            solution = assignment.reference / "conceptual" / "solution.ipynb"
            handed_in = submission or (HOME / "submission" if on_gradescope else solution)
            people = HOME / METADATA if on_gradescope else None
            _grade_written(handed_in, results, assignment, people, (), quiet=quiet, on_gradescope=on_gradescope)
            return
        choice = _Choice(only, skip, seed, data_folder)
        report = _grade_program(submission, results, assignment, choice, quiet=quiet, on_gradescope=on_gradescope)
    show(report, results, quiet=quiet, on_gradescope=on_gradescope)
    if submission is not None and not quiet:  # on Gradescope, `package` has seen to it
        say_example_secret(assignment, seed)
    if not on_gradescope:
        _say_to_staff(report, results)
        if report.notes.grader_errors:  # on Gradescope, that would show nobody a grade
            sys.exit(FAILED)


@dataclass(frozen=True)
class _Choice:
    """What is chosen of a grading: see the options of these names."""

    only: str | None
    skip: tuple[str, ...]
    seed: str | None
    data_folder: Path | None


def _grade_program(
    submission: Path | None,
    results: Path,
    assignment: Assignment,
    choice: _Choice,
    *,
    quiet: bool,
    on_gradescope: bool,
) -> Report:
    from autograder.wall.sandbox import Sandbox

    # It loads NumPy, on a processor of its own, while we load the rest.
    with Sandbox(assignment.homework_folder) as sandbox:
        from autograder.grading import loading, pipeline
        from autograder.grading.setup import Setup
        from autograder.results import finishing

        check_data(assignment, choice.data_folder)
        if choice.skip:
            loading.check_choice(loading.load_hidden_tests(assignment), choice.only, choice.skip)
        view = GradingView(quiet=quiet)
        finish = finishing.on_gradescope(assignment, read_metadata(HOME / METADATA)) if on_gradescope else None
        source = HOME / "submission" if on_gradescope else _choose_source(submission, assignment)
        if not on_gradescope:
            _say_if_nothing_is_there(source, pipeline.recognise_submission(source, assignment))
        with view:
            return pipeline.grade(
                source,
                results,
                assignment,
                only=choice.only,
                skip=choice.skip,
                seed=choice.seed,
                data_folder=choice.data_folder,
                progress=view.progress(),
                finish=finish,
                setup=Setup(assignment, sandbox, remember=False),
                hang_status=_hang_status(on_gradescope=on_gradescope),
            )


def _say_if_nothing_is_there(source: Path | Submission, found: RecognisedSubmission) -> None:
    """Say, before anything is graded, that a folder has none of the files asked for: it may be the wrong one."""
    submission, required = found.submission, found.assignment.edition.required
    where = source if isinstance(source, Path) else "The submission"
    if isinstance(submission, SubmissionError):
        errors.print(escape_markup(f"{where} cannot be graded: {str(submission).splitlines()[0]}"))
        return
    if not required or len(submission.missing) < len(required):
        return
    errors.print(
        escape_markup(
            f"{where} holds none of the {len(required)} files that are asked for, such as {required[0]}: is it the "
            "right one? It is graded all the same."
        )
    )


def _hang_status(*, on_gradescope: bool) -> int:
    """Return how the process ends where the run hangs: Gradescope shows no grade of one that fails, and has rows."""
    return 0 if on_gradescope else FAILED


def _choose_source(submission: Path | None, assignment: Assignment) -> Path | Submission:
    """Return what to grade on a laptop; without a submission, say that it is the demonstration."""
    from autograder.grading import demonstration

    if submission is None:
        mistakes = len(assignment.homework.demonstration)
        console.print(f"No submission given: grading the demonstration, the reference with {mistakes} mistakes.")
        return demonstration.submission(assignment)
    if submission.resolve() == assignment.reference.resolve():
        # As a student would hand it in: its chaffs and wheats lie beside it.
        return demonstration.reference(assignment)
    return submission


def _say_to_staff(report: Report, results: Path) -> None:
    """Say what whoever grades on a laptop must know of a report, beside its rows."""
    for flag in report.notes.flags or ():
        if flag.rule == "copies" and "," in flag.detail:  # several others
            errors.print(
                f"[yellow]note[/] {escape_markup(flag.detail)} Is it a class? `batch` grades each of its people."
            )
    if report.notes.grader_errors:
        errors.print(
            f"[red]The grader failed in a test.[/] The traceback is in {escape_markup(results)}, extra_data.tests."
        )
    elif report.notes.grader_faults:
        errors.print(
            "[yellow]Part of the grader failed, as the submission's process reports, which went on without it.[/] "
            f"{escape_markup(results)} says which, in extra_data.grader_faults. Report it, unless the submission made "
            "it up."
        )

    for text in report.notes.clean_up or ():
        errors.print(
            f"[yellow]note[/] The grade is complete, and the grader could not clean up after it: {escape_markup(text)}"
        )


def _check_one(submission: Path | None) -> None:
    """Raise AssignmentError where there is no such submission, or a class: of its people only one would be graded."""
    from autograder.classroom import gradescope_yaml, store

    if submission is None:
        return
    check_there(submission)
    for name, what in ((gradescope_yaml.FILE_NAME, "Gradescope's export"), (store.CLASS_FILE, "a graded class")):
        if (submission / name).is_file():
            raise AssignmentError(
                f"{submission} is {what} ({name}), not one submission: grade a class with `batch`, or name the folder "
                "of one of its submissions."
            )


def _grade_written(
    source: Path,
    results: Path,
    assignment: Assignment,
    people: Path | None,
    audience: tuple[str, ...],
    *,
    quiet: bool,
    on_gradescope: bool = False,
) -> None:
    from autograder.results import finishing
    from autograder.written import grading, questions, roster

    written = questions.load(assignment.root)
    details, metadata = roster.submitters(people) if people is not None else ([], {})
    submitters = grading.known_submitters(details, metadata, audience)
    finish = None
    if people is not None and people.suffix == ".json":
        finish = finishing.on_gradescope(replace(assignment, part="written"), read_metadata(people))
    status = _hang_status(on_gradescope=on_gradescope)
    report = grading.grade(source, results, assignment, written, submitters, finish=finish, hang_status=status)
    show(report, results, quiet=quiet, on_gradescope=on_gradescope)


@cli.command(short_help="Check the written part of one submission.")
@click.argument("submission", type=INPUT)
@results_option
@audience_option
@click.option(
    "--people",
    type=INPUT,
    help="Whose names to search for: a CSV (name, email, login, sid) or Gradescope's submission_metadata.json.",
)
@quiet_option
def written(
    submission: Path, results: Path | None, audience: tuple[str, ...], people: Path | None, quiet: bool
) -> None:
    """Check the written part: SUBMISSION is a notebook, a LaTeX source, a PDF, or a folder, zip or tar of them.

    It grades what a program can compute, and leaves the rest to people.
    """
    results = results or Path("results.json")
    check_there(submission)
    check_output(results)
    _grade_written(submission, results, load_assignment(), people, audience, quiet=quiet)
