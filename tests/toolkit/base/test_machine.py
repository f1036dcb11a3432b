"""What this process may use of its machine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.base import machine

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("files", "memory", "cores"),
    [
        ({"memory.max": "805306368\n", "cpu.max": "50000 100000\n"}, [768 * 2**20], [0.5]),
        ({"memory.max": "max\n", "cpu.max": "max 100000\n"}, [], []),
        (
            {
                "memory/memory.limit_in_bytes": "805306368\n",
                "cpu/cpu.cfs_quota_us": "50000\n",
                "cpu/cpu.cfs_period_us": "100000\n",
            },
            [768 * 2**20],
            [0.5],
        ),
        ({"memory/memory.limit_in_bytes": "9223372036854771712\n", "cpu/cpu.cfs_quota_us": "-1\n"}, [], []),
    ],
    ids=["v2", "v2 without limits", "v1", "v1 without limits"],
)
def test_the_limits_of_a_control_group_are_read_in_both_versions(tmp_path, monkeypatch, files, memory, cores):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    known = machine.group_files
    monkeypatch.setattr(machine, "group_files", lambda *names: known(*names, root=tmp_path))
    monkeypatch.setattr(machine.Path, "read_text", _as_in_a_container(machine.Path.read_text))
    assert sorted(set(machine.allowed_memory())) == memory
    assert sorted(set(machine.allowed_processors())) == cores


def _as_in_a_container(read):
    """This process's groups are the root of what it sees, in both versions."""

    def read_text(path, *arguments, **options):
        if str(path) == "/proc/self/cgroup":
            return "5:memory:/\n4:cpu,cpuacct:/\n0::/\n"
        return read(path, *arguments, **options)

    return read_text


def test_a_process_that_is_bound_to_one_processor_runs_one_job():
    script = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    script += "from autograder.base.machine import usable_processors; print(usable_processors())"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.parametrize(("allowed", "jobs"), [([], 8), ([2.0], 2), ([3.9, 16.0], 3), ([0.5], 1), ([64.0], 8)])
def test_as_many_jobs_as_a_container_can_keep_busy(monkeypatch, allowed, jobs):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr(machine, "allowed_processors", lambda: allowed)
    assert machine.usable_processors() == jobs


def test_nothing_else_counts_processors():
    sources = {*ROOT.glob("autograder/**/*.py"), *ROOT.glob("benchmarks/*.py")} - {Path(machine.__file__)}
    assert [path.name for path in sources if "cpu_count" in path.read_text("utf-8")] == []
