"""What this process may use of its machine: its processors, and what the control groups around it allow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

#: Bytes: what a control group without a limit shows in the first version.
NO_LIMIT: Final = 2**60


def usable_processors() -> int:
    """Return how many processors this process can keep busy, at least 1: how many jobs to run at once by default.

    `taskset` and the control groups of containers can make them fewer than the machine has. Fractions
    are rounded down: a job that shares a processor runs slower, and student code has a time limit.
    """
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min([own, *allowed_processors()])))


def allowed_processors() -> list[float]:
    """Return how many processors each control group around this process allows; none where nothing limits them."""
    return list(_allowances("cpu.max", "cpu", "cpu.cfs_quota_us"))


def allowed_memory() -> list[float]:
    """Return how many bytes each control group around this process allows; none where nothing limits them."""
    return list(_allowances("memory.max", "memory", "memory.limit_in_bytes"))


def _allowances(unified: str, controller: str, legacy: str) -> Iterator[float]:
    """Yield what the control groups allow: bytes, or processors; by their file in v2 and in v1."""
    for file in group_files(unified, controller, legacy):
        try:
            words = file.read_text(encoding="ascii").split()
            if file.name == "cpu.cfs_quota_us":
                words.append((file.parent / "cpu.cfs_period_us").read_text(encoding="ascii").strip())
        except OSError:
            continue  # the outermost group has no such file
        if words and words[0].isdigit() and int(words[0]) < NO_LIMIT:
            yield int(words[0]) / (int(words[1]) if len(words) > 1 else 1)


def group_files(unified: str, controller: str, legacy: str, root: Path = Path("/sys/fs/cgroup")) -> Iterator[Path]:
    """Yield the file of this process's group and of each that contains it; within a container all are its root."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return  # not Linux
    for line in lines:
        _, controllers, place = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        top, name = (root / controller, legacy) if controllers else (root, unified)
        for folder in dict.fromkeys((PurePosixPath(place), *PurePosixPath(place).parents)):
            yield top / str(folder).lstrip("/") / name
