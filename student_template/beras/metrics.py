"""Metrics: what people want to know about predictions, and nobody differentiates."""

import numpy as np

from beras.core import Callable


class CategoricalAccuracy(Callable):
    """The share of samples whose most probable class is the true one."""

    def call(self, probs, labels):
        """Return a number from 0 to 1, for probabilities and one-hot labels, both (B, classes).

        Where several classes are equally probable, one of them is the prediction, no matter which.
        """
        raise NotImplementedError("CategoricalAccuracy.call")
