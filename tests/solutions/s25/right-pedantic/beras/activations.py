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


def _slope(x, alpha):
    """1 where x is positive, and alpha elsewhere."""
    slope = np.full(x.shape, alpha, dtype=np.result_type(x.dtype, np.float32))
    slope[x > 0] = 1.0
    return slope


class LeakyReLU(Activation):
    """x where x is positive, and alpha * x elsewhere (Maas et al., 2013)."""

    def __init__(self, alpha=0.3):
        self.alpha = alpha

    def forward(self, x):
        """Return an array of the shape of x, (B, n)."""
        return x * _slope(np.asarray(x), self.alpha)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # At exactly 0 there is no derivative: either slope will do.
        return [_slope(np.asarray(self.inputs[0]), self.alpha)]

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
        # exp is only taken of what is not positive, and cannot overflow.
        small = np.exp(-np.abs(x))
        return np.where(x >= 0, 1.0, small) / (1.0 + small)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        small = np.exp(-np.abs(np.asarray(self.inputs[0])))
        return [small / np.square(1.0 + small)]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx], (B, n), entry by entry: a diagonal Jacobian needs no matrix multiplication."""
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [self.get_input_gradients()[0] * upstream for upstream in J]


class Softmax(Activation):
    """exp(x_i) / sum over k of exp(x_k): turns each row of logits into probabilities."""

    def forward(self, x):
        """Return an array of the shape of x, (B, n), whose rows sum to 1."""
        shifted = x - np.max(x, axis=-1, keepdims=True)
        log_sum = np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
        return np.exp(shifted - log_sum)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n, n): each probability of a row depends on all logits of that row."""
        y = np.asarray(self.outputs[0])
        jacobians = -(y[:, :, np.newaxis] * y[:, np.newaxis, :])
        diagonal = np.arange(y.shape[1])
        jacobians[:, diagonal, diagonal] += y
        return [jacobians]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx], (B, n), without building the Jacobians: y * (J - <J, y>)."""
        if J is None or J[0] is None:
            return self.get_input_gradients()
        y = np.asarray(self.outputs[0])
        return [y * (upstream - np.sum(upstream * y, axis=-1, keepdims=True)) for upstream in map(np.asarray, J)]
