"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    classes_ = None  # until it is fitted

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.classes_ = np.array(sorted({*np.asarray(data).tolist()}))

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self.classes_ is None:
            self.fit(data)
        labels = np.asarray(data)
        columns = np.searchsorted(self.classes_, labels)
        columns = np.minimum(columns, len(self.classes_) - 1)
        if not np.all(self.classes_[columns] == labels):
            raise ValueError("there are labels that fit has not seen")
        rows = np.zeros((len(labels), len(self.classes_)), dtype=np.float32)
        rows[np.arange(len(labels)), columns] = 1
        return Tensor(rows)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return self.classes_[np.asarray(data).argmax(axis=1)]
