"""Losses: how far predictions are from the truth, as one number for a batch."""

import numpy as np

from beras import functional as F
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
        return F.mean_over_batch(F.squared_error(y_pred, y_true))

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = self.inputs
        return [F.squared_error_gradient(y_pred, y_true) / len(y_pred), np.zeros_like(y_pred)]


class CategoricalCrossentropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def call(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        return F.mean_over_batch(F.cross_entropy(clip_0_1(y_pred), y_true))

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = self.inputs
        return [F.cross_entropy_gradient(clip_0_1(y_pred), y_true) / len(y_pred), np.zeros_like(y_pred)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
