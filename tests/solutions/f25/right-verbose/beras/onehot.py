"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def __init__(self):
        self.classes = None

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.classes = np.unique(np.array(data))  # sorted

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self.classes is None:
            self.fit(data)
        rows = np.zeros((len(data), len(self.classes)), dtype=np.float32)
        for i in range(len(data)):
            position = np.where(self.classes == data[i])[0]
            if len(position) == 0:
                raise ValueError("label " + str(data[i]) + " was never seen")
            rows[i, position[0]] = 1.0
        return rows

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        labels = []
        for row in data:
            labels.append(self.classes[np.argmax(row)])
        return np.array(labels, dtype=self.classes.dtype)
