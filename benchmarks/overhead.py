"""What the sandbox costs: the hidden tests without training, with the wall and without, side by side.

Method: both sides grade the reference with the same pytest plugin, probes and comparisons, in fresh interpreters
that take turns, so that a machine whose speed drifts treats both alike. "sandbox" is the real pipeline, as
`grade --skip training` runs it. "one process" replaces the sandbox by a direct call of each probe over a fresh
copy of the submission's modules in the grader's own process (which grading never does). Wall-clock seconds of the
whole process, start of the interpreter included; the median of the runs and of the pairs' ratios is what to quote.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def grade_once(*, sandboxed: bool) -> None:
    """Grade the reference in this process; with `sandboxed` False, without any wall."""
    from autograder import assignment, grading

    if not sandboxed:
        _take_the_wall_down(grading)
    with tempfile.TemporaryDirectory() as folder:
        report = grading.grade(ROOT / "reference", Path(folder, "results.json"), assignment.load(), skip=("training",))
    if report.score != report.max_score:
        raise SystemExit(f"The reference got {report.score} of {report.max_score}: these times mean nothing.")


def _take_the_wall_down(grading: Any) -> None:
    """Let the grader run every probe over the submission itself."""
    from autograder.guest import wire, worker
    from autograder.guest.api import Beras
    from autograder.guest.loader import World
    from autograder.sandbox import Ending, Outcome, Request

    class Direct:
        peak_bytes = 0

        def launch(self) -> None:
            """Nothing to start."""

        def close(self) -> None:
            """Nothing to stop."""

        def run(
            self, request: Request, limits: object, *, meanwhile: Callable[[], None] | None = None, **_: object
        ) -> Outcome:
            del limits
            if meanwhile is not None:
                meanwhile()
            inputs = wire.decode(wire.encode(dict(request.inputs)))
            world = World(request.sources, request.given)
            with world.entered():
                answer = worker.run_probe(request.probe, Beras(world, request.edition), inputs)
            return Outcome(Ending.ANSWERED, wire.decode(wire.encode(answer)))

    grading.Sandbox = Direct
    grading.isolation.verify = lambda *_: {}


def timed(mode: str) -> float:
    """Wall-clock seconds of one fresh interpreter."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-B", __file__, "--once", mode], check=True)  # noqa: S603  this very file
    return time.perf_counter() - begun


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--quick", action="store_true", help="3 pairs instead of 11")
    parser.add_argument("--once", choices=("sandbox", "one process"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        grade_once(sandboxed=options.once == "sandbox")
        return
    modes = ("sandbox", "one process")
    for mode in modes:
        timed(mode)  # warms the file cache
    pairs = [tuple(timed(mode) for mode in modes) for _ in range(3 if options.quick else 11)]
    seconds = {mode: [pair[index] for pair in pairs] for index, mode in enumerate(modes)}
    ratio = statistics.median(walled / bare for walled, bare in pairs)
    if options.json:
        medians = {mode: statistics.median(values) for mode, values in seconds.items()}
        print(json.dumps({"seconds": seconds, "median": medians, "median_ratio": ratio}))
        return
    print(f"{'':12} {'min':>7} {'median':>7} {'max':>7}   seconds, {len(pairs)} runs")
    for mode, values in seconds.items():
        print(f"{mode:12} {min(values):7.3f} {statistics.median(values):7.3f} {max(values):7.3f}")
    print(f"sandbox / one process, median of pairs: {ratio:.2f}")


if __name__ == "__main__":
    main()
