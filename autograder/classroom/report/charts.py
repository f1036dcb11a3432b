"""Training curves and accuracy against score, as points to draw: heights and widths, no markup.

Accuracies are drawn by the logarithm of their errors. Most models of a class lie between 90 and 99 %, which a scale of
accuracies would draw as one line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from autograder.classroom.grades import GradeBook, Row, Test
from autograder.classroom.report.statistics import correlation, one_each

_WIDTH, _HEIGHT = 96, 40  # of a small chart, in its own units
_FEWEST_ERRORS: Final = 0.01  # the top of every scale: 99 %


def trainings(book: GradeBook, target: float) -> list[dict[str, Any]]:
    """For every training test: a small chart for each submission, and a dot for each in accuracy against score."""
    rows = one_each(book.graded)
    tests = [test for test in book.tests if any(test.number in row.accuracies and test.is_in(row) for row in rows)]
    return [_training(book, test, [row for row in rows if test.is_in(row)], target) for test in tests]


def _training(book: GradeBook, test: Test, rows: Sequence[Row], target: float) -> dict[str, Any]:
    trained = sorted(
        (row for row in rows if test.number in row.accuracies), key=lambda row: row.accuracies[test.number]
    )
    curves = {row.entry.id: _curves(row, test) for row in trained}
    epochs = max(len(curve) for attempts in curves.values() for curve in attempts)
    charts: list[dict[str, Any]] = [
        {
            "row": row,
            "best": row.accuracies[test.number],
            "passed": row.has_passed(test),
            "epochs": (ended := max(map(len, curves[row.entry.id]))),
            "kind": "dot" if ended == 1 else "line",
            "accuracy": [
                _line([(epoch, _height(accuracy)) for epoch, (_, accuracy) in enumerate(curve)], epochs)
                for curve in curves[row.entry.id]
            ],
            "loss": [_line(_losses(curve), epochs) for curve in curves[row.entry.id] if len(_losses(curve)) > 1],
        }
        for row in trained
    ]
    worth = book.points or 1.0
    first = math.floor(min(row.raw or 0.0 for row in trained) / worth * 10) / 10 * worth
    span = (worth - first) or 1.0
    dots = [
        {**chart, "x": 100 * ((chart["row"].raw or 0.0) - first) / span, "y": 100 * _height(chart["best"])}
        for chart in charts
    ]
    return {
        "test": test,
        "target": target,
        "goal": _height(target),
        "curves": [chart for chart in charts if chart["epochs"] > 1 or not chart["passed"]],
        "at_once": [chart for chart in charts if chart["epochs"] <= 1 and chart["passed"]],
        "dots": dots,
        "first": first,
        "marks": [(accuracy, 100 * _height(accuracy)) for accuracy in (0.0, 0.9, 0.99)],
        "submissions": len(rows),
        "passed": sum(row.has_passed(test) for row in rows),
        "untrained": [row for row in rows if test.number not in row.accuracies],
        "correlation": correlation(
            [row.raw or 0.0 for row in trained], [row.accuracies[test.number] for row in trained]
        ),
    }


def _curves(row: Row, test: Test) -> list[list[tuple[float, float]]]:
    """Return the attempts that ended an epoch: loss (NaN where it was none) and accuracy after each."""
    return [
        [(math.nan if loss is None else float(loss), float(accuracy or 0)) for loss, accuracy in curve]
        for curve in row.staff.get(test.number, {}).get("curves") or ()
        if curve
    ]


def _height(accuracy: float) -> float:
    """Return where an accuracy stands between the foot (0) and the top (1) of a chart."""
    return math.log(max(1 - accuracy, _FEWEST_ERRORS)) / math.log(_FEWEST_ERRORS)


def _losses(curve: Sequence[tuple[float, float]]) -> list[tuple[int, float]]:
    """Return epochs and losses, the largest of them 1; those that are no number are left out."""
    found = [(epoch, loss) for epoch, (loss, _) in enumerate(curve) if math.isfinite(loss)]
    largest = max((loss for _, loss in found), default=0.0)
    return [(epoch, loss / largest) for epoch, loss in found] if largest > 0 else []


def _line(places: Sequence[tuple[int, float]], epochs: int) -> str:
    """Return the points of a polyline over `epochs`, heights from 0 to 1; a single one is drawn as a dot."""
    width = _WIDTH / max(epochs - 1, 1)
    drawn = [f"{width * epoch:.1f},{_HEIGHT * (1 - min(max(height, 0.0), 1.0)):.1f}" for epoch, height in places]
    return " ".join(drawn * (2 if len(drawn) == 1 else 1))
