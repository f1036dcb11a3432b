"""Whether any seed takes points from a right answer.

Method: every whole solution that is right (--solutions) and every wheat is graded by the real pipeline, training left
out, with the inputs of every seed, in one process. Each must lose nothing. A row shows how many seeds cost something,
and in which tests. Exit status 1 where any does.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from _table import parser

SEEDS, QUICK = 200, 5


def measured(*, seeds: int, folder: Path, only: str, walled: bool) -> list[dict[str, Any]]:
    """Grade each with every seed."""
    import _solutions
    import _unwalled

    from autograder.assignment import config
    from autograder.audit import audit, examination
    from autograder.audit.findings import WHEAT
    from autograder.grading.setup import Setup

    assignment = config.load()
    names = [f"seed {number}" for number in range(seeds)]
    make_setup = Setup if walled else _unwalled.UnwalledSetup
    rows = []
    with contextlib.closing(make_setup(assignment)) as setup:
        setup.memory.shared = False  # no seed asks what another has asked
        for solution in _solutions.solutions(folder):
            if not solution.right or only not in solution.name:
                continue
            begun, lost, points = time.monotonic(), Counter[str](), 0.0
            for seed in names:
                report = _solutions.graded(solution, seed, assignment, setup)
                lost.update(row.number for row in _solutions.lost(report))
                points += report.max_score - report.score
            rows.append(_row(solution.name, names, lost, points, begun))
    examiner = examination.Examiner(assignment, examination.survey(assignment), make_setup)
    examiner.setup.memory.shared = False
    with contextlib.closing(examiner.setup):
        for variant in (variant for kind, variant in audit.collect(assignment) if kind == WHEAT):
            if only not in variant.name:
                continue
            begun, lost, points = time.monotonic(), Counter[str](), 0.0
            for seed in names:
                verdict = examiner.variant(WHEAT, variant, seed)
                lost.update(verdict.lost.keys())
                points += sum(verdict.lost.values())
            rows.append(_row(variant.name, names, lost, points, begun))
    return rows


def _row(name: str, seeds: list[str], lost: Counter[str], points: float, begun: float) -> dict[str, Any]:
    seconds = round(time.monotonic() - begun, 1)
    return {"name": name, "seeds": len(seeds), "lost": dict(lost), "points": round(points, 3), "seconds": seconds}


def main() -> None:
    """Measure, and print a table or JSON."""
    import _solutions

    options_of = parser(__doc__, f"{QUICK} seeds")
    options_of.add_argument("--seeds", type=int, default=SEEDS, help="how many seeds each is graded with")
    options_of.add_argument("--solutions", type=Path, default=_solutions.FOLDER, help="the folder of whole solutions")
    options_of.add_argument("--only", default="", help="those whose name holds this")
    options_of.add_argument("--unwalled", action="store_true", help="all in this process: faster, for trusted code")
    options = options_of.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    seeds = QUICK if options.quick else options.seeds
    rows = measured(seeds=seeds, folder=options.solutions, only=options.only, walled=not options.unwalled)
    if options.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            tests = ", ".join(f"{number} with {count} seeds" for number, count in row["lost"].items())
            print(f"{row['name']:40} {row['seeds']:4} seeds {row['seconds']:7.1f} s  {tests or 'nothing lost'}")
        losing = sum(bool(row["lost"]) for row in rows)
        print(f"{len(rows)} right answers, {losing} of them lose points with some seed.")
    sys.exit(any(row["lost"] for row in rows))


if __name__ == "__main__":
    main()
