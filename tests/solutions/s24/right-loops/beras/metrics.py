"""Metrics: what people want to know about predictions, and nobody differentiates."""

import numpy as np

from beras.core import Callable


class CategoricalAccuracy(Callable):
    """The share of samples whose most probable class is the true one."""

    def call(self, probs, labels):
        """Return a number from 0 to 1, for probabilities and one-hot labels, both of shape (B, classes)."""
        correct = 0
        for prob, label in zip(np.asarray(probs), np.asarray(labels)):
            if np.argmax(prob) == np.argmax(label):
                correct += 1
        return correct / len(probs)
