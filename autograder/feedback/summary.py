"""The top of a student's page: points, how many tests cost some, where to begin, what follows from what.

It counts lost tests, never mistakes: one mistake can lose many tests, and the grader cannot know how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from autograder.base.numbers import sort_key
from autograder.feedback.text import plural
from autograder.results.report import EXTRA, TestResult

#: What a row says of another that has the same cause; see `Diagnosis.tell`.
#: The grader's own sentence ends its line; what a submission says is quoted, and a quote is closed behind it.
_SAME_CAUSE: Final = re.compile(r"Most likely the same cause as in (\d+(?:\.\d+)*)\.$", re.MULTILINE)
#: What a row says as long as its test was not run.
NOT_REACHED: Final = "Not reached: the run ended before this test. The note above the rows says why."
#: What a row says that another comes before; see `Homework.fix_first`. Of several, this one is no place to begin.
_COMES_AFTER: Final = re.compile(r"\bfix (\d+(?:\.\d+)*|this|these) first\.$", re.MULTILINE)
_UNWRITTEN: Final = "**Not implemented yet**"
_LISTED: Final = 4  # rows of one cause at most; of more, their count
_NAMED: Final = 6  # places at most; a longer list is no place to begin


def summarise(rows: Iterable[TestResult], graded_as: str, visibility: str = "visible") -> str:
    """Return the summary of a whole run, in Markdown, of what its author may see.

    rows: all of them, each with its final text.
    graded_as: a clause with the edition and the versions: "as edition f25, with Python 3.12.3".
    visibility: of a row that has none of its own. Rows that are not visible count for nothing here.
    A row says what it adds in `staff["headline"]`, a clause: what was trained, and how well.
    """
    rows = list(rows)
    seen = [row for row in rows if (row.visibility or visibility) == "visible"]
    asked = [row for row in seen if row.number]
    lost = sorted((row for row in asked if _costs(row)), key=lambda row: sort_key(row.number or ""))
    score = max(sum(row.score or 0.0 for row in seen), 0.0)
    most = sum(row.max_score or 0.0 for row in seen if EXTRA not in row.tags)
    all_of_them = len(seen) == len(rows)
    points = f"**{score:.6g} of {most:.6g} points{'' if all_of_them else ' in the tests that you can see'}.**"
    sentences = [f"{points} {_what_cost(lost)}"] if most else []
    headlines = [row.staff["headline"] for row in asked if row.staff.get("headline")]
    if headlines:
        sentences.append(f"{'; '.join(headlines)}.")
    sentences.append(f"Graded {graded_as}.")
    return " ".join(sentences)


def _costs(row: TestResult) -> bool:
    return bool(row.max_score) and EXTRA not in row.tags and (row.score or 0.0) < (row.max_score or 0.0)


def _what_cost(lost: Sequence[TestResult]) -> str:
    if not lost:
        return "Every test passed."
    unasked = [row for row in lost if _is_unasked(row)]
    lost = [row for row in lost if not _is_unasked(row)]
    if not lost:
        return f"{plural(len(unasked), 'test')} could not be asked; no other lost points."
    # What could not be tried for other rows' sake is no place to begin, unless its author sees none of those.
    lost = [row for row in lost if not row.staff.get("not trained")] or lost
    unwritten = [row for row in lost if row.output.startswith(_UNWRITTEN)]
    written = [row for row in lost if not row.output.startswith(_UNWRITTEN)]
    if not written:
        return f"{plural(len(unwritten), 'test')} {_verb(unwritten, 'asks', 'ask')} for what is not written yet."
    places = _places(written)
    text = f"{plural(len(written), 'test')} {_verb(written, 'costs', 'cost')} points. Begin with "
    text += ", then ".join(map(_spell, places[:_NAMED]))
    if len(places) > _NAMED:
        text += f", and {len(places) - _NAMED} more"
    text += "."
    if unwritten:
        text += f" {plural(len(unwritten), 'more test')} {_verb(unwritten, 'asks', 'ask')} for what is not written yet."
    return text


def _is_unasked(row: TestResult) -> bool:
    """Return whether the grader got no answer for reasons of its own: then it is not the student's mistake."""
    return "grader_error" in row.staff or row.output == NOT_REACHED


def _verb(rows: Sequence[TestResult], one: str, many: str) -> str:
    return one if len(rows) == 1 else many


@dataclass
class _Place:
    """A row to begin with. same: the rows that most likely have its cause. after: those that ask for more of it."""

    number: str
    same: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


def _places(lost: Sequence[TestResult]) -> list[_Place]:
    """Return where to begin, in order: the rows that no other lost row comes before, and what follows from each."""
    first_of: dict[str, _Place] = {}
    failed_at: dict[str, _Place] = {}  # by what rows that gave no answer share
    places: list[_Place] = []
    last: list[str] = []  # what builds on several others
    for row in lost:
        number = row.number or ""
        own_text = row.output.partition("```")[0]  # not what the submission printed, which stands in a block of code
        same, after = (pattern.search(own_text) for pattern in (_SAME_CAUSE, _COMES_AFTER))
        cause = row.staff.get("cause")
        place = (first_of.get(same[1]) if same else None) or (failed_at.get(cause) if cause else None)
        before = first_of.get(after[1]) if after else None
        if place is not None:
            place.same.append(number)
        elif before is not None:
            place = before
            place.after.append(number)
        elif after and not after[1][0].isdigit():
            last.append(number)
            continue
        else:
            place = _Place(number)
            places.append(place)
        first_of[number] = place
        if cause:
            failed_at.setdefault(cause, place)
    return places or [_Place(number) for number in last]


def _spell(place: _Place) -> str:
    clauses = [
        f"{_listed(numbers)} {one if len(numbers) == 1 else many}"
        for numbers, one, many in (
            (place.same, "most likely has the same cause", "most likely have the same cause"),
            (place.after, "builds on it", "build on it"),
        )
        if numbers
    ]
    return f"**{place.number}**" + (f" ({'; '.join(clauses)})" if clauses else "")


def _listed(numbers: Sequence[str]) -> str:
    if len(numbers) > _LISTED:
        return f"{len(numbers)} more"
    return " and ".join(filter(None, (", ".join(numbers[:-1]), numbers[-1])))


def in_reading_order(rows: Iterable[TestResult]) -> tuple[TestResult, ...]:
    """Return the rows as Gradescope lists them: what is wrong first, what informs last, in their order otherwise."""
    return tuple(sorted(rows, key=_rank))


def _rank(row: TestResult) -> int:
    if not row.number and (row.passed is False or (row.score or 0.0) < 0):
        return 0  # a file that is missing or cannot be loaded: it explains what follows
    if _costs(row):
        return 1
    if row.passed is False:
        return 2
    return 3 if row.max_score else 4
