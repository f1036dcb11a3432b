"""Who is in the class: a roster of GitHub Classroom, Canvas, Gradescope, Moodle, Brightspace, or of one's own making.

A roster gives a source's people the names, numbers and addresses that it lacks, and says who handed in nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.base.people import Person, fold_name
from autograder.base.spreadsheet import Line, Sheet, fold_heading, read_sheet
from autograder.base.text import list_some
from autograder.classroom.sources.class_list import Member, Roster
from autograder.classroom.sources.headings import COLUMNS, MEANINGS, PHRASES
from autograder.classroom.sources.model import printable
from autograder.classroom.sources.moodle_worksheet import Worksheet, read_worksheet

_SOMEBODY: Final = ("name", "last", "email", "login", "github", "sid", "identifier", "id")
#: What platforms write into the lines above the first person, and the people whom they make up.
_NO_PERSON: Final = re.compile(
    r"(points possible|date|points|due date|max(imum)? (points|score)|(class )?average|mean|median)", re.IGNORECASE
)
_POINTS_POSSIBLE: Final = re.compile(r"points possible", re.IGNORECASE)
_MADE_UP: Final = re.compile(r"(student, test|test student|.*_previewuser)", re.IGNORECASE)
_STUDENT: Final = re.compile(
    r"\b(student|learner|participant|auditor|teilnehmer|studierende|[ée]tudiant|estudiante|alumn|aluno|studente)",
    re.IGNORECASE,
)
_LEFT: Final = re.compile(
    r"^(?!.*\bnot\b).*\b(drop(ped)?|withdr(aw|ew|awn|awal)|unenroll?ed|de-?registered|cancell?ed|inactive|deleted|"
    r"abgemeldet|exmatrikuliert|désinscrite?|retirad[oa]|ritirat[oa])\b",
    re.IGNORECASE,
)
#: What a spreadsheet makes of a long number, and what a program that reads it as one puts behind it.
_SHORTENED: Final = re.compile(r"\d+(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_FRACTION: Final = re.compile(r"(\d+)[.,]0+")
_NAME: Final = re.compile(r"[^\W\d_][^\d_@/:;]{1,60}")
_CODE: Final = re.compile(r"#?[A-Za-z]{0,3}\d{5,12}")
_LETTERLESS: Final = re.compile("[?\ufffd]")  # what is left of a letter that an encoding does not have
_MOST_NAMED: Final = 8
#: How to speak of somebody, behind the name.
_PRONOUNS: Final = re.compile(r"\((?:[^\W\d_]+\s*[/|,]\s*)+[^\W\d_]+\)\s*$")
_GITHUB: Final = re.compile(r"^(?:(?:https?://)?(?:www\.)?github\.com/|@)", re.IGNORECASE)


def read(file: Path) -> Roster:
    """Read one roster. Raises AssignmentError where it cannot be read or names nobody."""
    worksheet = read_worksheet(file)
    sheet = _read_sheet(file, worksheet)
    lines, staff = _students(sheet)
    members = tuple(_members(sheet, _part_names(sheet, lines)))
    if not members:
        raise AssignmentError(
            f"{file} names nobody: it has headings ({', '.join(sheet.columns[:8])}) and no line below."
        )
    roles = Counter(line["role"] for line in staff)
    told = ", ".join(f"{count} {role}" for role, count in sorted(roles.items()))
    noted = (f"{file.name}: who is no student was left out ({told}).",) if staff else ()
    unread = (*_name_unused(sheet, lines), *_describe_spoiled(sheet))
    notes = (*noted, *unread, *_describe_left(file, members), *_doubts(file, members))
    times = worksheet.times if worksheet is not None else {}
    return Roster(members, notes, complete=True, columns=_name_used(sheet), times=times)


def read_columns(file: Path) -> Mapping[str, str]:
    """Return a roster's headings, each with what can be had there where Canvas's line of points possible says so.

    Raises AssignmentError where the file cannot be read.
    """
    sheet = _read_sheet(file, None)
    possible = next((line.others for line in sheet.lines if _POINTS_POSSIBLE.fullmatch(line["name"])), {})
    return {heading: possible.get(heading, "") for heading in sheet.columns}


def _read_sheet(file: Path, worksheet: Worksheet | None) -> Sheet:
    columns = dict(COLUMNS)
    if worksheet is not None:  # its first column is Moodle's number, whatever else a heading of the kind means
        columns["identifier"] = (*columns["identifier"], worksheet.headings[worksheet.identifier])
        columns["login"] = tuple(set(columns["login"]) - {worksheet.headings[worksheet.identifier].casefold()})
    return read_sheet(file, columns, _SOMEBODY, phrases=PHRASES)


def _name_used(sheet: Sheet) -> str:
    """Say which columns were read, and as what, where their headings do not say it."""
    shown = []
    for heading, name in sheet.used.items():
        if name == "status" and not any(map(_has_left, sheet.lines)):
            continue  # of the work, perhaps, as in Moodle's worksheet
        meaning, folded = MEANINGS.get(name, ""), fold_heading(heading)
        evident = not meaning or name in folded or meaning in folded
        shown.append(printable(heading if evident else f"{heading} ({meaning})"))
    return f"{sheet.file.name}: columns used: {', '.join(shown)}."


def _name_unused(sheet: Sheet, lines: Sequence[Line]) -> Iterator[str]:
    """Say which columns were not understood, of those that seem to hold names, numbers or addresses of people."""
    cells: dict[str, list[str]] = {}
    for line in lines:
        for heading, cell in line.others.items():
            cells.setdefault(heading, []).append(cell)
    unread = [heading for heading, texts in cells.items() if _are_personal(texts, len(lines))]
    if unread:
        named = list_some(list(map(printable, unread)), _MOST_NAMED, ", ")
        yield (
            f"{sheet.file.name}: not understood: {named}. If it says who somebody is, call it Name, First name, Last "
            "name, Email, Student ID, Login or Group."
        )


def _are_personal(texts: Sequence[str], lines: int) -> bool:
    """Return whether a column seems to tell one person from another: by a name, an address or a number for each."""
    known = [text for text in texts if "@" in text or _NAME.fullmatch(text) or _CODE.fullmatch(text)]
    return len(texts) * 2 > lines and len(known) == len(texts) and len(set(texts)) * 10 >= len(texts) * 8


def _part_names(sheet: Sheet, lines: Iterable[Line]) -> list[Line]:
    """Return the lines with a column that is called *Name* as the last name, or the first, where the other has its own.

    So it is in many languages (`Name;Vorname`, `Nombre;Apellidos`). Where it holds the other as well, it is all of it.
    """
    every = list(lines)
    for part, rest in (("first", "last"), ("last", "first")):
        if {"name", part} <= sheet.known and rest not in sheet.known:
            named = [line for line in every if line["name"] and line[part]]
            held = [line for line in named if set(_words(line[part])) <= set(_words(line["name"]))]
            if len(named) * 10 >= len(every) * 9 and len(held) * 2 < len(named):
                return [replace(line, cells={**line.cells, rest: line["name"], "name": ""}) for line in every]
    return every


def _words(text: str) -> list[str]:
    return fold_name(text).replace(",", " ").split()


def _students(sheet: Sheet) -> tuple[list[Line], list[Line]]:
    """Return the lines of students, and those of staff; all are students where no role is known to be a student's."""
    staff = [line for line in sheet.lines if line["role"] and not _STUDENT.search(line["role"])]
    others = [line for line in sheet.lines if line not in staff]
    return (others, staff) if any(line["role"] for line in others) else (list(sheet.lines), [])


