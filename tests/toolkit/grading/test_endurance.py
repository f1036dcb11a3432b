"""Damaged submissions and a grader that is killed: short runs of the benchmarks that do the same at length."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


sys.path.insert(0, str(BENCHMARKS))


def benchmark(name):
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_corrupted_submissions_end_in_valid_results_and_no_grader_error(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    soak = benchmark("soak")
    found = [soak.soak_once(2470, index, only="cross_entropy") for index in range(25)]
    assert [entry for entry in found if entry["problems"] or entry["invalid"]] == []
    assert len({entry["score"] for entry in found}) > 1


def test_every_kind_of_damage_changes_what_is_handed_in(reference_files):
    soak = benchmark("soak")
    for kind, damage in soak.IN_FILES.items():
        changed = []
        for seed in range(20):
            files = dict(reference_files)
            damage(soak.random.Random(seed), files)
            changed.append(files != reference_files)
        assert any(changed), kind


@pytest.mark.skipif(sys.platform != "linux", reason="it looks for processes in /proc")
@pytest.mark.slow
def test_a_grader_that_is_killed_leaves_a_valid_result_and_no_process():
    found = benchmark("kill").kills(8, seed=7, undisturbed=1)
    assert {kill.state for kill in found} <= {"nothing yet", "valid", "finished"}
    assert any(kill.state == "valid" for kill in found)
    assert sum(kill.orphans for kill in found) == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it looks for processes in /proc")
@pytest.mark.parametrize("clustered", [False, True])
def test_a_batch_under_kills_loses_nothing_and_grades_nothing_twice(clustered):
    chaos = benchmark("chaos")
    found = chaos.disturbed(6, blows=5, every=1.0, seed=11, clustered=clustered)
    assert found["kills"].total() > 0
    assert {name: found[name] for name in chaos.FORBIDDEN if found[name]} == {}
