"""What became of those who handed in more than once: from Gradescope's history, or from what was graded here.

A journal's lines are tries where the submission's content differs. The same content graded again, by other tests for
instance, is the same try, and its last grading counts.
"""

from __future__ import annotations

from autograder.classroom.journal import read_lines
from autograder.classroom.sources import Try
from autograder.classroom.store import Classroom


def of_room(room: Classroom) -> dict[str, tuple[Try, ...]]:
    """Return the tries of each submission that was handed in more than once, by its id, oldest first."""
    recorded: dict[str, dict[str, Try]] = {}
    for line in read_lines(room.folder):
        if line.digest is not None:
            one = Try(line.at, float(line.score or 0), line.points or {})
            recorded.setdefault(line.id, {})[line.digest] = one
    found = {entry.id: entry.tries or tuple(recorded.get(entry.id, {}).values()) for entry in room.entries}
    return {name: tries for name, tries in found.items() if len(tries) > 1}
