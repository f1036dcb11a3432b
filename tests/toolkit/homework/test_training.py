"""The training check: what it tells of trainings that go wrong, each in its own words, and when it stops."""

import os
import re
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.guest.wire import Text
from autograder.wall.exchange import Request, WorkerLimits
from autograder.wall.sandbox import Sandbox
from autograder.wall.shared_arrays import Pieces, SharedFile
from homework import machine_speed
from homework.training import CLASSES, _Watch

FIT = "        history = defaultdict(list)\n        batches = len(x) // batch_size\n"
STEP = "        with GradientTape() as tape:\n"


@pytest.fixture
def trained(grade, reference_files, few_digits, copied_project):
    """Train the advanced model of a submission with one line changed; returns its row and what the staff see of it."""

    def run(path, old, new, budget="seconds = 180 ", memory="memory_mb = 4096"):
        assert old in reference_files[path].decode()
        files = {**reference_files, path: reference_files[path].decode().replace(old, new).encode()}
        changes = {"seconds = 180 ": budget, "memory_mb = 4096": memory, "attempts = 3 ": "attempts = 2 "}
        results, _ = grade(files, "--only", "9.2", "--data", str(few_digits), root=copied_project(changes))
        assert results["extra_data"]["grader_errors"] == 0
        return next(test for test in results["tests"] if "number" in test), results["extra_data"]["tests"]["9.2"]

    return run


def test_a_fit_that_never_ends_is_bounded_and_called_so(trained):
    row, staff = trained("beras/model.py", FIT, "        while True:\n            pass\n" + FIT, "seconds = 1 ")
    assert row["score"] == 0
    assert "Not one epoch of the training ended" in row["output"]
    assert 1 <= staff["budget_seconds"] <= staff["slowness"] + 0.1


def test_an_epoch_too_slow_for_the_budget_is_stopped_with_the_curves_so_far(trained):
    slow = "        import time\n        time.sleep(0.7)\n" + FIT
    row, staff = trained("beras/model.py", FIT, slow, "seconds = 1.5 ")
    assert row["score"] == 0
    assert re.search(r"stopped after \d+ epochs? of 10", row["output"])
    assert "| epoch | loss | test accuracy |" in row["output"]
    assert 1 <= len(staff["curves"][0]) < 10


def test_memory_that_grows_with_every_batch_is_bounded_and_called_so(trained):
    leak = "        self.kept = [*getattr(self, 'kept', []), bytearray(50_000_000)]\n" + STEP
    row, _ = trained("assignment.py", STEP, leak, memory="memory_mb = 700")
    assert row["score"] == 0
    assert "MemoryError" in row["output"]
    assert "keep something of every batch" in row["output"]
    assert "| epoch | loss | test accuracy |" in row["output"]


def test_a_training_that_diverges_says_so_and_is_tried_from_another_seed(trained):
    row, staff = trained("assignment.py", "Adam(0.002)", "Adam(float('nan'))")
    assert row["score"] == 0
    assert "NaN" in row["output"]
    assert "diverged" in row["output"]
    assert len(staff["curves"]) == 2


def test_a_fit_that_ignores_epochs_is_told_of(trained):
    row, staff = trained("beras/model.py", FIT, "        epochs = 3\n" + FIT)
    assert "asked for 1 epoch at a time, and went through the images 3 times" in row["output"]
    assert len(staff["curves"][0]) <= 10


def test_batches_of_changing_size_train_like_any_others(trained):
    changing = "        batch_size = 64 + 16 * np.random.randint(3)\n" + FIT
    row, staff = trained("beras/model.py", FIT, changing)
    assert "Best test accuracy" in row["output"]
    assert "went through the images" not in row["output"]
    assert staff["composition"] == "vectorised"


def test_a_submission_that_prints_at_every_step_trains_to_the_same_accuracy(trained):
    loud, staff = trained("assignment.py", STEP, "        print('x' * 10**6)\n" + STEP)
    assert "Best test accuracy" in loud["output"]
    assert staff["curves"][0][-1][1] > 0.5


def test_a_batch_size_of_zero_is_the_submissions_error(trained):
    row, _ = trained("assignment.py", "batch_size=128)", "batch_size=0)")
    assert row["score"] == 0
    assert "ZeroDivisionError" in row["output"]
    assert "beras/model.py" in row["output"]


def watched(seconds, target=0.95):
    """What takes in the parts of an attempt with `seconds` left, on twenty test images."""
    labels = np.arange(20) % CLASSES
    policy = SimpleNamespace(training=SimpleNamespace(accuracy=target))
    trainer = SimpleNamespace(
        grader=SimpleNamespace(assignment=policy), labels=labels, samples=100, report=lambda _: None
    )
    watch = _Watch(trainer, seconds)
    assert not watch({"epochs": np.array(5)})
    return watch, np.eye(CLASSES)[labels]


def part(predictions, **more):
    return {"predictions": predictions, "loss": np.array(1.0), "composition": Text("vectorised"), **more}


def test_training_stops_with_the_first_epoch_beyond_the_target():
    watch, right = watched(60)
    assert not watch(part(1 - right))
    assert watch(part(right))
    assert [epoch.accuracy for epoch in watch.attempt.epochs] == [0.0, 1.0]


def test_training_stops_where_no_other_epoch_can_end_in_time():
    watch, right = watched(0)
    assert watch(part(1 - right))
    assert watch.attempt.unfinishable


def test_what_is_no_array_of_probabilities_stops_training():
    watch, right = watched(60)
    assert watch(part(right[:, :3]))
    assert "(20, 3)" in watch.attempt.problem
    assert not watch.attempt.seed_matters


def test_a_machine_is_never_taken_for_faster_than_the_one_that_budgets_are_set_on():
    assert machine_speed.slowness() >= 1


def test_an_array_that_is_written_in_pieces_reads_as_one():
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)
    shared = SharedFile({"first": np.ones(5), "x": Pieces(rows.shape, rows.dtype, iter([rows[:3], rows[3:]]))})
    try:
        place = shared.places["x"]
        content = os.pread(shared.descriptor, rows.nbytes, place.offset)
        np.testing.assert_array_equal(np.frombuffer(content, place.dtype).reshape(place.shape), rows)
    finally:
        shared.close()


def test_workers_of_other_limits_or_with_shared_arrays_come_between_others():
    request = Request("isolation.layers", {}, {}, {}, {}, 0)
    shared = SharedFile({"x": np.ones(5)})
    try:
        with Sandbox() as sandbox:
            for megabytes, given in ((512, None), (512, None), (600, None), (600, shared), (512, None)):
                limits = WorkerLimits(10, megabytes * 2**20, 2**20)
                assert sandbox.run(request, limits, shared=given).answer["limits"].text == "on"
    finally:
        shared.close()
