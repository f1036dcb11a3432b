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


class SampleMean(Loss):
    """What both losses share: the mean over the samples of `per_sample`, whose slope is `slope`."""

    def forward(self, y_pred, y_true):
        return self.per_sample(np.asarray(y_pred), np.asarray(y_true)).mean()

    def get_input_gradients(self):
        y_pred, y_true = map(np.asarray, self.inputs)
        gradient = self.slope(y_pred, y_true) / len(y_pred)
        return [gradient, np.zeros(np.shape(y_true))]


class MeanSquaredError(SampleMean):
    """The mean over the samples of the mean over the features of (y_pred - y_true)^2."""

    def per_sample(self, y_pred, y_true):
        error = y_pred - y_true
        return np.einsum("bi,bi->b", error, error) / error.shape[1]

    def slope(self, y_pred, y_true):
        return 2 * (y_pred - y_true) / y_pred.shape[1]


class CategoricalCrossEntropy(SampleMean):
    """The mean over the samples of -sum over k of y_true_k * log(y_pred_k), for one-hot y_true."""

    def per_sample(self, y_pred, y_true):
        return -np.einsum("bi,bi->b", y_true, np.log(clip_0_1(y_pred)))

    def slope(self, y_pred, y_true):
        return -y_true / clip_0_1(y_pred)


def clip_0_1(x, eps=1e-8):
    """Return x with every entry moved into the interval from eps to 1 - eps."""
    return np.clip(x, eps, 1 - eps)
