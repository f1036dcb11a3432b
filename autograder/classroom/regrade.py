"""What changed between two gradings of a class, by submission and by test: what publishing the new one would do."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.numbers import sort_key
from autograder.classroom import sources, store
from autograder.results import lateness, overrides

_CLOSE: Final = 1e-6
_LONGEST: Final = 160


@dataclass(frozen=True)
class Grade:
    """A submission's score, points by test number (a test without one: its name), and why points went.

    decided: what lateness and the staff did to the score, in words.
    """

    title: str
    score: float | None
    points: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    decided: str = ""


@dataclass(frozen=True)
class Change:
    """One test of one submission, or (test empty) its total; None: not there."""

    id: str
    title: str
    test: str
    old: float | None
    new: float | None
    reason: str = ""


@dataclass(frozen=True)
class Difference:
    """All that changed. only_old, only_new: submissions that one side has no grade for; tests likewise.

    common: how many tests both sides have, where the scores are those of these tests alone; else None.
    rowless: how many submissions have no rows on one side: of these, whole scores are compared.
    in_part: whether one side was graded with a part of the tests.
    """

    compared: int
    scores: tuple[Change, ...]
    tests: tuple[Change, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    tests_only_old: tuple[str, ...]
    tests_only_new: tuple[str, ...]
    names: Mapping[str, str]
    common: int | None = None
    rowless: int = 0
    in_part: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything would be different for anybody."""
        return bool(self.scores or self.tests or self.only_old or self.only_new)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON takes it."""
        return {
            "compared": self.compared,
            "common_tests": self.common,
            "compared_by_total": self.rowless,
            "counts": {"up": self.count(up=True), "down": self.count(up=False), "tests": self.by_test()},
            "scores": [vars(change) for change in self.scores],
            "tests": [vars(change) for change in self.tests],
            "only_old": list(self.only_old),
            "only_new": list(self.only_new),
            "tests_only_old": list(self.tests_only_old),
            "tests_only_new": list(self.tests_only_new),
        }

    def count(self, *, up: bool) -> int:
        """Return how many submissions would gain, or lose."""
        return sum(((change.new or 0) > (change.old or 0)) == up for change in self.scores)

    def by_test(self) -> dict[str, dict[str, int]]:
        """Return by test how many would gain ("up") and lose ("down")."""
        counts = Counter((change.test, (change.new or 0) > (change.old or 0)) for change in self.tests)
        tests = sorted({test for test, _ in counts}, key=sort_key)
        return {test: {"up": counts[test, True], "down": counts[test, False]} for test in tests}


def refuse_two_kinds(old: Path, new: Path) -> None:
    """Raise AssignmentError where one is a single submission's results.json, and the other a class."""
    single, several = (old, new) if _is_single(old) else (new, old)
    if _is_single(single) and not _is_single(several):
        raise AssignmentError(
            f"{single} is the result of one submission, and {several} is none: compare two classes, or two "
            "results.json. A graded class has each submission's in DIR/ID/results.json."
        )


def _is_single(path: Path) -> bool:
    return path.is_file() and path.suffix == ".json"


def read(path: Path) -> dict[str, Grade]:
    """Return grades by submission.

    `path` is a graded class, a results.json, or an export (zip or folder) with what was published.
    Raises AssignmentError where `path` is none of them.
    """
    if _is_single(path):
        document = store.read_results(path)
        if document is None:
            raise AssignmentError(f"{path} is no results.json: it holds no list of tests.")
        return {"": _grade("", document)}
    if (path / store.CLASS_FILE).is_file():
        room = store.load(path)
        return {entry.id: _grade(entry.title, entry.results) for entry in room.entries if entry.results is not None}
    with sources.open_source(path) as source:
        graded = {
            submission.id: _grade(
                ", ".join(person.name for person in submission.people) or submission.id, submission.published
            )
            for submission in source.submissions
            if submission.published is not None
        }
    if not graded:
        raise AssignmentError(
            f"{path} holds no grades: expected a folder that `batch` made, a results.json, or Gradescope's export with "
            "published results."
        )
    return graded


def _grade(title: str, document: Mapping[str, Any]) -> Grade:
    rows = [test for test in document["tests"] if isinstance(test.get("score"), (int, float))]
    keys = [str(test.get("number") or test.get("name") or "") for test in rows]
    score = document.get("score")
    return Grade(
        title=title,
        score=float(score) if isinstance(score, (int, float)) else None,
        points={key: float(test["score"]) for key, test in zip(keys, rows, strict=True)},
        reasons={key: _reason(str(test.get("output") or "")) for key, test in zip(keys, rows, strict=True)},
        names={key: str(test.get("name") or "") for key, test in zip(keys, rows, strict=True) if test.get("number")},
        decided=" ".join(
            _reason(str(test.get("output") or ""))
            for test in document["tests"]
            if test.get("name") in (lateness.ROW_NAME, overrides.ROW_NAME) and "number" not in test
        ),
    )


def _reason(output: str) -> str:
    """Return the first two paragraphs of what a student reads, on one line, without what makes letters bold."""
    text = " ".join(" ".join(output.split("\n\n")[:2]).replace("**", "").split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def compare(old: Mapping[str, Grade], new: Mapping[str, Grade], *, in_part: bool = False) -> Difference:
    """Compare grade by grade. Tests that only one side has count as added or gone, not as changed for everyone.

    in_part: whether one side was graded with a part of the tests: scores are then compared by those that both have.
    """
    scores, tests = [], []
    old_tests = {test for grade in old.values() for test in grade.points}
    new_tests = {test for grade in new.values() for test in grade.points}
    common = old_tests & new_tests if in_part and old_tests != new_tests and old_tests and new_tests else None
    both = [key for key in old if key in new]
    rowless = 0
    for key in both:
        before, after = old[key], new[key]
        if not before.points or not after.points:
            rowless += 1
        elif common is not None:
            before, after = _limit(before, common), _limit(after, common)
        title = after.title or before.title or key
        if not _same(before.score, after.score):
            scores.append(Change(key, title, "", before.score, after.score, _decided(before, after)))
        for test in sorted((before.points.keys() | after.points.keys()) & old_tests & new_tests, key=sort_key):
            a, b = before.points.get(test), after.points.get(test)
            if not _same(a, b):
                lost = after if (b or 0) < (a or 0) else before
                verb = "" if lost is after else "was: "
                reason = lost.reasons.get(test, "")
                tests.append(Change(key, title, test, a, b, f"{verb}{reason}" if reason else ""))
    return Difference(
        compared=len(both),
        scores=tuple(scores),
        tests=tuple(tests),
        only_old=tuple(key for key in old if key not in new),
        only_new=tuple(key for key in new if key not in old),
        tests_only_old=tuple(sorted(old_tests - new_tests, key=sort_key)),
        tests_only_new=tuple(sorted(new_tests - old_tests, key=sort_key)),
        names={test: name for grade in (*old.values(), *new.values()) for test, name in grade.names.items()},
        common=None if common is None else len(common),
        rowless=rowless,
        in_part=in_part,
    )


def _limit(grade: Grade, tests: Collection[str]) -> Grade:
    """Return a grade of these tests alone."""
    points = {test: points for test, points in grade.points.items() if test in tests}
    score = None if grade.score is None else max(math.fsum(points.values()), 0.0)
    return replace(grade, points=points, score=score, decided="")


def _decided(before: Grade, after: Grade) -> str:
    """Return what lateness and the staff decided otherwise than before."""
    if before.decided == after.decided:
        return ""
    return after.decided or f"no longer: {before.decided}"


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _CLOSE
