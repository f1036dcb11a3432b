"""The people of a class, and which of them a name, number, login or repository of a source means.

Whatever could mean two of them means nobody. So does a name beside an address, a number or a login of another. A row of
their own is better than somebody else's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from autograder.base.people import Person, fold_name
from autograder.classroom.sources.claims import SAME, Grounds, Link, Weight, is_claim

#: Beside a name: a nickname, or how to speak of the person.
_ASIDE: Final = re.compile(r"\([^()]*\)|[\"“][^\"”]{0,200}[\"”]")
_FEWEST: Final = 3  # letters or digits of what is looked for inside a longer name


@dataclass(frozen=True)
class Member:
    """A line of a roster. github: the login there. slug: the name as Canvas's files spell it.

    submission: what was handed in, where the staff say it: its id in the class, its name, or a number in it.
    has_left: whether the person left the course, so that nobody waits for work of theirs. audience: the number of the
    course, where some questions of the written part are for one course alone.
    """

    person: Person
    github: str = ""
    team: str = ""
    repository: str = ""
    submission: str = ""
    has_left: bool = False
    audience: str = ""

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
    def turned_names(self) -> tuple[str, ...]:
        """The name with the last names first, as some platforms write it without a comma."""
        return tuple(_turned(self.person.name))

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
    """The people of a class, as far as files say who they are.

    notes: what is unusual about these, a sentence each. columns: which columns were read, in a sentence. times: when
    somebody last changed what was handed in, as Moodle writes it, by its number for the person.
    """

    members: tuple[Member, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = False
    columns: str = ""
    times: Mapping[str, str] = field(default_factory=dict, compare=False)

    def of_submission(self, names: Iterable[str]) -> tuple[Person, ...]:
        """Return whose a submission is by the roster's own word. names: all that it is called."""
        called = set(map(fold_name, names))
        return tuple(
            dict.fromkeys(member.person for member in self.members if fold_name(member.submission) in called - {""})
        )

    def namesakes(self, given: Person) -> tuple[Person, ...]:
        """Return the people of the name of a source's person, where there are several; what else is known decides."""
        name = fold_name(given.name)
        found = dict.fromkeys(
            member.person
            for member in self.members
            if name and name in (fold_name(member.person.name), *member.turned_names, member.slug)
        )
        return tuple(found) if len(found) > 1 else ()

    def of_repository(self, name: str) -> tuple[Person, ...]:
        """Return the people of a repository that a roster names."""
        return self._by_repository.get(name.casefold(), ())

    def of_login(self, login: str) -> tuple[Person, ...]:
        """Return who has a login on GitHub; nobody where the roster gives it to several."""
        people = tuple(dict.fromkeys(self._by_github.get(login.casefold(), ())))
        return people if len(people) == 1 else ()

    def of_team(self, team: str) -> tuple[Person, ...]:
        """Return the members of a team, its name as GitHub writes it (with dashes), or Canvas (letters and digits)."""
        return self._by_team.get(_dashed(team)) or self._by_team_slug.get(_slug(team), ())

    @cached_property
    def _by_repository(self) -> Mapping[str, tuple[Person, ...]]:
        return self._index(lambda member: member.repository.casefold())

    @cached_property
    def _by_github(self) -> Mapping[str, tuple[Person, ...]]:
        return self._index(lambda member: member.github.casefold())

    @cached_property
    def _by_team(self) -> Mapping[str, tuple[Person, ...]]:
        return self._index(lambda member: _dashed(member.team))

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
        found: list[dict[str, dict[Person, None]]] = [{} for _ in _known_by(Person())]
        for member in self.members:
            for index, keys in zip(found, _ways(member), strict=True):
                for key in filter(None, map(fold_name, keys)):
                    index.setdefault(key, {})[member.person] = None
        return tuple({key: tuple(people) for key, people in index.items()} for index in found)

    @cached_property
    def _by_phrase(self) -> Mapping[tuple[str, ...], Sequence[Person]]:
        found: dict[tuple[str, ...], dict[Person, None]] = {}
        for member in self.members:
            for phrase in member.phrases:
                found.setdefault(phrase, {})[member.person] = None
        return {phrase: tuple(people) for phrase, people in found.items()}

    def link(self, given: Person, grounds: Grounds = SAME) -> Link:
        """Return whom a source's person is taken for, and what speaks for it."""
        if is_claim(given):
            return Link(given)
        against: list[Link] = []
        for index, keys in zip(self._indexes, _known_by(given), strict=True):
            found = dict.fromkeys(known for key in sorted(keys) if key for known in index.get(fold_name(key), ()))
            links = [Link(given, known, grounds) for known in found]
            meant = [link for link in links if link.weight > Weight.AGAINST]
            if meant:
                return meant[0] if len(meant) == 1 else Link(given)
            against += links
        if not (given.email or given.sid or given.login):
            known = self._of_longer_name(given.name) or self._named_in(given.name)
            if known is not None:
                return Link(given, known, grounds)
        return against[0] if against else Link(given)

    def link_group(self, given: Person, grounds: Grounds) -> list[Link]:
        """Return the members of a group whose name stands in the place of a person's; nobody where it is a person's.

        Canvas's number beside a group's name is that of one of its members.
        """
        people = self.of_team(given.name)
        link = self.link(given, grounds)
        is_somebody = link.weight > Weight.AGAINST and (
            link.known not in people or (link.known is not None and fold_name(link.known.name) == fold_name(given.name))
        )
        return [] if is_somebody else [Link(given, person, grounds, people) for person in people]

    def hands_in_by_groups(self, alone: Iterable[Person], by_group: Iterable[Person]) -> bool:
        """Return whether more people are there by their group's name alone than on their own, of those with a group."""
        own = set(alone)
        grouped = {member.person for member in self.members if member.team}
        return len(set(by_group) - own) > len(own & grouped)

    def find(self, person: Person) -> Person | None:
        """Return the roster's own entry of a source's person; None where nobody or more than one can be meant."""
        link = self.link(person)
        return link.known if link.weight > Weight.AGAINST else None

    def _of_longer_name(self, name: str) -> Person | None:
        """Who has the same first and last name, where one of the two names leaves out what stands between them."""
        words = _plain_words(name)
        if len(words) < 2:
            return None
        found = {
            known for known in self._by_outer_names.get((words[0], words[-1]), ()) if _is_shorter(words, known.name)
        }
        return found.pop() if len(found) == 1 else None

    @cached_property
    def _by_outer_names(self) -> Mapping[tuple[str, str], Sequence[Person]]:
        found: dict[tuple[str, str], list[Person]] = {}
        for person in dict.fromkeys(member.person for member in self.members):
            words = _plain_words(person.name)
            if len(words) > 1:
                found.setdefault((words[0], words[-1]), []).append(person)
        return found

    def _named_in(self, text: str) -> Person | None:
        """Whom a longer name holds: `0012_Ada_Lovelace`, `hw2 - Ada Lovelace`; None where it may be another, too."""
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


