"""Who is in the class: a roster of GitHub Classroom, Canvas, Gradescope, Moodle, Brightspace, or of one's own making.

A roster gives a source's people the names, numbers and addresses that it lacks, and says who handed in nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.base.people import Person, fold_name
from autograder.base.spreadsheet import Line, Sheet, read_sheet
from autograder.classroom.sources.model import NOTHING, Handin, Source, safe_id

_COLUMNS: Final = {
    "name": ("student", "student name", "full name", "fullname", "display name", "name (last, first)"),
    "first": ("first name", "firstname", "given name", "given names", "forename", "first names", "preferred name"),
    "last": ("last name", "lastname", "surname", "family name"),
    "email": ("e-mail", "email address", "e-mail address", "mail", "school email", "student email"),
    "sid": (
        "student id", "student number", "sis user id", "sis id", "banner id", "id number", "orgdefinedid",
        "org defined id", "student no", "student id number", "university id",
    ),
    "login": ("login id", "sis login id", "username", "user name", "netid", "net id"),
    "github": ("github username", "github login", "github user", "github handle", "github id name"),
    "id": ("canvas id", "canvas user id", "user id"),
    "identifier": ("roster identifier",),
    "team": ("group name", "group", "team name", "groups"),
    "repository": ("student repository name", "repo", "repository name"),
    "section": ("sections", "section name"),
}  # fmt: skip
_SOMEBODY: Final = ("name", "last", "email", "login", "github", "sid", "identifier")
_NOT_A_PERSON: Final = re.compile(r"\s*(points possible|student, test|test student)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Member:
    """A line of a roster. github: the login there. slug: the name as Canvas's files spell it."""

    person: Person
    github: str = ""
    team: str = ""
    repository: str = ""

    @property
    def slug(self) -> str:
        """The name without anything but letters, digits and `_`, in small letters."""
        return re.sub(r"\W", "", self.person.name).casefold()

    @property
    def turned_slug(self) -> str:
        """The same with the last name first, as Canvas sorts names."""
        words = fold_name(self.person.name).split()
        return re.sub(r"\W", "", "".join([*words[-1:], *words[:-1]]))


