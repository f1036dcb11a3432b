"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    labels = None

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.labels = np.unique(np.asarray(data))

    def call(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self.labels is None:
            self.fit(data)
        data = np.asarray(data)
        index = np.searchsorted(self.labels, data).clip(max=len(self.labels) - 1)
        unseen = self.labels[index] != data
        if np.any(unseen):
            raise ValueError(f"not seen by fit: {data[unseen]}")
        return np.eye(len(self.labels), dtype=np.float32)[index]

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return self.labels[np.nonzero(np.asarray(data))[1]]