def _known_by(person: Person) -> tuple[set[str], ...]:
    """Return what a person can be known by in a source, the surest first: each a set, of which one is enough."""
    numbered = {f"{person.sid} {fold_name(person.name)}"} if person.sid and person.name else set()
    called = {person.login, person.name}
    only = {person.name}
    return {person.lms_id}, {person.email}, numbered, called, only, only, only, only, called


def _ways(member: Member) -> tuple[Iterable[str], ...]:
    """Return what a member is known by, for each set of `_known_by`."""
    person = member.person
    first = _known_by(person)[:3]
    logins = (person.login, member.github, person.email)
    slugs = {member.slug, *member.turned_slugs}
    return (*first, logins, _spellings(person.name), slugs, _turned(person.name), (person.sid,), _local(person.email))


def _spellings(name: str) -> tuple[str, ...]:
    """Return a name, and the same without what stands in brackets or quotes: `Ada (Addie) Lovelace`."""
    return name, " ".join(_ASIDE.sub(" ", name).split())


def _plain_words(name: str) -> list[str]:
    return fold_name(_spellings(name)[-1]).split()


def _turned(name: str) -> Iterator[str]:
    """Return a name with the last names first, however many these are, as some platforms write it without a comma."""
    words = fold_name(name).split()
    return (" ".join(words[at:] + words[:at]) for at in range(1, len(words)))


def _local(email: str) -> tuple[str, ...]:
    """Return what stands before the @ of an address: at most universities the login."""
    return (email.partition("@")[0],)


def _is_shorter(words: Sequence[str], name: str) -> bool:
    """Whether of two names one has no words between the first and the last, or initials of the other's."""
    others = _plain_words(name)
    middle, theirs = ([word.rstrip(".") for word in every[1:-1]] for every in (words, others))
    if not middle or not theirs:
        return True
    pairs = list(zip(middle, theirs, strict=False))
    return len(middle) == len(theirs) and all(
        mine == other or (min(len(mine), len(other)) == 1 and mine[0] == other[0]) for mine, other in pairs
    )


def _words(text: str) -> tuple[str, ...]:
    composed = unicodedata.normalize("NFC", text).casefold()
    return tuple(word for word in re.split(r"[\W_]+", composed) if word)


def _slug(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()


def _dashed(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")
