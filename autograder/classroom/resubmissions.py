"""What became of those who handed in more than once: from Gradescope's history, or from what was graded here.

A journal's lines are tries where the submission's content differs from that of the line before. The same content graded
again, by other tests for instance, is the same try, and its last grading counts.
"""

from __future__ import annotations

from autograder.classroom.journal import read_lines
from autograder.classroom.sources import Try
from autograder.classroom.store import Classroom, Entry
from autograder.results.lateness import LateRecord


def of_room(room: Classroom) -> dict[str, tuple[Try, ...]]:
    """Return the tries of each submission that was handed in more than once, by its id, oldest first.

    Those whose score nobody knows are left out; the last one's is what it was graded with here, where it has no other.
    """
    recorded: dict[str, list[tuple[str, Try]]] = {}
    for line in read_lines(room.folder):
        if line.digest is not None:
            own = recorded.setdefault(line.id, [])
            if own and own[-1][0] == line.digest:
                own.pop()
            own.append((line.digest, Try(line.at, float(line.score or 0), line.points or {})))
    found = {
        entry.id: _with_scores(entry) if entry.tries else tuple(one for _, one in recorded.get(entry.id, ()))
        for entry in room.entries
    }
    return {name: tries for name, tries in found.items() if len(tries) > 1}


def _with_scores(entry: Entry) -> tuple[Try, ...]:
    """Return the tries whose scores are known. A platform that graded none of them says 0, and names no test."""
    *earlier, last = entry.tries
    results = entry.results
    if not _is_graded(last) and results is not None:
        late = LateRecord.read(results)
        points = {
            test["number"]: float(test["score"])
            for test in results["tests"]
            if isinstance(test.get("number"), str) and "score" in test
        }
        last = Try(last.at, float(late.raw if late is not None else results.get("score", 0)), points)
    return tuple(one for one in (*earlier, last) if _is_graded(one))


def _is_graded(one: Try) -> bool:
    return bool(one.points) or one.score > 0
