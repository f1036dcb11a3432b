"""results.json on disk: complete and valid from the first moment on, whatever becomes of the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from autograder.base.errors import AssignmentError, AutograderError, GraderError
from autograder.base.files import as_json, replace_file
from autograder.results.report import Report, TestResult, failed_report

#: The text above the rows until the run ends. A student reads it only if something kills the grader.
UNFINISHED: Final = (
    "**The grading was stopped before its end, and it is not your fault.** Rows that were not reached have no points "
    "yet, so this score is not final. Your submission is kept, and you need do nothing: the course staff have to grade "
    "it again."
)
_ENDED: Final = "The grader was ended from outside: it was killed, or the machine ran out of memory or time."
# Seconds, a row that may: to write the whole report takes far longer than to fill in a row.
_WAITS_AT_MOST: Final = 0.2


def write(report: Report, file: Path, *, compact: bool = False) -> None:
    """Replace `file` by `report` in one step: at every moment it is whole, the old or the new.

    compact: on one line, which takes a tenth of the time.
    Raises OSError where the folder cannot be written.
    """
    replace_file(file, as_json(report.document(), compact=compact))


class ResultsFile:
    """A context manager that keeps `file` valid while a run fills it, row by row.

    On entry it says that the run has not begun. An exception is reported there, to the staff, and raised: the
    toolkit's own as they are, others as GraderError. Without one, the last state is written as people read it. Until
    then the file says that the run did not end: whatever kills the grader leaves that behind.

    Rows are on disk a moment after they come, so that nothing can lose more than that. If a change cannot be written
    (the disk is full), the file stays as it was, and the next change tries again.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.report = failed_report("The grader started and did not finish its preparations.")
        self._unwritten: OSError | None = None
        self._waits_since: float | None = None  # the first row that is not written yet

    def __enter__(self) -> ResultsFile:
        """Write the first report. Raises AssignmentError where the file cannot be written."""
        try:
            write(self.report, self.file)
        except OSError as error:
            raise AssignmentError(
                f"{self.file} cannot be written ({error.strerror}); name another file with --results."
            ) from error
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if error is None:
            try:
                self._settle()
            except GraderError as failure:
                self._report_failure(failure)
                raise
        elif isinstance(error, Exception):
            self._report_failure(error)
            if not isinstance(error, AutograderError):
                raise GraderError(_describe(error)) from error

    def begin(self, report: Report) -> None:
        """Write the report with every row that the run is going to fill."""
        self.report = report
        self._write(compact=True)

    def put(self, result: TestResult, *, soon: bool = False) -> None:
        """Replace the row of the same number (or, without one, name), or add it at the top.

        soon: it may wait a moment for others that follow, or for `keep`, which is called when the grader has to wait.
        """
        tests = list(self.report.tests)
        for index, test in enumerate(tests):
            if _label(test) == _label(result):
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

    def note(self, **notes: Any) -> None:
        """Change fields of what the staff see of the run (`StaffNotes`), and write it."""
        self.update(notes=replace(self.report.notes, **notes))

    def clean_up(self, close: Callable[[], None]) -> None:
        """Call `close`, at the end of a run; where it raises, the staff read so beside a grade that stays as it is."""
        try:
            close()
        except Exception as error:  # noqa: BLE001  what is left open can be anybody's, and changes no row
            self.note(clean_up=(*(self.report.notes.clean_up or ()), _describe(error)))

    def _write(self, *, compact: bool) -> None:
        self._waits_since = None
        try:
            write(_unfinished(self.report) if compact else self.report, self.file, compact=compact)
        except OSError as error:
            self._unwritten = error
        else:
            self._unwritten = None

    def _settle(self) -> None:
        self._write(compact=False)
        if self._unwritten is not None:
            raise GraderError(
                f"{self.file} could not be written to the end ({self._unwritten.strerror}); make room and grade again."
            )

    def _report_failure(self, error: Exception) -> None:
        with suppress(OSError):  # it is raised as well; the report that is on disk stays, whole
            write(failed_report(_describe(error)), self.file)


def _unfinished(report: Report) -> Report:
    """Return the report as it is to be read if nothing is added to it any more; one that says why stays as it is."""
    if report.output:
        return report
    notes = report.notes
    return replace(report, output=UNFINISHED, notes=replace(notes, stopped=notes.stopped or _ENDED))


def _label(row: TestResult) -> tuple[str, str]:
    return (row.number, "") if row.number else ("", row.name)


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
