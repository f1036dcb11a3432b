"""Gradescope's submission_metadata.yml, read as a stream: one entry in memory at a time, whatever the file's size.

Its keys are Ruby symbols (`:submitters`, `:created_at`, `:results`). Anchors and aliases, which Ruby writes for a value
that it meets twice, are followed. Nothing else of YAML is obeyed: no tag makes an object.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError

FILE_NAME: Final = "submission_metadata.yml"
_DEEPEST: Final = 40
_MOST_ITEMS: Final = 10_000  # of one list
_LONGEST: Final = 500  # characters
#: The keys that are read; what stands under others, outputs for instance, is passed over.
_READ: Final = frozenset(
    {"submitters", "name", "email", "sid", "created_at", "results", "tests", "number", "score", "max_score", "history"}
)
_MOST_TRIES: Final = 200  # the first ones of a history
_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ]+(\d\d:\d\d:\d\d)(\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True)
class Entry:
    """One submission of the export. people: name, email and sid each, empty where missing.

    created_at: ISO 8601, or what stands there instead.
    results: `score`, and `tests` with `number`, `name`, `score`, `max_score` each; None where nothing was graded.
    earlier: the time and the results of what the same people handed in before, oldest first.
    """

    key: str
    people: tuple[Mapping[str, str], ...]
    created_at: str
    results: Mapping[str, Any] | None
    earlier: tuple[tuple[str, Mapping[str, Any]], ...] = ()


def read(file: Path) -> Iterator[Entry]:
    """Yield every entry in the file's order, keys that occur twice included.

    Raises AssignmentError, naming the line, where the file is no YAML or no mapping of submissions.
    """
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise AssignmentError("Gradescope's exports need PyYAML: ./setup.sh --staff installs it.") from error
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with file.open("rb") as stream:
            yield from _Stream(yaml, yaml.parse(stream, Loader=loader)).entries()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise AssignmentError(
            f"{file}{line} is no valid YAML ({getattr(error, 'problem', None) or error}). Export the submissions again."
        ) from error
    except (_ShapeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{file}: {error}. Expected what Gradescope exports.") from error
    except OSError as error:
        raise AssignmentError(f"{file} cannot be read: {error.strerror}.") from error


class _ShapeError(Exception):
    """The YAML is not shaped like an export."""


class _Stream:
    """The events of the file, and the values that have an anchor."""

    def __init__(self, yaml: Any, events: Iterator[Any]) -> None:
        self.yaml, self.events = yaml, events
        self.anchors: dict[str, Any] = {}

    def entries(self) -> Iterator[Entry]:
        yaml = self.yaml
        for event in self.events:
            if isinstance(event, yaml.MappingStartEvent):
                break
            if isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.AliasEvent)):
                raise _ShapeError(f"line {event.start_mark.line + 1}: not a mapping of submissions")
        else:
            return
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key, value = self._value(event, 0), self._value(next(self.events), 0)
            yield _entry(str(key) if isinstance(key, str) else "", value)

    def _value(self, event: Any, depth: int, *, kept: bool = True, most: int = _MOST_ITEMS) -> Any:
        """Return the value that begins with `event`: a text, None, a list or a dict.

        A value that is not `kept` comes back empty.
        most: items of a list that are kept. Whatever has an anchor is kept: it may be meant somewhere else.
        """
        yaml = self.yaml
        if depth > _DEEPEST:
            raise _ShapeError(f"line {event.start_mark.line + 1}: nested too deeply")
        if isinstance(event, yaml.AliasEvent):
            return self.anchors.get(event.anchor)
        kept = kept or bool(event.anchor)
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            plain_nothing = event.implicit[0] and event.value in ("", "~", "null", "Null", "NULL")
            value = None if plain_nothing or not kept else event.value[:_LONGEST]
        else:
            value = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        if event.anchor:
            self.anchors[event.anchor] = value
        if isinstance(event, yaml.SequenceStartEvent):
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                wanted = kept and len(value) < most
                item = self._value(inner, depth + 1, kept=wanted)
                if wanted:
                    value.append(item)
        elif isinstance(event, yaml.MappingStartEvent):
            while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
                key = self._value(inner, depth + 1)
                name = key.removeprefix(":") if isinstance(key, str) else ""
                wanted = kept and name in _READ
                limit = _MOST_TRIES if name == "history" else _MOST_ITEMS
                item = self._value(next(self.events), depth + 1, kept=wanted, most=limit)
                if wanted:
                    value[name] = item
        return value


def _entry(key: str, value: Any) -> Entry:
    fields = value if isinstance(value, dict) else {}
    submitters = fields.get("submitters")
    people = tuple(
        {name: _text(person.get(name)) for name in ("name", "email", "sid")}
        for person in (submitters if isinstance(submitters, list) else [])
        if isinstance(person, dict)
    )
    history = fields.get("history")
    earlier = tuple(
        (timestamp(_text(older.get("created_at"))), results)
        for older in (history if isinstance(history, list) else [])
        if isinstance(older, dict) and (results := _results(older)) is not None
    )
    created_at = _text(fields.get("created_at"))
    return Entry(key, people, timestamp(created_at) or created_at, _results(fields), earlier)


def _results(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    results = fields.get("results")
    score = _number(fields.get("score"))
    tests = results.get("tests") if isinstance(results, dict) else None
    if score is None and isinstance(results, dict):
        score = _number(results.get("score"))
    if score is None and not isinstance(tests, list):
        return None
    rows = [
        {
            "number": _text(test.get("number")),
            "name": _text(test.get("name")),
            "score": _number(test.get("score")),
            "max_score": _number(test.get("max_score")),
        }
        for test in (tests if isinstance(tests, list) else [])
        if isinstance(test, dict)
    ]
    return {"score": score, "tests": rows}


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if abs(number) < 1e12 else None  # NaN compares false


def timestamp(text: str) -> str:
    """Return a time as YAML or ISO 8601 writes it, as ISO 8601; without an offset it is UTC; empty where it is none."""
    found = _TIME.search(text)
    if found is None:
        return ""
    day, clock, _, zone = found.groups()
    offset = "+00:00" if zone is None or zone.upper() in ("Z", "UTC") else zone[:3] + ":" + zone[-2:]
    try:
        return dt.datetime.fromisoformat(f"{day}T{clock}{offset}").isoformat()
    except ValueError:
        return ""
