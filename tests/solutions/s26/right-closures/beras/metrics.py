"""Metrics: what people want to know about predictions, and nobody differentiates."""

import numpy as np

from beras.core import Callable


class CategoricalAccuracy(Callable):
    """The share of samples whose most probable class is the true one."""

    def forward(self, probs, labels):
        """Return a number from 0 to 1, for probabilities and one-hot labels, both of shape (B, classes)."""
        return float((np.asarray(probs).argmax(1) == np.asarray(labels).argmax(1)).mean())
