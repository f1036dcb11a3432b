"""Copies in a made-up class: how many are found, who is suspected wrongly, and what comparing them all costs.

Everybody in it starts from one solution and has words and mistakes of their own; one in forty has copied and given
every local another name. That is harder than a class that wrote its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def compared(count: int, seed: int) -> dict[str, Any]:
    """Return what became of a class of `count`."""
    from autograder.assignment.files import read_sources
    from autograder.classroom import similarity
    from benchmarks import classroom  # type: ignore[import-not-found]

    made = classroom.submissions(count, seed)
    copies = {tuple(sorted((entry["id"], entry["copied_from"]))) for entry in made if entry["copied_from"]}
    begun = time.process_time()
    pairs = similarity.pairs({entry["id"]: entry["files"] for entry in made}, read_sources(ROOT / "student_template"))
    seconds = time.process_time() - begun
    found = {(pair.left, pair.right): pair.share for pair in pairs}
    return {
        "submissions": count,
        "copies": len(copies),
        "found": len(copies & found.keys()),
        "suspected wrongly": {" and ".join(pair): share for pair, share in found.items() if pair not in copies},
        "share of the copies": sorted(share for pair, share in found.items() if pair in copies),
        "processor seconds": round(seconds, 2),
    }


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=1, help="so many classes")
    options = parser.parse_args()
    print(json.dumps([compared(options.count, seed) for seed in range(options.seeds)], indent=1))


if __name__ == "__main__":
    main()
