"""Moodle's grading worksheet, in any language: which column is which, so that it can be handed back with grades in it.

Moodle's `importgradeslib.php` looks for three headings in the language of whoever uploads: the identifier, the grade,
and when the grade was last changed. A grade is passed over where Moodle has changed it since, or where it is above the
maximum. What stands in a column of feedback replaces the feedback there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autograder.base.spreadsheet import fold_heading, guard_cell, read_rows

_GRADE: Final = frozenset(
    map(fold_heading, (
        "grade", "bewertung", "note", "calificación", "valutazione", "nota", "avaliação", "cijfer", "beoordeling",
    ))
)  # fmt: skip
_MODIFIED: Final = frozenset(
    map(fold_heading, (
        "last modified (grade)", "zuletzt geändert (bewertung)", "dernière modification (note)",
        "última modificación (calificación)", "ultima modifica (valutazione)", "última modificação (nota)",
        "última modificação (avaliação)", "laatst gewijzigd (cijfer)",
    ))
)  # fmt: skip
_NUMBERED: Final = re.compile(r"(\D+)(\d+)")  # `Participant 123`: what a person is called where marking is blind
_NEVER: Final = ("", "-")


@dataclass(frozen=True)
class Worksheet:
    """A worksheet as Moodle wrote it. identifier, grade, modified, submitted, most: places of columns.

    most: what can be had; submitted: when the work was last changed; None where there is no such column.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    identifier: int
    grade: int
    modified: int
    submitted: int | None = None
    most: int | None = None

    @property
    def times(self) -> Mapping[str, str]:
        """When each person last changed what was handed in, as Moodle writes it, by its number for the person."""
        if self.submitted is None:
            return {}
        return {
            _number(row[self.identifier]): row[self.submitted] for row in self.rows if row[self.submitted] not in _NEVER
        }

    @property
    def maximum(self) -> float | None:
        """What can be had in Moodle, where it is one number for all."""
        texts = {row[self.most].replace(",", ".") for row in self.rows} if self.most is not None else set()
        return float(texts.pop()) if len(texts) == 1 else None

    def fill_in(self, grades: Mapping[str, str | float]) -> list[list[str | float]]:
        """Return the worksheet with these grades, by Moodle's number for a person; all else is as Moodle wrote it.

        A column of feedback with a text that a table of ours would change is left out: Moodle then keeps what it has.
        """
        kept = [place for place in range(len(self.headings)) if place <= self.modified or self._is_plain(place)]
        lines: list[list[str | float]] = [[self.headings[place] for place in kept]]
        for row in self.rows:
            grade = grades.get(_number(row[self.identifier]), row[self.grade])
            lines.append([grade if place == self.grade else row[place] for place in kept])
        return lines

    def _is_plain(self, place: int) -> bool:
        return all(guard_cell(row[place]) == row[place] for row in self.rows)


def read_worksheet(file: Path) -> Worksheet | None:
    """Return the worksheet in a file; None where it is another table. Raises AssignmentError where it is none."""
    rows = [row for row in read_rows(file) if any(row)]
    if len(rows) < 2:
        return None
    headings, lines = tuple(rows[0]), rows[1:]
    folded = [fold_heading(heading) for heading in headings]
    identified = [_NUMBERED.fullmatch(line[0]) for line in lines]
    if not all(identified) or len({matched[1] for matched in identified if matched}) != 1:
        return None
    if any(len(line) > len(headings) for line in lines):
        return None
    whole = tuple((*line, *[""] * (len(headings) - len(line))) for line in lines)
    submitted, modified = _last_changes(folded)
    most = next((place for place in range(2, len(headings)) if _is_one_number(row[place] for row in whole)), None)
    named = [place for place, heading in enumerate(folded) if heading in _GRADE]
    grade = named[0] if named else (most - 1 if most is not None else None)
    if modified is None or grade is None:
        return None
    return Worksheet(headings, whole, 0, grade, modified, submitted, most if most == grade + 1 else None)


def _last_changes(folded: Sequence[str]) -> tuple[int | None, int | None]:
    """Return the places of the times of work and grade: `X (A)` and `X (B)`, whatever the language."""
    pairs: dict[str, list[int]] = {}
    for place, heading in enumerate(folded):
        if heading.endswith(")") and "(" in heading:
            pairs.setdefault(heading.rpartition("(")[0], []).append(place)
    pair = next((places for places in pairs.values() if len(places) == 2), None)
    if pair is not None:
        return pair[0], pair[1]
    return None, next((place for place, heading in enumerate(folded) if heading in _MODIFIED), None)


def _is_one_number(cells: object) -> bool:
    texts = set(map(str, cells))  # type: ignore[call-overload]
    return len(texts) == 1 and re.fullmatch(r"\d+(?:[.,]\d+)?", texts.pop()) is not None


def _number(identifier: str) -> str:
    matched = _NUMBERED.fullmatch(identifier)
    return matched[2] if matched else ""
