"""Processes killed at random while a class is graded, and what is left: nothing may be lost or done twice.

The real command line grades a made-up class again and again. At random moments drawn from a seed, SIGKILL ends a
grading process or the batch itself; with `--cluster` also a Dask worker or the scheduler. A batch that ended is started
again. At the end every submission must have a whole result, equal to that of an undisturbed run and with the key that
the journal has for it; none may be recorded twice as graded; no grading process may be left running.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FORBIDDEN = ("lost", "not recorded", "twice", "different", "processes left")


class Cluster:
    """A Dask scheduler and two workers, started again when they are gone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def fix(self) -> None:
        """Start what is not there."""
        if self.scheduler is None or self.scheduler.poll() is not None:
            self.close()
            file = self.folder / "scheduler.json"
            file.unlink(missing_ok=True)
            options = ("--port", "0", "--no-dashboard", "--scheduler-file", str(file))
            self.scheduler = self._start("dask_scheduler", *options)
            while not (file.exists() and file.read_text().strip().endswith("}")):
                time.sleep(0.1)
            self.address = json.loads(file.read_text())["address"]
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < 2:
            self.workers.append(
                self._start("dask_worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
            )

    def _start(self, name: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{name}", *options]
        nowhere = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=self.folder, stdout=nowhere, stderr=nowhere)  # noqa: S603

    def close(self) -> None:
        """End all of it."""
        for process in filter(None, (self.scheduler, *self.workers)):
            process.kill()
            process.wait()
        self.scheduler, self.workers = None, []


def processes() -> dict[int, tuple[int, str]]:
    """Of every process: its parent, and when it started; a number may be given anew."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                found[int(stat.parent.name)] = (int(fields[1]), fields[19])
        except (OSError, ValueError, IndexError):
            continue
    return found


class Witness:
    """Remembers every grading process that was ever seen."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, str]] = set()

    def graders(self, hosts: list[int]) -> list[int]:
        """Return the children of those who hold grading processes, in a fixed order."""
        found = {(pid, started) for pid, (parent, started) in processes().items() if parent in hosts}
        self.seen |= found
        return sorted(pid for pid, _ in found)

    def left(self) -> int:
        """Return how many of them still run; they are given a few seconds to end."""
        for _ in range(50):
            there = {(pid, started) for pid, (_, started) in processes().items()}
            if not self.seen & there:
                return 0
            time.sleep(0.1)
        return len(self.seen & there)


def strike(rng: random.Random, batch: subprocess.Popen[bytes], cluster: Cluster | None, witness: Witness) -> str:
    """Kill one of the processes; returns what it was."""
    hosts = [batch.pid] if cluster is None else [worker.pid for worker in cluster.workers]
    targets = {"grading process": witness.graders(hosts), "batch": [batch.pid]}
    if cluster is not None:
        targets |= {
            "worker": [worker.pid for worker in cluster.workers if worker.poll() is None],
            "scheduler": [there.pid for there in (cluster.scheduler,) if there is not None and there.poll() is None],
        }
    name = rng.choice([name for name, pids in targets.items() if pids])
    try:
        os.kill(rng.choice(targets[name]), signal.SIGKILL)
    except ProcessLookupError:
        return f"{name} (gone already)"
    return name


def disturbed(count: int, blows: int, every: float, seed: int, *, clustered: bool) -> dict[str, Any]:
    """Grade a class of `count` under at most `blows` kills, one in `every` seconds; returns what became of it."""
    from benchmarks import classroom, scaling  # type: ignore[import-not-found]

    rng, witness = random.Random(seed), Witness()
    kinds: Counter[str] = Counter()
    statuses: Counter[int] = Counter()
    with tempfile.TemporaryDirectory(prefix="beras-chaos-") as scratch:
        folder = Path(scratch)
        export, out = classroom.write(folder, count), folder / "out"
        quick = ("--only", "dense")
        scaling.graded(export, folder / "undisturbed", *quick)
        cluster = Cluster(folder) if clustered else None
        try:
            while statuses[0] == 0:
                if cluster is not None:
                    cluster.fix()
                how = ("--cluster", cluster.address) if cluster is not None else ()
                command = [sys.executable, "-m", "autograder", "batch", str(export), "--out", str(out), *quick, *how]
                batch = subprocess.Popen(  # noqa: S603  our own command line
                    command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                while batch.poll() is None:
                    try:
                        batch.wait(rng.expovariate(1 / every) if kinds.total() < blows else None)
                    except subprocess.TimeoutExpired:
                        kinds[strike(rng, batch, cluster, witness)] += 1
                        if cluster is not None and cluster.scheduler is not None and cluster.scheduler.poll() is None:
                            cluster.fix()
                statuses[batch.returncode] += 1
        finally:
            if cluster is not None:
                cluster.close()
        found = verdict(out, folder / "undisturbed", count)
    return {
        "submissions": count, "kills": kinds, "batch ended with": statuses, **found, "processes left": witness.left(),
    }  # fmt: skip


def verdict(out: Path, undisturbed: Path, count: int) -> dict[str, Any]:
    """Return what is lost, was done twice, or differs from the undisturbed run."""
    from benchmarks import scaling

    ours, theirs = scaling.results(out), scaling.results(undisturbed)
    keys = {file.parent.name: json.loads(file.read_text())["extra_data"]["key"] for file in out.glob("*/results.json")}
    lines = [json.loads(line) for line in (out / "journal.jsonl").read_text().splitlines() if line.endswith("}")]
    graded = [line for line in lines if line["status"] == "graded"]
    times = Counter((line["id"], line["key"]) for line in graded)
    return {
        "lost": count - len(ours),
        "not recorded": sorted(keys.keys() - {line["id"] for line in graded if keys.get(line["id"]) == line["key"]}),
        "twice": sum(number > 1 for number in times.values()),
        "different": sorted(name for name in theirs if ours.get(name) != theirs[name]),
        "retried": sum(line["attempts"] > 1 for line in lines),
        "grader's fault at first": len(lines) - len(graded),
    }


def main() -> None:
    """Run it, and print JSON; exit status 1 where anything was lost, done twice, or came out differently."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--blows", type=int, default=12, help="how many kills at most")
    parser.add_argument("--every", type=float, default=6.0, help="seconds between them, on average")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cluster", action="store_true")
    options = parser.parse_args()
    found = disturbed(options.count, options.blows, options.every, options.seed, clustered=options.cluster)
    print(json.dumps(found, indent=1))
    if any(found[name] for name in FORBIDDEN):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
