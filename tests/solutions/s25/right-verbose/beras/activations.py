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
        output = np.array(x, dtype=np.result_type(x, np.float32))   # a copy, x must not change
        negative = output <= 0
        output[negative] = output[negative] * self.alpha
        return output

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        # At exactly 0 there is no derivative: either slope will do.
        x = np.asarray(self.inputs[0])
        slope = np.zeros(x.shape)
        slope[x > 0] = 1
        slope[x <= 0] = self.alpha
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
        # Two cases, so that the exponential function never gets a large positive number.
        x = np.asarray(x)
        output = np.zeros(x.shape)
        positive = x >= 0
        negative = np.logical_not(positive)
        output[positive] = 1 / (1 + np.exp(-x[positive]))
        exponential = np.exp(x[negative])
        output[negative] = exponential / (1 + exponential)
        return output

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n): the slope at each entry, since no entry depends on another."""
        output = np.asarray(self.outputs[0])
        return [output - output**2]

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
        x = np.asarray(x)
        output = np.zeros(x.shape, dtype=np.result_type(x, np.float32))
        for sample in range(x.shape[0]):
            exponentials = np.exp(x[sample] - max(x[sample]))
            output[sample] = exponentials / sum(exponentials)
        return output

    def get_input_gradients(self):
        """Return [dy/dx], of shape (B, n, n): each probability of a row depends on all logits of that row."""
        output = np.asarray(self.outputs[0])
        batch_size, n = output.shape
        jacobians = np.zeros((batch_size, n, n))
        for i in range(n):
            for j in range(n):
                if i == j:
                    jacobians[:, i, j] = output[:, i] * (1 - output[:, i])
                else:
                    jacobians[:, i, j] = -output[:, i] * output[:, j]
        return [jacobians]
