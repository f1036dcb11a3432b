"""One grading as a session of pytest: its items are the hidden tests that were loaded and chosen, and nothing else.

pytest keeps the order, runs each item, and ends when it is told to. The `Runner` makes a test's arguments and its row.
pytest collects no folder, and obeys no conftest.py, setting or plugin.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from autograder.base.errors import GraderError
from autograder.grading.hidden_tests import HiddenTest
from autograder.results.report import TestResult

Row = Callable[[HiddenTest, HiddenTest | None], TestResult]  # runs a test; the second will most likely be next

_UNUSED: Final = (
    *("terminal", "cacheprovider", "junitxml", "faulthandler", "logging", "warnings", "doctest"),
    *("unraisableexception", "threadexception"),  # which collect garbage several times at the end
    *("debugging", "unittest", "subtests", "pastebin", "stepwise", "setuponly", "setupplan", "legacypath"),
)
_OPTIONS: Final = (
    *("--noconftest", "--assert=plain", "-s", "-c", os.devnull, f"--rootdir={os.sep}"),
    *(word for name in _UNUSED for word in ("-p", f"no:{name}")),
)


class LostPointsError(Exception):
    """A row that is not passed. number: the test's."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


class HiddenTestItem(pytest.Item):
    """One hidden test."""

    def __init__(self, *, test: HiddenTest, row: Row, **options: Any) -> None:
        super().__init__(**options)
        self.test, self._row = test, row
        self.extra_keyword_matches.update({test.number, *test.tags})

    def runtest(self) -> None:
        """Run the test. Raises LostPointsError where it does not pass."""
        items = self.session.items
        following = next(iter(items[items.index(self) + 1 :]), None)
        row = self._row(self.test, following.test if isinstance(following, HiddenTestItem) else None)
        if not row.passed:
            raise LostPointsError(row.number)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002
        """Return a failure as text: nobody reads a traceback of it."""
        return str(excinfo.value)


def run_tests(tests: Sequence[HiddenTest], row: Row, take: Callable[[TestResult], bool]) -> None:
    """Have pytest run the tests in their order.

    row: runs one. take: is called with every row; True ends the session there. Raises what either of them raises, and
    GraderError where pytest itself fails.
    """
    plugin = _Session(tests, row, take)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    status = pytest.main([*_OPTIONS], plugins=[plugin])
    if plugin.problem is not None:
        raise plugin.problem
    ended = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)
    if status not in ended and not plugin.enough:
        raise GraderError(f"pytest ended with status {status!r} before the hidden tests were run.")


class _Session:
    """The plugin: hands pytest the items, and keeps what must not end in a report of pytest's."""

    def __init__(self, tests: Sequence[HiddenTest], row: Row, take: Callable[[TestResult], bool]) -> None:
        self._tests, self._row, self._take = tests, row, take
        self._session: pytest.Session | None = None
        self.problem: BaseException | None = None
        self.enough = False

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect nothing but the tests."""
        self._session = session
        session.items = [
            HiddenTestItem.from_parent(session, name=test.number, nodeid=test.node, test=test, row=self._run)
            for test in self._tests
        ]
        session.testscollected = len(session.items)
        return True

    def _run(self, test: HiddenTest, following: HiddenTest | None) -> TestResult:
        try:
            row = self._row(test, following)
            if self._take(row):
                self.enough = True
                self._stop("what was asked for is known")
        except BaseException as error:
            self.problem = error
            self._stop("the grader failed")
            raise
        return row

    def _stop(self, why: str) -> None:
        if self._session is not None:
            self._session.shouldstop = why

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep a failure of pytest itself: `run_tests` raises it."""
        self.problem = self.problem or excinfo.value
        return True


__all__ = ["HiddenTestItem", "LostPointsError", "Row", "run_tests"]
