"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps or strings, into one-hot rows and back.

    Column k stands for the k-th of the labels that `fit` has seen, in ascending order.
    """

    def __init__(self) -> None:
        self._classes: np.ndarray | None = None
        self._column: dict = {}  # label -> column

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self._classes = np.array(sorted(set(np.asarray(data).tolist())))
        self._column = {label: column for column, label in enumerate(self._classes.tolist())}

    def forward(self, data):
        """Return the one-hot rows, float32 of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. Raises ValueError for a label that `fit`
        has not seen.
        """
        if self._classes is None:
            self.fit(data)
        rows = np.zeros((len(data), len(self._column)), dtype=np.float32)
        for row, label in zip(rows, np.asarray(data).tolist()):
            try:
                row[self._column[label]] = 1
            except KeyError:
                raise ValueError(f"the label {label!r} was not seen by fit") from None
        return Tensor(rows)

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return self._classes[np.argmax(np.asarray(data), axis=1)]
