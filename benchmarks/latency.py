"""How long one submission takes, from the start of the command to results.json, without training; other graders beside.

"autograder": `python -m autograder grade SUBMISSION --skip training`, the whole command. Cold: the interpreter's, the
environment's and the project's files are dropped from the page cache before each run (posix_fadvise), as in a container
that was started a moment ago; warm: they are in it. The rest runs the very same checks, the hidden tests over the
reference, without a wall, which is what those tools offer:
- "JSONTestRunner": gradescope-utils' runner on one unittest case a hidden test, in one process.
- "an interpreter a test": the same, and a fresh interpreter for every test, the usual way to keep one test's crash
  from the others; the interpreters' seconds are summed, one after the other.
- "otter run": otter-grader's own local mode without a container, on a notebook and one test file a hidden test
  (--otter names an interpreter that has otter-grader, ipykernel, pytest, NumPy and gradescope-utils; left out without).
Runs take turns, and the medians of wall-clock and processor seconds, all processes included, are printed. Memory is
looked at in one more run of each, which is not timed: looking takes processor time from what is looked at.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from _table import ROOT, answer, as_installed, finish, fresh, medians, parser, run  # noqa: E402  the path comes first


def autograder(*, memory: bool) -> dict[str, Any]:
    """Grade the reference as the command line does."""
    from _unwalled import hand_in

    with tempfile.TemporaryDirectory() as folder:
        source, results = hand_in(Path(folder, "submission")), Path(folder, "results.json")
        arguments = ["grade", str(source), "--skip", "training", "--results", str(results)]
        cost = run([sys.executable, "-I", "-B", str(ROOT / "autograder"), *arguments], answers=False, memory=memory)
        _all_passed(json.loads(results.read_text())["tests"])
    return cost


def _all_passed(tests: list[Mapping[str, Any]]) -> None:
    failed = [test["name"] for test in tests if test.get("score") != test.get("max_score")]
    if failed or not tests:
        raise SystemExit(f"The reference failed {failed or 'every test'}: these times mean nothing.")


def with_runner(job: Mapping[str, Any]) -> dict[str, Any]:
    """Run the checks (or the one of that number) with gradescope-utils' JSONTestRunner in this process."""
    from _unwalled import checks
    from gradescope_utils.autograder_utils.decorators import number, weight
    from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

    methods: dict[str, Any] = {}
    for label, (points, check) in checks().items():
        if job.get("number") in (None, label):
            methods[f"test_{label}"] = number(label)(weight(points)(_method(check)))
    case = type("Hidden", (unittest.TestCase,), methods)
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.json")
        with results.open("w") as stream, open(os.devnull, "w") as nowhere:  # noqa: PTH123
            runner = JSONTestRunner(visibility="visible", stream=stream)
            standard, sys.stdout = sys.stdout, nowhere
            runner.run(unittest.defaultTestLoader.loadTestsFromTestCase(case))
            sys.stdout = standard
        tests = json.loads(results.read_text())["tests"]
    _all_passed(tests)
    return {"tests": len(tests)}


def _method(check: Callable[[], None]) -> Callable[[Any], None]:
    return lambda _: check()


