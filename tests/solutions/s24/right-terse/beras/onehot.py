"""One-hot encoding: labels as rows with a single 1, and back."""

import numpy as np

from beras.core import Callable, Tensor


class OneHotEncoder(Callable):
    def fit(self, data):
        self.classes = np.unique(data)

    def call(self, data):
        if not hasattr(self, "classes"):
            self.fit(data)
        rows = np.asarray(data)[:, None] == self.classes
        if not rows.any(1).all():
            raise ValueError("a label that fit has not seen")
        return Tensor(rows.astype(np.float32))

    def inverse(self, data):
        return self.classes[np.asarray(data).argmax(-1)]
