"""The training check: what it tells of trainings that go wrong, each in its own words, and when it stops."""

import os
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.guest import worker
from autograder.guest.loader import World
from autograder.guest.wire import Text
from autograder.wall.request import Ending, Outcome, Request, WorkerLimits
from autograder.wall.sandbox import Sandbox
from autograder.wall.shared_arrays import Pieces, SharedFile
from homework import machine_speed
from homework.api import Beras
from homework.mnist import Digits
from homework.training import Trainer, largest_prime
from homework.training_attempt import CLASSES, Aim, Epoch, Watch
from homework.training_texts import curves, spark, summarise

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
    # Ten epochs take longer than the slowest machine is given, four times eight seconds, and one takes less.
    slow = "        import time\n        time.sleep(3.5)\n" + FIT
    row, staff = trained("beras/model.py", FIT, slow, "seconds = 8 ")
    assert row["score"] == 0
    assert re.search(r"stopped the training after \d+ epochs? of 10|stopped it after \d+ epochs? of 10", row["output"])
    assert "| epoch | test accuracy |" in row["output"]
    assert 1 <= len(staff["curves"][0]) < 10


def test_memory_that_grows_with_every_batch_is_bounded_and_called_so(trained):
    leak = "        self.kept = [*getattr(self, 'kept', []), bytearray(50_000_000)]\n" + STEP
    row, _ = trained("assignment.py", STEP, leak, memory="memory_mb = 700")
    assert row["score"] == 0
    assert "MemoryError" in row["output"]
    assert "keep something of every batch" in row["output"]
    assert "| epoch | test accuracy |" in row["output"]


def test_a_training_that_diverges_says_so_and_is_tried_from_another_seed(trained):
    row, staff = trained("assignment.py", "Adam(0.002)", "Adam(float('nan'))")
    assert row["score"] == 0
    assert "NaN" in row["output"]
    assert "diverged" in row["output"]
    assert len(staff["curves"]) == 2


def test_a_fit_that_ignores_epochs_is_told_of(trained):
    row, staff = trained("beras/model.py", FIT, "        epochs = 3\n" + FIT)
    assert "asked `fit` for 1 epoch at a time, and `fit` read the images 3 times" in row["output"]
    assert len(staff["curves"][0]) <= 10


def test_what_an_evaluation_leaves_behind_for_the_next_epoch_is_told_with_its_line(trained):
    left = "        if not training:\n            tape.__enter__()\n        if training:\n"
    row, _ = trained("assignment.py", "        if training:\n", left)
    assert row["score"] == 0
    assert re.search(r"raised \*\*RuntimeError\*\* at .*: `a GradientTape is recording already", row["output"])
    assert "One epoch ended before that. After each the grader calls `batch_step` with training=False" in row["output"]


def test_batches_of_changing_size_train_like_any_others(trained):
    changing = "        batch_size = 64 + 16 * np.random.randint(3)\n" + FIT
    row, staff = trained("beras/model.py", FIT, changing)
    assert "Best test accuracy" in row["output"]
    assert "read the images" not in row["output"]
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


HINT = "The rows of the model's predictions do not sum to 1"


@pytest.mark.parametrize(("row", "hinted"), [("9.1", False), ("9.2", True)])
def test_a_cross_entropy_is_spoken_of_where_the_model_has_one(
    grade, reference_files, few_digits, copied_project, row, hinted
):
    assignment = reference_files["assignment.py"].decode()
    assert "Softmax()" in assignment
    files = {**reference_files, "assignment.py": assignment.replace("Softmax()", "Sigmoid()").encode()}
    root = copied_project({"accuracy = 0.95": "accuracy = 1.0", "most_epochs = 30": "most_epochs = 1"})
    results, _ = grade(files, "--only", row, "--data", str(few_digits), root=root)
    output = next(test["output"] for test in results["tests"] if "number" in test)
    assert "to pass: more than 100 %" in output
    assert (HINT in output) == hinted


