"""Whole submissions that the benchmarks grade: where they lie, and how one is graded without training."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tomllib
from _table import ROOT

from autograder.assignment.config import Assignment
from autograder.audit.verdicts import CLOSE
from autograder.grading import pipeline
from autograder.grading.setup import Setup
from autograder.results.report import Report, TestResult

FOLDER = ROOT / "tests" / "solutions"
DESCRIPTIONS = ("MISTAKE.toml", "MISTAKE.txt")
TRAINING = "training"


@dataclass(frozen=True)
class Solution:
    """A folder `right-NAME` or `wrong-NAME`.

    what: the description of a wrong one. named: the chaffs whose sentences are true of it; None where nothing says.
    """

    name: str
    folder: Path
    right: bool
    what: str = ""
    named: tuple[str, ...] | None = None


def solutions(folder: Path) -> Iterator[Solution]:
    """Yield every solution below `folder`, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        kind = path.name.partition("-")[0]
        if path.is_dir() and kind in ("right", "wrong") and "-" in path.name:
            yield _read(path, right=kind == "right")


def _read(path: Path, *, right: bool) -> Solution:
    name = path.name if path.parent.name == "solutions" else f"{path.parent.name}/{path.name}"
    file = next((path / name for name in DESCRIPTIONS if (path / name).is_file()), None)
    if right or file is None:
        return Solution(name, path, right)
    if file.suffix == ".txt":
        return Solution(name, path, right, file.read_text(encoding="utf-8"))
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    return Solution(name, path, right, str(document.get("what", "")), tuple(document.get("named", ())))


def graded(solution: Solution, seed: str, assignment: Assignment, setup: Setup) -> Report:
    """Grade it with the inputs of `seed`, training left out."""
    with tempfile.TemporaryDirectory(prefix="beras-solution-") as folder:
        results = Path(folder, "results.json")
        return pipeline.grade(solution.folder, results, assignment, skip=(TRAINING,), seed=seed, setup=setup)


def lost(report: Report) -> list[TestResult]:
    """Return the rows that cost points."""
    return [row for row in report.tests if row.score is not None and (row.max_score or 0) - row.score > CLOSE]
