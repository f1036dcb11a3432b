"""Grades given by ticket, brought back to the submissions, beside those of the programming part."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.base.files import check_no_input, replace_file
from autograder.base.spreadsheet import Line, Sheet, as_csv, read_sheet
from autograder.feedback.text import plural
from autograder.written.pages import ANONYMITY, COMPUTED_COLUMNS, GRADE_COLUMNS, KEY, KEY_COLUMNS, PEOPLE_COLUMNS
from autograder.written.questions import BONUS, Written
from autograder.written.template_blocks import squeeze

_PROGRAMMING: Final = {
    "submission": ("id", "submission id"),
    "student": (),
    "sid": ("student id",),
    "email": ("e-mail", "email address"),
    "name": ("full name",),
    "first": ("first name",),
    "last": ("last name",),
    "score": ("points", "total", "total score"),
}
# Gradescope's name of a question's column: "1.2: The update rule (4.0 pts)".
_COLUMN: Final = re.compile(
    r"(?P<number>[\w.]{1,12})\s*[:.)](?P<title>.{0,200}?)(?:\((?P<most>\d{1,4}(?:\.\d{1,4})?) pts?\))?"
)
_MOST_WRONG: Final = 30  # cells that are named in one message
_Key = dict[tuple[str, str], dict[str, str]]
_WHO: Final = ("submission", "student", "sid", "email")


@dataclass
class _Standing:
    """What one submission has: points by question, of how many, the questions yet to grade, comments."""

    points: dict[str, float] = field(default_factory=dict)
    most: float = 0.0
    left: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Given:
    """What a person gave for an answer. whole: what was computed of it is in it."""

    points: float
    whole: bool
    comment: str


def merge(folder: Path, grades: Iterable[Path], programming: Path | None, out: Path, written: Written) -> list[str]:
    """Write `out`: a line for each submission with its points by question, the sums, and the comments.

    A question's points are a person's and the computed ones. Returns what is still missing or unusual, one sentence
    each. Raises AssignmentError where a file cannot be used, or, naming every such cell, where a ticket is unknown or
    points are no number between 0 and what the question is worth.
    """
    check_no_input(out, (folder / KEY, *grades, programming))
    others = (*COMPUTED_COLUMNS, *PEOPLE_COLUMNS)
    key = {(line["question"], line["ticket"]): line for line in _read(folder / KEY, KEY_COLUMNS, others)}
    given = _given(grades, key, written)
    standings: dict[str, _Standing] = {}
    extra = {question.number for question in written.questions if question.audience == BONUS}
    for which, line in key.items():
        standing = standings.setdefault(line["submission"], _Standing())
        _add(standing, line, given.get(which))
        if which[0] not in extra:
            standing.most += float(line["points"]) + float(line.get("computable") or 0)
    to_grade = [which for which, line in key.items() if float(line["points"])]
    ungraded = sum(which not in given for which in to_grade)
    notes = [f"{ungraded} of {len(to_grade)} answers have no points yet."] if ungraded else []
    if not any(line.get("computable") for line in key.values()):
        notes.append(f"{folder / KEY} is of an earlier version and has no computed points: run written-pages again.")
    programmed, by_programming, more = _programming(programming, standings) if programming is not None else ({}, {}, [])
    notes += more
    strangers = sorted(set(programmed) - set(standings))
    if strangers:
        has, such_as = ("has", ":") if len(strangers) == 1 else ("have", ", for example")
        who = plural(len(strangers), "submission")
        notes.append(f"{who} {has} a programming part alone{such_as} {strangers[0]!r}.")
    numbers = [
        number
        for number in (*(question.number for question in written.questions), ANONYMITY)
        if any(number in standing.points for standing in standings.values())
    ]
    whose: dict[str, Mapping[str, str]] = {
        **by_programming,
        **{line["submission"]: line for line in key.values() if any(line.get(name) for name in PEOPLE_COLUMNS)},
    }
    known = [name for name in PEOPLE_COLUMNS if any(line.get(name) for line in whose.values())]
    programming_columns = ["programming", "total"] if programming is not None else []
    columns = ["submission", *known, *numbers, "written", "of", *programming_columns, "not graded yet", "comments"]
    lines = []
    for submission in sorted({*standings, *programmed}):
        standing = standings.get(submission, _Standing())
        total = math.fsum(standing.points.values())
        cells = [submission, *(whose.get(submission, {}).get(name, "") for name in known)]
        cells += [f"{standing.points[one]:g}" if one in standing.points else "" for one in numbers]
        cells += [f"{total:g}", f"{standing.most:g}"] if submission in standings else ["", ""]
        if programming is not None:
            score = programmed.get(submission)
            cells += ["" if score is None else f"{score:g}", f"{total + (score or 0):g}"]
        lines.append([*cells, " ".join(standing.left), " | ".join(standing.comments)])
    try:
        replace_file(out, as_csv([columns, *lines]))
    except OSError as error:
        raise AssignmentError(f"{out} cannot be written: {error.strerror}.") from error
    return notes


def _add(standing: _Standing, line: Mapping[str, str], given: _Given | None) -> None:
    """Add what one answer has to its submission's standing."""
    question = line["question"]
    parts = []
    if float(line.get("computable") or 0) and not (given and given.whole):
        parts.append(float(line.get("computed") or 0))
    if given:
        parts.append(given.points)
        if given.comment:
            standing.comments.append(f"{question}: {given.comment}")
    elif float(line["points"]):
        standing.left.append(question)
    if parts:
        standing.points[question] = math.fsum(parts)


