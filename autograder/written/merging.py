"""Grades given by ticket, brought back to the submissions, beside those of the programming part."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.written.pages import GRADE_COLUMNS, KEY, KEY_COLUMNS
from autograder.written.questions import Written

_IDS: Final = ("submission", "id", "sid", "student")
_SCORES: Final = ("score", "points", "total", "total score")


def merge(folder: Path, grades: Iterable[Path], programming: Path | None, out: Path, written: Written) -> list[str]:
    """Write `out`: a line for each submission with its points by question, the sums, and the comments.

    Returns what is still missing or unusual, one sentence each. Raises AssignmentError where a file cannot be used, a
    ticket is unknown, or points are no number between 0 and what the question is worth.
    """
    key = {(line["question"], line["ticket"]): line for line in _read(folder / KEY, KEY_COLUMNS)}
    points: dict[str, dict[str, float]] = {line["submission"]: {} for line in key.values()}
    comments: dict[str, list[str]] = {submission: [] for submission in points}
    seen: set[tuple[str, str]] = set()
    for file in grades:
        for number, line in enumerate(_read(file, GRADE_COLUMNS[:3]), start=2):
            where = f"{file}, line {number}"
            one = line["question"].strip(), line["ticket"].strip()
            if one not in key:
                raise AssignmentError(f"{where}: {KEY} knows no ticket {one[1]!r} of question {one[0]!r}.")
            if not line["points"].strip():
                continue
            if one in seen:
                raise AssignmentError(f"{where}: the ticket {one[1]!r} was graded before; leave it in one place.")
            seen.add(one)
            submission = key[one]["submission"]
            points[submission][one[0]] = _points(line["points"], float(key[one]["points"]), where)
            if (line.get("comment") or "").strip():
                comments[submission].append(f"{one[0]}: {line['comment'].strip()}")
    notes = [f"{len(key) - len(seen)} of {len(key)} answers have no points yet."] if len(seen) < len(key) else []
    programmed, more = _programming(programming) if programming is not None else ({}, [])
    notes += more
    strangers = sorted(set(programmed) - set(points))
    if strangers:
        notes.append(f"{len(strangers)} submissions have a programming part alone, {strangers[0]!r} among them.")
    numbers = [
        question.number for question in written.questions if any(question.number in given for given in points.values())
    ]
    columns = [
        "submission",
        *numbers,
        "written",
        *(["programming", "total"] if programming is not None else []),
        "comments",
    ]
    lines = []
    for submission in sorted({*points, *programmed}):
        given = points.get(submission, {})
        total = math.fsum(given.values())
        cells = [submission, *(f"{given[number]:g}" if number in given else "" for number in numbers), f"{total:g}"]
        if programming is not None:
            score = programmed.get(submission)
            cells += ["" if score is None else f"{score:g}", f"{total + (score or 0):g}"]
        lines.append([*cells, " | ".join(comments.get(submission, []))])
    try:
        with out.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_safe(cell) for cell in line] for line in lines)
    except OSError as error:
        raise AssignmentError(f"{out} cannot be written: {error.strerror}.") from error
    return notes


def _read(file: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            lines = [{str(name): value or "" for name, value in line.items() if name} for line in reader]
            names = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AssignmentError(f"{file} cannot be read as CSV: {error}") from error
    missing = [column for column in columns if column not in names]
    if missing:
        raise AssignmentError(
            f"{file} has no column {', '.join(missing)}; its columns are {', '.join(names) or 'none'}."
        )
    return lines


def _points(text: str, most: float, where: str) -> float:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise AssignmentError(f"{where}: {text.strip()!r} is no number of points between 0 and {most:g}.")
    return value


def _programming(file: Path) -> tuple[dict[str, float], list[str]]:
    """Scores by submission, and a note for each that is no number."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = list(csv.DictReader(opened))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AssignmentError(f"{file} cannot be read as CSV: {error}") from error
    names = {name.strip().lower(): name for name in (lines[0] if lines else {}) if name}
    identifier = next((names[name] for name in _IDS if name in names), None)
    score = next((names[name] for name in _SCORES if name in names), None)
    if lines and (identifier is None or score is None):
        raise AssignmentError(f"{file} needs a column {' or '.join(_IDS)}, and a column {' or '.join(_SCORES)}.")
    scores, notes = {}, []
    for line in lines:
        submission = (line[identifier or ""] or "").removeprefix("'")
        try:
            scores[submission] = float(line[score or ""])
        except (TypeError, ValueError):
            notes.append(f"{file}: the programming part of {submission!r} has no score.")
    return scores, notes


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if cell[:1] in "=+-@\t\r" and not cell.lstrip("-").replace(".", "", 1).isdigit():
        return f"'{cell}"
    return cell
