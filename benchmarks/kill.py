"""A grader that is killed at random moments: each time a valid results.json is left, and no process.

Method: `run_autograder` runs as on Gradescope, in a folder laid out like /autograder, on the student template without
training. It gets SIGKILL at a seeded moment between its start and the time that an undisturbed run takes (the median
of three), so that starting, collecting, grading and writing are all hit. A moment before the first thing was written
is counted apart: there is no results.json then, as there is none before a container starts.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import _table
from _table import ROOT

from autograder.assignment import bundle

_PARTS = ("run_autograder", *bundle.TOOLKIT, *bundle.HOMEWORK)
_ENDING_TAKES = 10.0  # seconds at most, on a busy machine, until the zygote has noticed and ended


@dataclass(frozen=True)
class Killed:
    """What one kill left. `state`: nothing yet, valid, finished before the blow, or what is wrong."""

    after: float
    state: str
    reached: int
    orphans: int


class Stage:
    """A folder like /autograder; a context manager."""

    def __enter__(self) -> Stage:
        self.home = Path(tempfile.mkdtemp(prefix="beras-kill-"))
        self.home.chmod(0o755)
        for part in _PARTS:
            source, target = ROOT / part, self.home / "source" / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        shutil.copy2(ROOT / "run_autograder", self.home / "run_autograder")
        shutil.copytree(ROOT / "student_template", self.home / "submission")
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.home)

    def start(self) -> subprocess.Popen[bytes]:
        """Grade as Gradescope does, in a session of its own."""
        shutil.rmtree(self.home / "results", ignore_errors=True)
        places = {"AUTOGRADER_HOME": str(self.home), "AUTOGRADER_VENV": sys.prefix}
        return subprocess.Popen(  # noqa: S603  our own script
            [str(self.home / "run_autograder"), "--skip", "training"],
            env={"PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1", **places},
            cwd=self.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def undisturbed(self) -> float:
        """Return seconds of one run to the end."""
        begun = time.monotonic()
        if self.start().wait() != 0:
            raise SystemExit("An undisturbed run failed: these figures would mean nothing.")
        return time.monotonic() - begun

    def kill(self, after: float) -> Killed:
        """Kill a run, the grader alone, and see what it leaves."""
        from autograder.results import gradescope_contract

        grader = self.start()
        try:
            grader.wait(after)
        except subprocess.TimeoutExpired:
            grader.send_signal(signal.SIGKILL)
        grader.wait()
        orphans = self.left()
        results = self.home / "results" / "results.json"
        if not results.exists():
            return Killed(after, "nothing yet", 0, orphans)
        content = results.read_bytes()
        problems = gradescope_contract.problems(content)
        if problems:
            return Killed(after, problems[0], 0, orphans)
        tests = json.loads(content)["tests"]
        reached = sum("Not reached" not in test["output"] for test in tests if "number" in test)
        return Killed(after, "valid" if grader.returncode == -signal.SIGKILL else "finished", reached, orphans)

    def left(self) -> int:
        """Return the processes of this stage that still run, once they have had time to end."""
        deadline = time.monotonic() + _ENDING_TAKES
        while (count := sum(map(self._is_ours, Path("/proc").iterdir()))) and time.monotonic() < deadline:
            time.sleep(0.01)
        return count

    def _is_ours(self, process: Path) -> bool:
        try:
            line = (process / "cmdline").read_bytes()
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return process.name.isdigit() and state != "Z" and os.fsencode(self.home) in line


def kills(count: int, seed: int, undisturbed: int = 3) -> list[Killed]:
    """Kill `count` runs at moments drawn from `seed`, after so many undisturbed ones."""
    rng = random.Random(seed)
    with Stage() as stage:
        whole = statistics.median(stage.undisturbed() for _ in range(undisturbed))
        return [stage.kill(rng.uniform(0.0, whole)) for _ in range(count)]


def main() -> None:
    """Kill, and print a table or JSON; exit status 1 where a result is invalid or a process stays."""
    parser = _table.parser(__doc__, "10 kills")
    parser.add_argument("--count", type=int, default=100, help="how many kills  [default: 100]")
    parser.add_argument("--seed", type=int, default=1470, help="what the moments are drawn from  [default: 1470]")
    options = parser.parse_args()
    found = kills(10 if options.quick else options.count, options.seed)
    bad = [kill for kill in found if kill.orphans or kill.state not in ("nothing yet", "valid", "finished")]
    if options.json:
        document: dict[str, Any] = {"kills": [vars(kill) for kill in found], "failures": len(bad)}
        print(json.dumps(document))
    else:
        states = Counter(kill.state for kill in found)
        for state, number in states.most_common():
            print(f"{number:>5} {state}")
        reached = [kill.reached for kill in found if kill.state == "valid"]
        print(f"{sum(kill.orphans for kill in found):>5} processes left")
        print(f"tests graded when killed: {min(reached, default=0)} to {max(reached, default=0)}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
