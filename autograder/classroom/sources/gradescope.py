"""Gradescope's *Export Submissions*: a folder for each submission, and who handed it in when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.people import Person
from autograder.classroom import gradescope_yaml
from autograder.classroom.sources.model import UNREADABLE, ClassSubmission, Source, Try, printable, safe_id

_LARGEST_EXPORT: Final = 2**30


def read(folder: Path, entries: Sequence[Path]) -> Source:
    """Read an export: people and times from its YAML, the work from its folders."""
    size = (folder / gradescope_yaml.FILE_NAME).stat().st_size
    if size > _LARGEST_EXPORT:
        raise AssignmentError(
            f"{folder / gradescope_yaml.FILE_NAME} has {size / 2**20:,.0f} MB; "
            f"at most {_LARGEST_EXPORT / 2**20:,.0f} are read."
        )
    there = {entry.name: entry for entry in entries if entry.is_dir()}
    submissions, notes = [], []
    seen: set[str] = set()
    for entry in gradescope_yaml.read(folder / gradescope_yaml.FILE_NAME):
        if entry.key in seen:
            notes.append(f"{entry.key} is named twice in {gradescope_yaml.FILE_NAME}; its first entry counts.")
            continue
        seen.add(entry.key)
        path = there.get(entry.key)
        problem = (
            "" if path else f"{gradescope_yaml.FILE_NAME} names it, and the export has no such folder. Export again."
        )
        submissions.append(
            ClassSubmission(
                id=safe_id(entry.key),
                path=path,
                people=tuple(Person(**person) for person in entry.people),
                created_at=entry.created_at,
                problem=problem,
                state=UNREADABLE if problem else "",
                published=entry.results,
                notes=() if entry.people else ("The export names nobody for it.",),
                tries=_tries(entry),
            )
        )
    loose = [entry.name for entry in entries if not entry.is_dir() and entry.name != gradescope_yaml.FILE_NAME]
    notes += [f"{printable(name)} is no folder of the export; it was left out." for name in loose]
    for name, path in there.items():
        if name not in seen:
            notes.append(f"{name} is not named in {gradescope_yaml.FILE_NAME}: graded, and nobody's.")
            submissions.append(ClassSubmission(id=safe_id(name), path=path, notes=("The export names nobody for it.",)))
    return Source("Gradescope's export", tuple(submissions), tuple(notes))


def _tries(entry: gradescope_yaml.Entry) -> tuple[Try, ...]:
    """Return what Gradescope published of each time, the last one included."""
    every = [*entry.earlier, *([(entry.created_at, entry.results)] if entry.results is not None else [])]
    if not entry.earlier:
        return ()
    return tuple(
        Try(
            at,
            float(results["score"]),
            {test["number"]: test["score"] for test in results["tests"] if _is_graded(test)},
        )
        for at, results in every
        if results["score"] is not None
    )


def _is_graded(test: Mapping[str, Any]) -> bool:
    return bool(test["number"]) and test["score"] is not None
