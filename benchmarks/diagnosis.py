"""How many mistakes are named: every chaff in other words, graded, and whether a lost row quotes its own sentence.

Method: each chaff's source is rewritten by `disguise.py` and graded by the real pipeline, training left out, as
`audit` does. A chaff counts as named where a row that it costs quotes its own sentence. Wheats are graded as they
are: a right answer must lose nothing and be told nothing. Exit status 1 below the goal, 80 %, or for such a wheat.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

from disguise import disguised  # noqa: E402  the path comes first

from autograder.assignment import config  # noqa: E402
from autograder.audit import audit, examination  # noqa: E402
from autograder.audit.findings import CHAFF, WHEAT  # noqa: E402

GOAL = 0.8


def measured(*, quick: bool, jobs: int) -> dict[str, Any]:
    """Grade them, and count."""
    assignment = config.load()
    variants = audit.collect(assignment)
    if quick:
        variants = audit.sampled(variants, 40)
    entries = [(k, replace(v, source=disguised(v.source)) if k == CHAFF else v) for k, v in variants]
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    survey = examination.survey(assignment)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=examination.begin, initargs=(assignment, survey)) as pool:
        verdicts = list(pool.map(examination.variant, *zip(*entries, strict=True)))
    chaffs = [verdict for verdict in verdicts if verdict.kind == CHAFF]
    wheats = [verdict for verdict in verdicts if verdict.kind == WHEAT]
    named = [verdict for verdict in chaffs if verdict.told]
    by_class = Counter(verdict.variant.target.partition(".")[0] for verdict in chaffs)
    named_by_class = Counter(verdict.variant.target.partition(".")[0] for verdict in named)
    return {
        "chaffs": len(chaffs),
        "named": len(named),
        "share": len(named) / len(chaffs),
        "by class": {name: [named_by_class[name], count] for name, count in by_class.items()},
        "not named": [verdict.variant.name for verdict in chaffs if not verdict.told],
        "other costs than declared": {v.variant.name: v.problem or v.differences for v in chaffs if not v.right},
        "wheats": len(wheats),
        "wheats that lose or are told something": [v.variant.name for v in wheats if v.lost or v.told or v.problem],
    }


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--quick", action="store_true", help="40 variants instead of all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    options = parser.parse_args()
    found = measured(quick=options.quick, jobs=options.jobs)
    wronged = found["wheats that lose or are told something"]
    if options.json:
        print(json.dumps(found))
    else:
        for name, (named, count) in found["by class"].items():
            print(f"{name:28} {named:3} of {count:3}")
        print(f"{found['share']:.1%} of {found['chaffs']} mistakes in other words are named.")
        print(f"Not named: {', '.join(found['not named']) or 'none'}.")
        print(f"Other costs than declared: {found['other costs than declared'] or 'none'}.")
        print(f"{found['wheats']} wheats; wronged: {', '.join(wronged) or 'none'}.")
    sys.exit(found["share"] < GOAL or bool(wronged))


if __name__ == "__main__":
    main()