def _given(files: Iterable[Path], key: _Key, written: Written) -> dict[tuple[str, str], _Given]:
    """Return what people gave, by question and ticket. Raises AssignmentError, naming every cell that is wrong."""
    given: dict[tuple[str, str], _Given] = {}
    wrong: list[str] = []
    for file in files:
        for number, line in enumerate(_by_ticket(file, key, written), start=2):
            where = f"{file}, line {line.get('line', number)}"
            one = line["question"].strip(), line["ticket"].strip()
            if one not in key:
                wrong.append(f"{where}: {KEY} knows no ticket {one[1]!r} of question {one[0]!r}.")
            elif not line["points"].strip():
                continue
            elif one in given:
                wrong.append(f"{where}: the ticket {one[1]!r} was graded before; leave it in one place.")
            else:
                most = float(key[one]["points"])
                computable = float(key[one].get("computable") or 0)
                # On Gradescope a question may be worth what is computed of it, too.
                whole = bool(line.get("of_all")) and float(line["of_all"]) == most + computable and computable > 0
                most += computable if whole else 0
                points = _points(line["points"], most)
                if points is None:
                    text = line["points"].strip()
                    wrong.append(f"{where}: {text!r} is no number of points between 0 and {most:g}.")
                else:
                    given[one] = _Given(points, whole, (line.get("comment") or "").strip())
    if wrong:
        more = [f"… and {len(wrong) - _MOST_WRONG} more."] if len(wrong) > _MOST_WRONG else []
        raise AssignmentError("\n".join([*wrong[:_MOST_WRONG], *more]))
    return given


def _by_ticket(file: Path, key: _Key, written: Written) -> list[dict[str, str]]:
    """Return the lines of a table of grades: our own, or Gradescope's, whose columns are questions."""
    try:
        sheet = read_sheet(file, {"ticket": (), "submission": ("submission id",)}, ("submission",))
    except AssignmentError:
        return _read(file, GRADE_COLUMNS[:3])  # which says what is missing
    columns = _question_columns(sheet.columns, written)
    if "ticket" in sheet.known or not columns:
        return _read(file, GRADE_COLUMNS[:3])
    tickets = {(question, line["submission"]): ticket for (question, ticket), line in key.items()}
    names = {"submission": ("submission id",), **{question: (heading,) for question, heading in columns.items()}}
    found = []
    for line in read_sheet(file, names, ("submission",)).lines:
        for question in columns:
            ours = (tickets.get((question, one)) for one in (line["submission"], f"submission_{line['submission']}"))
            ticket = next(filter(None, ours), "")
            if ticket and line[question]:
                found.append(
                    {
                        "question": question,
                        "ticket": ticket,
                        "points": line[question],
                        "line": str(line.number),
                        "of_all": _worth(columns[question]),
                    }
                )
    return found


