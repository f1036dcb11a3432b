"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def __init__(self):
        self.classes = None
        self.rows = None

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.classes = np.unique(np.asarray(data))
        self.rows = np.eye(len(self.classes), dtype=np.float32)

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self.classes is None:
            self.fit(data)
        labels = np.asarray(data).astype(self.classes.dtype)
        unknown = ~np.isin(labels, self.classes)
        if np.any(unknown):
            raise ValueError(f"labels that fit has not seen: {np.unique(labels[unknown]).tolist()}")
        return self.rows[np.searchsorted(self.classes, labels)]

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return np.take(self.classes, np.argmax(np.asarray(data), axis=1))
