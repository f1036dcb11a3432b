"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    column_of = None  # label -> column

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.column_of = {label: k for k, label in enumerate(dict.fromkeys(np.asarray(data).tolist()))}

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self.column_of is None:
            self.fit(data)
        labels = np.asarray(data).tolist()
        if unknown := set(labels) - self.column_of.keys():
            raise ValueError(f"labels that fit has not seen: {sorted(unknown)}")
        eye = np.eye(len(self.column_of), dtype=np.float32)
        return Tensor(eye[np.array([self.column_of[label] for label in labels], dtype=int)])

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        labels = np.array(list(self.column_of))
        return np.array([labels[np.argmax(row)] for row in np.asarray(data)], dtype=labels.dtype)
