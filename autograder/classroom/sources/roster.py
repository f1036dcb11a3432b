"""Who is in the class: a roster of GitHub Classroom, Canvas, Gradescope, Moodle, Brightspace, or of one's own making.

A roster gives a source's people the names, numbers and addresses that it lacks, and says who handed in nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.base.people import Person, fold_name
from autograder.base.spreadsheet import Line, Sheet, read_sheet
from autograder.classroom.sources.claims import Grounds, Link, Weight, domains_of_most, settle
from autograder.classroom.sources.class_list import Member, Roster
from autograder.classroom.sources.model import NOTHING, ClassSubmission, Source, printable, safe_id
from autograder.feedback.text import plural

#: How the note ends on a submission of somebody whom a roster does not list.
NOT_LISTED: Final = "is not in the roster."
_MOST_NAMED: Final = 10
_FEW: Final = 3  # numbers; so many, and none of them in the roster, are another system's
_COLUMNS: Final = {
    "name": (
        "student", "student name", "full name", "fullname", "display name", "name (last, first)", "learner name",
        "sortable name",
    ),
    "first": (
        "first name", "firstname", "given name", "given names", "forename", "first names", "preferred name",
        "preferred first name", "student first middle", "student first", "user givenname", "legal first name",
    ),
    "last": ("last name", "lastname", "surname", "family name", "student last", "user familyname", "legal last name"),
    "email": (
        "e-mail", "email address", "e-mail address", "mail", "school email", "student email", "campus email",
        "university email", "institutional email", "user email",
    ),
    "sid": (
        "student id", "student number", "sis user id", "sis id", "banner id", "id number", "orgdefinedid",
        "org defined id", "student no", "student id number", "university id", "student #", "perm #", "perm number",
        "uin", "sourced id", "user numeric id", "emplid", "empl id",
    ),
    "login": ("login id", "sis login id", "username", "user name", "netid", "net id", "uid", "display id", "kerberos"),
    "github": ("github username", "github login", "github user", "github handle", "github id name", "github account"),
    "lms": ("canvas id", "canvas user id", "lms user id"),
    "id": ("user id",),
    "identifier": ("roster identifier",),
    "team": ("group name", "group", "team name", "groups"),
    "repository": ("student repository name", "repo", "repository name"),
    "section": ("sections", "section name"),
    "role": ("roles", "course role", "enrollment role"),
}  # fmt: skip
#: Headings that are known inside a longer one, too: *What is your GitHub username?*
_PHRASES: Final = (
    "github username", "full name", "first name", "last name", "email address", "student id", "student number",
)  # fmt: skip
_SOMEBODY: Final = ("name", "last", "email", "login", "github", "sid", "identifier", "id")
#: What platforms write into the lines above the first person, and the people whom they make up.
_NO_PERSON: Final = re.compile(
    r"(points possible|date|points|due date|max(imum)? (points|score)|(class )?average|mean|median)", re.IGNORECASE
)
_MADE_UP: Final = re.compile(r"(student, test|test student|.*_previewuser)", re.IGNORECASE)
_STUDENT: Final = re.compile(r"\b(student|learner|participant|auditor)", re.IGNORECASE)
#: How to speak of somebody, behind the name.
_PRONOUNS: Final = re.compile(r"\((?:[^\W\d_]+\s*[/|,]\s*)+[^\W\d_]+\)\s*$")
_GITHUB: Final = re.compile(r"^(?:(?:https?://)?(?:www\.)?github\.com/|@)", re.IGNORECASE)


def read(file: Path) -> Roster:
    """Read one roster. Raises AssignmentError where it cannot be read or names nobody."""
    sheet = read_sheet(file, _COLUMNS, _SOMEBODY, phrases=_PHRASES)
    lines, staff = _students(sheet)
    members = tuple(_members(sheet, lines))
    if not members:
        raise AssignmentError(
            f"{file} names nobody: it has headings ({', '.join(sheet.columns[:8])}) and no line below."
        )
    roles = Counter(line["role"] for line in staff)
    told = ", ".join(f"{count} {role}" for role, count in sorted(roles.items()))
    noted = (f"{file.name}: who is no student was left out ({told}).",) if staff else ()
    return Roster(members, (*noted, *_doubts(file, members)), complete=True)


def read_headings(file: Path) -> tuple[str, ...]:
    """Return the headings of a roster as the file writes them. Raises AssignmentError where it cannot be read."""
    return read_sheet(file, _COLUMNS, _SOMEBODY, phrases=_PHRASES).columns


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
        member = _of_github(line) if on_github else _of_lms(line, sheet)
        if member.person != Person() or member.github:
            yield member


def _of_github(line: Line) -> Member:
    """Return a line of classroom_roster.csv: `identifier` is whatever the teacher's list had."""
    identifier = line["identifier"]
    email = line["email"] or (identifier if "@" in identifier else "")
    is_number = "@" not in identifier and any(letter.isdigit() for letter in identifier)
    sid = line["sid"] or (identifier if is_number else "")
    name = _name(line) or ("" if "@" in identifier else identifier) or line["github"]
    login = _GITHUB.sub("", line["github"]).strip("/ ")
    return Member(Person(name, email, sid, login), login, line["team"], line["repository"])


def _of_lms(line: Line, sheet: Sheet) -> Member:
    # Brightspace puts a # before numbers and logins; Moodle calls a person's number `Participant 123`.
    sid, login, lms_id = line["sid"].lstrip("#"), line["login"].lstrip("#"), line["lms"]
    number = line["id"] or re.sub(r"^\D*(?=\d+$)", "", line["identifier"])
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
    return Member(Person(name, email, sid, login, lms_id), "", line["team"], line["repository"])


