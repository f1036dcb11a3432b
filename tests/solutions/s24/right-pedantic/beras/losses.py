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

    @staticmethod
    def _difference(y_pred, y_true):
        return np.asarray(y_pred, dtype=np.float64) - np.asarray(y_true, dtype=np.float64)

    def call(self, y_pred, y_true):
        """Return the loss of the batch, a number, for y_pred and y_true of shape (B, n)."""
        per_sample = np.mean(np.square(self._difference(y_pred, y_true)), axis=1)
        return float(np.mean(per_sample))

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        difference = self._difference(*self.inputs)
        batch_size, features = difference.shape
        return [2.0 * difference / (batch_size * features), np.zeros_like(difference)]


class CategoricalCrossentropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def call(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        log_likelihood = np.log(clip_0_1(np.asarray(y_pred, dtype=np.float64)))
        per_sample = -np.sum(y_true * log_likelihood, axis=1)
        return float(np.mean(per_sample))

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = (np.asarray(array, dtype=np.float64) for array in self.inputs)
        by_prediction = np.divide(-y_true, clip_0_1(y_pred)) / y_pred.shape[0]
        return [by_prediction, np.zeros(y_true.shape)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
