"""Activations: functions without weights that bend what the dense layers compute."""

import numpy as np

from beras.core import Diffable
from beras.helpers import asks_for_local, raw


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
        return x * self._slope(x)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # At exactly 0 there is no derivative: either slope will do.
        return [self._slope(self.inputs[0])]

    def _slope(self, x):
        positive = (np.asarray(x) > 0).astype(np.float64)
        return positive + self.alpha * (1 - positive)

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
        x = raw(x)
        y = np.empty_like(x)
        low = x < 0
        grown = np.exp(x[low])
        y[low] = grown / (1 + grown)
        y[~low] = 1 / (1 + np.exp(-x[~low]))
        return y

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        y = raw(self.outputs[0])
        return [y - y * y]

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
        x = raw(x)
        grown = np.exp(x - np.amax(x, axis=-1)[:, None])
        return grown / grown.sum(axis=-1)[:, None]

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n, n): each probability of a row depends on all logits of that row."""
        return [np.stack([np.diag(p) - p[:, None] * p[None, :] for p in raw(self.outputs[0])])]

    def compose_input_gradients(self, J=None):
        # p * (J - p . J): the same as with the Jacobian, without ever making it.
        if asks_for_local(J):
            return self.get_input_gradients()
        p = raw(self.outputs[0])
        return [p * (upstream - np.sum(p * upstream, axis=1, keepdims=True)) for upstream in J]