def _worth(heading: str) -> str:
    """Return what Gradescope says that a question is worth; "" where it does not say."""
    match = _COLUMN.fullmatch(heading.strip())
    return (match["most"] or "") if match else ""


def _question_columns(headings: Sequence[str], written: Written) -> dict[str, str]:
    """Gradescope's heading of each question's column, by the question's number: known by title, or by number."""
    titles = {squeeze(question.title): question.number for question in written.questions}
    numbers = {question.number for question in written.questions}
    found: dict[str, str] = {}
    for heading in headings:
        if match := _COLUMN.fullmatch(heading.strip()):
            number = titles.get(squeeze(match["title"])) or (match["number"] if match["number"] in numbers else None)
            if number is not None:
                found.setdefault(number, heading)
    return found


def _read(file: Path, columns: Sequence[str], others: Sequence[str] = ("comment",)) -> list[dict[str, str]]:
    names = dict.fromkeys((*columns, *others), ())
    return [
        dict.fromkeys(columns, "") | dict(line.cells)
        for line in read_sheet(file, names, *((name,) for name in columns)).lines
    ]


def _points(text: str, most: float) -> float | None:
    """Return the number that a cell holds; None where it is none between 0 and `most`."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 <= value <= most else None


def _programming(
    file: Path, submissions: Iterable[str]
) -> tuple[dict[str, float], dict[str, dict[str, str]], list[str]]:
    """Return scores and people by submission, and a note for each line that has no score or is nobody's.

    A line is a submission's by its id; else by the number, the address (or what stands before its @) or the name of
    its student, where that is the submission's own name and nobody else's. Gradescope's grades have no other id in
    common with another assignment.
    """
    sheet = read_sheet(file, _PROGRAMMING, _WHO, ("score",))
    lines: dict[str, list[Line]] = {}
    for line in sheet.lines:
        for name in _names(line):
            lines.setdefault(name, []).append(line)
    scores: dict[str, float] = {}
    people: dict[str, dict[str, str]] = {}
    notes: list[str] = []
    used: set[int] = set()
    for submission in submissions:
        found = lines.get(submission.casefold(), [])
        if len(found) > 1:
            numbers = ", ".join(str(line.number) for line in found)
            notes.append(f"{file}, lines {numbers}: more than one can be {submission!r}, and none was taken.")
        elif found:
            used.add(found[0].number)
            _add_person(people, submission, found[0])
            _score(sheet, found[0], submission, scores, notes)
    for line in sheet.lines:
        if line.number not in used and line["submission"]:
            _add_person(people, line["submission"], line)
            _score(sheet, line, line["submission"], scores, notes)
        elif line.number not in used and not line["submission"]:
            notes.append(f"{sheet.where(line)}: {_name_on(line)} has no written part here.")
    return scores, people, notes


def _add_person(people: dict[str, dict[str, str]], submission: str, line: Line) -> None:
    """Add who a line is about to a submission's people; of a group each has a line."""
    name = line["name"] or f"{line['first']} {line['last']}".strip()
    told = {"name": name, "email": line["email"], "sid": line["sid"]}
    known = people.setdefault(submission, dict.fromkeys(told, ""))
    several = any(known.values())
    for column, value in told.items():
        known[column] = f"{known[column]}; {value}" if several else value


def _score(sheet: Sheet, line: Line, submission: str, scores: dict[str, float], notes: list[str]) -> None:
    try:
        scores[submission] = float(line["score"].replace(",", "."))
    except ValueError:
        notes.append(f"{sheet.where(line)}: the programming part of {submission!r} has no score.")


def _names(line: Line) -> set[str]:
    """Return what a written submission may be called that is this line's."""
    name = line["name"] or f"{line['first']} {line['last']}".strip()
    number = line["submission"]
    words = {number, line["email"], line["email"].partition("@")[0], line["sid"], line["student"], name}
    if number.isdigit():
        words.add(f"submission_{number}")  # a folder of Gradescope's export
    return {word.casefold() for word in words if word}


def _name_on(line: Line) -> str:
    return line["name"] or f"{line['first']} {line['last']}".strip() or line["email"] or line["sid"] or line["student"]
