"""Activations: functions without weights that bend what the dense layers compute."""

import numpy as np

from beras.core import Diffable


class Activation(Diffable):
    @property
    def weights(self):
        return []

    def get_weight_gradients(self):
        return []


class LeakyReLU(Activation):
    def __init__(self, alpha=0.3):
        self.alpha = alpha

    def call(self, x):
        return np.where(x > 0, x, self.alpha * x)

    def get_input_gradients(self):
        # At exactly 0 there is no derivative: either slope will do.
        return [np.where(self.inputs[0] > 0, 1.0, self.alpha)]

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        for upstream in J:
            upstream *= self.get_input_gradients()[0]
        return J


class ReLU(LeakyReLU):
    def __init__(self):
        super().__init__(alpha=0)


class Sigmoid(Activation):
    def call(self, x):
        return np.where(x > 0, 1, e := np.exp(-abs(x))) / (1 + e)

    def get_input_gradients(self):
        return [(y := self.outputs[0]) * (1 - y)]

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        for upstream in J:
            upstream *= self.get_input_gradients()[0]
        return J


class Softmax(Activation):
    def call(self, x):
        # Large logits overflow: what can be subtracted from a whole row without changing its softmax?
        return (e := np.exp(x - x.max(-1, keepdims=True))) / e.sum(-1, keepdims=True)

    def get_input_gradients(self):
        return [(y := self.outputs[0])[:, :, None] * (np.eye(y.shape[1], dtype=y.dtype) - y[:, None])]
