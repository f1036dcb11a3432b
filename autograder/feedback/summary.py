"""The top of a student's page: points, how many mistakes, where to begin, what follows from what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from autograder.base.numbers import sort_key
from autograder.feedback.messages import plural
from autograder.results.report import TestResult

#: What a row says of another that has the same cause; see `Diagnosis.tell`.
_SAME_CAUSE: Final = re.compile(r"same cause as in (\d+(?:\.\d+)*)")
_UNWRITTEN: Final = "**Not implemented yet**"
_NAMED: Final = 6  # mistakes at most; a longer list is no place to begin


def summarise(rows: Iterable[TestResult], graded_as: str) -> str:
    """Return the summary of a whole run, in Markdown.

    rows: all of them, each with its final text. graded_as: the edition and the versions, a clause.
    A row says what it adds in `staff["headline"]`, a clause: what was trained, and how well.
    """
    asked = [row for row in rows if row.number]
    lost = sorted((row for row in asked if _costs(row)), key=lambda row: sort_key(row.number or ""))
    score = sum(row.score or 0.0 for row in asked)
    most = sum(row.max_score or 0.0 for row in asked)
    sentences = [f"**{score:.6g} of {most:.6g} points.** {_what_cost(lost)}"]
    headlines = [row.staff["headline"] for row in asked if row.staff.get("headline")]
    if headlines:
        sentences.append(f"{'; '.join(headlines)}.")
    sentences.append(f"Graded as {graded_as}.")
    return " ".join(sentences)


def _costs(row: TestResult) -> bool:
    return bool(row.max_score) and (row.score or 0.0) < (row.max_score or 0.0)


def _what_cost(lost: Sequence[TestResult]) -> str:
    if not lost:
        return "Every test passed."
    unwritten = [row for row in lost if _UNWRITTEN in row.output]
    mistakes = _by_cause([row for row in lost if _UNWRITTEN not in row.output])
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


def _verb(rows: Sequence[TestResult], one: str, many: str) -> str:
    return one if len(rows) == 1 else many


def _by_cause(lost: Sequence[TestResult]) -> Mapping[str, list[str]]:
    """The rows that have a cause of their own, in order, each with those that have the same."""
    groups: dict[str, list[str]] = {}
    first_of: dict[str, str] = {}
    for row in lost:
        number = row.number or ""
        said = _SAME_CAUSE.search(row.output)
        first = first_of.get(said[1]) if said else None
        if first is None:
            groups[number], first_of[number] = [], number
        else:
            groups[first].append(number)
            first_of[number] = first
    return groups


def _mistake(number: str, same: Sequence[str]) -> str:
    if not same:
        return f"**{number}**"
    listed = " and ".join(filter(None, (", ".join(same[:-1]), same[-1])))
    return f"**{number}** ({listed} {'has' if len(same) == 1 else 'have'} the same cause)"
