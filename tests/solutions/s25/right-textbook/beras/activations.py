"""Activations: functions without weights that bend what the dense layers compute."""

import numpy as np

from beras.core import Diffable


class Activation(Diffable):
    """A Diffable without weights, from (B, n) to (B, n)."""

    @property
    def weights(self):
        """No weights: the empty list."""
        return []

    def get_weight_gradients(self):
        """No weights, so no gradients by them: the empty list."""
        return []


class LeakyReLU(Activation):
    """x where x is positive, and alpha * x elsewhere (Maas et al., 2013)."""

    def __init__(self, alpha=0.3):
        self.alpha = alpha

    def forward(self, x):
        """Return an array of the shape of x, (B, n)."""
        return np.maximum(x, 0) + self.alpha * np.minimum(x, 0)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # At exactly 0 there is no derivative: either slope will do.
        x = self.inputs[0]
        grad = np.ones(x.shape)
        grad[x <= 0] = self.alpha
        return [grad]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx], (B, n), entry by entry: a diagonal Jacobian needs no matrix multiplication."""
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [self.get_input_gradients()[0] * upstream for upstream in J]


class ReLU(LeakyReLU):
    """x where x is positive, and 0 elsewhere."""

    def __init__(self):
        super().__init__(alpha=0)


class Sigmoid(Activation):
    """1 / (1 + exp(-x)): squeezes any number into the interval from 0 to 1."""

    def forward(self, x):
        """Return an array of the shape of x, (B, n)."""
        # the same as 1 / (1 + exp(-x)), but tanh does not overflow
        return 0.5 * (1 + np.tanh(0.5 * x))

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        y = self.outputs[0]
        return [y * (1 - y)]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx], (B, n), entry by entry: a diagonal Jacobian needs no matrix multiplication."""
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [self.get_input_gradients()[0] * upstream for upstream in J]


class Softmax(Activation):
    """exp(x_i) / sum over k of exp(x_k): turns each row of logits into probabilities."""

    def forward(self, x):
        """Return an array of the shape of x, (B, n), whose rows sum to 1."""
        # Large logits overflow: what can be subtracted from a whole row without changing its softmax?
        # softmax(x) = softmax(x - max)
        return np.apply_along_axis(self._softmax, 1, x)

    @staticmethod
    def _softmax(row):
        e = np.exp(row - np.max(row))
        return e / np.sum(e)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n, n): each probability of a row depends on all logits of that row."""
        # dy_i/dx_j = y_i (delta_ij - y_j): symmetric, so in and out cannot be mixed up
        return [np.stack([np.diag(y) - np.outer(y, y) for y in np.asarray(self.outputs[0])])]
