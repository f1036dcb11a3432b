"""results.json on disk: complete and valid from the first moment on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError, AutograderError, GraderError
from autograder.base.files import as_json, replace_file
from autograder.results.report import Report, TestResult, failed_report

# Seconds, a row that may: to write the whole report takes far longer than to fill in a row.
_WAITS_AT_MOST: Final = 0.2


def write(report: Report, file: Path, *, compact: bool = False) -> None:
    """Replace `file` by `report` in one step: at every moment it is whole, the old or the new.

    compact: on one line, which takes a tenth of the time. Raises OSError where the folder cannot be written.
    """
    replace_file(file, as_json(report.document(), compact=compact))


@contextmanager
def reported(results: Path) -> Iterator[None]:
    """While it lasts `results` is complete and valid on disk; what goes wrong is told there, to the staff, and raised.

    Raises AssignmentError where `results` cannot be written, the toolkit's errors as they are, others as GraderError.
    """
    try:
        write(failed_report("The grader started and did not finish its preparations."), results)
    except OSError as error:
        raise AssignmentError(
            f"{results} cannot be written ({error.strerror}); name another file with --results."
        ) from error
    try:
        yield
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        with suppress(OSError):  # told below; the report that is on disk stays, whole
            write(failed_report(said), results)
        if isinstance(error, AutograderError):
            raise
        raise GraderError(said) from error


class Board:
    """All rows of one run, on disk a moment after they come, so that nothing can lose more than that.

    Where a change cannot be written (the disk is full), what was written before stays, `unwritten` says why, and the
    next change tries again.
    """

    def __init__(self, file: Path, report: Report) -> None:
        self.file, self.report = file, report
        self.unwritten: OSError | None = None
        self._waits_since: float | None = None  # the first row that is not written yet
        write(report, file)

    def put(self, result: TestResult, *, soon: bool = False) -> None:
        """Replace the row of the same number (or, without one, name), or add it at the top.

        soon: it may wait a moment for others that follow, or for `keep`, which is called when the grader has to wait.
        """
        tests = list(self.report.tests)
        for index, test in enumerate(tests):
            if (test.number, test.name if not test.number else "") == (
                result.number,
                result.name if not result.number else "",
            ):
                tests[index] = result
                break
        else:
            tests.insert(0, result)
        self.report = replace(self.report, tests=tuple(tests))
        now = time.monotonic()
        if self._waits_since is None:
            self._waits_since = now
        if not soon or now - self._waits_since > _WAITS_AT_MOST:
            self.keep()

    def keep(self) -> None:
        """Write the rows that wait, if any do."""
        if self._waits_since is not None:
            self._write(compact=True)

    def update(self, **changes: Any) -> None:
        """Change the report's own fields and write it."""
        self.report = replace(self.report, **changes)
        self._write(compact=True)

    def _write(self, *, compact: bool) -> None:
        self._waits_since = None
        try:
            write(self.report, self.file, compact=compact)
        except OSError as error:
            self.unwritten = error
        else:
            self.unwritten = None

    def settle(self) -> None:
        """Write the last state as people read it. Raises GraderError where it is not on disk."""
        self._write(compact=False)
        if self.unwritten is not None:
            raise GraderError(
                f"{self.file} could not be written to the end ({self.unwritten.strerror}); make room and grade again."
            )
