"""Optimizers: how a gradient becomes a step of the weights.

Each takes lists of parameters and gradients in the same order, and changes the parameters in place, since the
layers hold the same arrays. What it remembers of a parameter it keeps by the position in the list.
"""

from collections import defaultdict

import numpy as np


class BasicOptimizer:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def apply_gradients(self, trainable_params, grads):
        for p, g in zip(trainable_params, grads):
            p -= self.learning_rate * g


class RMSProp:
    def __init__(self, learning_rate, beta=0.9, epsilon=1e-6):
        self.learning_rate = learning_rate
        self.beta = beta
        self.epsilon = epsilon
        self.v = defaultdict(float)  # position of the parameter -> v, zero at first

    def apply_gradients(self, trainable_params, grads):
        for i, (p, g) in enumerate(zip(trainable_params, grads)):
            self.v[i] = self.beta * self.v[i] + (1 - self.beta) * g**2
            p -= self.learning_rate * g / (self.v[i] ** 0.5 + self.epsilon)


class Adam:
    def __init__(self, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
        self.learning_rate = learning_rate
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.m = defaultdict(float)  # position of the parameter -> m, zero at first
        self.v = defaultdict(float)  # position of the parameter -> v, zero at first
        self.v_max = defaultdict(float)  # position of the parameter -> the largest v so far
        self.t = 0

    def apply_gradients(self, trainable_params, grads):
        self.t += 1
        c1, c2 = 1 - self.beta_1**self.t, 1 - self.beta_2**self.t
        for i, (p, g) in enumerate(zip(trainable_params, grads)):
            self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * g
            v = self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * g**2
            if self.amsgrad:
                v = self.v_max[i] = np.maximum(self.v_max[i], v)
            p -= self.learning_rate * (self.m[i] / c1) / ((v / c2) ** 0.5 + self.epsilon)
