"""What the sandbox costs: the hidden tests without training, with the wall and without, stage by stage.

Method: all sides run the command `grade --skip training` over the reference, with the same hidden tests, probes and
comparisons, in fresh interpreters that take turns, so that a machine whose speed drifts treats all alike. "sandbox"
is the command as it is. "one process" replaces the sandbox by a direct call of each probe over a fresh copy of the
submission's modules in the grader's own process (which grading never does); "a process a test" makes that call in a
fork of the grader, so that no test can spoil another, and no wall is there. Wall-clock seconds of the whole process,
start of the interpreter included, and processor seconds of all its processes; the median of the runs and of the rounds'
ratios is what to quote. On a busy machine the sandbox's processes wait for each other and for strangers: compare
processor seconds too. A stage's seconds are the wall clock's, as the grader sees them. Memory is looked at in one more
run of each, which is not timed: looking takes processor time from what is looked at.
"""

from __future__ import annotations

import json
import runpy
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

BEGUN = time.perf_counter()
sys.path.insert(0, str(Path(__file__).resolve().parent))

from _table import ROOT, answer, as_installed, finish, fresh, medians, parser  # noqa: E402  the path comes first

MODES = ("sandbox", "a process a test", "one process")
STAGES = (
    "imports", "loading the tests", "trying the wall", "loading the files", "starting workers", "asking",
    "waiting for answers", "asking the reference", "writing results", "the rest",
)  # fmt: skip


def grade_once(mode: str, source: str, results: str) -> dict[str, float]:
    """Run the whole command in this process, with a wall or without any: the seconds of each stage."""
    from autograder.wall import sandbox

    spent = dict.fromkeys(STAGES, 0.0)
    stopwatch = _Stopwatch(spent)
    if mode != "sandbox":
        import _unwalled

        module: Any = sandbox
        module.Sandbox = _unwalled.Direct if mode == "one process" else _unwalled.Forked
    launch = sandbox.Sandbox.launch

    def launch_and_watch(own: Any) -> None:
        launch(own)
        _watch(stopwatch, mode)
        spent["imports"] = time.perf_counter() - BEGUN

    chosen: Any = sandbox.Sandbox
    chosen.launch = launch_and_watch
    Path(results).unlink(missing_ok=True)  # of the run before: it would hide that this one fails
    sys.argv[1:] = ["grade", source, "--skip", "training", "--results", results, "--quiet"]
    with suppress(SystemExit):
        runpy.run_path(str(ROOT / "autograder" / "__main__.py"), run_name="__main__")
    report = json.loads(Path(results).read_text(encoding="utf-8"))
    if report["score"] != sum(test.get("max_score", 0) for test in report["tests"]):
        raise SystemExit(f"The reference got {report['score']} points: these times mean nothing.")
    spent["the rest"] += time.perf_counter() - BEGUN - sum(spent.values())
    return spent


def _watch(stopwatch: _Stopwatch, mode: str) -> None:
    """Load what grades, which the command does once the sandbox is launched, and time it from then on."""
    from autograder.grading import ask, files, pipeline
    from autograder.results import results_file
    from autograder.wall import sandbox, verify

    chosen: Any = verify
    if mode != "sandbox":
        chosen.verify = lambda *_: {}
    stopwatch.watch(pipeline, "load_hidden_tests", "loading the tests")
    stopwatch.watch(verify, "verify", "trying the wall")
    stopwatch.watch(files, "load_files", "loading the files")
    stopwatch.watch(ask.Ask, "__call__", "the rest")
    stopwatch.watch(ask.Ask, "_ask_reference", "asking the reference")
    stopwatch.watch(sandbox.Sandbox, "outcome", "waiting for answers")
    stopwatch.watch(sandbox.Sandbox, "ask", "asking")
    if mode == "sandbox":
        stopwatch.watch(sandbox.Sandbox, "_pid", "starting workers")
    stopwatch.watch(results_file, "write", "writing results")


class _Stopwatch:
    """Adds up seconds by stage; while one stage runs within another, only the inner one's grow."""

    def __init__(self, spent: dict[str, float]) -> None:
        self.spent, self.running, self.since = spent, [""], time.perf_counter()

    def watch(self, owner: Any, name: str, stage: str) -> None:
        """Time every call of `owner.name`."""
        own: Callable[..., Any] = getattr(owner, name)

        def timed(*arguments: Any, **options: Any) -> Any:
            # What is done for the wall's trial and for loading belongs to those stages.
            kept = self.running[-1] in ("trying the wall", "loading the files")
            self._turn(self.running[-1] if kept else stage)
            try:
                return own(*arguments, **options)
            finally:
                self._turn(None)

        setattr(owner, name, timed)

    def _turn(self, stage: str | None) -> None:
        now = time.perf_counter()
        if self.running[-1]:
            self.spent[self.running[-1]] += now - self.since
        self.since = now
        if stage is None:
            self.running.pop()
        else:
            self.running.append(stage)


def main() -> None:
    """Measure, and print a table or JSON."""
    options = parser(__doc__, "3 rounds instead of 15").parse_args()
    if options.once:
        answer(grade_once(**options.once))
        return
    as_installed()
    from _unwalled import hand_in

    with tempfile.TemporaryDirectory() as folder:
        paths = {"source": str(hand_in(Path(folder, "submission"))), "results": str(Path(folder, "results.json"))}

        def once(mode: str, *, memory: bool = False) -> dict[str, Any]:
            return fresh(__file__, {"mode": mode, **paths}, memory=memory)

        largest = {mode: once(mode, memory=True)["tree_mb"] for mode in MODES}  # which warms the file cache too
        pairs = [{mode: once(mode) for mode in MODES} for _ in range(3 if options.quick else 15)]
    result: dict[str, Any] = {
        "pairs": len(pairs),
        "median": {mode: {**medians(pair[mode] for pair in pairs), "tree_mb": largest[mode]} for mode in MODES},
        "least": {mode: {key: min(pair[mode][key] for pair in pairs) for key in ("wall", "cpu")} for mode in MODES},
        "ratio": {
            mode: {
                key: statistics.median(pair["sandbox"][key] / pair[mode][key] for pair in pairs)
                for key in ("wall", "cpu")
            }
            for mode in MODES[1:]
        },
    }
    finish(options, result, tables(result))


def tables(result: Mapping[str, Any]) -> list[list[list[Any]]]:
    """Return the totals, and the stages."""
    columns = [result["median"][mode] for mode in MODES]
    ratio, least = result["ratio"], result["least"]
    totals: list[list[Any]] = [[f"seconds, median of {result['pairs']} rounds", *MODES]]
    for key, name in (("wall", "wall clock"), ("cpu", "processor")):
        totals.append([name, *(column[key] for column in columns)])
        totals.append([f"{name}, the least", *(least[mode][key] for mode in MODES)])
        totals.append([f"{name}, the sandbox's in its terms", None, *(ratio[mode][key] for mode in MODES[1:])])
    totals.append(["memory, MB", *(column["tree_mb"] for column in columns)])
    stages = [["stage, seconds", *MODES]]
    stages += [[stage, *(column[stage] for column in columns)] for stage in STAGES]
    return [totals, stages]


if __name__ == "__main__":
    main()
