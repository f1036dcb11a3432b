"""A person, as every source of submissions names one."""

from __future__ import annotations

import unicodedata
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

    def is_called(self, word: str) -> bool:
        """Return whether `word` is this person's address, number, login or name, in either order of its parts."""
        word = word.strip()
        if not word:
            return False
        plain = unicodedata.normalize("NFC", word).casefold()
        known = {
            unicodedata.normalize("NFC", text).casefold() for text in (self.email, self.sid, self.login, self.lms_id)
        }
        return plain in known or fold_name(word) == fold_name(self.name)


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
