"""A person, as every source of submissions names one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One of the people behind a submission; what is not known is empty."""

    name: str = ""
    email: str = ""
    sid: str = ""

    @property
    def key(self) -> str:
        """What tells two people of one name apart: the address, else the number, else nothing."""
        return self.email.casefold() or self.sid.casefold()

    def is_called(self, word: str) -> bool:
        """Whether `word` is this person's address, number or name."""
        return bool(word) and word.strip().casefold() in {
            self.email.casefold(),
            self.sid.casefold(),
            self.name.casefold(),
        }
