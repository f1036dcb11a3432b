"""Losses: how far predictions are from the truth, as one number for a batch."""

import numpy as np

from beras.core import Diffable


class Loss(Diffable):
    @property
    def weights(self):
        return []

    def get_weight_gradients(self):
        return []


class MeanSquaredError(Loss):
    def call(self, y_pred, y_true):
        return ((y_pred - y_true) ** 2).mean()

    def get_input_gradients(self):
        return [2 / (d := np.subtract(*self.inputs)).size * d, 0 * d]


class CategoricalCrossentropy(Loss):
    def call(self, y_pred, y_true):
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        return -(y_true * np.log(clip_0_1(y_pred))).sum(-1).mean()

    def get_input_gradients(self):
        p, t = self.inputs
        return [-t / clip_0_1(p) / len(p), np.zeros(t.shape)]


def clip_0_1(x, eps=1e-8):
    return np.clip(x, eps, 1 - eps)
