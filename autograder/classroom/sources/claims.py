"""How sure it is that a submission is somebody's, and who has it where several claim to be one person's.

Anybody can choose a name, on a platform, for a group or for a file, and a number in a profile of his own. An address or
a login, and a platform's own number, are given by a university or a platform. One that contradicts the roster is never
overruled, and one that agrees goes before anything that can be chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import Final

from autograder.base.people import Person, fold_name

_CLAIM: Final = "claims to be "
_IDENTITY: Final = {"lms_id": "number", "email": "address", "login": "login", "sid": "number"}
_CHOSEN: Final = frozenset({"sid"})  # in a profile on Gradescope, for instance


class Weight(IntEnum):
    """What speaks for a person."""

    AGAINST = 0  # an address, number or login of another
    GROUP = 1  # the name of a group, where most hand in one by one
    PART = 2  # a longer or shorter name
    NAME = 3  # the whole name, or what only looks like an address, a login or a number
    TEAM = 4  # the name of a group, where most hand in by groups
    NUMBER = 5  # the university's number, which students may set themselves
    OWN = 6  # an address, login or number that a platform gave


@dataclass(frozen=True)
class Grounds:
    """How a source's people can be compared with a roster's.

    same_numbers: whether the roster's numbers are those of the platform that the source is from. same_logins: whether
    its logins are. by_groups: whether most hand in by groups. numbers_groups: whether the platform's number beside a
    group's name is the group's own, and nobody's. chosen_names: whether all that is known
    of the source's people is what somebody called a file. domains: those in which most of the source's people, or of
    the roster's, have their addresses and logins.
    """

    same_numbers: bool = True
    same_logins: bool = True
    by_groups: bool = False
    numbers_groups: bool = False
    chosen_names: bool = False
    domains: frozenset[str] = frozenset()


#: Where a roster and a source are of one platform, and nothing more is known.
SAME: Final = Grounds()


@dataclass(frozen=True)
class Link:
    """Whom of a roster a source's person is taken for, and by what. Its weight is `weigh`'s alone.

    known: None where it is nobody, or may be several. group: the members of the group that is called so, where that
    is all. by_roster: whether the roster itself names this repository or submission as the person's. is_part: whether
    there is more in a group's name than the group's. by_number: whether the roster names a number that the file of
    somebody's choosing is called by.
    """

    given: Person
    known: Person | None = None
    grounds: Grounds = SAME
    group: tuple[Person, ...] = ()
    by_roster: bool = False
    is_part: bool = False
    by_number: bool = False

    @cached_property
    def weight(self) -> Weight:
        """What speaks for it."""
        if self.known is None:
            return Weight.AGAINST
        if self.by_roster:
            return Weight.OWN
        if self.by_number:
            return Weight.NAME
        found = weigh(self.given, self.known, self.grounds, self.group)
        return min(found, Weight.PART) if self.is_part else found


@dataclass(frozen=True)
class Owner:
    """Who a submission belongs to.

    known: the roster's entry. note: why it is joined to nobody's, or why to look at it.
    """

    person: Person
    known: Person | None = None
    note: str = ""


def is_claim(person: Person) -> bool:
    """Return whether a row stands for somebody who is only called as a person of the class."""
    return person.name.startswith(_CLAIM)


def weigh(given: Person, known: Person, grounds: Grounds = SAME, group: Sequence[Person] = ()) -> Weight:
    """Return what speaks for `given` being the roster's `known`. A contradiction outweighs all that agrees.

    Only a number that students set themselves contradicts nothing where an address, login or platform's number agrees.
    group: the members of the group that `given` is called as.
    """
    alone = _weigh_alone(given, known, grounds)
    if grounds.chosen_names:
        alone = min(alone, Weight.NAME)  # whoever calls a file by an address or a number need not have it
    return alone if alone >= Weight.NUMBER or not group else _weigh_group(given, group, grounds)


def _weigh_alone(given: Person, known: Person, grounds: Grounds) -> Weight:
    agreeing, clashing = _agreeing(given, known, grounds), set(clashes(given, known, grounds))
    if clashing - _CHOSEN:
        return Weight.AGAINST
    if agreeing - _CHOSEN:
        return Weight.OWN
    if agreeing:
        return Weight.NUMBER
    if clashing:
        return Weight.AGAINST
    return Weight.NAME if _is_exact(given, known) else Weight.PART


def _weigh_group(given: Person, group: Sequence[Person], grounds: Grounds) -> Weight:
    """Return what a group's name says of its members: nothing, where somebody else's address stands beside it.

    Nor where most hand in one by one, and it is an account's: anybody may be called as a group.
    """
    if _is_strangers(given, group, grounds):
        return Weight.AGAINST
    if grounds.by_groups:
        return Weight.TEAM
    return Weight.AGAINST if _identity(given) else Weight.GROUP


def _is_strangers(given: Person, group: Sequence[Person], grounds: Grounds) -> bool:
    """Return whether the address, number or login beside a group's name is no member's."""
    beside = {key for key in _IDENTITY if getattr(given, key)}
    if grounds.numbers_groups or not grounds.same_numbers or not all(member.lms_id for member in group):
        beside.discard("lms_id")
    return bool(beside) and not any(beside & _agreeing(given, member, grounds) for member in group)


def clashes(given: Person, known: Person, grounds: Grounds = SAME) -> tuple[str, ...]:
    """Return in which of address, number and login a source's person contradicts the roster's."""
    agreeing = _agreeing(given, known, grounds)
    both = [key for key in _IDENTITY if getattr(given, key) and getattr(known, key) and key not in agreeing]
    unlike = {"lms_id": not grounds.same_numbers, "login": not grounds.same_logins}
    unlike["email"] = _is_within(given.email, known.email)
    return tuple(key for key in both if not unlike.get(key))


def _agreeing(given: Person, known: Person, grounds: Grounds) -> frozenset[str]:
    same = {key for key in ("email", "lms_id") if getattr(given, key) and _fold(given, key) == _fold(known, key)}
    if given.sid and known.sid and _plain_number(given.sid) == _plain_number(known.sid):
        same.add("sid")
    if given.login and _is_login_of(given.login.casefold(), known, grounds.domains):
        same.add("login")
    unlike = {"lms_id": not grounds.same_numbers, "login": not grounds.same_logins}
    return frozenset(key for key in same if not unlike.get(key))


def domains_of_most(people: Iterable[Person]) -> frozenset[str]:
    """Return the domain in which more than half of those have their address or login who have one; none, or one."""
    written = [person.login or person.email for person in people if person.login or person.email]
    counts = Counter(text.casefold().partition("@")[2] for text in written)
    return frozenset(domain for domain, count in counts.items() if domain and count * 2 > len(written))


def doubt(given: Person, known: Person, grounds: Grounds) -> str:
    """Return why a person should look at somebody who is joined all the same; empty where nothing is odd."""
    if given.email and _fold(given, "email") != _fold(known, "email") and known.email:
        if _agreeing(given, known, grounds) - _CHOSEN or given.email.casefold().partition("@")[2] in grounds.domains:
            return ""
        return (
            f"It is joined to {known.title} ({known.email}) by the name, and comes from {given.email}: another "
            "department's address, perhaps. Look who handed it in, or correct the roster."
        )
    return ""


def _fold(person: Person, key: str) -> str:
    return str(getattr(person, key)).casefold()


def _plain_number(sid: str) -> str:
    """Return a number without the zeros that spreadsheets drop."""
    return sid.casefold().lstrip("#").lstrip("0")


def _is_login_of(login: str, known: Person, domains: frozenset[str]) -> bool:
    """Return whether a login is somebody's. Some systems write it alone, others the address that it begins.

    That address is in the class's own domain: an account elsewhere may begin as anybody's.
    """
    theirs, email = known.login.casefold(), known.email.casefold()
    if login in (theirs, email) or has_lost_zeros(theirs, login) or has_lost_zeros(login, theirs):
        return True
    (name, at, domain), (their_name, their_at, their_domain) = login.partition("@"), theirs.partition("@")
    return bool(theirs) and bool(at) != bool(their_at) and name == their_name and (domain or their_domain) in domains


def _is_within(one: str, other: str) -> bool:
    """Return whether two addresses differ only in a department: `ada@cs.example.edu`, `ada@example.edu`."""
    (name, _, domain), (other_name, _, other_domain) = (text.casefold().partition("@") for text in (one, other))
    longer, shorter = sorted((domain, other_domain), key=len, reverse=True)
    return name == other_name and "." in shorter and longer.endswith(f".{shorter}")


def _is_exact(given: Person, known: Person) -> bool:
    """Return whether a source names `known` by the whole of a name, or of what could be an address or a number.

    An account with a platform's number has a name beside it: called as somebody's login, it is not that person's.
    """
    if given.lms_id:
        return _is_name(given.name, known.name)
    if _identity(given):
        return True
    words = sorted(fold_name(given.name).split())
    own = (known.name, known.email, known.login, known.sid)
    return any(words == sorted(fold_name(text).split()) for text in own if text)


def _is_name(written: str, name: str) -> bool:
    """Return whether both are one name, in any order of its parts; Canvas writes it without what parts these."""
    words = fold_name(name).split()
    turned = {re.sub(r"\W", "", "".join(words[at:] + words[:at])) for at in range(len(words))}
    return sorted(fold_name(written).split()) == sorted(words) or re.sub(r"\W", "", written).casefold() in turned


def _identity(person: Person) -> tuple[str, ...]:
    values = tuple(_fold(person, key) for key in _IDENTITY)
    return values if any(values) else ()


def settle(ids: Sequence[str], links: Sequence[Sequence[Link]]) -> list[list[Owner]]:
    """Return who each submission belongs to.

    Of several that claim to be one person's, those are for which most speaks. Of names alone, none is where different
    addresses, numbers or logins stand beside them.
    ids: of the submissions. links: whom of the roster each of their people is taken for.
    """
    claims: dict[Person, list[tuple[int, Link]]] = {}
    for at, every in enumerate(links):
        for link in every:
            if link.known is not None and link.weight > Weight.AGAINST:
                claims.setdefault(link.known, []).append((at, link))
    owned = {known: _owned(claimed) for known, claimed in claims.items()}
    return [
        [
            _owner(link, at, owned.get(link.known, ()), [place for place, _ in claims.get(link.known, ())], ids)
            if link.known is not None
            else Owner(link.given)
            for link in every
        ]
        for at, every in enumerate(links)
    ]


def _owned(claimed: Sequence[tuple[int, Link]]) -> tuple[int, ...]:
    most = max(link.weight for _, link in claimed)
    best = [(at, link) for at, link in claimed if link.weight == most]
    several = len({_called(link) for _, link in best} - {()}) > 1
    return () if most < Weight.OWN and several else tuple(at for at, _ in best)


def _called(link: Link) -> tuple[str, ...]:
    """Return what tells a claim from another one's: a platform's words, or whatever somebody called a file."""
    words = tuple(sorted(fold_name(link.given.name).split())) if link.grounds.chosen_names else ()
    return _identity(link.given) or words


def _owner(link: Link, at: int, owned: Iterable[int], claimed: Iterable[int], ids: Sequence[str]) -> Owner:
    known, given = link.known, link.given
    assert known is not None
    if at in owned and link.weight > Weight.AGAINST:
        # What stands beside a group's name is the group's, or another member's.
        is_hers = not link.group or link.weight >= Weight.NUMBER
        return Owner(_complete(given, known) if is_hers else known, known, doubt(given, known, link.grounds))
    if link.weight == Weight.AGAINST:
        claim, advice = _contradiction(link, known), "Look who handed it in, or correct the roster."
    else:
        others = ", ".join(ids[place] for place in dict.fromkeys(owned or claimed) if place != at)
        other = f"who has another one ({others})" if owned else f"and so does another one ({others})"
        claim = f"It claims to be {known.title}'s, {other}"
        advice = "Look who handed it in."
    note = f"{claim}: it is joined to nobody's. {advice}"
    kept = {key: "" if _fold(given, key) == _fold(known, key) else getattr(given, key) for key in _IDENTITY}
    return Owner(Person(f"{_CLAIM}{known.title}", **kept), None, note)


def _contradiction(link: Link, known: Person) -> str:
    given = link.given
    if link.group:
        beside = next(value for key in _IDENTITY if (value := getattr(given, key)))
        strange = _is_strangers(given, link.group, link.grounds)
        why = f"{beside} is no member's" if strange else "most hand in one by one here"
        members = ", ".join(member.title for member in link.group)
        return f"It is called as the group of {members}, which anybody can be, and {why}"
    key = clashes(given, known, link.grounds)[0]
    other = f"{getattr(known, key)}, not {getattr(given, key)}"
    return f"It claims to be {known.title}'s, who has another {_IDENTITY[key]} in the roster ({other})"


def _complete(given: Person, known: Person) -> Person:
    """Return the roster's entry with what only the source knows, the zeros that a spreadsheet dropped among it."""
    values = {key: value for key, value in vars(given).items() if value and not getattr(known, key)}
    for key in ("sid", "login"):
        if has_lost_zeros(getattr(known, key), getattr(given, key)):
            values[key] = getattr(given, key)
    return replace(known, **values)


def has_lost_zeros(number: str, whole: str) -> bool:
    """Return whether a number is `whole` without the zeros that it begins with."""
    return number.isdigit() and len(number) < len(whole) and whole.isdigit() and whole.lstrip("0") == number.lstrip("0")
