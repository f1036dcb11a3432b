"""Losses: how far predictions are from the truth, as one number for a batch."""

import numpy as np

from beras.core import Diffable


class Loss(Diffable):
    """A Diffable without weights, from y_pred and y_true, both (B, n), to a number."""

    @property
    def weights(self):
        """No weights: the empty list."""
        return []

    def get_weight_gradients(self):
        """No weights, so no gradients by them: the empty list."""
        return []


class MeanSquaredError(Loss):
    """The mean over the samples of the mean over the features of (y_pred - y_true)^2."""

    def call(self, y_pred, y_true):
        """Return the loss of the batch, a number, for y_pred and y_true of shape (B, n)."""
        d = y_pred - y_true
        return np.einsum("bn,bn->", d, d) / d.size

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        d = self.inputs[0] - self.inputs[1]
        return [d * (2 / d.size), np.zeros(d.shape)]


class CategoricalCrossentropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def call(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        return -np.einsum("bn,bn->b", y_true, np.log(clip_0_1(y_pred))).mean()

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        p, y = self.inputs
        return [-(y / clip_0_1(p)) / p.shape[0], np.zeros(y.shape)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