PARTIAL = """
from autograder.authoring import Unsatisfied, number, partial_credit, tags

@number("9.1")
@partial_credit(6)
@tags("training")
def test_partly(train, set_score=None):
    \"\"\"get_advanced_model_components: more than {accuracy} test accuracy\"\"\"
    try:
        assert train("get_advanced_model_components") > 0.5
    except Unsatisfied as lost:
        set_score(6 * lost.accuracy)
        raise
"""


@pytest.fixture
def partly(grade, reference_files, few_digits, copied_project):
    """Grade with a hidden test that gives the best accuracy's share of its points; returns row and staff's."""

    def run(asked, *options, edit=lambda files: files):
        changes = {"accuracy = 0.95": f"accuracy = {asked}", "most_epochs = 30": "most_epochs = 2"}
        changes |= {"points = 100": "points = 6", "attempts = 3 ": "attempts = 1 "}
        root = copied_project(changes, without=["tests/hidden"])
        (root / "tests" / "hidden").mkdir(parents=True)
        (root / "tests" / "hidden" / "test_mine.py").write_text(PARTIAL)
        results, _ = grade(edit(reference_files), "--data", str(few_digits), *options, root=root)
        assert results["extra_data"]["grader_errors"] == 0
        return next(test for test in results["tests"] if "number" in test), results["extra_data"]["tests"]["9.1"]

    return run


def test_a_hidden_test_may_give_points_for_the_best_accuracy(partly):
    row, staff = partly(1.0)
    best = max(accuracy for _, accuracy in staff["curves"][0])
    assert 0 < best < 1
    assert row["score"] == pytest.approx(6 * best, abs=0.01)
    assert (row["status"], row["name"]) == ("failed", "get_advanced_model_components: more than 100 % test accuracy")
    assert "to pass: more than 100 %" in row["output"]


def test_a_model_that_passes_has_all_points_whatever_its_accuracy(partly):
    row, _ = partly(0.51)
    assert (row["score"], row["status"]) == (6, "passed")
    assert row["name"].endswith("more than 51 % test accuracy")


def test_a_model_that_cannot_be_trained_has_no_accuracy(partly):
    row, _ = partly(0.95, edit=lambda files: {**files, "assignment.py": b"raise RuntimeError('broken')"})
    assert (row["score"], row["status"]) == (0, "failed")


STOPPED = Outcome(Ending.STOPPED)


def watched(seconds, target=0.95):
    """What takes in the parts of an attempt with `seconds` left, on twenty test images."""
    labels = np.arange(20) % CLASSES
    watch = Watch(Aim(labels, target, samples=100, most_epochs=30), seconds, note=lambda _: None)
    assert not watch({"epochs": np.array(5)})
    return watch, np.eye(CLASSES)[labels]


def part(predictions, **more):
    return {"predictions": predictions, "loss": np.array(1.0), "composition": Text("vectorised"), **more}


def test_predictions_that_are_no_probabilities_are_noticed():
    for scores, are in ((lambda right: 0.9 * right + 0.01, True), (lambda right: 5 * right - 3, False)):
        watch, right = watched(60, target=1)
        watch(part(scores(right)))
        assert watch.attempt(STOPPED).probabilities == are


def test_training_stops_with_the_first_epoch_beyond_the_target():
    watch, right = watched(60)
    assert not watch(part(1 - right))
    assert watch(part(right))
    assert [epoch.accuracy for epoch in watch.attempt(STOPPED).epochs] == [0.0, 1.0]


def test_no_more_accuracies_show_than_epochs_were_asked_for():
    watch, right = watched(60)
    stopped = [watch(part(number - right)) for number in range(8)]
    assert stopped == [False] * 5 + [True] * 3
    assert len(watch.attempt(STOPPED).epochs) == 5


def test_training_stops_where_no_other_epoch_can_end_in_time():
    watch, right = watched(0)
    assert watch(part(1 - right))
    assert watch.attempt(STOPPED).unfinishable


