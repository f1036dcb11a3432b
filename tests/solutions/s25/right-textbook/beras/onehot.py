"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        # sorted, without repetitions
        self.labels = sorted(set(np.asarray(data).tolist()))
        self.column = {label: k for k, label in enumerate(self.labels)}

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if not hasattr(self, "column"):
            self.fit(data)
        one_hot = np.zeros((len(data), len(self.labels)), dtype=np.float32)
        for n, label in enumerate(np.asarray(data).tolist()):
            if label not in self.column:
                raise ValueError(f"label {label} was not seen in fit")
            one_hot[n, self.column[label]] = 1
        return Tensor(one_hot)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return np.array([self.labels[k] for k in np.argmax(data, axis=1)])