def _members(sheet: Sheet, lines: Iterable[Line]) -> Iterator[Member]:
    on_github = "github" in sheet.known
    for line in lines:
        name = line["name"] or line["last"]
        nameless = not any(line[column] for column in ("email", "sid", "login", "github", "id", "lms"))
        if (nameless and _NO_PERSON.fullmatch(name)) or any(
            _MADE_UP.fullmatch(text) for text in (name, _full_name(line), line["login"])
        ):
            continue
        member = replace(
            _of_github(line) if on_github else _of_lms(line, sheet), has_left=_has_left(line), audience=line["audience"]
        )
        if member.person != Person() or member.github:
            yield member


def _has_left(line: Line) -> bool:
    """Return whether the roster says of somebody that he is in the course no more."""
    return _LEFT.search(line["status"]) is not None


def _describe_left(file: Path, members: Sequence[Member]) -> Iterator[str]:
    left = [member.person.title for member in members if member.has_left]
    if left:
        named = list_some(list(map(printable, left)), _MOST_NAMED)
        people = (
            "1 person left the course and has" if len(left) == 1 else f"{len(left)} people left the course and have"
        )
        yield f"{file.name}: {people} no row without work: {named}."


def _number(text: str) -> str:
    """Return a person's number as it was before a spreadsheet took it for one; empty where digits of it are lost."""
    if _SHORTENED.fullmatch(text):
        return ""
    matched = _FRACTION.fullmatch(text)
    return text if matched is None else matched[1]


