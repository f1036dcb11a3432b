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
        x = np.asarray(x)
        y = np.array(x, dtype=np.result_type(x, np.float32))
        negative = x <= 0
        y[negative] = y[negative] * self.alpha
        return y

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # At exactly 0 there is no derivative: either slope will do.
        x = self.inputs[0]
        gradient = np.ones(x.shape)
        gradient[x <= 0] = self.alpha
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

    def forward(self, x):
        """Return an array of the shape of x, (B, n)."""
        x = np.asarray(x)
        result = np.zeros(x.shape, dtype=np.result_type(x, np.float32))
        positive = x >= 0
        negative = x < 0
        # two formulas, so that exp never gets a large positive number
        result[positive] = 1 / (1 + np.exp(-x[positive]))
        result[negative] = np.exp(x[negative]) / (1 + np.exp(x[negative]))
        return result

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        sigmoid = self.outputs[0]
        return [sigmoid * (1 - sigmoid)]

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
        def softmax_of_row(row):
            exps = np.exp(row - np.max(row))
            return exps / np.sum(exps)

        return np.apply_along_axis(softmax_of_row, 1, np.asarray(x, dtype=np.result_type(x, np.float32)))

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n, n): each probability of a row depends on all logits of that row."""
        probabilities = np.asarray(self.outputs[0])
        batch_size = probabilities.shape[0]
        n = probabilities.shape[1]
        gradient = np.zeros((batch_size, n, n))
        for k in range(batch_size):
            p = probabilities[k]
            gradient[k] = np.diagflat(p) - np.outer(p, p)
        return [gradient]
