"""The column that a platform's own grade book has for the homework: what it is called, and what can be had there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from autograder.base.people import fold_name
from autograder.feedback.text import plural

_NUMBER: Final = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")
_MOST_COLUMNS: Final = 5


def _split_canvas(column: str) -> tuple[str, str]:
    """Split `NAME (12)`."""
    name, _, number = column.rpartition(" (")
    return (name, "") if number.endswith(")") and number[:-1].isdecimal() else ("", "")


def _split_blackboard(column: str) -> tuple[str, str]:
    """Split `NAME [Total Pts: 100 Score] |12`."""
    front, _, number = column.rpartition("] |")
    name, _, most = front.rpartition(" [")
    return (name, most) if number.isdecimal() else ("", "")


def _split_brightspace(column: str) -> tuple[str, str]:
    """Split `NAME Points Grade <Numeric MaxPoints:100 Weight:10>`."""
    name, _, rest = column.rpartition(" Points Grade <")
    _, found, most = rest.partition("MaxPoints:")
    return (name, most.partition(" ")[0]) if found and rest.endswith(">") else ("", "")


#: How grade books call a homework's column: by its name, with a number or what can be had behind it.
_SPLITS: Final = {"canvas": _split_canvas, "blackboard": _split_blackboard, "brightspace": _split_brightspace}


def read_name(column: str, platform: str) -> str:
    """Return the homework's name in a platform's heading; empty where it is another platform's, or none."""
    return _SPLITS[platform](column)[0]


def find_platform(column: str) -> str:
    """Return whose spelling a heading has; empty where it is nobody's."""
    return next((platform for platform, split in _SPLITS.items() if split(column)[0]), "")


def find_column(headings: Sequence[str], name: str) -> tuple[str, str]:
    """Return which of a roster's headings is a grade book's column of the homework, and what the staff should know.

    The heading is empty where none is; so is the note where the roster is no grade book of a platform's.
    """
    platforms = {heading: platform for heading in headings if (platform := find_platform(heading))}
    titles = {heading: fold_name(read_name(heading, platform)) for heading, platform in platforms.items()}
    called = [column for column, title in titles.items() if f" {fold_name(name)} " in f" {title} "]
    exact = [column for column in called if titles[column] == fold_name(name)]
    found = exact or called
    if len(found) == 1:
        return found[0], ""
    if not titles:
        return "", ""
    (table,) = set(platforms.values()) if len(set(platforms.values())) == 1 else ("canvas",)
    several = f"{plural(len(found), 'column')} of the roster could be it" if found else "no column of the roster is it"
    listed = ", ".join(repr(column) for column in (found or list(titles))[:_MOST_COLUMNS])
    return "", (
        f"grades-{table}.csv calls its column {name!r}, and {table.capitalize()} will make a new one of it: {several} "
        f"({listed}). Give `name` in assignment.toml the name that {table.capitalize()} has."
    )


def find_maximum(column: str, possible: Mapping[str, str]) -> float | None:
    """Return what can be had in a platform's column; None where the platform does not say.

    possible: by heading, what Canvas's export has in its line of points possible.
    """
    split = _SPLITS.get(find_platform(column))
    text = (split(column)[1] if split is not None else "") or possible.get(column, "")
    number = _NUMBER.search(text)
    return None if number is None else float(number[0].replace(",", "."))
