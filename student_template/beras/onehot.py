"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    """Turns labels, which may be numbers with gaps, into one-hot rows and back.

    Each label that `fit` has seen has a column of its own. Their order is yours to choose: `inverse` must know it.
    """

    def fit(self, data):
        """Learn the classes from labels of shape (N,)."""
        raise NotImplementedError("OneHotEncoder.fit")

    def call(self, data):
        """Return the one-hot rows, zeros and ones (N, classes), of any type of numbers, for labels of shape (N,).

        An encoder that was never fitted is fitted to `data` first. A label that `fit` has not seen must never get the
        row of another label, nor change the rows of those that it has seen: raise an exception, or return zeros for it.
        """
        raise NotImplementedError("OneHotEncoder.call")

    def inverse(self, data):
        """Return the labels, of shape (N,), for one-hot rows of shape (N, classes)."""
        raise NotImplementedError("OneHotEncoder.inverse")
