"""Metrics: what people want to know about predictions, and nobody differentiates."""

import numpy as np

from beras.core import Callable


class CategoricalAccuracy(Callable):
    """The share of samples whose most probable class is the true one."""

    def call(self, probs, labels):
        """Return a number from 0 to 1, for probabilities and one-hot labels, both of shape (B, classes)."""
        best = np.argmax(probs, axis=-1)
        return np.take_along_axis(np.asarray(labels), np.asarray(best)[:, None], axis=-1).mean(dtype=float)
