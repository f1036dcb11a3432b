"""What Gradescope takes: everything in which a results.json breaks the rules, found without Gradescope.

Stricter than Gradescope where its rules are not known. A key that it does not know is a problem here, and a text that
is not UTF-8.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from autograder.assignment.config import VISIBILITIES

_FORMATS: Final = ("text", "html", "simple_format", "md", "ansi")

Rule = tuple[str, Callable[[Any], bool]]  # what is expected, and whether a value is it


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _make_choice(*values: str) -> Rule:
    return f"one of {', '.join(values)}", lambda value: value in values


_NUMBER: Final[Rule] = ("a finite number", _is_number)
_TEXT: Final[Rule] = ("a text", lambda value: isinstance(value, str))
_OBJECT: Final[Rule] = ("an object", lambda value: isinstance(value, dict))
_OBJECTS: Final[Rule] = (
    "a list of objects",
    lambda value: isinstance(value, list) and all(isinstance(entry, dict) for entry in value),
)
_TEXTS: Final[Rule] = (
    "a list of texts",
    lambda value: isinstance(value, list) and all(isinstance(entry, str) for entry in value),
)

_TOP: Final[Mapping[str, Rule]] = {
    "score": _NUMBER,
    "execution_time": _NUMBER,
    "output": _TEXT,
    "output_format": _make_choice(*_FORMATS),
    "test_output_format": _make_choice(*_FORMATS),
    "test_name_format": _make_choice(*_FORMATS),
    "visibility": _make_choice(*VISIBILITIES),
    "stdout_visibility": _make_choice(*VISIBILITIES),
    "extra_data": _OBJECT,
    "tests": _OBJECTS,
    "leaderboard": _OBJECTS,
}
_TEST: Final[Mapping[str, Rule]] = {
    "score": _NUMBER,
    "max_score": _NUMBER,
    "status": _make_choice("passed", "failed"),
    "name": _TEXT,
    "name_format": _make_choice(*_FORMATS),
    "number": _TEXT,
    "output": _TEXT,
    "output_format": _make_choice(*_FORMATS),
    "tags": _TEXTS,
    "visibility": _make_choice(*VISIBILITIES),
    "extra_data": _OBJECT,
}
_LEADER: Final[Mapping[str, Rule]] = {
    "name": _TEXT,
    "value": ("a number or a text", lambda value: _is_number(value) or isinstance(value, str)),
    "order": _make_choice("asc", "desc"),
}


def problems(content: bytes) -> list[str]:
    """Return every rule that the bytes of a results.json break, a sentence each; none where Gradescope takes it."""
    try:
        document = json.loads(content.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_no_name_twice)
    except (ValueError, RecursionError) as error:
        return [f"It is no strict JSON: {error}."]
    if not isinstance(document, dict):
        return [f"It holds {type(document).__name__}; expected an object."]
    found = list(_find_broken("", document, _TOP))
    if b"\r" in content:
        found.append("A line ends in \\r\\n; expected \\n.")
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        found.append("A text holds half a character (a lone surrogate).")
    if found:
        return found
    tests = document.get("tests", [])
    for index, test in enumerate(tests):
        found += _find_broken(f"tests[{index}].", test, _TEST)
    for index, entry in enumerate(document.get("leaderboard", [])):
        found += _find_broken(f"leaderboard[{index}].", entry, _LEADER)
        found += [f"leaderboard[{index}].{key} is missing." for key in ("name", "value") if key not in entry]
    if "score" not in document and not any("score" in test for test in tests):
        found.append("There is no score: neither of the whole nor of any test.")
    return found


def is_readable(document: Any) -> bool:
    """Return whether a document has rows, and nothing that Gradescope knows is of another kind than it should be."""
    if not isinstance(document, dict) or "tests" not in document or not _fits(document, _TOP):
        return False
    return all(_fits(test, _TEST) for test in document["tests"])


def _fits(entry: Mapping[str, Any], rules: Mapping[str, Rule]) -> bool:
    return all(rules[key][1](value) for key, value in entry.items() if key in rules)


def _find_broken(place: str, entry: Mapping[str, Any], rules: Mapping[str, Rule]) -> Iterator[str]:
    for key, value in entry.items():
        if key not in rules:
            yield f"{place}{key} is no key that Gradescope knows."
        elif not rules[key][1](value):
            yield f"{place}{key} is {str(value)[:60]!r}; expected {rules[key][0]}."


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("an object has one key twice")
    return document
