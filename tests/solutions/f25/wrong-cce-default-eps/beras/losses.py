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

    def forward(self, y_pred, y_true):
        """Return the loss of the batch, a number, for y_pred and y_true of shape (B, n)."""
        return np.average(np.power(y_pred - y_true, 2))

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = self.inputs
        return [np.multiply(2 / np.size(y_pred), y_pred - y_true), np.zeros(np.shape(y_true))]


class CategoricalCrossEntropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def __init__(self, epsilon=1e-12):
        self.epsilon = epsilon  # how far probabilities are kept away from 0 and 1

    def forward(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        surprise = -np.log(clip_0_1(y_pred))
        return np.sum(np.asarray(y_true) * surprise) / np.shape(y_pred)[0]

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = map(np.asarray, self.inputs)
        share = -1.0 / len(y_pred)
        return [share * y_true / clip_0_1(y_pred), np.zeros(y_true.shape)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
