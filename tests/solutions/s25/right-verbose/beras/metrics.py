"""Metrics: what people want to know about predictions, and nobody differentiates."""

import numpy as np

from beras.core import Callable


class CategoricalAccuracy(Callable):
    """The share of samples whose most probable class is the true one."""

    def forward(self, probs, labels):
        """Return a number from 0 to 1, for probabilities and one-hot labels, both of shape (B, classes)."""
        correct = 0
        for probs_of_sample, labels_of_sample in zip(probs, labels):
            if np.argmax(probs_of_sample) == np.argmax(labels_of_sample):
                correct += 1
        return correct / len(probs)