def numbers(_: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of the checks."""
    from _unwalled import checks

    return {"numbers": list(checks())}


def an_interpreter_each(labels: list[str], *, memory: bool) -> dict[str, float]:
    """Return the sums over one fresh interpreter a test."""
    rows = [fresh(__file__, {"what": "runner", "number": label}, memory=memory) for label in labels]
    largest = {"tree_mb": max(row["tree_mb"] for row in rows)} if memory else {}
    return {key: sum(row[key] for row in rows) for key in ("wall", "cpu")} | largest


def otter_assignment(python: str, labels: list[str], folder: Path) -> list[str]:
    """Write an equivalent assignment for otter-grader into `folder`; returns the command that grades its submission."""
    tests = folder / "tests"
    tests.mkdir()
    for label in labels:
        name = "q" + label.replace(".", "_")
        test = f"""OK_FORMAT = False
from otter.test_files import test_case
name, points = "{name}", None

@test_case(points=1)
def check(env):
    env["checks"]["{label}"][1]()
"""
        (tests / f"{name}.py").write_text(test)
    source = [f"import sys\nsys.path.insert(0, {str(HERE)!r})\nfrom _unwalled import checks as load\nchecks = load()"]
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": source}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / "submission.ipynb").write_text(json.dumps(notebook))
    otter = [python, "-m", "otter"]
    made = folder / "autograder.zip"
    subprocess.run(  # noqa: S603  as its handbook says
        [*otter, "generate", "-t", str(tests), "-o", str(made), "--no-environment"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return [*otter, "run", "-a", str(made), "-o", str(folder), "--no-logo", str(folder / "submission.ipynb")]


def with_otter(command: list[str], folder: Path, *, memory: bool) -> dict[str, Any]:
    """Run otter's local mode once."""
    cost = run(command, cwd=folder, answers=False, memory=memory)
    _all_passed(json.loads((folder / "results.json").read_text())["tests"])
    return cost


def drop_from_cache() -> int:
    """Have the system forget the files that a grading reads; returns how many there were."""
    count = 0
    for folder in (ROOT, Path(sys.prefix), Path(os.__file__).parent):
        for path in folder.rglob("*"):
            if path.suffix in (".py", ".pyc", ".so", ".npz", ".toml") or ".so." in path.name:
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                count += 1
    return count


JOBS = {"runner": with_runner, "numbers": numbers}


def main() -> None:
    """Measure, and print a table or JSON."""
    arguments = parser(__doc__, "2 rounds instead of 9")
    arguments.add_argument("--otter", metavar="PYTHON", help="an interpreter that has otter-grader")
    options = arguments.parse_args()
    if options.once:
        answer(JOBS[options.once["what"]](options.once))
        return
    as_installed()
    labels = fresh(__file__, {"what": "numbers"})["numbers"]
    with tempfile.TemporaryDirectory() as name:
        ways: dict[str, Callable[..., dict[str, Any]]] = {
            "autograder, warm": autograder,
            "JSONTestRunner, one process": partial(fresh, __file__, {"what": "runner"}),
            "an interpreter a test": partial(an_interpreter_each, labels),
        }
        if options.otter:
            ways["otter run"] = partial(with_otter, otter_assignment(options.otter, labels, Path(name)), Path(name))
        # Which fills the file cache too.
        largest = {way: measure(memory=True)["tree_mb"] for way, measure in ways.items()}
        rounds: list[dict[str, dict[str, Any]]] = []
        for _ in range(2 if options.quick else 9):
            rounds.append({way: measure(memory=False) for way, measure in ways.items()})
            drop_from_cache()
            rounds[-1]["autograder, cold"] = autograder(memory=False)
    largest["autograder, cold"] = largest["autograder, warm"]
    result = {way: medians(turn[way] for turn in rounds) for way in rounds[0]}
    for way, row in result.items():
        row["tree_mb"] = largest[way]
        walls = [turn[way]["wall"] for turn in rounds]
        row["least"], row["most"] = min(walls), max(walls)
        row["ratio"] = statistics.median(turn[way]["wall"] / turn["autograder, warm"]["wall"] for turn in rounds)
    table: list[list[Any]] = [
        [f"{len(labels)} checks, median of {len(rounds)}", "wall s", "least", "most", "cpu s", "ratio", "MB"]
    ]
    table += [
        [way, *(row[key] for key in ("wall", "least", "most", "cpu", "ratio", "tree_mb"))]
        for way, row in result.items()
    ]
    finish(options, {"checks": len(labels), "rounds": len(rounds), "ways": result}, [table])


if __name__ == "__main__":
    main()
