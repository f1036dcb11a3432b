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
        def leak(value):
            if value > 0:
                return float(value)
            return float(self.alpha * value)

        rows = []
        for row in np.asarray(x):
            rows.append([leak(value) for value in row])
        return np.array(rows, dtype=np.result_type(x, np.float32)).reshape(x.shape)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # At exactly 0 there is no derivative: either slope will do.
        x = self.inputs[0]
        gradient = np.ones(x.shape)
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                if x[i, j] <= 0:
                    gradient[i, j] = self.alpha
        return [gradient]

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
        # tanh never overflows: sigmoid(x) = (1 + tanh(x / 2)) / 2
        # (but it rounds to 0 too early below -18, so use exp there)
        x = np.asarray(x)
        large = 0.5 * (1.0 + np.tanh(0.5 * x))
        small = np.exp(np.minimum(x, 0))
        small = small / (1.0 + small)
        return np.where(x < 0, small, large)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        output = self.outputs[0]
        gradient = output * (1 - output)
        return [gradient]

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
        def softmax_of_row(row):
            shifted = row - np.max(row)
            exponentials = np.exp(shifted)
            return exponentials / np.sum(exponentials)

        return np.apply_along_axis(softmax_of_row, 1, np.asarray(x))

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n, n): each probability of a row depends on all logits of that row."""
        y = np.asarray(self.outputs[0])
        jacobians = np.zeros((y.shape[0], y.shape[1], y.shape[1]))
        for b in range(y.shape[0]):
            # diag(y) - y y^T
            for i in range(y.shape[1]):
                jacobians[b, i] = -y[b, i] * y[b]
                jacobians[b, i, i] += y[b, i]
        return [np.squeeze(jacobians)]
