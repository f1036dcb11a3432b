"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor
from beras.helpers import raw


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def __init__(self):
        self.labels = None

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.labels = np.unique(np.asarray(data))

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self.labels is None:
            self.fit(data)
        hits = np.asarray(data)[:, None] == self.labels[None, :]
        if not np.all(hits.any(axis=1)):
            raise ValueError("there are labels that the encoder was not fitted to")
        return Tensor(hits.astype(np.float32))

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return np.take(self.labels, np.argmax(raw(data), axis=1))
