"""Grades given by ticket, brought back to the submissions, beside those of the programming part."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.written.pages import GRADE_COLUMNS, KEY, KEY_COLUMNS
from autograder.written.questions import Written
from autograder.written.template_blocks import squeezed

_IDS: Final = ("submission", "submission id", "id", "sid", "student")
# Gradescope's name of a question's column: "1.2: The update rule (4.0 pts)".
_COLUMN: Final = re.compile(r"\s*(?P<number>[\w.]{1,12})\s*[:.)]\s*(?P<title>.{0,200}?)\s*(?:\([\d.]{1,8} pts?\))?\s*")
_Key = dict[tuple[str, str], dict[str, str]]
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
        for number, line in enumerate(_by_ticket(file, key, written), start=2):
            where = f"{file}, line {line.get('line', number)}"
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
    programmed, more = _programming(programming, points) if programming is not None else ({}, [])
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


def _by_ticket(file: Path, key: _Key, written: Written) -> list[dict[str, str]]:
    """The lines of a table of grades: our own, or Gradescope's, whose columns are questions."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            names = next(csv.reader(opened), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AssignmentError(f"{file} cannot be read as CSV: {error}") from error
    if "Submission ID" not in names or "Total Score" not in names:
        return _read(file, GRADE_COLUMNS[:3])
    columns = _question_columns(names, written)
    if not columns:
        raise AssignmentError(f"{file} has no column of a question; expected one like `1: The update rule (10.0 pts)`.")
    tickets = {(question, line["submission"].removeprefix("'")): ticket for (question, ticket), line in key.items()}
    found = []
    for row, line in enumerate(_read(file, ()), start=2):
        identifier = line["Submission ID"].strip()
        for name, question in columns.items():
            ours = (tickets.get((question, one)) for one in (identifier, f"submission_{identifier}"))
            ticket = next(filter(None, ours), "")
            if ticket and line[name].strip():
                found.append({"question": question, "ticket": ticket, "points": line[name], "line": str(row)})
    return found


def _question_columns(names: Sequence[str], written: Written) -> dict[str, str]:
    """The number of the question by Gradescope's column: known by its title, or by its number."""
    titles = {squeezed(question.title): question.number for question in written.questions}
    numbers = {question.number for question in written.questions}
    found: dict[str, str] = {}
    for name in names:
        if match := _COLUMN.fullmatch(name):
            number = titles.get(squeezed(match["title"])) or (match["number"] if match["number"] in numbers else None)
            if number is not None and number not in found.values():
                found[name] = number
    return found


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


def _programming(file: Path, known: Collection[str]) -> tuple[dict[str, float], list[str]]:
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
        submission = next((one for one in (submission, f"submission_{submission}") if one in known), submission)
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
