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
        return np.where(x > 0, x, self.alpha * np.asarray(x))

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # At exactly 0 there is no derivative: either slope will do.
        x = np.asarray(self.inputs[0])
        slope = np.full(x.shape, self.alpha, dtype=np.float64)
        slope[x > 0] = 1.0
        return [slope]

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
        # exp of a number that is never positive cannot overflow.
        decay = np.exp(-np.abs(x))
        return np.where(x >= 0, 1.0, decay) / (1.0 + decay)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        decay = np.exp(-np.abs(np.asarray(self.inputs[0])))
        return [decay / (1.0 + decay) ** 2]

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
        shifted = x - np.max(x, axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        return exponentials / np.sum(exponentials, axis=1, keepdims=True)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n, n): each probability of a row depends on all logits of that row."""
        # dp_o/dx_i = p_i (delta_io - p_o)
        p = np.asarray(self.outputs[0])
        if not hasattr(self, "_jacobians"):
            self._jacobians = np.empty((*p.shape, p.shape[1]))
        jacobians = self._jacobians
        jacobians[...] = -np.einsum("bi,bo->bio", p, p)
        diagonal = np.arange(p.shape[1])
        jacobians[:, diagonal, diagonal] += p
        return [jacobians]
