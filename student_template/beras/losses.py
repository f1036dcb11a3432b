"""Losses: how far predictions are from the truth, as one number for a batch."""

import numpy as np

from beras.core import Diffable


class Loss(Diffable):
    """A Diffable without weights, from y_pred and y_true, both (B, n), to a number (or an array of one entry).

    y_true may hold whole numbers: int, or whatever type the encoder's rows have. The gradient is right all the same.
    """

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
        raise NotImplementedError("MeanSquaredError.call")

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        raise NotImplementedError("MeanSquaredError.get_input_gradients")


class CategoricalCrossentropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true.

    Probabilities are clipped away from 0 and 1 by `clip_0_1`. Where one is clipped, any finite gradient is right: 0 or
    the usual one.
    """

    def call(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        raise NotImplementedError("CategoricalCrossentropy.call")

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        raise NotImplementedError("CategoricalCrossentropy.get_input_gradients")


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
