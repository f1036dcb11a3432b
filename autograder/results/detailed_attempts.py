"""Details for the first attempts of a day alone, where the course says so: the rest of a day shows scores."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from autograder.base.gradescope import Metadata
from autograder.results.moments import read_moment
from autograder.results.staff_notes import StaffNotes

_TOLD: Final = (
    "Details are shown for the first {most} submissions of a day; this is number {count} today. Try again tomorrow."
)


def count_today(metadata: Metadata, zone: dt.tzinfo | None) -> int:
    """Return how many submissions, this one counted, were graded of its day; 1 where times are not known.

    Those for which the autograder failed showed nobody anything, and do not count.
    """
    own = _day(metadata.created_at, zone)
    earlier = metadata.raw.get("previous_submissions")
    if own is None or not isinstance(earlier, list):
        return 1
    graded = (entry for entry in earlier if isinstance(entry, dict) and not _has_failed(entry))
    return 1 + sum(_day(entry.get("submission_time"), zone) == own for entry in graded)


def _has_failed(entry: Mapping[str, Any]) -> bool:
    """Return whether the grader failed for an earlier submission, by Gradescope's word or by its own results."""
    results = entry.get("results")
    notes = StaffNotes.read(results) if isinstance(results, Mapping) else StaffNotes()
    return bool(entry.get("autograder_error")) or notes.problem is not None


def without_details(document: Mapping[str, Any], count: int, most: int) -> dict[str, Any]:
    """Return a results.json in which rows with points say how many, and not why."""
    sentence = _TOLD.format(most=most, count=count)
    tests = [
        {**test, "output": sentence, "output_format": "text"} if "score" in test and test.get("output") else test
        for test in document["tests"]
    ]
    output = "\n\n".join(filter(None, (sentence, str(document.get("output") or ""))))
    if sentence in str(document.get("output") or ""):
        output = str(document["output"])
    return {**document, "tests": tests, "output": output}


def _day(text: Any, zone: dt.tzinfo | None) -> dt.date | None:
    moment = read_moment(str(text), zone or dt.timezone.utc)
    return None if moment is None else moment.astimezone(zone or moment.tzinfo).date()
