"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.classes = np.unique(data)

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if not hasattr(self, "classes"):
            self.fit(data)
        rows = np.asarray(data)[:, None] == self.classes
        if not rows.any(1).all():
            raise ValueError("unknown label")
        return rows.astype(np.float32)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return self.classes[np.argmax(data, 1)]
