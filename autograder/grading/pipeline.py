"""One submission's way, from a folder or zip to a complete results.json."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import __version__
from autograder.assignment import template
from autograder.assignment.config import Assignment
from autograder.assignment.recognition import recognise
from autograder.base.errors import AutograderError, GraderError, SubmissionError
from autograder.feedback import failures, messages
from autograder.feedback.diagnosis import Memory
from autograder.feedback.summary import in_reading_order, summarise
from autograder.grading import compiling, rules
from autograder.grading.hidden_tests import HiddenTest
from autograder.grading.interview import Grader
from autograder.grading.plugin import GradingPlugin, initial_report
from autograder.guest.probes import modules
from autograder.intake.submission import Submission, read
from autograder.results.board import Board, reported
from autograder.results.report import Report, TestResult
from autograder.wall import verify
from autograder.wall.request import Ending, Outcome, WorkerLimits
from autograder.wall.sandbox import Sandbox

#: Seconds past its own deadline after which a run that hangs is ended from outside.
_WATCHDOG_GRACE = 10.0


@dataclass(frozen=True)
class Progress:
    """What a run tells while it works: the tests, each result, and short notes. All do nothing by default."""

    begin: Callable[[list[HiddenTest]], None] = lambda _: None
    result: Callable[[TestResult], None] = lambda _: None
    note: Callable[[str], None] = lambda _: None


class Bench:
    """What the gradings of many variants of one submission share: a sandbox, and answers that are not theirs.

    The wall is tried once. Close it to end the sandbox.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.memory = Memory(shared=True)
        self.sandbox = Sandbox(assignment.homework_folder)
        self.sandbox.launch()
        self._layers: dict[str, str] | None = None
        self.kept: dict[Any, Any] = {}  # what the homework's fixtures read once for all gradings

    def close(self) -> None:
        """End the sandbox."""
        self.sandbox.close()

    def verified(self, assignment: Assignment, results: Path) -> dict[str, str]:
        """The layers of the wall, tried in the first grading. Raises IsolationError as `verify.verify` does."""
        if self._layers is None:
            self._layers = verify.verify(self.sandbox, assignment, results)
        return self._layers


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
    sandbox: Sandbox | None = None,
    bench: Bench | None = None,
    enough: Callable[[TestResult], bool] = lambda _: False,
) -> Report:
    """Grade one submission; `results` is complete and valid on disk from the first moment on.

    source: a folder or zip, what was read of one, or why nothing could be.
    only: a test's number, its component, or part of its name; or numbers, in the order in which to run them.
    skip: tags of tests to leave out. seed: in the place of the assignment's secret.
    finish: has the last word on the document (see `lateness`). sandbox: one that is launched already; it is closed with
    the run. bench: what this grading shares with others, a sandbox among it.
    enough: called with every row; True ends the run there.
    Raises AssignmentError, IsolationError or GraderError, each after a report for the staff is on disk.
    """
    begun = time.monotonic()
    secret, progress = seed or assignment.secret, progress or Progress()
    with reported(results):
        run = _Run(source, results, assignment, secret, data_folder, progress, begun, finish, sandbox, bench)
        with contextlib.closing(run):
            return run.whole(only, skip, enough)


