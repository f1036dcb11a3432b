"""What the staff see of a run beside its rows: `extra_data` in results.json, written and read here alone.

`finishing` and `batch` also keep there what a course adds to a finished document (lateness, changed points, a batch's
key). `TestResult.staff` holds the notes beside one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from autograder.results.flags import Flag


@dataclass(frozen=True)
class StaffNotes:
    """Notes on one run. None: the run did not come to that.

    version: the toolkit's.
    part: "written" for the written part.
    submission: the digest of what was handed in; a run without one had nothing to grade.
    edition: the name of the edition that it was graded as.
    upload: which upload graded it.
    python, numpy: the versions that graded it.
    notes: what was unusual about what was handed in.
    flags: suspected breaches of the rules.
    isolation: the layers of the wall; for the written part, why functions were not run.
    data: what models were trained on.
    audiences, documents: of the written part, who is asked and what was handed in.
    grader_errors: the number of tests that the grader failed in.
    grader_faults: what of the grader's failed beside the submission, which was graded without it.
    clean_up: what failed after the tests, where the run gave back what it held; the grade is complete.
    stopped: why some tests were not reached, or nothing.
    peak_worker_mb: the most memory that a worker used.
    problem, remedy: why nothing was graded, through no fault of the student's, and what to do.
    """

    version: str | None = None
    part: str | None = None
    submission: str | None = None
    edition: str | None = None
    upload: str | None = None
    python: str | None = None
    numpy: str | None = None
    notes: tuple[str, ...] | None = None
    flags: tuple[Flag, ...] | None = None
    isolation: Mapping[str, str] | str | None = None
    data: str | None = None
    audiences: tuple[str, ...] | None = None
    documents: tuple[Mapping[str, Any], ...] | None = None
    grader_errors: int | None = None
    stopped: str | None = None
    grader_faults: tuple[str, ...] | None = None
    clean_up: tuple[str, ...] | None = None
    peak_worker_mb: int | None = None
    problem: str | None = None
    remedy: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the notes as `extra_data` holds them."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> StaffNotes:
        """Return the notes of a results.json. A value of another form than `to_json` writes counts as missing."""
        extra = document.get("extra_data")
        extra = extra if isinstance(extra, Mapping) else {}
        found: dict[str, Any] = {}
        for field in fields(cls):
            value = _READERS.get(field.name, _text)(extra.get(field.name))
            if value is not None:
                found[field.name] = value
        return cls(**found)


def read_row_notes(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what the staff see beside the rows of a results.json, by the number or name of the test."""
    extra = document.get("extra_data")
    tests = extra.get("tests") if isinstance(extra, Mapping) else None
    if not isinstance(tests, Mapping):
        return {}
    return {
        name: {key: value for key, value in notes.items() if _ROW_KINDS.get(key, _any)(value)}
        for name, notes in tests.items()
        if isinstance(notes, Mapping)
    }


def _any(_: Any) -> bool:
    return True


def _are_curves(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(curve, list) for curve in value)


#: What the tables and the report read of a row's notes.
_ROW_KINDS = {
    "seconds": lambda value: isinstance(value, (int, float)),
    "diagnosis": lambda value: isinstance(value, str),
    "curves": _are_curves,
}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(value: Any) -> tuple[str, ...] | None:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else None


def _mappings(value: Any) -> tuple[Mapping[str, Any], ...] | None:
    return tuple(entry for entry in value if isinstance(entry, Mapping)) if isinstance(value, list) else None


def _layers(value: Any) -> Mapping[str, str] | str | None:
    return value if isinstance(value, (str, Mapping)) else None


def _flags(value: Any) -> tuple[Flag, ...] | None:
    known = _mappings(value)
    if known is None:
        return None
    return tuple(
        Flag(
            rule=_text(flag.get("rule")) or "Rule",
            file=_text(flag.get("file")) or "",
            line=_number(flag.get("line")) or 0,
            detail=_text(flag.get("detail")) or "",
        )
        for flag in known
    )


_READERS = {
    **dict.fromkeys(("notes", "audiences", "grader_faults", "clean_up"), _texts),
    **dict.fromkeys(("grader_errors", "peak_worker_mb"), _number),
    "documents": _mappings,
    "flags": _flags,
    "isolation": _layers,
}
