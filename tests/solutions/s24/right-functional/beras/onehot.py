"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def __init__(self):
        self.classes, self.fitted = [], False

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.classes, self.fitted = sorted({*np.asarray(data).tolist()}), True

    def call(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if not self.fitted:
            self.fit(data)
        # list.index raises the ValueError for labels that are not in the list
        where = [self.classes.index(label) for label in np.asarray(data).tolist()]
        rows = np.zeros((len(where), len(self.classes)), np.float32)
        np.put_along_axis(rows, np.array(where, dtype=int)[:, None], 1, axis=1)
        return Tensor(rows)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return np.array([self.classes[k] for k in np.argmax(data, axis=1)])
