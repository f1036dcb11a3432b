"""The column that a platform's own grade book has for the homework: what it is called, and what can be had there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from autograder.base.people import fold_name
from autograder.feedback.text import plural

#: How grade books call a homework's column: by its name, with a number or what can be had behind it.
_SPELLINGS: Final = {
    "canvas": re.compile(r"(?P<name>.+) \(\d+\)"),
    "blackboard": re.compile(r"(?P<name>.+) \[(?P<most>[^\]]*)\] \|\d+"),
    "brightspace": re.compile(r"(?P<name>.+) Points Grade <[^>]*\bMaxPoints:(?P<most>[\d.,]+)[^>]*>"),
}
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_MOST_COLUMNS: Final = 5


def read_name(column: str, platform: str) -> str:
    """Return the homework's name in a platform's heading; empty where it is another platform's, or none."""
    matched = _SPELLINGS[platform].fullmatch(column)
    return "" if matched is None else matched["name"]


def find_platform(column: str) -> str:
    """Return whose spelling a heading has; empty where it is nobody's."""
    return next((platform for platform, spelling in _SPELLINGS.items() if spelling.fullmatch(column)), "")


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
    spelling = _SPELLINGS.get(find_platform(column))
    matched = None if spelling is None else spelling.fullmatch(column)
    text = possible.get(column, "") if matched is None else matched.groupdict().get("most") or possible.get(column, "")
    number = _NUMBER.search(text)
    return None if number is None else float(number[0].replace(",", "."))
