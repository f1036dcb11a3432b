"""Why no model can learn yet: rows that gave no answer, and a short trial that changes no weight."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from autograder.feedback import failures
from autograder.grading.ask import Ask
from autograder.results.report import TestResult
from autograder.wall.request import Ending, WorkerLimits

from .probes import training as probes
from .training_attempt import says_yes

#: Components without which no model learns, from the first that a training needs to the last.
_NEEDED: Final = (
    *("core", "dense", "leaky_relu", "relu", "sigmoid", "softmax", "mse", "cross_entropy", "accuracy"),
    *("tape", "sgd", "rmsprop", "adam", "model"),
)
_TRIAL_SECONDS: Final = 10.0


def find_obstacle(ask: Ask, components: str, rows: Iterable[TestResult]) -> str:
    """Return why no model can learn, where rows that are lost and a short trial both say so; or nothing.

    Only a row counts that was lost because something gave no answer, or one of no use: a gradient that is wrong by a
    factor may well train. rows: what was graded before.
    """
    run = ask.run
    lost = [row for row in rows if row.tags and row.tags[0] in _NEEDED and row.max_score and not row.score]
    broken = [row for row in lost if "ending" in row.staff or row.staff.get("aspect") == "structure"]
    if not broken:
        return ""
    memory = run.assignment.training.memory_mb * 2**20
    request = ask.asker.request(probes.tried, {"components": components}, public=True)
    outcome = ask.worker(request, WorkerLimits(_TRIAL_SECONDS, memory, 2**20), alone=True)
    if outcome.ending is Ending.ANSWERED:
        if not says_yes(outcome.answer.get("unchanged")):
            return ""
        found = "Two batches of `fit` leave every weight as it was."
    else:
        found = failures.no_answer(outcome, run.submission, ask.subject, {})
    visible = [row for row in broken if (row.visibility or run.assignment.visibility) == "visible"]
    first = min(visible, key=lambda row: _NEEDED.index(row.tags[0]), default=None)
    told = ["**No training was tried**: no model can learn yet.", found]
    if first is not None and not outcome.since:
        what = first.output.partition("\n\n")[0]
        told.append(f"Row {first.number} says: {what}")
        told[1:2] = [] if what in found else [found]
    return "\n\n".join(told)
