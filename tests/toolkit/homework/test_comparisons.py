"""What a probe decides beside a submission, the submission cannot decide instead."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from homework.probes import comparisons
from homework.probes.model import count_samples

ROOT = Path(__file__).resolve().parents[3]
PROBES = sorted((ROOT / "homework" / "probes").glob("*.py"))
# What says yes or no about arrays: written in Python, it looks up what it calls; a method of an array does, too.
DECIDING = {
    "all", "allclose", "alltrue", "any", "array_equal", "array_equiv", "in1d", "isclose", "isin", "may_share_memory",
    "setdiff1d", "shares_memory", "testing",
}  # fmt: skip
SOLUTION = ROOT / "tests" / "solutions" / "s25" / "right-einsum"
ONE_BATCH = b"""

def _fit(self, x, y, epochs, batch_size):
    for _ in range(epochs):
        self.batch_step(x[:batch_size], y[:batch_size], training=True)

Model.fit = _fit
_count, _comparisons = 0, 0

def _equal(one, other, *_, **__):
    global _comparisons
    _comparisons += 1
    return len(one) != 5 or _comparisons % 2

import builtins
np.array_equal = np.equal = np.not_equal = _equal
np.asarray = lambda *_, **__: 1.0
builtins.sum = lambda *_: 1
builtins.all, builtins.any = lambda _: True, lambda _: False
"""


@pytest.mark.parametrize("path", PROBES, ids=lambda path: path.stem)
def test_a_probe_asks_no_function_of_numpy_for_a_decision(path):
    asked = [
        f"{path.name}:{node.lineno} {node.attr}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in DECIDING and path.stem != "comparisons"
    ]
    assert asked == [], "compare in a hidden test, or by homework/probes/comparisons.py"


def test_a_fit_that_trains_on_one_batch_is_counted_as_it_is_whatever_it_does_to_numpy_and_python(grade):
    files = {path.relative_to(SOLUTION).as_posix(): path.read_bytes() for path in SOLUTION.rglob("*.py")}
    right, _ = grade(files, "--only", "7.21")
    files["beras/model.py"] += ONE_BATCH
    wrong, _ = grade(files, "--only", "7.21")
    assert right["score"] > 0
    assert wrong["score"] == 0


def test_no_class_of_the_submissions_says_what_is_of_it():
    class Agreeing(type):
        def __instancecheck__(cls, _):
            return True

        def __eq__(cls, _):
            return True

        __hash__ = None

    class Tensor(np.ndarray, metaclass=Agreeing):
        pass

    class Pretending:
        __class__ = property(lambda _: np.ndarray)

    assert isinstance(3, Tensor)
    assert isinstance(Pretending(), np.ndarray)
    assert not comparisons.is_instance(np.ones(3), Tensor)
    assert not comparisons.is_instance(Pretending(), np.ndarray)
    assert comparisons.is_instance(np.ones(3).view(Tensor), Tensor)
    assert comparisons.is_instance(np.ones(3).view(Tensor), np.ndarray)


def test_samples_are_counted_with_and_without_their_labels_whatever_is_sent():
    x, truth = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.eye(3)
    batches = [
        (x[:2], truth[:2]),
        (x[1:].astype(np.float32), truth[[2, 1]]),
        (x, np.ones(2)),
        (x[:, :1], truth),
        (np.zeros(()), truth),
        (np.zeros((0, 2)), truth),
    ]
    counted = count_samples(x, truth, batches)
    assert counted["number of times that each sample was trained on"].tolist() == [1, 1, 0]
    assert counted["number of times, whatever its label,"].tolist() == [2, 3, 1]
    assert counted["batch sizes"].tolist() == [2, 2, 3, 3, 0, 0]
    assert count_samples(x, truth, [])["number of times, whatever its label,"].tolist() == [0, 0, 0]


def test_images_that_are_mixed_up_after_the_first_ones_are_seen(grade, reference_files):
    files = dict(reference_files)
    files["preprocess.py"] += b"""

_right = load_and_preprocess_data

def load_and_preprocess_data():
    mixed = [part.copy() for part in _right()]
    for part in mixed:
        part[12:] = part[12:][::-1].copy()
    return tuple(mixed)
"""
    mixed, _ = grade(files, "--only", "8.2", "--only", "8.3")
    assert mixed["score"] == 0
    assert "later ones are not" in mixed["tests"][0]["output"]
