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
        batch_size = y_pred.shape[0]
        total = 0.0
        for i in range(batch_size):
            error = y_pred[i] - y_true[i]
            total += np.mean(error * error)
        return total / batch_size

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred = self.inputs[0]
        y_true = self.inputs[1]
        batch_size = y_pred.shape[0]
        num_features = y_pred.shape[1]
        dpred = np.zeros(y_pred.shape)
        for i in range(batch_size):
            dpred[i] = (2.0 / num_features) * (y_pred[i] - y_true[i])
        dpred = dpred / batch_size
        dtrue = np.zeros(y_true.shape)
        return [dpred, dtrue]


class CategoricalCrossentropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def call(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        y_pred = clip_0_1(y_pred)
        losses = []
        for prediction, truth in zip(y_pred, y_true):
            losses.append(-np.sum(truth * np.log(prediction)))
        return np.mean(losses)

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred, y_true = self.inputs
        clipped = clip_0_1(y_pred)
        batch_size = y_pred.shape[0]
        dpred = []
        for i in range(batch_size):
            dpred.append(-y_true[i] / clipped[i] / batch_size)
        return [np.array(dpred), np.zeros(y_true.shape)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
