"""Grade one submission: the whole way from a folder or zip to a complete results.json, from top to bottom."""

from __future__ import annotations

import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder import __version__
from autograder.assignment.config import Assignment
from autograder.assignment.recognition import recognise
from autograder.base.errors import SubmissionError
from autograder.feedback.summary import in_reading_order, summarise
from autograder.grading import compiling, files, rules
from autograder.grading.asker import Asker
from autograder.grading.deadline import Deadline
from autograder.grading.fixtures import Fixtures
from autograder.grading.hidden_tests import HiddenTest
from autograder.grading.loading import choose, load_hidden_tests
from autograder.grading.run import Run
from autograder.grading.runner import Runner
from autograder.grading.session import run_tests
from autograder.grading.setup import Setup
from autograder.intake.submission import Submission, read_for
from autograder.results.flags import Flag
from autograder.results.report import Report, TestResult
from autograder.results.results_file import ResultsFile
from autograder.results.staff_notes import StaffNotes
from autograder.results.watchdog import FAILED, HANGS, Watchdog
from autograder.wall.sandbox import Sandbox

#: Seconds past its own deadline after which a run that hangs is ended from outside.
_WATCHDOG_GRACE = 10.0
_FAULT = "Part of this grade is missing through a fault of the grader's. The course staff can see why."


@dataclass(frozen=True)
class Progress:
    """What a run calls while it works: with the tests, each result, and short notes. All do nothing by default."""

    begin: Callable[[list[HiddenTest]], None] = lambda _: None
    result: Callable[[TestResult], None] = lambda _: None
    note: Callable[[str], None] = lambda _: None


def grade(
    source: Path | Submission | SubmissionError,
    results: Path,
    assignment: Assignment,
    *,
    only: str | Sequence[str] | None = None,
    skip: Collection[str] = (),
    seed: str | None = None,
    data_folder: Path | None = None,
    progress: Progress | None = None,
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    setup: Setup | None = None,
    enough: Callable[[TestResult], bool] = lambda _: False,
    hang_status: int = FAILED,
) -> Report:
    """Grade one submission; `results` is complete and valid on disk from the first moment on.

    source: a folder or zip, what was read of one, or why nothing could be.
    only: a test's number, its component, or part of its name; or numbers, in the order in which to run them.
    skip: tags of tests to leave out.
    seed: in the place of the assignment's secret.
    finish: has the last word on the document (see `lateness`).
    setup: what this grading works with; the caller closes it. None: its own.
    enough: called with every row; True ends the run there.
    hang_status: the exit status of this process where the run hangs, and the watchdog ends it.
    Raises AssignmentError, IsolationError or GraderError, each after a report for the staff is on disk.
    """
    deadline, progress = Deadline(assignment.limits.run_seconds), progress or Progress()
    with ResultsFile(results) as file, ExitStack() as opened:
        if setup is None:
            setup = Setup(assignment, remember=False)
            opened.callback(file.clean_up, setup.close)
        opened.enter_context(_watchdog(file, deadline, setup.sandbox, hang_status))
        recognised = recognise_submission(source, assignment)
        tests = choose(load_hidden_tests(assignment), recognised.assignment, only, skip)
        file.begin(initial_report(tests, recognised.assignment, finish))
        progress.begin(tests)
        if isinstance(recognised.submission, SubmissionError):
            _nothing_to_grade(file, recognised.submission, deadline)
        else:
            files = setup.edition_files(recognised.assignment)
            run = Run(
                assignment=recognised.assignment,
                submission=recognised.submission,
                handout=files.handout,
                secret=seed or assignment.secret,
                deadline=deadline,
                memory=setup.memory,
                data_folder=data_folder,
                note=progress.note,
                kept=setup.kept,
                edition_files=files,
            )
            setup.sandbox.compile(_unchanged_files(run))
            file.update(notes=_about(run))
            file.note(isolation=setup.verify(assignment, results))

            def take(row: TestResult) -> bool:
                file.put(row, soon=True)
                progress.result(row)
                return enough(row)

            _fill(file, opened, run, setup.sandbox, recognised, tests, take)
    return file.report


def _fill(
    file: ResultsFile,
    opened: ExitStack,
    run: Run,
    sandbox: Sandbox,
    recognised: RecognisedSubmission,
    tests: Sequence[HiddenTest],
    take: Callable[[TestResult], bool],
) -> None:
    """Fill the report. opened: ends what this begins; what cannot be ended is noted, and costs no row."""
    asker = Asker(run, sandbox, while_waiting=file.keep)
    opened.callback(file.clean_up, asker.close)
    asker.hand_on(compiling.compile_files(asker))
    for row in _file_rows(asker, recognised):
        file.put(row)
    inspection = rules.Inspection(asker)
    opened.callback(file.clean_up, inspection.close)
    fixtures = Fixtures(asker, file)
    opened.callback(file.clean_up, fixtures.close)
    runner = Runner(asker, fixtures)
    run_tests(tests, runner.row, take)
    for row in runner.final_rows(file.report.tests):
        file.put(row, soon=True)
    file.keep()
    handed_in = rules.intake_flags(run.submission, recognised.doubt, run.assignment.edition.required)
    _flag(file, run, (*handed_in, *inspection.flags()))
    _finish(file, run, runner.stopped, asker.take_faults(), sandbox.peak_bytes)