class _Run:
    """The state of one run; closed, it leaves no process behind."""

    def __init__(
        self,
        source: Path | Submission | SubmissionError,
        results: Path,
        assignment: Assignment,
        secret: str,
        data_folder: Path | None,
        progress: Progress,
        begun: float,
        finish: Callable[[dict[str, Any]], dict[str, Any]] | None,
        sandbox: Sandbox | None,
        bench: Bench | None,
    ) -> None:
        self.finish = finish
        self.source, self.results, self.assignment, self.secret = source, results, assignment, secret
        self.data_folder, self.progress, self.begun = data_folder, progress, begun
        self.deadline = begun + assignment.limits.run_seconds
        self.bench = bench
        if bench is not None:
            sandbox = bench.sandbox
        elif sandbox is None:
            sandbox = Sandbox(assignment.homework_folder)
            sandbox.launch()  # loads NumPy while pytest collects; nothing of the submission is near it yet
        self.sandbox = sandbox
        self.submission: Submission | SubmissionError | None = None
        self.remark = ""  # on the submission's edition
        self.fixtures = assignment.homework.fixtures(self) if assignment.homework.fixtures is not None else None
        self.stranger = ""  # that edition, where it is not graded as itself
        self.board: Board | None = None
        self.grader: Grader | None = None
        self.inspection: rules.Inspection | None = None
        self.watchdog = threading.Timer(assignment.limits.run_seconds + _WATCHDOG_GRACE, self._give_up)
        self.watchdog.daemon = True

    def close(self) -> None:
        self.watchdog.cancel()
        if self.fixtures is not None:
            self.fixtures.close()
        if self.inspection is not None:
            self.inspection.close()
        if self.grader is not None:
            self.grader.close()
        if self.bench is None:
            self.sandbox.close()

    def whole(
        self, only: str | Sequence[str] | None, skip: Collection[str], enough: Callable[[TestResult], bool]
    ) -> Report:
        """Collect, ask, record."""
        self.watchdog.start()
        self._take_in()
        plugin = GradingPlugin(self.assignment, self._begin, self.progress.result, only, skip, enough)
        status = _run_pytest(
            self.assignment.hidden_tests, [plugin, *([self.fixtures] if self.fixtures is not None else [])]
        )
        problem = plugin.problem
        if problem is not None and not isinstance(problem, SubmissionError):
            raise problem if isinstance(problem, AutograderError) else GraderError(repr(problem)) from problem
        if self.board is None or (problem is None and status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)):
            raise GraderError(f"pytest ended with status {status!r} before the hidden tests were run.")
        if isinstance(problem, SubmissionError):
            self._nothing_to_grade(problem)
        else:
            plugin.settle()
            self._finish(plugin.stopped)
        self.board.settle()
        return self.board.report

    def _take_in(self) -> None:
        """Read the submission, or why it cannot be read, and settle on its edition: the tests depend on that."""
        try:
            source, own = self.source, self.assignment
            if isinstance(source, SubmissionError):
                raise source
            if not isinstance(source, Submission):
                source = read(source, own.edition, own.limits, own.kinds, partial(template.every_line, own))
            self.submission = source
        except SubmissionError as error:
            self.submission = error
            return
        found = recognise(self.submission.files, self.assignment)
        self.assignment, self.remark = replace(self.assignment, edition=found.edition), found.remark
        self.stranger = found.stranger

    def _begin(self, tests: list[HiddenTest]) -> tuple[Grader, Board]:
        """Called with the collected tests: from here on every row is on disk."""
        report = initial_report(tests, self.assignment, {"version": __version__})
        self.board = Board(self.results, replace(report, finish=self.finish))
        self.progress.begin(tests)
        if not isinstance(self.submission, Submission):
            raise self.submission or GraderError("The submission was not read.")
        submission = self.submission
        given = template.handout(self.assignment)
        self.grader = Grader(self.assignment, submission, self.sandbox, self.secret, self.deadline, given)
        self.sandbox.compile({path: text for path, text in given.items() if submission.files.get(path) == text})
        if self.bench is not None:
            self.grader.memory = self.bench.memory
        self.board.update(staff={**self.board.report.staff, **self._staff_data(submission)})
        layers = (
            verify.verify(self.sandbox, self.assignment, self.results)
            if self.bench is None
            else self.bench.verified(self.assignment, self.results)
        )
        self.board.update(staff={**self.board.report.staff, "isolation": layers})
        self.grader.code = compiling.code_of(self.grader)
        self.board.put(self._loading_row(submission))
        left_out = left_out_row(submission)
        if left_out is not None:
            self.board.put(left_out)
        self.board.put(required_files_row(submission))
        if self.remark:
            passed = False if self.stranger else None
            self.board.put(TestResult(name="Edition", passed=passed, output=self.remark))
        self.inspection = rules.Inspection(self.grader)
        return self.grader, self.board

    def _flag(self, inspection: rules.Inspection) -> None:
        """Keep suspected breaches of the rules for the staff; where one costs points, a row says so."""
        assert self.board is not None
        submission = inspection.grader.submission
        flags = (*rules.intake_flags(submission, self.stranger), *inspection.flags())
        self.board.update(staff={**self.board.report.staff, "flags": rules.as_data(flags)})
        row = rules.row(flags, self.assignment.rules)
        if row is not None:
            self.board.put(row)

    def _staff_data(self, submission: Submission) -> dict[str, Any]:
        return {
            "submission": submission.digest,
            "edition": self.assignment.edition.name,
            "upload": self.assignment.upload,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "notes": [*submission.notes, *submission.left_out],
            "flags": [],
        }

    def _loading_row(self, submission: Submission) -> TestResult:
        """Load every file by itself and name those that fail."""
        assert self.grader is not None
        limits = self.assignment.limits
        bounds = WorkerLimits(limits.test_seconds, limits.test_memory_mb * 2**20, 2**20)
        problems: list[str] = []
        deadly: dict[str, str] = {}
        paths = [path for path in self.assignment.edition.required if path in submission.files]
        names = {path: path.removesuffix(".py").replace("/", ".") for path in paths}
        # One worker for all, and only where that does not go well and fast one for each.
        together = self.grader.request(modules.load_all, {"names": list(names.values())}, 0, notices=False)
        swift = replace(bounds, seconds=limits.test_seconds / 4)
        first = self.grader.run(together, swift)
        if first.ending is not Ending.ANSWERED:
            # The one that takes long first: the others then need not run it.
            stuck = first.still.file if first.still is not None else ""
            for path in sorted(paths, key=lambda path: path != stuck):
                request = replace(
                    self.grader.request(modules.load, {"name": names[path]}, 0, public=True), deadly=deadly
                )
                outcome = self.grader.run(request, bounds)
                if outcome.ending is Ending.ANSWERED:
                    continue
                told = failures.no_answer(outcome, submission, "", {})
                problems.append(f"- {told if path in told else f'`{path}`: {told}'}")
                if _is_costly(outcome, bounds):
                    # Is it this file, or one that it imports? Alone, beside the handout's own, it shows.
                    alone = replace(request, sources={path: submission.files[path]})
                    if _is_costly(self.grader.run(alone, bounds), bounds):
                        deadly[path] = told
        # What ends its process costs its own tests alone: nobody who imports it runs it again.
        self.grader.deadly = deadly
        output = "\n".join(problems) or "Every file can be loaded."
        return TestResult(name="Files that can be loaded", passed=not problems, output=output)

    def _nothing_to_grade(self, error: SubmissionError) -> None:
        assert self.board is not None
        row = TestResult(name="Required files", passed=False, output=str(error))
        tests = [replace(test, output="Not graded: see the first row.") for test in self.board.report.tests]
        self.board.update(tests=(row, *tests), output=str(error))
        self._finish("")

    def _finish(self, stopped: str) -> None:
        assert self.board is not None
        if self.inspection is not None:
            self._flag(self.inspection)
        output = "\n\n".join(filter(None, (self.board.report.output, self._summary())))
        failed_here = sum("grader_error" in test.staff for test in self.board.report.tests)
        if stopped:
            output = "\n\n".join(filter(None, (output, f"Not every test was reached. {stopped}")))
        if failed_here:
            output = "\n\n".join(
                filter(
                    None,
                    (
                        output,
                        "Part of this grade is missing through a fault of the grader's. The course staff can see why.",
                    ),
                )
            )
        beside = [text for test in self.board.report.tests for text in test.staff.get("grader_faults", ())]
        if self.grader is not None:
            beside += self.grader.take_faults()
        staff = {**self.board.report.staff, "grader_errors": failed_here, "stopped": stopped}
        if beside:
            # Nothing of the grade is missing: what failed was left out, and the question asked without it.
            staff["grader_faults"] = list(dict.fromkeys(beside))
        if self.grader is not None:
            staff["peak_worker_mb"] = round(self.sandbox.peak_bytes / 2**20)
        tests = in_reading_order(self.board.report.tests)
        self.board.update(output=output, tests=tests, execution_time=time.monotonic() - self.begun, staff=staff)

    def _summary(self) -> str:
        """What stands at the top of the page; nothing where nothing was graded."""
        assert self.board is not None
        if not isinstance(self.submission, Submission):
            return ""
        edition = f"as edition {self.assignment.edition.name}, " if len(self.assignment.editions) > 1 else ""
        versions = f"with Python {platform.python_version()} and NumPy {np.__version__}"
        return summarise(self.board.report.tests, f"{edition}{versions}", self.assignment.visibility)

    def _give_up(self) -> None:
        """The run hangs: leave what is on disk, with a word of explanation, and end the process."""
        try:
            if self.board is not None:
                told = "The run did not end in time."
                staff = {**self.board.report.staff, "stopped": told}
                self.board.update(output=f"{told} What was graded until then is kept.", staff=staff)
            self.sandbox.close()
        finally:
            os._exit(0)


