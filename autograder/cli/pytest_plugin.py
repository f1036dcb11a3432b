"""`pytest tests/hidden --submission=DIR`: the hidden tests for staff, with pytest's own -k, -x, --lf and output.

A thin adapter: the grader's loader collects, its runner runs, and the text of a failure is what the author of the
submission would read. `tests/hidden/conftest.py` imports the hooks below.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

from autograder.assignment import config as assignments
from autograder.assignment import editions, template
from autograder.assignment.config import FILE_NAME, Assignment
from autograder.base.errors import AssignmentError, AutograderError, SubmissionError
from autograder.grading.asker import Asker
from autograder.grading.deadline import NO_DEADLINE
from autograder.grading.files import load_files
from autograder.grading.fixtures import Fixtures
from autograder.grading.hidden_tests import HiddenTest
from autograder.grading.loading import load_file
from autograder.grading.pipeline import RecognisedSubmission, initial_report, recognise_submission
from autograder.grading.run import Run
from autograder.grading.runner import Runner
from autograder.grading.session import HiddenTestItem, LostPointsError
from autograder.intake.submission import Submission, from_files
from autograder.results.report import TestResult
from autograder.results.results_file import ResultsFile
from autograder.wall import verify
from autograder.wall.sandbox import Sandbox

_FAILED: Final = 3  # pytest's exit status for an internal error, and the toolkit's for its own


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add what a submission is and how it is graded."""
    # Pytest does not know the option yet: it takes DIR for one more folder of tests, and would run the conftest.py in
    # it here, outside of the sandbox. So no other conftest.py is loaded until `pytest_configure`.
    pluginmanager._noconftest = True  # noqa: SLF001  there is no public way
    group = parser.getgroup("hidden tests")
    group.addoption("--submission", metavar="DIR", help="The folder or archive to test; default: the reference.")
    group.addoption(
        "--edition", metavar="NAME", default=assignments.AUTO, help="The handout's edition; default: that of the files."
    )
    group.addoption("--seed", metavar="TEXT", help="Draw the inputs from this instead of the assignment's secret.")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a submission that is not there, and one whose own settings pytest may have obeyed."""
    config.pluginmanager._noconftest = bool(config.getoption("noconftest"))  # noqa: SLF001  see pytest_addoption
    name = config.getoption("--submission")
    if name is None:
        return
    path = Path(name)
    if not path.exists():
        raise pytest.UsageError(f"--submission: there is no {path}; name the folder or the archive to test.")
    first = next(iter(config.known_args_namespace.file_or_dir), "")
    settings = config.inipath.resolve().parents if config.inipath is not None else ()
    if Path(first).resolve() == path.resolve() or path.resolve() in settings:
        raise pytest.UsageError(
            f"write pytest tests/hidden --submission={name}: where the submission comes before the tests, pytest obeys "
            "its conftest.py and its settings, outside of the sandbox."
        )


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is tested."""
    return f"submission: {config.getoption('--submission') or 'the reference'}"


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect a file of hidden tests as the grader does."""
    root = next((folder for folder in module_path.parents if (folder / FILE_NAME).is_file()), None)
    if root is None:
        return None
    file: pytest.Module = HiddenTestFile.from_parent(parent, path=module_path, root=root)
    return file


class HiddenTestFile(pytest.Module):
    """A file of hidden tests."""

    def __init__(self, *, root: Path, **options: Any) -> None:
        super().__init__(**options)
        self._root = root

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the tests that the edition asks."""
        try:
            session = _session(self.config, self._root)
            tests = load_file(self.path, session.assignment)
        except (AssignmentError, SubmissionError) as error:
            raise self.CollectError(str(error)) from error
        for test in tests:
            own = test.for_edition(session.assignment)
            if own is not None:
                yield StaffItem.from_parent(self, name=test.node.rpartition("::")[2], test=own, runs=session)


