"""A person, as every source of submissions names one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from autograder.base.text import drop_invisible, show_name

#: Fields of a `Person` by which a word can mean one; they weigh alike.
Way = tuple[str, ...]

ADDRESS: Final[Way] = ("email",)
LOGIN: Final[Way] = ("login",)
NUMBER: Final[Way] = ("sid", "lms_id")
NAME: Final[Way] = ("name",)
#: What students can set themselves on a platform.
CHOSEN: Final = (NUMBER, NAME)


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

    def __post_init__(self) -> None:
        """Leave out what deceives a reader: people choose their names, and these are shown everywhere."""
        for key, value in vars(self).items():
            object.__setattr__(self, key, show_name(value))

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

    def has_name(self, word: str) -> bool:
        """Return whether `word` is this person's name, in either order of its parts.

        An address or a number is nobody's name, whatever somebody calls himself.
        """
        is_name = "@" not in word and any(letter.isalpha() for letter in word)
        return is_name and fold_name(word) == fold_name(self.name)

    def is_called(self, word: str, way: Way = ()) -> bool:
        """Return whether `word` means this person; way: in which way alone, as `find_way` returns it."""
        if not way:
            return any(self.is_called(word, each) for each in _ways(word))
        if way == NAME:
            return self.has_name(word)
        plain = _fold(word)
        return bool(plain) and any(plain == _fold(getattr(self, key)) for key in way)


def find_way(word: str, people: Iterable[Person]) -> tuple[Way, list[Person]]:
    """Return in which way a word of a staff's list means somebody of a class, and whom, each once.

    More than one: nobody can say whom it means. Nobody, and no way, where it means none.
    """
    every = list(people)
    for way in _ways(word):
        if found := {person.key or person.title: person for person in every if person.is_called(word, way)}:
            return way, list(found.values())
    return (), []


def find_called(word: str, people: Iterable[Person]) -> list[Person]:
    """Return whom of a class a word of a staff's list means, each once; see `find_way`."""
    return find_way(word, people)[1]


def _ways(word: str) -> tuple[Way, ...]:
    """Return how a word can mean somebody, the surest way first.

    Students set their name on a platform, and on some the number as well: so a word with an @ is never a number, one
    that may be a login or a name is that first, and what holds a space is a number only without letters.
    """
    if "@" in word:
        return ADDRESS, LOGIN
    has_letters = any(letter.isalpha() for letter in word)
    if not has_letters:
        return NUMBER, LOGIN
    if len(word.split()) > 1:
        return LOGIN, NAME
    has_digits = any(letter.isdigit() for letter in word)
    return (LOGIN, NUMBER, NAME) if has_digits else (LOGIN, NAME, NUMBER)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", drop_invisible(text).strip()).casefold()


def fold_name(name: str) -> str:
    """Return a name as names are compared: `Last, First` turned round, letters composed, capitals and spaces alike."""
    last, comma, first = name.partition(",")
    if comma and first.strip() and "," not in first:
        name = f"{first} {last}"
    return " ".join(unicodedata.normalize("NFC", drop_invisible(name)).casefold().split())


def split_name(name: str) -> tuple[str, str]:
    """Return the first names and the last one, as grade books ask for them."""
    last, comma, first = name.partition(",")
    if comma and first.strip() and "," not in first:
        return first.strip(), last.strip()
    first, _, last = name.strip().rpartition(" ")
    return (first, last) if first else (last, "")
