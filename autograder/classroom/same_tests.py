"""Whether a class's scores are of the same tests: one table holds no two kinds of score.

Submissions of one edition have the same tests with the same points. It is otherwise where some were graded with another
`--only` or `--skip`, or after the tests were changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError
from autograder.base.numbers import sort_key, trim
from autograder.classroom.store import Classroom
from autograder.feedback.text import plural
from autograder.grading import loading
from autograder.results.staff_notes import StaffNotes

#: The number of each test, and what it is worth.
Tests = frozenset[tuple[str, float]]
_NAMED: Final = 5


def of_document(document: Mapping[str, Any]) -> Tests:
    """Return the tests that a submission was graded with."""
    return frozenset(
        (test["number"], trim(float(test.get("max_score", 0))))
        for test in document["tests"]
        if isinstance(test.get("number"), str) and "score" in test
    )


def find_others(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return whose tests are not those of most of its edition, by id, and how they differ.

    documents: what was graded, by id. Of as many, those with more tests are the usual ones.
    """
    by_edition: dict[str, dict[str, Tests]] = defaultdict(dict)
    for name, document in documents.items():
        by_edition[StaffNotes.read(document).edition or ""][name] = of_document(document)
    found: dict[str, str] = {}
    for sets in by_edition.values():
        counts = Counter(sets.values())
        usual = max(counts, key=lambda tests: (counts[tests], len(tests), sorted(tests)))
        found |= {name: describe(tests, usual) for name, tests in sets.items() if tests != usual}
    return found


def describe(tests: Tests, usual: Tests) -> str:
    """Return how some tests differ from the usual ones: `without 9.1; 1.1 with other points`."""
    ours, theirs = dict(tests), dict(usual)
    kinds = (
        ("without", theirs.keys() - ours.keys()),
        ("with", ours.keys() - theirs.keys()),
        ("with other points for", {number for number in ours.keys() & theirs if ours[number] != theirs[number]}),
    )
    return "; ".join(f"{verb} {_name(numbers)}" for verb, numbers in kinds if numbers)


def _name(numbers: Iterable[str]) -> str:
    ordered = sorted(numbers, key=sort_key)
    more = len(ordered) - _NAMED
    return ", ".join(ordered[:_NAMED]) + (f" and {plural(more, 'more test')}" if more > 0 else "")


def check(
    room: Classroom, assignment: Assignment, only: str | None, skip: Collection[str], chosen: Collection[str] | None
) -> None:
    """Raise AssignmentError where `chosen` would be graded with other tests than those whose results are kept.

    chosen: the ids to grade, and no others; None: all, whose tests are then the same.
    """
    if chosen is None:
        return
    kept: dict[str, Mapping[str, Any]] = {}
    for entry in room.entries:
        results = entry.results if entry.id not in chosen and not entry.problem else None
        if results is not None and StaffNotes.read(results).problem is None:
            kept[entry.id] = results
    hidden = loading.load_hidden_tests(assignment) if kept else []
    asked: dict[str, Tests | None] = {}
    different: list[str] = []
    for document in kept.values():
        edition = StaffNotes.read(document).edition or ""
        if edition not in asked:
            own = assignment.editions.get(edition)
            asked[edition] = None if own is None else _choose(hidden, replace(assignment, edition=own), only, skip)
        now = asked[edition]
        if now is not None and (difference := describe(now, of_document(document))):
            different.append(difference)
    if not different:
        return
    who = ", ".join(entry.title for entry in room.entries if entry.id in chosen)
    paths: Sequence[str] = [entry.path for entry in room.entries if entry.id in chosen and entry.path]
    raise AssignmentError(
        f"{who} would be graded with other tests than {plural(len(different), 'other')} in {room.folder} "
        f"({different[0]}), and one table cannot hold scores of different tests. Nothing was graded. For the whole "
        "class with these tests, leave out --student; for the tests of the others, leave out --only, --skip and "
        f"--all-tests; to look at one submission alone, use `grade {paths[0] if paths else 'FOLDER'}`."
    )


def _choose(hidden: Any, assignment: Assignment, only: str | None, skip: Collection[str]) -> Tests | None:
    """Return the tests that would be run in an edition; None where none of them is asked there."""
    try:
        chosen = loading.choose(hidden, assignment, only, skip)
    except AssignmentError:
        return None
    return frozenset((test.number, trim(test.weight)) for test in chosen)