def test_training_stops_where_an_epoch_changes_no_prediction():
    watch, right = watched(60)
    assert not watch(part(1 - right))
    assert not watch(part(0.5 - right))
    assert watch(part(0.5 - right))
    assert watch.attempt(STOPPED).seed_matters


def test_what_is_no_array_of_probabilities_stops_training():
    watch, right = watched(60)
    assert watch(part(right[:, :3]))
    assert "(20, 3)" in watch.attempt(STOPPED).problem
    assert not watch.attempt(STOPPED).seed_matters


def test_a_machine_is_never_taken_for_faster_than_the_one_that_budgets_are_set_on():
    assert machine_speed.slowness() >= 1


# What a submission says of itself

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
SAID = st.one_of(
    st.none(),
    st.text(max_size=30).map(Text),
    st.lists(st.none(), max_size=3),
    hnp.arrays(st.sampled_from([np.bool_, np.int64, np.float32, np.float64]), hnp.array_shapes(min_dims=0, max_dims=2)),
    NUMBERS.map(np.array),
    st.lists(st.booleans(), min_size=4, max_size=4).map(np.array),
)


@given(st.lists(NUMBERS | st.sampled_from([1e308, -1e308, 5e-324, -0.0])))
def test_any_numbers_make_a_line_of_as_many_blocks(values):
    line = spark(values)
    assert len(line) == len(values)
    assert set(line) <= set("▁▂▃▄▅▆▇█·")
    finite = [(value, block) for value, block in zip(values, line, strict=True) if np.isfinite(value)]
    assert all(block != "·" for _, block in finite)
    if finite:
        assert min(finite)[1] == "▁"
        assert [block for _, block in sorted(finite)] == sorted(block for _, block in finite)


def test_numbers_whose_span_is_infinite_are_drawn_to_scale():
    assert spark([1e308, -1e308, 0.0, float("nan"), float("inf")]) == "█▁▄··"


@given(first=SAID, parts=st.lists(st.dictionaries(st.sampled_from(["loss", "samples", "used", "composition"]), SAID)))
def test_nothing_that_a_submission_says_of_itself_raises_or_fills_its_row(first, parts):
    watch, right = watched(60, target=2.0)
    watch({"epochs": first})
    for more in parts:
        watch({"predictions": right, **more})
    assert 0 <= watch.attempt(STOPPED).asked_epochs <= 30
    assert len(summarise(watch.attempt(STOPPED), 1, 2.0, "digits")) < 400 + 40 * len(parts)


def test_no_epoch_has_no_accuracy_and_one_has_no_curve():
    watch, right = watched(60)
    assert summarise(watch.attempt(STOPPED), 1, 0.95, "digits") == ""
    watch(part(right))
    text = summarise(watch.attempt(STOPPED), 1, 0.95, "digits")
    assert "**100.00 %** (to pass: more than 95 %)" in text
    assert "|" not in text
    assert not set(text) & set("▁█")


def test_the_loss_of_a_submission_shows_in_eight_heights_and_in_no_number():
    text = curves([Epoch(loss=0.125 + 7.5 / n, accuracy=0.9) for n in range(1, 9)])
    assert not re.search(r"7\.6|0\.1|1\.06", text)
    assert re.search(r"loss █[▁▂▃▄▅▆▇]{7} ", text)


def test_a_submission_that_reports_no_loss_has_no_line_for_it():
    assert "loss" not in curves([Epoch(loss=float("nan"), accuracy=0.9)] * 2)


# What a worker is given


@pytest.mark.parametrize("count", [10, 400, 8_000, 36_000, 40_000, 60_000])
def test_no_batch_size_divides_the_number_of_training_images(count):
    chosen = largest_prime(count)
    assert 0 <= count - chosen <= 0.3 * count
    assert all(chosen % size for size in range(2, min(chosen, 2049)))


