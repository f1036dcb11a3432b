"""A person, as every source of submissions names one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One of the people behind a submission; what is not known is empty.

    sid: the university's number. login: what the person logs in with there, or on GitHub. lms_id: the number that
    Canvas or Moodle has for the person.
    """

    name: str = ""
    email: str = ""
    sid: str = ""
    login: str = ""
    lms_id: str = ""

    @property
    def key(self) -> str:
        """What tells two people apart: the address, else number and name together, else what a system calls them.

        A number alone is not enough: rosters hold the same one for two people.
        """
        if self.email:
            return self.email.casefold()
        if self.sid:
            return " ".join(filter(None, (self.sid.casefold(), fold_name(self.name))))
        return (self.login or self.lms_id).casefold()

    @property
    def title(self) -> str:
        """What to call the person."""
        return self.name or self.email or self.sid or self.login or self.lms_id

    def has_identity(self, word: str) -> bool:
        """Return whether `word` is this person's address, number or login."""
        plain = unicodedata.normalize("NFC", word.strip()).casefold()
        known = (self.email, self.sid, self.login, self.lms_id)
        return bool(plain) and plain in {unicodedata.normalize("NFC", text).casefold() for text in known}

    def has_name(self, word: str) -> bool:
        """Return whether `word` is this person's name, in either order of its parts.

        An address or a number is nobody's name, whatever somebody calls himself.
        """
        is_name = "@" not in word and any(letter.isalpha() for letter in word)
        return is_name and fold_name(word) == fold_name(self.name)

    def is_called(self, word: str, *, by_name: bool = True) -> bool:
        """Return whether `word` is this person's address, number or login; or, unless not `by_name`, the name."""
        return self.has_identity(word) or (by_name and self.has_name(word))


def find_called(word: str, people: Iterable[Person]) -> list[Person]:
    """Return whom of a class a word of a staff's list means, each once: by address, number or login, else by name.

    More than one: nobody can say whom it means.
    """
    every = list(people)
    for is_meant in (Person.has_identity, Person.has_name):
        if found := {person.key or person.title: person for person in every if is_meant(person, word)}:
            return list(found.values())
    return []


def fold_name(name: str) -> str:
    """Return a name as names are compared: `Last, First` turned round, letters composed, capitals and spaces alike."""
    last, comma, first = name.partition(",")
    if comma and first.strip() and "," not in first:
        name = f"{first} {last}"
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def split_name(name: str) -> tuple[str, str]:
    """Return the first names and the last one, as grade books ask for them."""
    last, comma, first = name.partition(",")
    if comma and first.strip() and "," not in first:
        return first.strip(), last.strip()
    first, _, last = name.strip().rpartition(" ")
    return (first, last) if first else (last, "")
