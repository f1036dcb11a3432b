"""Losses: how far predictions are from the truth, as one number for a batch."""

import numpy as np

from beras.core import Diffable


class Loss(Diffable):
    """A Diffable without weights, from y_pred and y_true, both (B, n), to a number."""

    @property
    def parameters(self):
        """No weights: the empty list."""
        return []

    def get_weight_gradients(self):
        """No weights, so no gradients by them: the empty list."""
        return []


class MeanSquaredError(Loss):
    """The mean over the samples of the mean over the features of (y_pred - y_true)^2."""

    def forward(self, y_pred, y_true):
        """Return the loss of the batch, a number, for y_pred and y_true of shape (B, n)."""
        differences = np.array(y_pred) - np.array(y_true)
        per_sample = np.mean(differences**2, axis=1)
        return np.mean(per_sample)

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred = np.array(self.inputs[0])
        y_true = np.array(self.inputs[1])
        batch_size, n = y_pred.shape
        return [2 * (y_pred - y_true) / (batch_size * n), np.zeros_like(y_true)]


class CategoricalCrossEntropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true.

    Probabilities are clipped away from 0 and 1. Where one is clipped, any finite gradient is right: 0 or the usual one.
    """

    def __init__(self, epsilon=1e-12, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon  # how far probabilities are kept away from 0 and 1

    def forward(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        clipped = clip_0_1(np.array(y_pred), self.epsilon)
        per_sample = -np.sum(np.array(y_true) * np.log(clipped), axis=1)
        return np.mean(per_sample)

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred = clip_0_1(np.array(self.inputs[0]), self.epsilon)
        y_true = np.array(self.inputs[1])
        return [-(y_true / y_pred), np.zeros_like(y_true)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
