"""What people set in their profiles: no number there is another's address, login or number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from autograder.base.people import Person, fold_name
from autograder.classroom.sources.class_list import Member
from autograder.classroom.sources.model import ClassSubmission, Source


def drop_false_numbers(source: Source, members: Sequence[Member]) -> Source:
    """Return the source without the numbers by which somebody would be another in a list of the staff's; each is said.

    members: a roster's, whose numbers are right.
    """
    listed = [member.person for member in members]
    people = [person for submission in source.submissions for person in submission.people]
    numbers = _index((person.sid, person) for person in listed)
    names = _index((word, person) for person in (*listed, *people) for word in (person.email, person.login))
    count = sum("@" in person.sid for person in people)
    are_addresses = count > 1 and count * 2 > len(people)  # as the university has it

    def find_fault(person: Person) -> str:
        number = person.sid.casefold()
        owners = numbers.get(number, ())
        if not number or any(_is_same(person, owner) for owner in owners):
            return ""
        if owners:
            return f"{owners[0].title}'s in the roster"
        if others := [other for other in names.get(number, ()) if not _is_same(person, other)]:
            return f"{others[0].title}'s {'address' if '@' in number else 'login'}"
        is_own = number in (person.email.casefold(), person.login.casefold())
        return "an address" if "@" in number and not is_own and not are_addresses else ""

    return replace(source, submissions=tuple(_check(submission, find_fault) for submission in source.submissions))


def _index(pairs: Iterable[tuple[str, Person]]) -> Mapping[str, Sequence[Person]]:
    found: dict[str, list[Person]] = {}
    for word, person in pairs:
        if word:
            found.setdefault(word.casefold(), []).append(person)
    return found


def _check(submission: ClassSubmission, find_fault: Callable[[Person], str]) -> ClassSubmission:
    faults = [find_fault(person) for person in submission.people]
    pairs = list(zip(submission.people, faults, strict=True))
    people = tuple(replace(person, sid="") if fault else person for person, fault in pairs)
    notes = (
        f"The number of {person.title}, {person.sid}, is {fault}: it was left out. Students may set it themselves."
        for person, fault in pairs
        if fault
    )
    return replace(submission, people=people, notes=(*submission.notes, *notes))


def _is_same(one: Person, other: Person) -> bool:
    """Return whether both are one person: of one address, or of one name where an address is missing."""
    if one.email and other.email:
        return one.email.casefold() == other.email.casefold()
    return fold_name(one.name) == fold_name(other.name)
