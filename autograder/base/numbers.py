"""Numbers as people read them: the order of test numbers, points without needless decimals."""

from __future__ import annotations


def sort_key(number: str) -> tuple[tuple[int, str], ...]:
    """Return a key by which `1.10` comes after `1.9`."""
    return tuple((int(part), "") if part.isdigit() else (10**9, part) for part in number.split("."))


def trim(value: float) -> float:
    """Return points rounded to a millionth, as an integer where they are one: 4 for 4.0."""
    value = round(value, 6)
    return int(value) if value == int(value) else value


def as_cell(value: float | None) -> float | str:
    """Return points as a table's cell: nothing where there is no number."""
    return "" if value is None else trim(value)


def as_percent(share: float) -> str:
    """Return a share as people say it, with decimals only where it has some: 10%, 12.5%."""
    return f"{round(100 * share, 2):g}%"
