"""Suspected breaches of the homework's rules, for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Flag:
    """One suspected breach: of which rule, where (line 0: the whole file), and what was seen."""

    rule: str
    file: str
    line: int
    detail: str

    @property
    def where(self) -> str:
        """File and line, as a person reads them."""
        return f"{self.file}, line {self.line}" if self.line else self.file
