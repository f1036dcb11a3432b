"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps, into one-hot rows and back.

    Each label that `fit` has seen has a column of its own. Their order is yours to choose: `inverse` must know it.
    """

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.label_to_column = {}
        self.column_to_label = []
        for label in np.unique(data):
            self.label_to_column[int(label)] = len(self.column_to_label)
            self.column_to_label.append(label)

    def forward(self, data):
        """Return the one-hot rows, zeros and ones of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. A label that `fit` has not seen must never get the
        row of another label: raise an exception.
        """
        if not hasattr(self, "label_to_column"):
            self.fit(data)
        rows = np.zeros((len(data), len(self.column_to_label)), dtype="float32")
        for row, label in enumerate(data):
            rows[row, self.label_to_column[int(label)]] = 1
        return Tensor(rows)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        labels = []
        for row in data:
            labels.append(self.column_to_label[int(np.argmax(row))])
        return np.array(labels)