class StaffItem(HiddenTestItem):
    """One hidden test, whose failure reads as its author reads it."""

    def __init__(self, *, runs: _Session, **options: Any) -> None:
        super().__init__(row=runs.row, **options)
        self._runs = runs

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the grader's message in the place of a traceback."""
        if isinstance(excinfo.value, LostPointsError):
            return _Message(self._runs, excinfo.value.number)
        return pytest.Item.repr_failure(self, excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test stands, and the row's name for the heading of a failure."""
        function: Any = self.test.function
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        return self.path, function.__code__.co_firstlineno - 1, f"{self.test.number} {self.test.name}"


@dataclass(frozen=True)
class _Message:
    """The text of a failure, as pytest prints one: when all rows are known, so that the mistake can be named."""

    runs: _Session
    number: str

    @property
    def reprcrash(self) -> _Message:
        """What the short summary takes `message` from."""
        return self

    @property
    def message(self) -> str:
        """The text without what Markdown adds; its first line stands in the short summary."""
        return str(self).replace("**", "")

    def __str__(self) -> str:
        return self.runs.text(self.number)

    def toterminal(self, out: Any) -> None:
        """Print the text."""
        for line in str(self).splitlines():
            out.line(line)


_SESSIONS: Final = pytest.StashKey[dict[Path, "_Session"]]()


def _session(config: pytest.Config, root: Path) -> _Session:
    sessions = config.stash.setdefault(_SESSIONS, {})
    if root not in sessions:
        sessions[root] = _Session(config, root)
        config.add_cleanup(sessions[root].close)
    return sessions[root]


class _Session:
    """The tests of one assignment over one submission. The sandbox is started when the first test is run."""

    def __init__(self, config: pytest.Config, root: Path) -> None:
        own = assignments.load(root, edition=config.getoption("--edition"))
        name = config.getoption("--submission")
        source = from_files(editions.reference(own), own.edition) if name is None else Path(name)
        self._recognised = recognise_submission(source, own)
        self._secret = config.getoption("--seed") or own.secret
        self._opened = ExitStack()

    @property
    def assignment(self) -> Assignment:
        """The assignment in the submission's edition."""
        return self._recognised.assignment

    def row(self, test: HiddenTest, following: HiddenTest | None) -> TestResult:
        """Run one test."""
        row = self._started.runner.row(test, following)
        self._started.results.put(row)
        return row

    def text(self, number: str) -> str:
        """Return what the author of the submission reads of a row, and its points."""
        started = self._started
        rows = {row.number: row for row in started.results.report.tests}
        row = {row.number: row for row in started.runner.final_rows(rows.values())}.get(number, rows[number])
        text = row.staff.get("grader_error") or row.output
        return f"{text}\n\n{row.score or 0:g} of {row.max_score or 0:g} points"

    @cached_property
    def _started(self) -> _Started:
        try:
            return _start(self._recognised, self._secret, self._opened)
        except AutograderError as error:
            pytest.exit(f"Nothing can be tested: {error}", _FAILED)

    def close(self) -> None:
        """End the sandbox."""
        self._opened.close()


@dataclass(frozen=True)
class _Started:
    """What runs the tests, and where their rows are kept."""

    runner: Runner
    results: ResultsFile


def _start(recognised: RecognisedSubmission, secret: str, opened: ExitStack) -> _Started:
    if not isinstance(recognised.submission, Submission):
        raise recognised.submission
    assignment = recognised.assignment
    folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="autograder-pytest-"))
    results = opened.enter_context(ResultsFile(Path(folder, "results.json")))
    results.begin(initial_report([], assignment))
    sandbox = opened.enter_context(Sandbox(assignment.homework_folder))
    verify.verify(sandbox, assignment, results.file)
    run = Run(assignment, recognised.submission, template.handout(assignment), secret, NO_DEADLINE)
    asker = opened.enter_context(closing(Asker(run, sandbox)))
    asker.never_load(load_files(asker).unloadable)
    fixtures = opened.enter_context(closing(Fixtures(asker, results)))
    return _Started(Runner(asker, fixtures), results)
