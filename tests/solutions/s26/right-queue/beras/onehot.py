"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps, into one-hot rows and back.

    Each label that `fit` has seen has a column of its own. Their order is yours to choose: `inverse` must know it.
    """

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        self.known = np.unique(data)

    def forward(self, data):
        """Return the one-hot rows, zeros and ones of shape (N, classes), for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. A label that `fit` has not seen must never get the
        row of another label: raise an exception.
        """
        if getattr(self, "known", None) is None:
            self.fit(data)
        rows = np.asarray(data)[:, None] == self.known[None, :]
        if not rows.any(axis=1).all():
            raise ValueError("a label that fit has not seen")
        return Tensor(rows.astype(np.float32))

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        return self.known[np.argmax(data, axis=1)]