@pytest.fixture
def trainer():
    """A trainer on images that say which row and label they have, with a secret of its own."""
    rng = np.random.default_rng(3)

    def part(count):
        images = np.zeros((count, 28, 28), np.uint8)
        labels = (np.arange(count) % CLASSES).astype(np.uint8)
        images[:, 0, 0], images[:, 0, 1] = 1 + np.arange(count), 201 + labels
        return images, labels

    seeds = {}
    run = SimpleNamespace(seed=lambda purpose: seeds.setdefault(purpose, int(rng.integers(2**62))))
    made = Trainer(SimpleNamespace(run=run), Digits(*part(150), *part(100), "numbered", "here"))
    yield made
    made.close()


def read(trainer, name):
    place = trainer._shared.places[name]
    size = place.dtype.itemsize * int(np.prod(place.shape))
    with trainer._shared.opened() as file:
        return np.frombuffer(os.pread(file, size, place.offset), place.dtype).reshape(place.shape)


def numbers_and_labels(images):
    """Row and label that an image of `trainer` says it has, wherever its pixels are now."""
    values = np.sort(np.rint(images * 255), axis=1)[:, -2:].astype(int)
    return values[:, 0] - 1, values[:, 1] - 201


def test_images_keep_their_labels_in_a_secret_order(trainer):
    numbers, labels = numbers_and_labels(read(trainer, "images"))
    np.testing.assert_array_equal(read(trainer, "labels"), trainer._classes[labels])
    assert len(numbers) == len(set(numbers)) == 149
    assert (numbers == np.arange(149)).mean() < 0.1


def test_the_public_order_of_the_test_labels_is_worth_nothing(trainer):
    numbers, labels = numbers_and_labels(read(trainer, "test_images"))
    np.testing.assert_array_equal(trainer.labels, trainer._classes[labels])
    assert sorted(numbers) == list(range(100))
    by_place = trainer._classes[np.arange(100) % CLASSES]
    assert (trainer.labels == by_place).mean() < 0.3


# What does not use what students write


PRETENDS = "        if True:\n            return {'loss': [1.0]}\n"


@pytest.fixture
def easily_trained(grade, reference_files, few_digits, copied_project):
    """Grade the advanced model of a submission whose `fit` begins with other lines, on a target that chance reaches."""

    def run(lines, **penalty):
        model = reference_files["beras/model.py"].decode()
        assert FIT in model
        files = {**reference_files, "beras/model.py": model.replace(FIT, lines + FIT).encode()}
        changes = {"accuracy = 0.95": "accuracy = 0.01"}
        changes |= {f"{rule} = 0 ": f"{rule} = {points} " for rule, points in penalty.items()}
        results, _ = grade(files, "--only", "9.2", "--data", str(few_digits), root=copied_project(changes))
        rows = {row.get("number", row["name"]): row for row in results["tests"]}
        assert rows["9.2"]["score"] == 6
        return rows, results["extra_data"]["flags"]

    return run


def test_a_model_that_passes_without_what_students_write_is_flagged_and_keeps_its_points(easily_trained):
    rows, flags = easily_trained(PRETENDS)
    (flag,) = flags
    assert (flag["rule"], flag["file"]) == ("bypassed", "assignment.py")
    for part in ("a layer", "the tape", "the loss", "the optimizer", "`fit` never calls `batch_step`"):
        assert part in flag["detail"]
    assert "Rules of the homework" not in rows


ONE_SAMPLE = """        if not getattr(self, "shown", False):
            self.shown = True
            self.batch_step(x[:1], y[:1], training=True)
            return {"loss": [1.0]}
"""
ELSEWHERE = """        real, self.batch_step = self.batch_step, lambda *a, **k: real(*a, **k)
        kept = [np.array(w) for w in self.{weights}]
        for start in range(0, len(x), batch_size):
            self.batch_step(x[start : start + batch_size], y[start : start + batch_size], training=True)
        for w, old in zip(self.{weights}, kept):
            w[...] = old
        return {{"loss": [1.0]}}
"""


