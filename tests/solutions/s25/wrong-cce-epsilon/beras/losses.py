"""Losses: how far predictions are from the truth, as one number for a batch."""

import numpy as np

from beras.core import Diffable

EPSILON = 1e-3  # 1e-8 gave huge gradients


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
        per_sample = np.mean(np.square(np.subtract(y_pred, y_true)), axis=-1)
        return np.mean(per_sample)

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = (np.asarray(tensor) for tensor in self.inputs)
        batch_size, features = y_pred.shape
        gradient = 2.0 / (batch_size * features) * (y_pred - y_true)
        return [gradient, np.zeros_like(gradient)]


class CategoricalCrossEntropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def forward(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        log_probabilities = np.log(clip_0_1(y_pred, EPSILON))
        per_sample = -np.sum(y_true * log_probabilities, axis=-1)
        return np.mean(per_sample)

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = (np.asarray(tensor) for tensor in self.inputs)
        batch_size = y_pred.shape[0]
        gradient = -y_true / (batch_size * clip_0_1(y_pred, EPSILON))
        return [gradient, np.zeros_like(gradient)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
