"""The order of test numbers."""

from __future__ import annotations


def sort_key(number: str) -> tuple[tuple[int, str], ...]:
    """Return `1.10` after `1.9`."""
    return tuple((int(part), "") if part.isdigit() else (10**9, part) for part in number.split("."))
