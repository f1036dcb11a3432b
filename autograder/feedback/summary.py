"""The top of a student's page: points, how many mistakes, where to begin, what follows from what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from autograder.base.numbers import sort_key
from autograder.feedback.text import plural
from autograder.results.report import EXTRA, TestResult

#: What a row says of another that has the same cause; see `Diagnosis.tell`.
#: The grader's own sentence ends its line; what a submission says is quoted, and a quote is closed behind it.
_SAME_CAUSE: Final = re.compile(r"Most likely the same cause as in (\d+(?:\.\d+)*)\.$", re.MULTILINE)
#: What a row says as long as its test was not run.
NOT_REACHED: Final = "Not reached: the run ended before this test."
_UNWRITTEN: Final = "**Not implemented yet**"
_LISTED: Final = 4  # rows of one mistake at most; of more, their count
_NAMED: Final = 6  # mistakes at most; a longer list is no place to begin


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
    mistakes = _by_cause([row for row in lost if not row.output.startswith(_UNWRITTEN)])
    if not mistakes:
        return f"{plural(len(unwritten), 'test')} {_verb(unwritten, 'asks', 'ask')} for what is not written yet."
    first, *others = mistakes
    count = plural(len(mistakes), "mistake")
    text = f"{count} {'costs' if len(mistakes) == 1 else 'cost'} points. Begin with {_mistake(first, mistakes[first])}"
    named = others[: _NAMED - 1]
    text += "".join(f", then {_mistake(number, mistakes[number])}" for number in named)
    if len(others) > len(named):
        text += f", and {len(others) - len(named)} more"
    text += "."
    if unwritten:
        text += f" {plural(len(unwritten), 'more test')} {_verb(unwritten, 'asks', 'ask')} for what is not written yet."
    return text


def _is_unasked(row: TestResult) -> bool:
    """Return whether the grader got no answer for reasons of its own: then it is not the student's mistake."""
    return "grader_error" in row.staff or row.output == NOT_REACHED


def _verb(rows: Sequence[TestResult], one: str, many: str) -> str:
    return one if len(rows) == 1 else many


def _by_cause(lost: Sequence[TestResult]) -> Mapping[str, list[str]]:
    """Return the rows that have a cause of their own, in order, each with those that have the same."""
    groups: dict[str, list[str]] = {}
    first_of: dict[str, str] = {}
    failed_at: dict[str, str] = {}  # by what rows that gave no answer share, the first of them
    for row in lost:
        number = row.number or ""
        # Not in what the submission printed, which stands in a block of code.
        said = _SAME_CAUSE.search(row.output.partition("```")[0])
        first = first_of.get(said[1]) if said else None
        cause = row.staff.get("cause")
        if first is None and cause:
            first = failed_at.setdefault(cause, number)
            first = None if first == number else first_of[first]
        if first is None:
            groups[number], first_of[number] = [], number
        else:
            groups[first].append(number)
            first_of[number] = first
    return groups


def _mistake(number: str, same: Sequence[str]) -> str:
    if not same:
        return f"**{number}**"
    if len(same) > _LISTED:
        return f"**{number}** ({len(same)} more have the same cause)"
    listed = " and ".join(filter(None, (", ".join(same[:-1]), same[-1])))
    return f"**{number}** ({listed} {'has' if len(same) == 1 else 'have'} the same cause)"


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
