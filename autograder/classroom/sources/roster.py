"""Who is in the class: a roster of GitHub Classroom, Canvas, Gradescope, Moodle, Brightspace, or of one's own making.

A roster gives a source's people the names, numbers and addresses that it lacks, and says who handed in nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError
from autograder.base.people import Person, fold_name
from autograder.base.spreadsheet import Line, Sheet, read_sheet
from autograder.classroom.sources.model import NOTHING, ClassSubmission, Source, safe_id

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
_FEWEST: Final = 3  # letters or digits of what is looked for inside a longer name


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
        return _slug(self.person.name)

    @property
    def turned_slugs(self) -> frozenset[str]:
        """The same with the last name first, as Canvas sorts names; a last name may have any number of words."""
        words = fold_name(self.person.name).split()
        return frozenset(_slug("".join(words[at:] + words[:at])) for at in range(1, len(words)))

    @property
    def phrases(self) -> frozenset[tuple[str, ...]]:
        """The words of what the person is known by, as far as they can be told from others in a longer name."""
        person = self.person
        last, _, first = person.name.partition(",")
        name = fold_name(person.name)
        known = (person.email, person.sid, person.login, self.github, name, f"{last} {first}" if first else "")
        turned = name.split()
        spellings = (_words(text) for text in (*known, " ".join(turned[-1:] + turned[:-1])))
        return frozenset(words for words in spellings if len("".join(words)) >= _FEWEST)


@dataclass(frozen=True)
class Roster:
    """The people of a class, as far as files say who they are. notes: what is unusual about these, a sentence each."""

    members: tuple[Member, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = False

    def of_repository(self, name: str) -> tuple[Person, ...]:
        """Return the people of a repository that a roster names."""
        return self._by_repository.get(name.casefold(), ())

    def of_login(self, login: str) -> tuple[Person, ...]:
        """Return who has a login on GitHub."""
        return self._by_github.get(login.casefold(), ())[:1]

    def of_team(self, team: str) -> tuple[Person, ...]:
        """Return the members of a team, its name as GitHub writes it (with dashes), or Canvas (letters and digits)."""
        return self._by_team.get(_slugify(team)) or self._by_team_slug.get(_slug(team), ())

    @cached_property
    def _by_repository(self) -> Mapping[str, tuple[Person, ...]]:
        return self._index(lambda member: member.repository.casefold())

    @cached_property
    def _by_github(self) -> Mapping[str, tuple[Person, ...]]:
        return self._index(lambda member: member.github.casefold())

    @cached_property
    def _by_team(self) -> Mapping[str, tuple[Person, ...]]:
        return self._index(lambda member: _slugify(member.team))

    @cached_property
    def _by_team_slug(self) -> Mapping[str, tuple[Person, ...]]:
        return self._index(lambda member: _slug(member.team))

    def _index(self, key: Callable[[Member], str]) -> Mapping[str, tuple[Person, ...]]:
        """Return the people by something that their lines have; those without it are not there."""
        found: dict[str, tuple[Person, ...]] = {}
        for member in self.members:
            if name := key(member):
                found[name] = (*found.get(name, ()), member.person)
        return found

    @cached_property
    def _indexes(self) -> tuple[Mapping[str, Sequence[Person]], ...]:
        """Who is known by what, for each way to know a person, the surest first."""
        found: list[dict[str, dict[Person, None]]] = [{} for _ in _list_identifiers(Person())]
        for member in self.members:
            person = member.person
            slugs = {member.slug, *member.turned_slugs}
            every = [*_list_identifiers(person)[:3], {person.login, member.github, person.email}, {person.name}, slugs]
            for index, keys in zip(found, (map(fold_name, keys) for keys in every), strict=True):
                for key in filter(None, keys):
                    index.setdefault(key, {})[person] = None
        return tuple({key: tuple(people) for key, people in index.items()} for index in found)

    @cached_property
    def _by_phrase(self) -> Mapping[tuple[str, ...], Sequence[Person]]:
        found: dict[tuple[str, ...], dict[Person, None]] = {}
        for member in self.members:
            for phrase in member.phrases:
                found.setdefault(phrase, {})[member.person] = None
        return {phrase: tuple(people) for phrase, people in found.items()}

    def identify(self, person: Person) -> Person:
        """Return `person` with what the roster knows; as it is, where nobody or more than one can be meant."""
        for index, keys in zip(self._indexes, _list_identifiers(person), strict=True):
            found = {known for key in keys if key for known in index.get(fold_name(key), ())}
            if len(found) == 1:
                known = found.pop()
                return replace(
                    known, **{key: value for key, value in vars(person).items() if value and not getattr(known, key)}
                )
            if found:
                return person
        return (self._find_name(person.name) if person == Person(person.name) else None) or person

    def _find_name(self, text: str) -> Person | None:
        """Return whom a longer name holds: `0012_Ada_Lovelace`, `hw2 - Ada Lovelace`; None where several fit."""
        words = _words(text)
        found: dict[Person, int] = {}
        for first in range(len(words)):
            for end in range(first + 1, len(words) + 1):
                for person in self._by_phrase.get(words[first:end], ()):
                    found[person] = max(found.get(person, 0), end - first)
        longest = max(found.values(), default=0)
        best = [person for person, length in found.items() if length == longest]
        # `Ada King Lovelace` holds an Ada King as well; `Ray Der for Ada Lovelace` is nobody for sure.
        mine = set(_words(best[0].name)) if len(best) == 1 else set()
        others = (set(_words(person.name)) for person in found if person not in best)
        return best[0] if mine and all(other and other <= mine for other in others) else None


def _list_identifiers(person: Person) -> tuple[set[str], ...]:
    """Return what a person can be known by in a source, the surest first: each a set, of which one is enough."""
    numbered = {f"{person.sid} {fold_name(person.name)}"} if person.sid and person.name else set()
    return {person.lms_id}, {person.email}, numbered, {person.login, person.name}, {person.name}, {person.name}


def _words(text: str) -> tuple[str, ...]:
    composed = unicodedata.normalize("NFC", text).casefold()
    return tuple(word for word in re.split(r"[\W_]+", composed) if word)


def _slug(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _slugify(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")


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
    return Member(Person(name, email, sid, line["github"]), line["github"], line["team"], line["repository"])


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
    return Member(Person(_name(line), email, sid, login, lms_id), "", line["team"], line["repository"])


def _name(line: Line) -> str:
    return " ".join((line["name"] or _full_name(line)).split())


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
    everybody = {_essence(member.person) for member in roster.members}
    submissions, seen = [], set()
    for submission in source.submissions:
        people = _of_group(submission, roster) or tuple(map(roster.identify, submission.people))
        seen |= {_essence(person) for person in people}
        strangers = [person.title for person in people if _essence(person) not in everybody]
        said = tuple(f"{name} is not in the roster." for name in strangers) if roster.complete else ()
        submissions.append(replace(submission, people=people, notes=(*submission.notes, *said)))
    if roster.complete:
        for person in dict.fromkeys(member.person for member in roster.members):
            if _essence(person) not in seen:
                name = safe_id(person.login or person.email or person.sid or person.name or person.lms_id)
                problem = "The roster has this person, and nothing was handed in."
                submissions.append(ClassSubmission(name, None, (person,), problem=problem, state=NOTHING))
    return Source(source.kind, tuple(submissions), (*source.notes, *roster.notes))


def _of_group(submission: ClassSubmission, roster: Roster) -> tuple[Person, ...]:
    """Return the members of a group whose name stands in the place of a person's.

    Canvas's number beside a group's name is that of one of its members.
    """
    if len(submission.people) != 1:
        return ()
    name = submission.people[0].name
    people = roster.of_team(name)
    known = roster.identify(submission.people[0])
    is_somebody = known != submission.people[0] and (known not in people or fold_name(known.name) == fold_name(name))
    return () if is_somebody else people


def _essence(person: Person) -> tuple[str, str, str, str]:
    """Return what of a person a source does not add to."""
    return person.email.casefold(), person.sid, fold_name(person.name), person.login.casefold()
