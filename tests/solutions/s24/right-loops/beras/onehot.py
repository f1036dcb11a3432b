"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def __init__(self):
        self.fitted = False

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.label_list = sorted(set(np.asarray(data).tolist()))
        self.label_dict = {}
        for i in range(len(self.label_list)):
            row = np.zeros(len(self.label_list), dtype=np.float32)
            row[i] = 1.0
            self.label_dict[self.label_list[i]] = row
        self.fitted = True

    def call(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self.fitted == False:
            self.fit(data)
        rows = []
        for label in np.asarray(data).tolist():
            if label not in self.label_dict:
                raise ValueError("label was not in fit: " + str(label))
            rows.append(self.label_dict[label])
        if len(rows) == 0:
            return np.zeros((0, len(self.label_list)), dtype=np.float32)
        return np.array(rows, dtype=np.float32)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        labels = []
        for row in np.asarray(data):
            labels.append(self.label_list[int(np.argmax(row))])
        return np.array(labels)
