"""Whether a gradient agrees with the submission's own forward, by central differences.

The forward runs in the sandbox, at inputs that are moved a little; this module judges the result. The homework says
which forward belongs to a probe's gradient, and how to make the quotient (`Homework.gradients`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from autograder.feedback.comparison import constant_factor

#: Relative to the largest entry. A forward in single precision gives quotients to within a thousandth.
_TOLERANCE: Final = 5e-3
_LARGEST_FACTOR: Final = 10_000


_WORDS: Final = {
    -1.0: "the negative of", 0.5: "half of", 1 / 3: "a third of", 0.25: "a quarter of", 0.2: "a fifth of",
    1 / 6: "a sixth of", 1 / 7: "a seventh of", 0.125: "an eighth of", 1 / 9: "a ninth of", 0.1: "a tenth of",
}  # fmt: skip


def judge(given: np.ndarray, quotient: np.ndarray, expected: np.ndarray, name: str) -> str:
    """Return what the differences of the submission's own forward, called `name`, say of the gradient that it returned.

    Nothing where the shapes do not go together, or where gradient, forward and `expected` differ too little to tell.
    """
    gradient, right = _like(given, quotient), _like(expected, quotient)
    if gradient is None or right is None or not np.isfinite(gradient).all():
        return ""
    if _close(gradient, quotient):
        if _close(right, quotient):
            return ""
        return f"It does agree with your own forward, by finite differences: it is {name} that differs. Start there."
    factor = constant_factor(quotient, gradient, _TOLERANCE)
    amount = "something else than" if factor is None or not np.any(quotient) else _times(factor)
    return (
        f"Your own forward disagrees with it as well: finite differences of {name} give {amount} what this method "
        "returns."
    )


def _like(array: np.ndarray, quotient: np.ndarray) -> np.ndarray | None:
    """Return `array` as the quotient is shaped, if it broadcasts to that: axes of length 1 in front do not count."""
    while array.ndim > quotient.ndim and len(array) == 1:
        array = array[0]
    try:
        return np.broadcast_to(array.astype(np.float64), quotient.shape)
    except ValueError:
        return None


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    scale = max(float(np.abs(array).max(initial=0.0)) for array in (one, other))
    return bool(np.abs(one - other).max(initial=0.0) <= _TOLERANCE * scale)


def _times(factor: float) -> str:
    for value, words in _WORDS.items():
        if abs(factor - value) < _TOLERANCE * abs(value):
            return words
    # A factor that is no whole number is no mistake that people make, and could spell a hidden input.
    whole = round(factor) if abs(factor) < _LARGEST_FACTOR else 0
    return f"{whole} times" if abs(factor - whole) < _TOLERANCE * abs(factor) else "something else than"