def _watchdog(file: ResultsFile, deadline: Deadline, sandbox: Sandbox, status: int) -> Watchdog:
    output = f"{HANGS} What was graded until then is kept."
    return Watchdog(file, deadline.seconds + _WATCHDOG_GRACE, HANGS, output, close=sandbox.close, status=status)


# Before the tests.


@dataclass(frozen=True)
class RecognisedSubmission:
    """A submission, or why it cannot be read, and the assignment in its edition.

    remark: on the edition, for its author.
    unsupported: that edition, where it is graded as another. doubt: what the staff should know of the edition.
    """

    submission: Submission | SubmissionError
    assignment: Assignment
    remark: str = ""
    unsupported: str = ""
    doubt: str = ""


def recognise_submission(source: Path | Submission | SubmissionError, assignment: Assignment) -> RecognisedSubmission:
    """Read the submission and recognise its edition: the tests depend on that."""
    try:
        if isinstance(source, Path):
            source = read_for(assignment, source)
    except SubmissionError as error:
        source = error
    if isinstance(source, SubmissionError):
        return RecognisedSubmission(source, assignment)
    found = recognise(source.files, assignment)
    judged = source.for_edition(found.edition)
    graded = replace(assignment, edition=found.edition)
    return RecognisedSubmission(judged, graded, found.remark, found.unsupported, found.doubt)


def initial_report(
    tests: Iterable[HiddenTest],
    assignment: Assignment,
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> Report:
    """Return the report with every test at zero, not reached."""
    return Report(
        tests=tuple(test.result() for test in tests),
        visibility=assignment.visibility,
        stdout_visibility=assignment.stdout_visibility,
        notes=StaffNotes(version=__version__),
        finish=finish,
    )


def _unchanged_files(run: Run) -> Mapping[str, bytes]:
    """Return the files of the handout that the submission has as they were."""
    return {path: text for path, text in run.handout.items() if run.submission.files.get(path) == text}


def _about(run: Run) -> StaffNotes:
    """Return what the staff see of the submission and of this machine."""
    return StaffNotes(
        version=__version__,
        submission=run.submission.digest,
        edition=run.assignment.edition.name,
        upload=run.assignment.upload,
        python=platform.python_version(),
        numpy=np.__version__,
        notes=(*run.submission.notes, *run.submission.left_out),
        flags=(),
    )


def _file_rows(asker: Asker, recognised: RecognisedSubmission) -> Iterator[TestResult]:
    """Load every file, and yield the rows above the tests', the last one first."""
    submission = asker.run.submission
    loaded = files.load_files(asker)
    asker.never_load(loaded.unloadable)
    yield loaded.row
    left_out = files.left_out_row(submission)
    if left_out is not None:
        yield left_out
    yield files.required_files_row(submission, asker.run.assignment.edition.required)
    if recognised.remark:
        yield TestResult(name="Edition", passed=False if recognised.unsupported else None, output=recognised.remark)


# After the tests.


def _nothing_to_grade(file: ResultsFile, error: SubmissionError, deadline: Deadline) -> None:
    """Say in every row that the submission could not be read."""
    row = TestResult(name=files.REQUIRED, passed=False, output=str(error))
    tests = [replace(test, output="Not graded: see the first row.") for test in file.report.tests]
    notes = replace(file.report.notes, grader_errors=0, stopped="")
    file.update(
        tests=in_reading_order((row, *tests)), output=str(error), execution_time=deadline.elapsed(), notes=notes
    )


def _flag(file: ResultsFile, run: Run, flags: Sequence[Flag]) -> None:
    """Keep suspected breaches of the rules for the staff; where one costs points, a row says so."""
    file.note(flags=tuple(flags))
    row = rules.row(flags, run.assignment.rules)
    if row is not None:
        file.put(row)


def _finish(file: ResultsFile, run: Run, stopped: str, faults: Sequence[str], peak_bytes: int) -> None:
    """Write the summary, and what the staff should know of the run. stopped: why some tests were not reached."""
    rows = file.report.tests
    failed = sum("grader_error" in row.staff for row in rows)
    paragraphs = [file.report.output, _summary(run, rows)]
    if stopped:
        paragraphs.append(f"Not every test was reached. {stopped}")
    if failed:
        paragraphs.append(_FAULT)
    # Nothing of the grade is missing here: what failed was left out, and the question asked without it.
    beside = list(dict.fromkeys([*(text for row in rows for text in row.staff.get("grader_faults", ())), *faults]))
    notes = replace(
        file.report.notes,
        grader_errors=failed,
        stopped=stopped,
        grader_faults=tuple(beside) or None,
        peak_worker_mb=round(peak_bytes / 2**20),
    )
    file.update(
        output="\n\n".join(filter(None, paragraphs)),
        tests=in_reading_order(rows),
        execution_time=run.deadline.elapsed(),
        notes=notes,
    )


def _summary(run: Run, rows: Sequence[TestResult]) -> str:
    """Return what stands at the top of the page."""
    assignment = run.assignment
    edition = f"as edition {assignment.edition.name}, " if len(assignment.editions) > 1 else ""
    versions = f"with Python {platform.python_version()} and NumPy {np.__version__}"
    return summarise(rows, f"{edition}{versions}", assignment.visibility)
