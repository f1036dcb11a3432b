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
        np.clip(y_pred, self.epsilon, 1 - self.epsilon, out=y_pred)
        return -(y_true * np.log(y_pred)).sum(-1).mean()

    def get_input_gradients(self):
        return [-(self.inputs[1] / (p := clip_0_1(self.inputs[0], self.epsilon))) / len(p), np.zeros_like(p)]

def clip_0_1(x, eps=1e-08):
    return np.clip(x, eps, 1 - eps)
