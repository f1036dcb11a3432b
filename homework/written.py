"""The checks of functions that are written in the written part, by the names that written.toml calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from autograder.feedback.comparison import as_array, shape_text

from .probes import written as probes


@dataclass(frozen=True)
class _Case:
    """One step of the update rule: weights (n, m), input (n,), the class, the learning rate."""

    w: np.ndarray
    x: np.ndarray
    c: int
    alpha: float


def _update_cases(seed: int) -> list[_Case]:
    rng = np.random.Generator(np.random.PCG64(seed))
    shapes = ((4, 3), (5, 2), (2, 6), (1, 3))
    return [
        _Case(rng.normal(size=(n, m)), rng.uniform(0.2, 1.5, n) * rng.choice([-1, 1], n), int(rng.integers(m)), alpha)
        for (n, m), alpha in zip(shapes, (0.1, 0.5, 1.0, 0.03), strict=True)
    ]


def cross_entropy(w: np.ndarray, x: np.ndarray, c: int) -> float:
    """Return the loss -log P_c of a linear layer with softmax: weights (n, m), one input (n,), its class."""
    z = x @ w
    shifted = z - z.max()
    return float(np.log(np.exp(shifted).sum()) - shifted[c])


def finite_differences(w: np.ndarray, x: np.ndarray, c: int, step: float = 1e-5) -> np.ndarray:
    """dL/dw (n, m) of `cross_entropy` by central differences."""
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        there = w.copy()
        there[index] += step
        back = w.copy()
        back[index] -= step
        gradient[index] = (cross_entropy(there, x, c) - cross_entropy(back, x, c)) / (2 * step)
    return gradient


class UpdateRule:
    """The update rule of one weight, both its cases, against finite differences of the loss."""

    probe = staticmethod(probes.steps)

    def inputs(self, seed: int) -> dict[str, Any]:
        """Return the cases that the function is run on."""
        cases = _update_cases(seed)
        return {
            "weights": [case.w for case in cases],
            "inputs": [case.x for case in cases],
            "classes": [case.c for case in cases],
            "rates": [case.alpha for case in cases],
        }

    def judge(self, seed: int, answer: Mapping[str, Any]) -> str:
        """Return what is wrong with the steps taken, or nothing."""
        return _judge_steps(_update_cases(seed), answer.get("stepped"))


def _judge_steps(cases: list[_Case], given: object) -> str:
    if not isinstance(given, list) or len(given) != len(cases):
        return "it did not return an array for every case."
    for case, entry in zip(cases, given, strict=True):
        array = as_array(entry)
        if array is None or array.dtype.kind not in "fi":
            return "it does not return an array of numbers: return the new weights."
        if array.shape != case.w.shape:
            ours, theirs = shape_text(case.w.shape), shape_text(array.shape)
            return f"for weights of shape {ours} it returns an array of shape {theirs}: return the new weights."
    for case, entry in zip(cases, given, strict=True):
        gradient = finite_differences(case.w, case.x, case.c)
        taken = (case.w - np.asarray(entry, dtype=np.float64)) / case.alpha
        close = np.isclose(taken, gradient, rtol=1e-4, atol=2e-5)
        if close.all():
            continue
        if np.allclose(taken, -gradient, rtol=1e-4, atol=2e-5):
            return "it goes up the gradient: the step is subtracted."
        if np.allclose(taken * case.alpha, gradient, rtol=1e-4, atol=2e-5) or np.allclose(
            np.asarray(entry), gradient, rtol=1e-4, atol=2e-5
        ):
            return "it leaves out the learning rate, or returns the gradient instead of the new weights."
        right_class = close[:, case.c].all()
        others = np.delete(close, case.c, axis=1).all()
        if others and not right_class:
            return "the case j = c differs from the finite differences of the loss; the other case is right."
        if right_class and not others:
            return "the case j ≠ c differs from the finite differences of the loss; the case j = c is right."
        return "both cases differ from the finite differences of the loss."
    return ""


#: What `check` in written.toml may name.
CHECKS: Final = {"update_rule": UpdateRule()}
