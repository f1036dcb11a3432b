"""How far an answer may be off: single precision never costs anything, and 1 % always does."""

import numpy as np
import pytest

from autograder.grading import pipeline
from autograder.intake.submission import from_files

# What each rewrites, and the tests that see it. All but the optimizers give what they compute itself.
ONE_PERCENT = {
    "sgd": ("beras/optimizers.py", "self.learning_rate = learning_rate", ("4.1", "4.2")),
    "rmsprop": ("beras/optimizers.py", "self.learning_rate = learning_rate", ("4.3", "4.4", "4.5")),
    "adam": ("beras/optimizers.py", "self.learning_rate = learning_rate", ("4.6", "4.7", "4.8", "4.9")),
    "dense": ("beras/layers.py", "return x @ self.w + self.b", ("1.1",)),
    "mse": ("beras/losses.py", "return [2 * (y_pred - y_true) / y_pred.size", ("3.2",)),
}


def off(old):
    if old.startswith("self"):
        return old.replace("= learning_rate", "= 1.01 * learning_rate")
    return old.replace("return [2", "return [2.02").replace("return x", "return 1.01 * x")


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_mistake_of_one_percent_costs_every_test_of_values(assignment, reference_files, tmp_path, dtype):
    numbers = [number for _, _, numbers in ONE_PERCENT.values() for number in numbers]
    for file, old in dict.fromkeys((file, old) for file, old, _ in ONE_PERCENT.values()):
        text = reference_files[file].decode()
        text = text.replace(old, off(old))
        assert "1.01 *" in text or "2.02 *" in text
        reference_files[file] = text.encode()
    if dtype is np.float32:
        layers = reference_files["beras/layers.py"].decode()
        layers = layers.replace("return 1.01 * x @ self.w + self.b", "return (1.01 * x @ self.w + self.b).astype('f4')")
        assert "astype('f4')" in layers
        reference_files["beras/layers.py"] = layers.encode()
    submission = from_files(reference_files, assignment.edition)
    report = pipeline.grade(submission, tmp_path / "results.json", assignment, only=numbers)
    assert [row.number for row in report.tests if row.number in numbers and row.passed] == []


def test_single_precision_inside_costs_nothing_with_several_seeds(assignment, reference_files, tmp_path):
    for file in ("beras/activations.py", "beras/losses.py"):
        text = reference_files[file].decode()
        text = text.replace("(x,) = self.inputs", "x = np.asarray(self.inputs[0], dtype=np.float32)")
        text = text.replace("(y,) = self.outputs", "y = np.asarray(self.outputs[0], dtype=np.float32)")
        text = text.replace("y_pred, y_true = self.inputs", "y_pred, y_true = map(np.float32, self.inputs)")
        reference_files[file] = text.encode()
        assert "float32" in text
    submission = from_files(reference_files, assignment.edition)
    for seed in map(str, range(3)):
        report = pipeline.grade(
            submission,
            tmp_path / "results.json",
            assignment,
            only=["2.2", "2.9", "2.13", "2.14", "3.2", "3.5"],
            seed=seed,
        )
        assert [row.number for row in report.tests if row.number and not row.passed] == []
