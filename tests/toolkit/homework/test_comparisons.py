"""What a probe decides beside a submission, the submission cannot decide instead."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

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
