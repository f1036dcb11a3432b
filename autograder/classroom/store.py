"""A graded class on disk: who handed in what, the journal of what is done, and a results.json for each submission.

DIR/class.json           the submissions, their people and times
DIR/journal.jsonl        one line for each grading that ended; appended to, never changed
DIR/<id>/results.json    what Gradescope would get
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.files import as_json, replace_file
from autograder.base.people import Person
from autograder.classroom.sources import ClassSubmission, Source, Try
from autograder.results import gradescope_contract
from autograder.results.staff_notes import StaffNotes

CLASS_FILE: Final = "class.json"
RESULTS_FILE: Final = "results.json"


@dataclass(frozen=True)
class Entry:
    """One submission of a class, and where its results lie.

    state: in words, why there is nothing to grade. tries, facts: as of a submission.
    """

    id: str
    folder: Path
    people: tuple[Person, ...] = ()
    created_at: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    state: str = ""
    tries: tuple[Try, ...] = ()
    facts: tuple[str, ...] = ()
    path: str = field(default="", compare=False)

    @property
    def results(self) -> dict[str, Any] | None:
        """The document on disk; None where it is not there yet or not whole."""
        return read_results(self.folder / RESULTS_FILE)

    @property
    def title(self) -> str:
        """The names of its people, else its id."""
        return ", ".join(person.title for person in self.people if person.title) or self.id


@dataclass(frozen=True)
class Classroom:
    """All submissions of one graded class."""

    folder: Path
    entries: tuple[Entry, ...]
    kind: str = ""
    notes: tuple[str, ...] = ()


def read_results(file: Path) -> dict[str, Any] | None:
    """Return a results.json; None where there is none, it is not whole, or a value in it is of another kind."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return document if gradescope_contract.is_readable(document) else None


def of_source(folder: Path, source: Source) -> Classroom:
    """Return the class that grading `source` into `folder` makes."""
    return Classroom(
        folder, tuple(_entry(folder, submission) for submission in source.submissions), source.kind, source.notes
    )


def _entry(folder: Path, submission: ClassSubmission) -> Entry:
    path = str(submission.path.absolute()) if submission.path is not None else ""
    return Entry(
        submission.id,
        folder / submission.id,
        submission.people,
        submission.created_at,
        submission.notes,
        submission.problem,
        submission.state,
        submission.tries,
        submission.facts,
        path,
    )


def save(room: Classroom) -> None:
    """Write `DIR/class.json`. Raises OSError where it cannot be."""
    submissions = [
        {
            "id": entry.id,
            "people": [asdict(person) for person in entry.people],
            "created_at": entry.created_at,
            "notes": list(entry.notes),
            "problem": entry.problem,
            "state": entry.state,
            "tries": [asdict(one) for one in entry.tries],
            "facts": list(entry.facts),
        }
        for entry in room.entries
    ]
    document = {"kind": room.kind, "notes": list(room.notes), "submissions": submissions}
    replace_file(room.folder / CLASS_FILE, as_json(document), durable=True)


def load(folder: Path) -> Classroom:
    """Read a class that `batch` graded. Raises AssignmentError where `folder` holds none."""
    file = folder / CLASS_FILE
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        entries = tuple(
            Entry(
                id=str(entry["id"]),
                folder=folder / str(entry["id"]),
                people=tuple(Person(**person) for person in entry["people"]),
                created_at=str(entry["created_at"]),
                notes=tuple(entry["notes"]),
                problem=str(entry["problem"]),
                state=str(entry.get("state", "")),
                tries=tuple(Try(**one) for one in entry.get("tries", ())),
                facts=tuple(entry.get("facts", ())),
            )
            for entry in document["submissions"]
        )
        return Classroom(folder, entries, str(document["kind"]), tuple(document["notes"]))
    except OSError as error:
        raise AssignmentError(
            f"{folder} holds no graded class ({file.name}: {error.strerror}); `batch SOURCE --out {folder}` makes one."
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AssignmentError(f"{file} is damaged ({error}); `batch` over the same source writes it anew.") from error


def faults(document: Mapping[str, Any]) -> int:
    """Return the tests of a graded submission in which the grader itself failed."""
    return StaffNotes.read(document).grader_errors or 0


def is_unusable(document: Mapping[str, Any]) -> bool:
    """Return whether a submission held nothing that can be graded."""
    notes = StaffNotes.read(document)
    return notes.submission is None and not notes.problem


def left_out(document: Mapping[str, Any]) -> list[str]:
    """Return which parts of the grader failed beside a graded submission, so that it was graded without them.

    That is no proof of anything: a submission can say so itself.
    """
    return list(StaffNotes.read(document).grader_faults or ())


def clean_up(document: Mapping[str, Any]) -> list[str]:
    """Return what failed after a submission was graded, where the grader gave back what it held."""
    return list(StaffNotes.read(document).clean_up or ())


def flags(document: Mapping[str, Any]) -> list[str]:
    """Return why a person should look at a graded submission, a sentence each."""
    notes = StaffNotes.read(document)
    found = []
    if notes.problem:
        found.append(f"Not graded, through the grader's fault: {notes.problem}")
    if failed := faults(document):
        found.append(f"The grader failed in {failed} of its tests.")
    found += [f"Its process reports a failed part of the grader, left out: {text}" for text in left_out(document)]
    found += [f"It is graded, and the grader could not clean up after it: {text}" for text in clean_up(document)]
    if is_unusable(document):
        found.append(f"There was nothing to grade. {_first_sentence(document)}".strip())
    if notes.stopped:
        found.append(f"Not every test was reached. {notes.stopped}")
    for flag in notes.flags or ():
        where = f" ({flag.file}, line {flag.line})" if flag.file else ""
        found.append(f"{flag.rule}: {flag.detail}{where}")
    return found


def reasons_to_look(entry: Entry, document: Mapping[str, Any]) -> list[str]:
    """Return why a person should look at a submission: what its grading showed, and what its source says of it."""
    return [*flags(document), *entry.notes]


def _first_sentence(document: Mapping[str, Any]) -> str:
    """Of what the student reads, without the advice that follows."""
    head, stop, _ = str(document.get("output") or "").partition("\n")[0].partition(". ")
    return (head + stop.strip()).replace("`", "")
