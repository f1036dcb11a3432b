"""Losses: how far predictions are from the truth, as one number for a batch."""

import numpy as np

from beras.core import Diffable
from beras.utils import number_of_samples


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
        batch_size = number_of_samples(y_pred)
        total = 0.0
        for sample in range(batch_size):
            total += np.mean((y_pred[sample] - y_true[sample]) ** 2)
        return total / batch_size

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred = np.asarray(self.inputs[0])
        y_true = np.asarray(self.inputs[1])
        batch_size = y_pred.shape[0]
        number_of_features = y_pred.shape[1]
        gradient = np.zeros(y_pred.shape)
        for sample in range(batch_size):
            gradient[sample] = 2 / number_of_features * (y_pred[sample] - y_true[sample]) / batch_size
        return [gradient, np.zeros(y_true.shape)]


class CategoricalCrossEntropy(Loss):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def forward(self, y_pred, y_true):
        """Return the loss of the batch, a number, for probabilities y_pred and one-hot y_true, (B, n)."""
        # The logarithm of 0 is minus infinity: clip_0_1 keeps away from it.
        batch_size = number_of_samples(y_pred)
        total = 0.0
        for sample in range(batch_size):
            total -= np.sum(y_true[sample] * np.log(clip_0_1(y_pred[sample])))
        return total / batch_size

    def get_input_gradients(self):
        """Return [dLoss/dy_pred, zeros], each (B, n): y_true is a constant."""
        y_pred = clip_0_1(np.asarray(self.inputs[0]))
        y_true = np.asarray(self.inputs[1])
        batch_size = number_of_samples(y_pred)
        gradient = np.zeros(y_pred.shape)
        for sample in range(batch_size):
            gradient[sample] = -(y_true[sample] / y_pred[sample]) / batch_size
        return [gradient, np.zeros(y_true.shape)]


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
