import numpy as np
from beras.core import Diffable



class Loss(Diffable):

    @property
    def weights(self):
        return []

    def get_weight_gradients(self):
        return []



class MeanSquaredError(Loss):

    def forward(self, y_pred, y_true):
        return np.mean((y_pred - y_true) ** 2)

    def get_input_gradients(self):
        return [2 * (d := (self.inputs[0] - self.inputs[1])) / d.size, np.zeros_like(d)]



class CategoricalCrossEntropy(Loss):

    def __init__(self, epsilon=1e-12):
        self.epsilon = epsilon

    def forward(self, y_pred, y_true):
        return -(y_true * np.log(clip_0_1(y_pred, self.epsilon))).sum(-1).mean()

    def get_input_gradients(self):
        return [-(self.inputs[1] / (p := clip_0_1(self.inputs[0], self.epsilon))) / len(p), np.zeros_like(p)]

def clip_0_1(x, eps=1e-08):
    return np.clip(x, eps, 1 - eps)
