"""What is looked at before a class is graded: whether the folders are the right ones, and whether the roster is."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path

from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError
from autograder.base.files import check_new_folder, check_no_input
from autograder.base.text import list_some
from autograder.classroom import gradescope_yaml, journal, late_day_bank, store
from autograder.classroom.sources.joining import NOT_LISTED
from autograder.classroom.store import Classroom, Entry
from autograder.grading import loading

_ELSE = "Name a folder elsewhere."


def check(
    source: Path,
    out: Path,
    assignment: Assignment,
    only: str | None = None,
    skip: Collection[str] = (),
    late_days: Path | None = None,
) -> None:
    """Raise AssignmentError for what would be wrong for every submission, before the first is looked at."""
    _check_folders(source, out, assignment)
    check_no_input(out / late_day_bank.FILE_NAME, [late_days])
    if only is not None or skip:
        loading.check_choice(loading.load_hidden_tests(assignment), only, skip)


def _check_folders(source: Path, out: Path, assignment: Assignment) -> None:
    """Raise AssignmentError where SOURCE is no class, or where OUT would be written among what was handed in."""
    if assignment.part == "written":
        raise AssignmentError(
            'assignment.toml says part = "written", and `batch` grades programs. Grade the written part with '
            '`written-pages` and `written-merge`; to grade the programming part, write part = "programming".'
        )
    handed_in, results = source.resolve(), out.resolve()
    if handed_in == results:
        raise AssignmentError(
            f"--out {out} is SOURCE itself: results among submissions are taken for students. {_ELSE}"
        )
    if handed_in in results.parents:
        raise AssignmentError(f"--out {out} lies in SOURCE, where it would be taken for a student. {_ELSE}")
    if results in handed_in.parents:
        raise AssignmentError(f"SOURCE lies in --out {out}, where its names could be those of results. {_ELSE}")
    if (source / store.CLASS_FILE).is_file():
        raise AssignmentError(
            f"`batch` wrote {source} ({store.CLASS_FILE}): name the folder or zip that it was made from."
        )
    check_new_folder(out, own=(store.CLASS_FILE, journal.FILE_NAME))
    own = _count_required(source, assignment.edition.required)
    if own > len(assignment.edition.required) / 2:
        raise AssignmentError(
            f"{source} is one homework, not a class: {own} of the files that are asked for lie in it. Name the folder "
            "above it, or grade it alone with `grade`."
        )
    if inner := export_within(source):
        raise AssignmentError(
            f"{source} is no class: Gradescope's export lies in {inner.name}, within it. Name {inner} instead."
        )


def export_within(folder: Path) -> Path | None:
    """Return the folder in `folder` that is Gradescope's export, where `folder` itself is none and holds more."""
    name = gradescope_yaml.FILE_NAME
    if not folder.is_dir() or (folder / name).exists():
        return None
    entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
    found = [entry for entry in entries if (entry / name).is_file()]
    return found[0] if found and len(entries) > 1 else None


def _count_required(source: Path, required: Sequence[str]) -> int:
    if source.is_dir():
        return sum((source / path).is_file() for path in required)
    try:
        with zipfile.ZipFile(source) as zipped:
            names = {name.replace("\\", "/") for name in zipped.namelist()}
    except (OSError, ValueError, zipfile.BadZipFile):
        return 0  # `open_source` says what is wrong with it
    return len(names.intersection(required))


def check_same_class(room: Classroom) -> Classroom:
    """Return `room`. Raises AssignmentError where its folder holds another class, whose tables it would replace."""
    if not (room.folder / store.CLASS_FILE).is_file():
        return room
    try:
        recorded = store.load(room.folder).entries
    except AssignmentError:
        return room  # damaged; it is written anew
    if recorded and not _identities(recorded) & _identities(room.entries):
        raise AssignmentError(
            f"{room.folder} holds the grading of another class: of its {len(recorded)} submissions, none is in SOURCE. "
            "Name another --out, so that its tables are kept."
        )
    return room


def _identities(entries: Sequence[Entry]) -> set[str]:
    return {entry.id for entry in entries} | {person.key for entry in entries for person in entry.people if person.key}


def describe_strangers(room: Classroom) -> list[str]:
    """Return a line that names whose submissions the roster does not know; none where it knows all."""
    handed_in = [entry for entry in room.entries if entry.path or not entry.problem]
    strangers = [entry for entry in handed_in if any(note.endswith(NOT_LISTED) for note in entry.notes)]
    if not strangers:
        return []
    names = list_some([entry.title for entry in strangers], 12)
    if len(strangers) == len(handed_in) > 1:
        asked = (
            f"The roster lists nobody of the {len(handed_in)} submissions: {names}. Is it the roster of another class, "
            "or does it lack the names, numbers and addresses that the submissions have?"
        )
        return [asked]
    verb = "submission is" if len(strangers) == 1 else "submissions are"
    return [f"{len(strangers)} {verb} of people whom the roster does not list: {names}."]
