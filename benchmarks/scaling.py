"""What grading a class costs: speed-up of N jobs over one, memory, the second run, and a Dask cluster against a pool.

Method: a made-up class (`benchmarks/classroom.py`) is graded by the real command line, training skipped unless asked.
One job and N jobs take turns on the same part of the class, and the median of the pairs' ratios is the speed-up: a
machine whose speed drifts treats both alike. "one core" is one job bound to one core, worker included; "one job" may
use a second core for the worker while the grader asks the reference. Then the whole class is graded once, the memory
of all its processes sampled once a second, and graded again, when nothing should be left to do.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograder.base.machine import usable_processors

ROOT = Path(__file__).resolve().parent.parent
#: What may differ between two gradings of one submission: times, and how much memory it took.
MEASURED = re.compile(
    r'"(seconds|execution_time|training_seconds|budget_seconds|slowness|peak_mb|peak_worker_mb)": [^,\n]*'
)


def graded(export: Path, out: Path, *options: str, cores: set[int] | None = None) -> dict[str, Any]:
    """Run the command line once; return seconds, processor seconds, and its processes' memory in MB each second."""
    command = [sys.executable, "-m", "autograder", "batch", str(export), "--out", str(out), *options]
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(  # noqa: S603  our own command line
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,  # noqa: PLW1509
    )
    samples: list[float] = []
    sampler = threading.Thread(target=lambda: _sample(process, samples))
    sampler.start()
    status = process.wait()
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sampler.join()
    if status:
        raise SystemExit(f"{' '.join(command)} ended with status {status}: these figures would mean nothing.")
    return {"seconds": seconds, "processor seconds": used, "memory_mb": samples}


def _sample(process: subprocess.Popen[bytes], samples: list[float]) -> None:
    while process.poll() is None:
        samples.append(memory(process.pid))
        time.sleep(1)


def memory(top: int) -> float:
    """Proportional set size of a process and all its descendants, MB."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    total, todo = 0.0, [top]
    while todo:
        pid = todo.pop()
        todo += children.get(pid, [])
        try:
            found = re.search(r"Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())
        except OSError:
            continue
        total += int(found.group(1)) / 1024 if found else 0
    return total


def results(out: Path) -> dict[str, str]:
    """Return every results.json of a graded class, what is measured in it taken out."""
    return {file.parent.name: MEASURED.sub("", file.read_text()) for file in sorted(out.glob("*/results.json"))}


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300, help="submissions in the class")
    parser.add_argument("--part", type=int, default=24, help="of these, for the speed-up")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=usable_processors())
    parser.add_argument("--training", action="store_true", help="with the training checks")
    parser.add_argument("--keep", type=Path, help="keep the class and its results in this folder")
    parser.add_argument("--only", choices=("speed-up", "class", "cluster"), help="one of the three measurements")
    options = parser.parse_args()
    from benchmarks import classroom  # type: ignore[import-not-found]

    skip = () if options.training else ("--skip", "training")
    found: dict[str, Any] = {"cores": usable_processors(), "load before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="beras-scaling-") as scratch:
        folder = options.keep or Path(scratch)
        if options.only in (None, "speed-up"):
            part = classroom.write(folder / "part", options.part)
            pairs: list[dict[str, float]] = []
            for turn in range(options.pairs):
                pair = {}
                for name, arguments, cores in (
                    ("one core", ("--jobs", "1"), {0}),
                    ("one job", ("--jobs", "1"), None),
                    ("jobs", ("--jobs", str(options.jobs)), None),
                ):
                    out = folder / f"out-{turn}-{name.replace(' ', '-')}"
                    ran = graded(part, out, *skip, *arguments, cores=cores)
                    pair[name], pair[f"{name}, processor"] = ran["seconds"], ran["processor seconds"]
                pairs.append(pair)
                print(pair, file=sys.stderr)
            found["speed-up"] = {
                "submissions": options.part,
                "jobs": options.jobs,
                "seconds": pairs,
                "over one job": statistics.median(pair["one job"] / pair["jobs"] for pair in pairs),
                "over one core": statistics.median(pair["one core"] / pair["jobs"] for pair in pairs),
            }
        if options.only in (None, "class"):
            export, out = classroom.write(folder / "class", options.count), folder / "out"
            first = graded(export, out, *skip, "--jobs", str(options.jobs))
            again = graded(export, out, *skip, "--jobs", str(options.jobs))
            tenth = max(len(first["memory_mb"]) // 10, 1)
            found["class"] = {
                "submissions": options.count,
                "seconds": first["seconds"],
                "processor seconds": first["processor seconds"],
                "second run": again["seconds"],
                "second run / first": again["seconds"] / first["seconds"],
                "memory MB by tenths": [
                    round(statistics.mean(first["memory_mb"][i : i + tenth])) for i in range(0, 10 * tenth, tenth)
                ],
                "memory MB at most": round(max(first["memory_mb"])),
            }
        if options.only in (None, "cluster"):
            part = classroom.write(folder / "part", options.part)
            pool, cluster = folder / "out-pool", folder / "out-cluster"
            graded(part, pool, *skip, "--jobs", str(options.jobs))
            seconds = graded(part, cluster, *skip, "--cluster", f"local:{options.jobs}")["seconds"]
            found["cluster"] = {"seconds": seconds, "same results": results(pool) == results(cluster)}
    found["load after"] = os.getloadavg()[0]
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
