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
        diff = y_pred - y_true
        return np.mean(np.mean(diff * diff, axis=1))

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = self.inputs
        B, n = y_pred.shape
        dy_pred = 2 * (y_pred - y_true) / n / B
        return [dy_pred, np.zeros((B, n))]


class CategoricalCrossEntropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def forward(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        # y_true is one-hot, so only the probability of the true class is left of the sum
        truth = np.argmax(y_true, axis=1)
        p_true = y_pred[np.arange(len(y_pred)), truth]
        return np.mean(-np.log(clip_0_1(p_true)))

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = self.inputs
        B, n = y_pred.shape
        # d(-y log p)/dp = -y / p
        dy_pred = -1 / B * (y_true / clip_0_1(y_pred))
        return [dy_pred, np.zeros((B, n))]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
