"""Which chaffs, wheats and whole solutions an audit of a part grades: by name, test, component, or what they change."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from autograder.assignment import editions
from autograder.assignment.config import Assignment
from autograder.assignment.variants import Variant
from autograder.audit.solutions import Solution
from autograder.base.errors import AssignmentError
from autograder.grading.hidden_tests import HiddenTest
from autograder.grading.loading import read_hidden_tests


@dataclass(frozen=True)
class Selection:
    """What was asked for, in the user's words, with the names of the variants and solutions that each word means."""

    meant: Mapping[str, frozenset[str]]

    @property
    def names(self) -> frozenset[str]:
        """All names that are meant."""
        return frozenset().union(*self.meant.values())

    def refuse_empty(self, there: Collection[str], edition: str) -> None:
        """Raise AssignmentError for a word that means nothing of what is graded: it would count as a success."""
        for word, names in self.meant.items():
            if names.isdisjoint(there):
                raise AssignmentError(
                    f"{word}: nothing would be graded in the edition {edition}. It asks none of the tests that this "
                    "costs points of; or, of a test's number or a component, no chaff costs points of it."
                )


def select(
    only: Collection[str], components: Collection[str], assignment: Assignment, whole: Sequence[Solution]
) -> Selection:
    """Return what `only` and `components` mean.

    only: names of chaffs, wheats and solutions, numbers of tests, and what the reference defines (`Class.method`).
    components: first tags of tests. Raises AssignmentError for a word that means nothing, with those that are like it.
    """
    chaffs, wheats = (editions.load_variants(assignment, kind) for kind in ("chaffs", "wheats"))
    variants = {**chaffs, **wheats}
    tests = [own for test in read_hidden_tests(assignment) if (own := test.for_edition(assignment))]
    named = {name: frozenset({name}) for name in variants}
    named |= {name: frozenset({name}) for one in whole for name in (one.name, one.title)}
    numbers = {test.number for test in tests}
    targets = {target for one in variants.values() for target in (one.target, one.target.partition(".")[0])}

    def find(word: str) -> frozenset[str]:
        if word in named:
            return named[word]
        if word in numbers:
            return _of_tests([test for test in tests if test.number == word], chaffs, wheats)
        return frozenset(name for name, one in variants.items() if word in (one.target, one.target.partition(".")[0]))

    meant = {word: find(word) for word in only}
    for word, names in meant.items():
        if not names and word not in numbers:
            _refuse(word, {*named, *numbers, *targets})
    for word in components:
        if word not in assignment.homework.components:
            raise AssignmentError(f"--component {word}: expected one of {', '.join(assignment.homework.components)}.")
        meant[word] = _of_tests([test for test in tests if test.tags[0] == word], chaffs, wheats)
    return Selection(meant)


def _of_tests(
    tests: Sequence[HiddenTest], chaffs: Mapping[str, Variant], wheats: Mapping[str, Variant]
) -> frozenset[str]:
    """Return the chaffs that cost points of one of `tests`, all those of what the tests are about, and its wheats."""
    numbers, subjects = {test.number for test in tests}, {test.subject for test in tests}
    found = {name for name, one in chaffs.items() if one.target in subjects or numbers & set(one.costs)}
    targets = subjects | {chaffs[name].target for name in found}
    return frozenset(found | {name for name, one in wheats.items() if one.target in targets})


def _refuse(word: str, known: Collection[str]) -> None:
    close = difflib.get_close_matches(word, sorted(known), 3)
    meant = f"; did you mean {' or '.join(close)}?" if close else "."
    raise AssignmentError(
        f"There is no chaff, wheat or solution called {word}{meant} `make --list` prints chaffs and wheats; "
        "tests/solutions has whole solutions. A test's number, or Class.method of the reference, will do, too."
    )