def test_one_sample_for_show_is_no_training(easily_trained):
    _, (flag,) = easily_trained(ONE_SAMPLE)
    assert "of the images to `batch_step` in an epoch" in flag["detail"]


def test_weights_that_never_change_are_flagged(easily_trained, assignment):
    _, (flag,) = easily_trained(ELSEWHERE.format(weights=assignment.edition.names["weights"]))
    assert "its listed weights do not" in flag["detail"]


def test_a_course_may_take_points_for_it(easily_trained):
    rows, _ = easily_trained(PRETENDS, bypassed=6)
    assert rows["Rules of the homework"]["score"] == -6
    assert "get_advanced_model_components passes" in rows["Rules of the homework"]["output"]


def test_a_model_that_is_trained_as_the_handout_asks_is_not_flagged(easily_trained):
    assert easily_trained("")[1] == []


SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"


@pytest.mark.parametrize(
    "folder", sorted(SOLUTIONS.glob("*/right-*")), ids=lambda folder: f"{folder.parent.name}-{folder.name}"
)
def test_every_right_solution_is_seen_to_use_what_it_wrote(assignment, folder):
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}
    edition = assignment.editions[folder.parent.name]
    components = next(name for name in edition.components if name.startswith(("get_advanced", "get_model")))
    rng = np.random.default_rng(1)
    inputs = {
        "components": components,
        "images": rng.uniform(size=(211, 784)).astype(np.float32),
        "labels": np.arange(211) % CLASSES,
        "test_images": rng.uniform(size=(20, 784)).astype(np.float32),
        "most_epochs": 1,
    }
    world = World(files, {})
    with world.importing(), redirect_stdout(StringIO()):
        _, epoch = worker.run_probe("training.train", Beras(world, edition.names), inputs)
    assert epoch["used"].tolist() == [True] * 4
    assert epoch["samples"] > 0.5 * 211  # some leave a smaller last batch out
    assert not epoch["unchanged"]


def test_an_array_that_is_written_in_pieces_reads_as_one():
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)
    shared = SharedFile({"first": np.ones(5), "x": Pieces(rows.shape, rows.dtype, iter([rows[:3], rows[3:]]))})
    try:
        place = shared.places["x"]
        with shared.opened() as file:
            content = os.pread(file, rows.nbytes, place.offset)
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


def test_small_probabilities_are_no_error_of_a_submission_that_has_numpy_raise_errors(easily_trained):
    raises = "        np.seterr(all='raise')\n        self.call = lambda x: np.full((len(x), 10), 1e-60)\n"
    rows, _ = easily_trained(raises + PRETENDS)
    assert rows["9.2"]["status"] == "passed"


def test_a_trial_whose_answer_is_none_hides_no_training(trained):
    """What a worker sends may be forged, and may be anything."""
    forged = """        import struct, sys, os
        frame = sys._getframe()
        while frame is not None and frame.f_code.co_name != "serve":
            frame = frame.f_back
        if frame is None:
            return {"loss": [1.0]}
        values = bytes([1, 1, 1]) + struct.pack("<Q", 2) + bytes(16)
        answer = struct.pack("<BHH", 3, 1, 9) + b"unchanged" + values
        head = struct.pack("<4s16sBQ", b"BRS1", frame.f_locals["nonce"], 2, len(answer))
        os.write(frame.f_locals["answer_file"], head + answer)
        os._exit(0)
"""
    row, staff = trained("beras/model.py", FIT, forged + FIT)
    assert row["score"] == 0
    assert "grader_error" not in staff


def test_a_model_that_does_otherwise_in_training_predicts_as_in_its_own_evaluation(easily_trained):
    drops = """        def batch_step(x, y, training=True):
            self.training = training
            return {"loss": 0.0}
        self.batch_step, self.training = batch_step, True
        self.call = lambda x: np.full((len(x), 10), np.nan if self.training else 0.1)
"""
    rows, _ = easily_trained(drops + PRETENDS)
    assert rows["9.2"]["status"] == "passed"
