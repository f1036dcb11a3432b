"""Which rows of a results.json its reader can read: each has a visibility, its own or that of all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

VISIBLE: Final = "visible"
HIDDEN: Final = "hidden"


def readable_rows(document: Mapping[str, Any], levels: Collection[str]) -> list[Mapping[str, Any]]:
    """Return the rows that are shown by one of these visibilities."""
    return [row for row in _rows(document) if _visibility(row, document) in levels]


def is_whole(document: Mapping[str, Any], levels: Collection[str]) -> bool:
    """Return whether all of a document is shown by these visibilities; only then is its total."""
    return _own(document) in levels and all(_visibility(row, document) in levels for row in _rows(document))


def _rows(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in document.get("tests", ()) if isinstance(row, Mapping)]


def _visibility(row: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    return str(row.get("visibility") or _own(document))


def _own(document: Mapping[str, Any]) -> str:
    return str(document.get("visibility") or VISIBLE)