def _name(line: Line) -> str:
    return " ".join(_PRONOUNS.sub("", line["name"] or _full_name(line)).split())


def _full_name(line: Line) -> str:
    return " ".join(filter(None, (line["first"], line["last"])))


def _doubts(file: Path, members: Iterable[Member]) -> Iterator[str]:
    """Yield a sentence for everything by which two people could be taken for one."""
    people = dict.fromkeys(member.person for member in members)
    for what, field in (("number", "sid"), ("address", "email"), ("login", "login")):
        found: dict[str, list[str]] = {}
        for person in people:
            found.setdefault(getattr(person, field).casefold(), []).append(person.title)
        for value, titles in found.items():
            if value and len(titles) > 1:
                yield f"{file.name}: {len(titles)} people have the {what} {value!r}: {', '.join(sorted(titles))}."
    for name, count in Counter(fold_name(person.name) for person in people).items():
        if name and count > 1:
            yield f"{file.name}: {count} people are called {name!r}; write a number or an address where one is meant."


def read_beside(folder: Path) -> Roster:
    """Read every `*roster*.csv` in a class's folder; one that cannot be read costs the names alone, and is said."""
    members: list[Member] = []
    notes: list[str] = []
    for file in sorted(path for path in folder.glob("*.csv") if "roster" in path.name.casefold()):
        try:
            found = read(file)
        except AssignmentError as error:
            notes.append(f"{error} It was not used.")
        else:
            members += found.members
            notes += found.notes
    return Roster(tuple(members), tuple(notes))


def apply(source: Source, roster: Roster) -> Source:
    """Return `source` with the roster's people: who is known by more, who is not in it, and who handed in nothing."""
    if not roster.members:
        return replace(source, notes=(*source.notes, *roster.notes))
    grounds = _compare(source, roster)
    links = _link_all(source, roster, grounds)
    settled = settle([submission.id for submission in source.submissions], links)
    submissions: list[ClassSubmission] = []
    of_nobody: list[str] = []
    for submission, owners in zip(source.submissions, settled, strict=True):
        strangers = [owner for owner in owners if owner.known is None]
        said = [
            owner.note or f"{owner.person.title} {NOT_LISTED}"
            for owner in owners
            if owner.note or (owner.known is None and roster.complete)
        ]
        if roster.complete and strangers and len(strangers) == len(owners):
            of_nobody.append(submission.id)
        people = tuple(owner.person for owner in owners)
        submissions.append(replace(submission, people=people, notes=(*submission.notes, *dict.fromkeys(said))))
    seen = {owner.known for owners in settled for owner in owners if owner.known is not None}
    claimed = {link.known for every in links for link in every if link.weight > Weight.AGAINST}
    if roster.complete:
        for person in dict.fromkeys(member.person for member in roster.members):
            if person not in seen:
                name = safe_id(person.login or person.email or person.sid or person.name or person.lms_id)
                problem = "The roster has this person, and nothing was handed in."
                if person in claimed:
                    problem = "Several submissions claim to be this person's, and none of them is for certain."
                submissions.append(ClassSubmission(name, None, (person,), problem=problem, state=NOTHING))
    notes = [*source.notes, *roster.notes]
    if not grounds.same_logins and claimed:
        notes.append(
            "The roster has no logins of GitHub: whose a repository is, its name alone says, and students choose it. "
            "Add a column 'GitHub username'."
        )
    if of_nobody:
        named = "; ".join(map(printable, of_nobody[:_MOST_NAMED])) + " …" * (len(of_nobody) > _MOST_NAMED)
        doubt = "" if seen else " None is anybody's in it: is it this class's roster?"
        notes.append(f"In the roster is nobody of {plural(len(of_nobody), 'submission')}: {named}.{doubt}")
    return replace(source, submissions=tuple(submissions), notes=tuple(notes))


def _compare(source: Source, roster: Roster) -> Grounds:
    """Return how this source's people can be compared with the roster's."""
    people = [person for submission in source.submissions for person in submission.people]
    listed = [member.person for member in roster.members]
    return Grounds(
        same_numbers=_has_numbers_of(source, roster),
        same_logins=not source.chosen_logins or any(member.github for member in roster.members),
        numbers_groups=source.numbers_groups,
        domains=domains_of_most(people) | domains_of_most(listed),
    )


def _link_all(source: Source, roster: Roster, grounds: Grounds) -> list[list[Link]]:
    """Return whom of the roster the people of each submission are taken for; a group's name stands for its members."""

    def find_groups(grounds: Grounds) -> list[list[Link]]:
        return [
            roster.link_group(submission.people[0], grounds) if len(submission.people) == 1 else []
            for submission in source.submissions
        ]

    groups = find_groups(replace(grounds, by_groups=True))
    each = [[roster.link(person, grounds) for person in submission.people] for submission in source.submissions]
    alone = (
        link.known
        for links, group in zip(each, groups, strict=True)
        for link in links
        if not group and link.known is not None and link.weight > Weight.AGAINST
    )
    by_group = (
        link.known for group in groups for link in group if link.known is not None and link.weight == Weight.TEAM
    )
    if not roster.hands_in_by_groups(alone, by_group):
        groups = find_groups(grounds)
    return [group or links for links, group in zip(each, groups, strict=True)]


def _has_numbers_of(source: Source, roster: Roster) -> bool:
    """Return whether a roster's numbers can be the platform's: of enough of them some are in the source as well."""
    numbers = {person.lms_id for submission in source.submissions for person in submission.people if person.lms_id}
    return len(numbers) < _FEW or not numbers.isdisjoint(member.person.lms_id for member in roster.members)
