"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def __init__(self):
        self._classes = None
        self._columns = {}

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self._classes = np.unique(np.asarray(data))
        self._columns = {label: column for column, label in enumerate(self._classes.tolist())}

    def call(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self._classes is None:
            self.fit(data)
        labels = np.asarray(data)
        try:
            columns = [self._columns[label] for label in labels.tolist()]
        except KeyError as error:
            raise ValueError(f"the encoder was not fitted to the label {error.args[0]!r}") from error
        rows = np.zeros((len(columns), len(self._columns)), dtype=np.float32)
        rows[np.arange(len(columns)), columns] = 1
        return Tensor(rows)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return np.take(self._classes, np.argmax(np.asarray(data), axis=1))
