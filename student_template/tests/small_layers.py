"""Small layers whose gradients are right, to try the tape with: none of yours needs to work for that."""

import numpy as np

from beras.core import Diffable
from tests.edition import variable


class Affine(Diffable):
    """y = x @ w + b, from (B, in) to (B, out)."""

    def __init__(self, inputs, outputs, rng):
        self.w = variable(rng.normal(size=(inputs, outputs)))
        self.b = variable(rng.normal(size=(1, outputs)))

    @property
    def weights(self):
        """The weight and the bias."""
        return [self.w, self.b]

    parameters = weights

    @property
    def trainable_variables(self):
        """The same: the tape's tests need nothing of Weighted."""
        return self.weights

    def call(self, x):
        """Return x @ w + b."""
        return x @ self.w + self.b

    forward = call

    def get_input_gradients(self):
        """Return [dy/dx]."""
        return [self.w]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db]."""
        return [self.inputs[0][:, :, np.newaxis], np.ones_like(self.b)]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx]."""
        return [np.asarray(J[0]) @ np.asarray(self.w).T]

    def compose_weight_gradients(self, J=None):
        """Return [dLoss/dw, dLoss/db]."""
        return [np.asarray(self.inputs[0]).T @ np.asarray(J[0]), np.sum(J[0], axis=0, keepdims=True)]


class Total(Diffable):
    """The sum of y + y^2 over all entries, a number."""

    weights = []
    parameters = weights

    def call(self, x):
        """Return the sum."""
        return np.sum(x + x**2)

    forward = call

    def get_input_gradients(self):
        """Return [dSum/dx]."""
        return [1 + 2 * np.asarray(self.inputs[0])]

    def get_weight_gradients(self):
        """No weights, so no gradients by them: the empty list."""
        return []


class Times(Diffable):
    """The product of two inputs, entry by entry."""

    weights = []
    parameters = weights

    def call(self, x, y):
        """Return x * y."""
        return x * y

    forward = call

    def get_input_gradients(self):
        """Return [dz/dx, dz/dy]."""
        x, y = self.inputs
        return [np.asarray(y), np.asarray(x)]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx, dLoss/dy]."""
        return [gradient * np.asarray(J[0]) for gradient in self.get_input_gradients()]

    def get_weight_gradients(self):
        """No weights, so no gradients by them: the empty list."""
        return []

    def compose_weight_gradients(self, J=None):
        """The same."""
        return []
