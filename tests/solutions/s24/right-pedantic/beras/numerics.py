"""Functions that stay exact and finite where the textbook formulas overflow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def logistic(x: ArrayLike) -> np.ndarray:
    """1 / (1 + exp(-x)), of which only the one of two equal forms is used that cannot overflow."""
    x = np.asarray(x)
    result = np.empty(x.shape, dtype=np.result_type(x, np.float32))
    positive = x >= 0
    result[positive] = 1 / (1 + np.exp(-x[positive]))
    exponential = np.exp(x[~positive])
    result[~positive] = exponential / (1 + exponential)
    return result


def log_softmax(x: ArrayLike) -> np.ndarray:
    """The logarithm of the softmax of each row: x - log(sum(exp(x))), with the largest logit moved to zero."""
    x = np.asarray(x)
    shifted = x - np.max(x, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
