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
        total = 0.0
        for prediction, truth in zip(np.asarray(y_pred), np.asarray(y_true)):
            total += np.sum((prediction - truth) ** 2) / len(prediction)
        return total / len(y_pred)

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred = self.inputs[0]
        y_true = self.inputs[1]
        B = y_pred.shape[0]
        n = y_pred.shape[1]
        gradient = 2 * (y_pred - y_true) / B / n
        return [gradient, np.zeros((B, n))]


class CategoricalCrossEntropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def __init__(self, epsilon=1e-12):
        self.epsilon = epsilon  # how far probabilities are kept away from 0 and 1

    def forward(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        y_pred = clip_0_1(np.asarray(y_pred, dtype=np.float64), self.epsilon)
        losses = []
        for prediction, truth in zip(y_pred, np.asarray(y_true)):
            losses.append(-np.sum(truth * np.log(prediction)))
        return np.mean(losses)

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred = clip_0_1(np.asarray(self.inputs[0], dtype=np.float64), self.epsilon)
        y_true = np.asarray(self.inputs[1], dtype=np.float64)
        B = y_pred.shape[0]
        return [(-y_true / y_pred) / B, np.zeros(y_true.shape)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
