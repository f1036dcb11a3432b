"""Gradescope's contract: the metadata that it gives and the results.json that it takes, always complete on disk."""

from __future__ import annotations

import json
import math
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from .errors import AssignmentError, AutograderError, GraderError

#: Where Gradescope keeps what it hands in and takes; a rehearsal has another place for it.
HOME: Final = Path(os.environ.get("BERAS_HOME", "/autograder"))
METADATA: Final = "submission_metadata.json"
_LONGEST_TEXT: Final = 20_000
# Seconds, a row that may: to write the whole report takes far longer than to fill in a row.
_WAITS_AT_MOST: Final = 0.05
_CUT: Final = "\n… (cut)"
# What may not reach a browser or a terminal: controls, surrogates, and marks that reverse or hide text.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


@dataclass(frozen=True)
class TestResult:
    """One row of results.json. `score` None: a row that informs. `passed` None: neither passed nor failed."""

    name: str
    number: str = ""
    score: float | None = None
    max_score: float | None = None
    passed: bool | None = None
    output: str = ""
    tags: tuple[str, ...] = ()
    visibility: str | None = None
    staff: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Clean what people read, wherever it is shown: in a browser, a terminal or a table."""
        object.__setattr__(self, "name", clean(self.name))
        object.__setattr__(self, "output", clean(self.output))

    def row(self) -> dict[str, Any]:
        """The row as Gradescope takes it; what is for the staff alone stays out."""
        row: dict[str, Any] = {"name": self.name, "output": self.output, "output_format": "md"}
        if self.number:
            row["number"] = self.number
        if self.score is not None:
            row["score"], row["max_score"] = _points(self.score), _points(self.max_score or 0.0)
        if self.passed is not None:
            row["status"] = "passed" if self.passed else "failed"
        if self.tags:
            row["tags"] = list(self.tags)
        if self.visibility is not None:
            row["visibility"] = self.visibility
        return row


@dataclass(frozen=True)
class Report:
    """One results.json. finish: has the last word on the whole document, lateness for instance."""

    tests: tuple[TestResult, ...]
    output: str = ""
    execution_time: float = 0.0
    visibility: str = "visible"
    stdout_visibility: str = "hidden"
    leaderboard: tuple[Mapping[str, Any], ...] = ()
    staff: Mapping[str, Any] = field(default_factory=dict)
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Clean what people read."""
        object.__setattr__(self, "output", clean(self.output))

    @property
    def score(self) -> float:
        """The sum of the tests' points, what a breach of the rules takes among them; never below zero."""
        return _points(max(math.fsum(test.score or 0.0 for test in self.tests), 0.0))

    @property
    def max_score(self) -> float:
        """The points that could be had."""
        return _points(math.fsum(test.max_score or 0.0 for test in self.tests))

    def document(self) -> dict[str, Any]:
        """The whole document; `extra_data` is what only the staff sees."""
        per_test = {test.number or test.name: dict(test.staff) for test in self.tests if test.staff}
        document = {
            "score": self.score,
            "execution_time": round(self.execution_time, 3),
            "output": self.output,
            "output_format": "md",
            "test_output_format": "md",
            "test_name_format": "text",
            "visibility": self.visibility,
            "stdout_visibility": self.stdout_visibility,
            "tests": [test.row() for test in self.tests],
            "leaderboard": [dict(entry) for entry in self.leaderboard],
            "extra_data": {**self.staff, "tests": per_test},
        }
        return self.finish(document) if self.finish is not None else document


def clean(text: str) -> str:
    """`text` without characters that could deceive or break a reader, and not longer than a page."""
    text = _UNSAFE.sub("�", text)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - len(_CUT)] + _CUT


def strict(value: Any) -> Any:
    """`value` as JSON can hold it: no NaN, no infinity, no lone surrogate, and a text for what JSON has not."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {strict(str(key)): strict(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(entry) for entry in value]
    return str(value).encode("utf-8", "replace").decode()


def _points(value: float) -> float:
    if not math.isfinite(value):
        raise GraderError(f"A score of {value} cannot be reported.")
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def write(report: Report, file: Path, *, compact: bool = False) -> None:
    """Replace `file` by `report` in one step: at every moment it is whole, the old or the new.

    compact: on one line, which takes a tenth of the time. Raises OSError where the folder cannot be written.
    """
    replace_file(file, as_json(report.document(), compact=compact))


def as_json(document: Mapping[str, Any], *, compact: bool = False) -> str:
    """A document as strict JSON."""
    indent = None if compact else 1
    try:
        # Nearly always it is strict already, and the copy that makes it so takes longer than the rest.
        text = json.dumps(document, allow_nan=False, ensure_ascii=False, indent=indent)
        text.encode()
    except (TypeError, ValueError):
        text = json.dumps(strict(document), allow_nan=False, ensure_ascii=False, indent=indent)
    return text + "\n"


def replace_file(file: Path, text: str, *, durable: bool = False) -> None:
    """Put `text` in the place of `file` in one step; `durable`: on the disk itself when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as temporary:
            temporary.write(text)
            if durable:
                temporary.flush()
                os.fsync(temporary.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def failed_report(reason: str, remedy: str = "") -> Report:
    """A report for the case that nothing could be graded through no fault of the student's."""
    text = (
        "**This submission was not graded, and it is not your fault.** The course staff have to mend something first; "
        "your submission is kept and will be graded again."
    )
    row = TestResult(name="The autograder could not run", score=0.0, max_score=0.0, passed=False, output=text)
    return Report(tests=(row,), output=text, staff={"problem": reason, "remedy": remedy})


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


@dataclass(frozen=True)
class Person:
    """One of the people behind a submission; what is not known is empty."""

    name: str = ""
    email: str = ""
    sid: str = ""

    @property
    def key(self) -> str:
        """What tells two people of one name apart: the address, else the number, else nothing."""
        return self.email.casefold() or self.sid.casefold()

    def is_called(self, word: str) -> bool:
        """Whether `word` is this person's address, number or name."""
        return bool(word) and word.strip().casefold() in {
            self.email.casefold(),
            self.sid.casefold(),
            self.name.casefold(),
        }


@dataclass(frozen=True)
class Metadata:
    """What Gradescope tells of a submission; every field may be missing."""

    id: str = ""
    created_at: str = ""
    people: tuple[Person, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


def read_metadata(file: Path) -> Metadata:
    """Read submission_metadata.json; what is missing or malformed is left empty."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Metadata()
    if not isinstance(raw, dict):
        return Metadata()
    users = raw.get("users")
    people = tuple(
        Person(*(str(user.get(key) or "") for key in ("name", "email", "sid")))
        for user in (users if isinstance(users, list) else [])
        if isinstance(user, dict)
    )
    return Metadata(str(raw.get("id") or ""), str(raw.get("created_at") or ""), people, raw)


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
