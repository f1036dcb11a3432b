"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def __init__(self):
        self.label_to_row = None

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.label_to_row = {}
        self.row_number_to_label = []
        all_labels = np.unique(np.asarray(data))
        identity = np.identity(len(all_labels), dtype=np.float32)
        for number, label in enumerate(all_labels):
            self.label_to_row[label] = identity[number]
            self.row_number_to_label.append(label)
        self.number_of_classes = len(all_labels)

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self.label_to_row is None:
            self.fit(data)
        rows = []
        for label in np.asarray(data):
            if label not in self.label_to_row:
                raise ValueError("This label is unknown: " + str(label))
            rows.append(self.label_to_row[label])
        return np.array(rows, dtype=np.float32).reshape(len(rows), self.number_of_classes)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        labels = []
        for row in np.asarray(data):
            labels.append(self.row_number_to_label[np.argmax(row)])
        return np.array(labels)
