"""The benchmarks still run: nothing else would notice when a name that they use is gone."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
BY_NAME = sorted(path.name for path in BENCHMARKS.glob("*.py") if not path.name.startswith("_"))
SHORT = {
    "overhead.py": ["--quick"],
    "class.py": ["--count", "3"],
    "seeds.py": ["--seeds", "1", "--only", "r", "--jobs", "1"],
    "kill.py": ["--quick"],
    "diagnosis.py": ["--quick", "--seeds", "1", "--unwalled"],
}


def run(name, *arguments):
    command = [sys.executable, str(BENCHMARKS / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", BY_NAME)
def test_every_benchmark_says_what_it_measures(name):
    done = run(name, "--help")
    assert done.returncode == 0, done.stderr
    assert "usage:" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", SHORT)
def test_a_benchmark_runs_to_its_end(name):
    done = run(name, *SHORT[name])
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    assert any(letter.isdigit() for letter in done.stdout)
