"""What became of those who handed in more than once: from Gradescope's history, or from what was graded here.

A journal's lines are tries where the submission's content differs. The same content graded again, by other tests for
instance, is the same try, and its last grading counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from autograder.classroom.sources import Try
from autograder.classroom.store import JOURNAL_FILE, Classroom, parsed

_DIGEST: Final = "digest"


def graded(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a journal's line holds of a grading: the score and the points, before lateness."""
    tests = [test for test in document.get("tests", ()) if "number" in test and "score" in test]
    return {"score": document.get("score", 0), "points": {test["number"]: test["score"] for test in tests}}


def of_room(room: Classroom) -> dict[str, tuple[Try, ...]]:
    """Return the tries of each submission that was handed in more than once, by its id, oldest first."""
    recorded: dict[str, dict[str, Try]] = {}
    for line in _lines(room):
        if isinstance(line.get("id"), str) and isinstance(line.get(_DIGEST), str):
            points = line.get("points")
            one = Try(str(line.get("at", "")), _number(line.get("score")), points if isinstance(points, dict) else {})
            recorded.setdefault(line["id"], {})[line[_DIGEST]] = one
    found = {entry.id: entry.tries or tuple(recorded.get(entry.id, {}).values()) for entry in room.entries}
    return {name: tries for name, tries in found.items() if len(tries) > 1}


def _lines(room: Classroom) -> list[dict[str, Any]]:
    try:
        content = (room.folder / JOURNAL_FILE).read_bytes()
    except OSError:
        return []
    return list(parsed(content.splitlines()))


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
