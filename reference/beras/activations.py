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

    def call(self, x):
        """Return an array of the shape of x, (B, n)."""
        # BEGIN SOLUTION
        return np.where(x > 0, x, self.alpha * x)
        # END SOLUTION

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # At exactly 0 there is no derivative: either slope will do.
        # BEGIN SOLUTION
        (x,) = self.inputs
        slope = np.full_like(x, self.alpha)
        slope[x > 0] = 1
        return [slope]
        # END SOLUTION

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

    def call(self, x):
        """Return an array of the shape of x, (B, n)."""
        # BEGIN SOLUTION
        # 1 / (1 + e^-x) where x is positive, e^x / (1 + e^x) elsewhere: the same function, written so that no
        # exponent is ever positive and nothing overflows.
        return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
        # END SOLUTION

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # BEGIN SOLUTION
        (y,) = self.outputs
        return [y * (1 - y)]
        # END SOLUTION

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx], (B, n), entry by entry: a diagonal Jacobian needs no matrix multiplication."""
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [self.get_input_gradients()[0] * upstream for upstream in J]


class Softmax(Activation):
    """exp(x_i) / sum over k of exp(x_k): turns each row of logits into probabilities."""

    def call(self, x):
        """Return an array of the shape of x, (B, n), whose rows sum to 1."""
        # Large logits overflow: what can be subtracted from a whole row without changing its softmax?
        # BEGIN SOLUTION
        exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
        return exponentials / exponentials.sum(axis=-1, keepdims=True)
        # END SOLUTION

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n, n): each probability of a row depends on all logits of that row."""
        # BEGIN SOLUTION
        # dy_o/dx_i = y_i * (1 - y_i) where i = o, and -y_i * y_o elsewhere: y_i * (identity_io - y_o).
        (y,) = self.outputs
        identity = np.eye(y.shape[-1], dtype=y.dtype)
        return [y[:, :, np.newaxis] * (identity - y[:, np.newaxis, :])]
        # END SOLUTION

    # BEGIN SOLUTION
    # The inherited chain rule builds all Jacobians and loops over the samples. The sum over o of
    # y_i * (identity_io - y_o) * J_o is y_i * (J_i - y . J), which needs neither.

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx], (B, n), for each upstream gradient in J, (B, n)."""
        if J is None or J[0] is None:
            return self.get_input_gradients()
        (y,) = self.outputs
        return [y * (upstream - (y * upstream).sum(axis=-1, keepdims=True)) for upstream in J]

    # END SOLUTION