@dataclass(frozen=True)
class Roster:
    """The people of a class, as far as files say who they are. notes: what is unusual about these, a sentence each."""

    members: tuple[Member, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = False

    def of_repository(self, name: str) -> tuple[Person, ...]:
        """Return the people of a repository that a roster names."""
        return self._people(lambda member: member.repository, name)

    def of_login(self, login: str) -> tuple[Person, ...]:
        """Return who has a login on GitHub."""
        return self._people(lambda member: member.github, login)[:1]

    def of_team(self, team: str) -> tuple[Person, ...]:
        """Return the members of a team; GitHub writes its name in small letters, with dashes."""
        return self._people(lambda member: _dashed(member.team), _dashed(team))

    def _people(self, field: Callable[[Member], str], value: str) -> tuple[Person, ...]:
        wanted = value.casefold()
        return tuple(member.person for member in self.members if wanted and field(member).casefold() == wanted)

    def identify(self, person: Person) -> Person:
        """Return `person` with what the roster knows; as it is, where nobody or more than one can be meant."""
        for same in (_same_id, _same_email, _same_sid, _same_login, _same_name, _same_slug):
            found = {member.person for member in self.members if same(member, person)}
            if len(found) == 1:
                known = found.pop()
                return replace(
                    known, **{key: value for key, value in vars(person).items() if value and not getattr(known, key)}
                )
            if found:
                return person
        return person


def _dashed(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")


def _same_id(member: Member, person: Person) -> bool:
    return bool(person.lms_id) and member.person.lms_id == person.lms_id


def _same_email(member: Member, person: Person) -> bool:
    return bool(person.email) and member.person.email.casefold() == person.email.casefold()


def _same_sid(member: Member, person: Person) -> bool:
    return bool(person.sid) and member.person.sid == person.sid and _same_name(member, person)


def _same_login(member: Member, person: Person) -> bool:
    words = {person.login.casefold(), person.name.casefold()} - {""}
    return bool(words & {member.person.login.casefold(), member.github.casefold(), member.person.email.casefold()})


def _same_name(member: Member, person: Person) -> bool:
    return bool(person.name) and fold_name(member.person.name) == fold_name(person.name)


def _same_slug(member: Member, person: Person) -> bool:
    return bool(person.name) and person.name.casefold() in (member.slug, member.turned_slug)


def read(file: Path) -> Roster:
    """Read one roster. Raises AssignmentError where it cannot be read or names nobody."""
    sheet = read_sheet(file, _COLUMNS, _SOMEBODY)
    members = tuple(_members(sheet))
    if not members:
        raise AssignmentError(
            f"{file} names nobody: it has headings ({', '.join(sheet.columns[:8])}) and no line below."
        )
    return Roster(members, tuple(_doubts(file, members)), complete=True)


def _members(sheet: Sheet) -> Iterator[Member]:
    on_github = "github" in sheet.known
    for line in sheet.lines:
        if _NOT_A_PERSON.fullmatch(line["name"]):
            continue
        member = _of_github(line) if on_github else _of_lms(line, sheet)
        if member.person != Person() or member.github:
            yield member


def _of_github(line: Line) -> Member:
    """A line of classroom_roster.csv: `identifier` is whatever the teacher's list had."""
    identifier = line["identifier"]
    email = line["email"] or (identifier if "@" in identifier else "")
    is_number = "@" not in identifier and any(letter.isdigit() for letter in identifier)
    sid = line["sid"] or (identifier if is_number else "")
    name = line["name"] or _joined(line) or ("" if "@" in identifier else identifier) or line["github"]
    return Member(Person(name, email, sid, line["github"]), line["github"], line["team"], line["repository"])


def _of_lms(line: Line, sheet: Sheet) -> Member:
    # Brightspace puts a # before numbers and logins; Moodle calls a person's number `Participant 123`.
    sid, login = line["sid"].lstrip("#"), line["login"].lstrip("#")
    number = line["id"] or re.sub(r"^\D*(?=\d+$)", "", line["identifier"])
    if number and not {"sid", "section", "identifier"} & sheet.known:
        sid, number = number, ""  # a list of one's own: its `id` is the university's
    email = line["email"] or (login if "@" in login else "")
    return Member(
        Person(line["name"] or _joined(line), email, sid, login, number), "", line["team"], line["repository"]
    )


def _joined(line: Line) -> str:
    return " ".join(filter(None, (line["first"], line["last"])))


def _doubts(file: Path, members: Iterable[Member]) -> Iterator[str]:
    """A sentence for everything by which two people could be taken for one."""
    people = {member.person for member in members}
    for what, field in (("number", "sid"), ("address", "email"), ("login", "login")):
        counts = Counter(getattr(person, field).casefold() for person in people)
        for value, count in counts.items():
            if value and count > 1:
                names = ", ".join(
                    sorted(person.title for person in people if getattr(person, field).casefold() == value)
                )
                yield f"{file.name}: {count} people have the {what} {value!r}: {names}."
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
    everybody = {member.person for member in roster.members}
    handins, seen = [], set()
    for handin in source.handins:
        people = _of_group(handin, roster) or tuple(map(roster.identify, handin.people))
        seen |= {_essence(person) for person in people}
        strangers = [
            person.title for person in people if not any(_essence(person) == _essence(known) for known in everybody)
        ]
        said = tuple(f"{name} is not in the roster." for name in strangers) if roster.complete else ()
        handins.append(replace(handin, people=people, notes=(*handin.notes, *said)))
    if roster.complete:
        for person in dict.fromkeys(member.person for member in roster.members):
            if _essence(person) not in seen:
                name = safe_id(person.login or person.email or person.sid or person.name or person.lms_id)
                problem = "The roster has this person, and nothing was handed in."
                handins.append(Handin(name, None, (person,), problem=problem, state=NOTHING))
    return Source(source.kind, tuple(handins), (*source.notes, *roster.notes))


def _of_group(handin: Handin, roster: Roster) -> tuple[Person, ...]:
    """The members of a group whose name stands in the place of a person's."""
    if len(handin.people) != 1 or roster.identify(handin.people[0]) != handin.people[0]:
        return ()
    people = roster.of_team(handin.people[0].name)
    return people or tuple(
        member.person
        for member in roster.members
        if member.team and re.sub(r"\W", "", member.team).casefold() == handin.people[0].name.casefold()
    )


def _essence(person: Person) -> tuple[str, str, str, str]:
    """What of a person a source does not add to."""
    return person.email.casefold(), person.sid, fold_name(person.name), person.login.casefold()