def _is_costly(outcome: Outcome, bounds: WorkerLimits) -> bool:
    """Whether loading failed in a way that whoever imports the file had better be spared."""
    if outcome.ending is Ending.RAISED:
        out_of_memory = outcome.failure is not None and outcome.failure.kind == "MemoryError"
        return out_of_memory or outcome.seconds > bounds.seconds / 4
    return outcome.ending is not Ending.ANSWERED


def required_files_row(submission: Submission) -> TestResult:
    """Which of the files that the handout asks for are there, and what was unusual about the rest."""
    lines = [f"- {messages.missing(path, submission)}" for path in submission.missing]
    empty = [path for path, content in submission.files.items() if path.endswith(".py") and not content.strip()]
    lines += [f"- `{path}` is empty." for path in sorted(empty) if not path.endswith("__init__.py")]
    lines += [f"- {note}" for note in submission.notes]
    return TestResult(
        name="Required files",
        passed=not submission.missing,
        output="\n".join(lines) or "All files that the assignment asks for are there.",
    )


def left_out_row(submission: Submission) -> TestResult | None:
    """Which files were not read, and why; None where all were."""
    if not submission.left_out:
        return None
    return TestResult(name="Files that were not read", output="\n".join(f"- {line}" for line in submission.left_out))


def _run_pytest(folder: Path, plugins: list[object]) -> int | pytest.ExitCode:
    """Run the hidden tests in this process with our plugins and no others, and without a word on the terminal."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    unused = (
        *("terminal", "cacheprovider", "junitxml", "faulthandler", "logging", "warnings", "doctest"),
        *("unraisableexception", "threadexception"),  # which collect garbage several times at the end
        *("debugging", "unittest", "subtests", "pastebin", "stepwise", "setuponly", "setupplan", "legacypath"),
    )
    options = [
        *("--assert=plain", "--import-mode=importlib", "-c", os.devnull, f"--rootdir={folder}", "-s"),
        *("-o", "python_files=test_*.py", *(word for name in unused for word in ("-p", f"no:{name}"))),
    ]
    try:
        return pytest.main([*options, str(folder)], plugins=plugins)
    finally:
        # The next run of this process imports the hidden tests anew.
        for name in [name for name in sys.modules if name.startswith("test_")]:
            del sys.modules[name]
