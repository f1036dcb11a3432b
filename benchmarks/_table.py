"""What the benchmarks share: their options, fresh processes and what those cost, and how figures are shown."""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
_SAMPLED_EVERY = 0.05


def as_installed() -> None:
    """Compile what `setup.sh` compiles: every tool that is compared has its compiled modules beside it."""
    for folder in ("autograder", "homework", "tests/hidden"):
        compileall.compile_dir(str(ROOT / folder), quiet=2)


def parser(document: str, quick: str) -> argparse.ArgumentParser:
    """Return the options that every benchmark has; `document` is its docstring."""
    made = argparse.ArgumentParser(description=document, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", action="store_true", help="print JSON instead of tables")
    made.add_argument("--quick", action="store_true", help=quick)
    made.add_argument("--once", type=json.loads, help=argparse.SUPPRESS)  # one job, in this process
    return made


def answer(result: Mapping[str, Any]) -> None:
    """Print a job's result for the process that started it."""
    print("\n" + json.dumps(result))


def fresh(
    script: str,
    job: Mapping[str, Any],
    *,
    python: str = sys.executable,
    core: int | None = None,
    memory: bool = True,
) -> dict[str, Any]:
    """Run one job of `script` in a process of its own: what it answers, and what it cost.

    wall: seconds from start to end, the interpreter's start included. cpu: processor seconds, its children included.
    tree_mb: the largest sum of the proportional set sizes of all its processes, where `memory` is asked for: to look
    takes processor time from what is looked at. core: the only one that it may use.
    """
    command = [python, "-I", "-B", script, "--once", json.dumps(job)]
    return run(command, core=core, memory=memory)


def run(
    command: Sequence[str],
    *,
    core: int | None = None,
    cwd: Path | None = None,
    answers: bool = True,
    memory: bool = True,
) -> dict[str, Any]:
    """Run a command; see `fresh`. answers: whether the last line of what it prints is JSON."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    if core is not None:
        command = ["taskset", "-c", str(core), *command]
    before, begun = os.times(), time.perf_counter()
    with subprocess.Popen(  # noqa: S603  our own commands
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=cwd, text=True
    ) as process:
        peak = _Peak(process.pid) if memory else None
        output, complaints = process.communicate()
        wall = time.perf_counter() - begun
        if peak is not None:
            peak.stop()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{complaints[-3000:]}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    told = json.loads(output.splitlines()[-1]) if answers else {}
    return {**told, "wall": wall, "cpu": cpu} | ({"tree_mb": peak.bytes / 2**20} if peak is not None else {})


class _Peak(threading.Thread):
    """Watches the memory of a process and of all that it starts, until `stop`."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.bytes = pid, 0
        self._done = threading.Event()
        self.start()

    def run(self) -> None:
        """Look every few milliseconds."""
        while not self._done.wait(_SAMPLED_EVERY):
            self.bytes = max(self.bytes, sum(map(_proportional, _family(self.pid))))

    def stop(self) -> None:
        """Look no more."""
        self._done.set()
        self.join()


def _family(pid: int) -> list[int]:
    """Return `pid` and its descendants (proc(5))."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue  # it has ended meanwhile
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family


def _proportional(pid: int) -> int:
    """Return a process's memory in bytes, what it shares divided by those who share it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def medians(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the median of each number over several measurements of the same."""
    rows = list(rows)
    return {key: statistics.median(row[key] for row in rows) for key, value in rows[0].items() if _is_number(value)}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def finish(options: argparse.Namespace, result: Mapping[str, Any], tables: Iterable[Sequence[Sequence[Any]]]) -> None:
    """Print `result` as JSON, or `tables`: lists of rows, the first of them the headings."""
    if options.json:
        print(json.dumps(result, indent=1))
        return
    for table in tables:
        cells = [[_shown(cell) for cell in row] for row in table]
        widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
        for row in cells:
            first, *rest = (
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            print("  ".join([first, *rest]).rstrip())
        print()


def _shown(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.3g}" if abs(cell) < 0.1 else f"{cell:.2f}"
    return "–" if cell is None else str(cell)
