"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Tensor


class Dense(Diffable):
    def __init__(self, input_size, output_size, initializer="normal"):
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)

    @property
    def weights(self):
        return [self.w, self.b]

    def call(self, x):
        return x @ self.w + self.b

    def get_input_gradients(self):
        return [self.w]

    def get_weight_gradients(self):
        return [self.inputs[0][..., None], np.ones_like(self.b)]

    def compose_weight_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        return [g for j in J for g in (self.inputs[0].T @ j, j.sum(0, keepdims=True))]

    @staticmethod
    def _initialize_weight(initializer, input_size, output_size):
        n, m, kind = input_size, output_size, initializer.lower()
        stds = {"zero": 0, "normal": 1, "xavier": (2 / (n + m)) ** 0.5, "kaiming": (2 / n) ** 0.5}
        stds |= {k + " uniform": stds[k] for k in ("xavier", "kaiming")}
        if (std := stds.get(kind)) is None:
            raise ValueError(f"no initializer {initializer!r}")
        a = 3**0.5 * std
        w = np.random.uniform(-a, a, (n, m)) if "uniform" in kind else std * np.random.randn(n, m)
        return Tensor(w.astype(np.float32)), Tensor(np.zeros((1, m), np.float32))
