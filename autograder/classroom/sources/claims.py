"""How sure it is that a submission is somebody's, and who has it where several claim to be one person's.

Anybody can choose a name, on a platform or for a file. An address, a number or a login is given by a university or a
platform: one that contradicts the roster is never overruled by a name, and one that agrees goes before any name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from autograder.base.people import Person, fold_name

_CLAIM: Final = "claims to be "
_IDENTITY: Final = {"lms_id": "number", "email": "address", "login": "login", "sid": "number"}


class Weight(IntEnum):
    """What speaks for a person. AGAINST: an address, number or login of another."""

    AGAINST = 0
    PART = 1  # a longer or shorter name
    NAME = 2  # the whole name, or what only looks like a login or a number
    OWN = 3  # an address, number or login


@dataclass(frozen=True)
class Link:
    """Whom of a roster a source's person is taken for. known: None where it is nobody, or may be several."""

    given: Person
    known: Person | None = None
    weight: Weight = Weight.AGAINST


@dataclass(frozen=True)
class Owner:
    """Who a submission belongs to. known: the roster's entry; note: why it is joined to nobody's."""

    person: Person
    known: Person | None = None
    note: str = ""


def is_claim(person: Person) -> bool:
    """Return whether a row stands for somebody who is only called as a person of the class."""
    return person.name.startswith(_CLAIM)


def weigh(given: Person, known: Person, *, by_platform: bool = True) -> Weight:
    """Return what speaks for `given` being the roster's `known`.

    by_platform: whether the roster's numbers are those of the platform that the source is from.
    """
    agreeing, clashing = _agreeing(given, known, by_platform=by_platform), clashes(given, known, by_platform)
    if agreeing - {"sid"} or (agreeing and not clashing):
        return Weight.OWN
    if agreeing:
        return Weight.NAME
    if clashing:
        return Weight.AGAINST
    return Weight.NAME if _is_exact(given, known) else Weight.PART


def clashes(given: Person, known: Person, by_platform: bool = True) -> tuple[str, ...]:
    """Return in which of address, number and login a source's person contradicts the roster's."""
    agreeing = _agreeing(given, known, by_platform=by_platform)
    both = [key for key in _IDENTITY if getattr(given, key) and getattr(known, key) and key not in agreeing]
    return tuple(
        key
        for key in both
        if not (key == "email" and _is_within(given.email, known.email)) and not (key == "lms_id" and not by_platform)
    )


def _agreeing(given: Person, known: Person, *, by_platform: bool) -> frozenset[str]:
    same = {key for key in ("email", "lms_id") if getattr(given, key) and _fold(given, key) == _fold(known, key)}
    if given.sid and _plain_number(given.sid) == _plain_number(known.sid):
        same.add("sid")
    if given.login and _is_login_of(given.login.casefold(), known):
        same.add("login")
    return frozenset(same if by_platform else same - {"lms_id"})


def _fold(person: Person, key: str) -> str:
    return str(getattr(person, key)).casefold()


def _plain_number(sid: str) -> str:
    """Return a number without the zeros that spreadsheets drop."""
    return sid.casefold().lstrip("#").lstrip("0")


def _is_login_of(login: str, known: Person) -> bool:
    theirs, email = known.login.casefold(), known.email.casefold()
    # Some systems write the login alone, others the address that it begins.
    one_is_bare = ("@" in login) != ("@" in theirs) and login.partition("@")[0] == theirs.partition("@")[0]
    return login in (theirs, email) or (bool(theirs) and one_is_bare)


def _is_within(one: str, other: str) -> bool:
    """Return whether two addresses differ only in a department: `ada@cs.example.edu`, `ada@example.edu`."""
    (name, _, domain), (other_name, _, other_domain) = (text.casefold().partition("@") for text in (one, other))
    longer, shorter = sorted((domain, other_domain), key=len, reverse=True)
    return name == other_name and "." in shorter and longer.endswith(f".{shorter}")


def _is_exact(given: Person, known: Person) -> bool:
    """Return whether a source names `known` by the whole of a name, or of what could be an address or a number."""
    if _identity(given):
        return True
    words = sorted(fold_name(given.name).split())
    own = (known.name, known.email, known.login, known.sid)
    return any(words == sorted(fold_name(text).split()) for text in own if text)


def _identity(person: Person) -> tuple[str, ...]:
    values = tuple(_fold(person, key) for key in _IDENTITY)
    return values if any(values) else ()


def settle(ids: Sequence[str], links: Sequence[Sequence[Link]]) -> list[list[Owner]]:
    """Return who each submission belongs to.

    Of several that claim to be one person's, those for which most speaks are; of names alone, none is where different
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
    several = len({_identity(link.given) for _, link in best} - {()}) > 1
    return () if most < Weight.OWN and several else tuple(at for at, _ in best)


def _owner(link: Link, at: int, owned: Iterable[int], claimed: Iterable[int], ids: Sequence[str]) -> Owner:
    known, given = link.known, link.given
    assert known is not None
    if at in owned and link.weight > Weight.AGAINST:
        return Owner(_complete(given, known), known)
    if link.weight == Weight.AGAINST:
        key = (clashes(given, known) or ("login",))[0]
        other = f"who has another {_IDENTITY[key]} in the roster ({getattr(known, key)}, not {getattr(given, key)})"
        advice = "Look who handed it in, or correct the roster."
    else:
        others = ", ".join(ids[place] for place in dict.fromkeys(owned or claimed) if place != at)
        other = f"who has another one ({others})" if owned else f"and so does another one ({others})"
        advice = "Look who handed it in."
    note = f"It claims to be {known.title}'s, {other}: it is joined to nobody's. {advice}"
    kept = {key: "" if _fold(given, key) == _fold(known, key) else getattr(given, key) for key in _IDENTITY}
    return Owner(Person(f"{_CLAIM}{known.title}", **kept), None, note)


def _complete(given: Person, known: Person) -> Person:
    """Return the roster's entry with what only the source knows."""
    return replace(known, **{key: value for key, value in vars(given).items() if value and not getattr(known, key)})