def _describe_spoiled(sheet: Sheet) -> Iterator[str]:
    """Say which numbers a spreadsheet wrote in powers of ten, so that their last digits are lost."""
    found = [
        line[column] for line in sheet.lines for column in ("sid", "id", "identifier", "lms", "login")
        if _SHORTENED.fullmatch(line[column])
    ]  # fmt: skip
    if found:
        verb = "number was" if len(found) == 1 else "numbers were"
        yield (
            f"{sheet.file.name}: {len(found)} {verb} left out, {found[0]} for instance: a spreadsheet shortened what "
            "it took for a quantity, and the last digits are lost. Export the roster again, and do not save it there."
        )


def _of_github(line: Line) -> Member:
    """Return a line of classroom_roster.csv: `identifier` is whatever the teacher's list had."""
    identifier = _number(line["identifier"])
    email = line["email"] or (identifier if "@" in identifier else "")
    is_number = "@" not in identifier and any(letter.isdigit() for letter in identifier)
    sid = _number(line["sid"]) or (identifier if is_number else "")
    name = _name(line) or ("" if "@" in identifier else identifier) or line["github"]
    login = _GITHUB.sub("", line["github"]).strip("/ ")
    return Member(Person(name, email, sid, login), login, line["team"], line["repository"], line["submission"])


def _of_lms(line: Line, sheet: Sheet) -> Member:
    # Brightspace puts a # before numbers and logins; Moodle calls a person's number `Participant 123`.
    sid, login, lms_id = (_number(line[column].lstrip("#")) for column in ("sid", "login", "lms"))
    number = _number(line["id"]) or re.sub(r"^\D*(?=\d+$)", "", _number(line["identifier"]))
    own = not {"sid", "section", "identifier"} & sheet.known or "lms" in sheet.known
    if number and number != login:
        if not number.isdigit() and not login and "sid" in sheet.known and "lms" not in sheet.known:
            login = number  # what a person logs in with, in a system of one's own
        elif own:
            sid = sid or number  # the university's number: the platform's own has another column, or none
        elif not lms_id:
            lms_id = number
    email = line["email"] or (login if "@" in login else "")
    # Where marking is blind, `Participant 123` is all that there is.
    name = _name(line) or (line["identifier"] if line["identifier"] != number else "")
    person = Person(name, email, sid, login, lms_id)
    return Member(person, "", line["team"], line["repository"], line["submission"])


def _name(line: Line) -> str:
    return " ".join(_PRONOUNS.sub("", line["name"] or _full_name(line)).split())


def _full_name(line: Line) -> str:
    return " ".join(filter(None, (line["first"], line["infix"], line["last"], line["second"])))


def _doubts(file: Path, members: Iterable[Member]) -> Iterator[str]:
    """Yield a sentence for everything by which two people could be taken for one."""
    people = dict.fromkeys(member.person for member in members)
    lost = [person.name for person in people if _LETTERLESS.search(person.name)]
    if lost:
        verb = "name has" if len(lost) == 1 else "names have"
        yield (
            f"{file.name}: {len(lost)} {verb} lost letters ({printable(lost[0])}): the file was saved in an encoding "
            "without them. Save it again, as UTF-8."
        )
    for what, field in (("number", "sid"), ("address", "email"), ("login", "login")):
        found: dict[str, list[str]] = {}
        for person in people:
            found.setdefault(getattr(person, field).casefold(), []).append(person.title)
        for value, titles in found.items():
            if value and len(titles) > 1:
                yield f"{file.name}: {len(titles)} people have the {what} {value!r}: {', '.join(sorted(titles))}."
    for name, count in Counter(fold_name(person.name) for person in people).items():
        if name and count > 1:
            yield f"{file.name}: {count} people are called {name!r}; to mean one of them, write a number or an address."


def read_beside(folder: Path) -> Roster:
    """Read every `*roster*.csv` in a class's folder; one that cannot be read costs the names alone, and is said.

    One alone lists all of the class. Of several nobody knows which does: they name people, and nobody is missing.
    """
    files = sorted(path for path in folder.glob("*.csv") if "roster" in path.name.casefold())
    found: list[Roster] = []
    notes: list[str] = []
    for file in files:
        try:
            found.append(read(file))
        except AssignmentError as error:
            notes.append(f"{error} It was not used.")
    if len(found) == len(files) == 1:
        return found[0]
    if len(files) > 1:
        named = ", ".join(file.name for file in files)
        notes.append(
            f"There are {len(files)} rosters ({named}), so nobody knows who handed in nothing. Give one (--roster)."
        )
    members = (member for one in found for member in one.members)
    return Roster(tuple(members), (*notes, *(note for one in found for note in one.notes)))
