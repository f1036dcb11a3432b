"""Optimizers: how a gradient becomes a step of the weights.

Each takes lists of parameters and gradients in the same order, and changes the parameters in place, since the
layers hold the same arrays. What it remembers of a parameter it keeps by the position in the list.
"""

from collections import defaultdict

import numpy as np


class BasicOptimizer:
    """Gradient descent: p -= learning_rate * g."""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def apply_gradients(self, trainable_params, grads):
        """Change each parameter in place by its gradient, which has the same shape."""
        for p, g in zip(trainable_params, grads):
            np.subtract(p, self.learning_rate * g, out=p, casting="same_kind")


class RMSProp:
    """Gradient descent with steps scaled by a running mean of the squared gradients (Hinton, 2012).

    For each parameter p and its gradient g, with v zero at first:

        v  = beta * v + (1 - beta) * g^2
        p -= learning_rate * g / (sqrt(v) + epsilon)
    """

    def __init__(self, learning_rate, beta=0.9, epsilon=1e-6):
        self.learning_rate = learning_rate
        self.beta = beta
        self.epsilon = epsilon
        self.v = defaultdict(float)  # position of the parameter -> v, zero at first

    def apply_gradients(self, trainable_params, grads):
        """Change each parameter in place by its gradient, which has the same shape."""
        for i, g in enumerate(grads):
            if i not in self.v:
                self.v[i] = np.zeros(g.shape)
            self.v[i] *= self.beta
            self.v[i] += (1 - self.beta) * np.square(g)
            trainable_params[i] -= self.learning_rate * g / (np.sqrt(self.v[i]) + self.epsilon)


class Adam:
    """Gradient descent with running means of the gradients and of their squares (Kingma and Ba, 2015).

    For each parameter p and its gradient g, with m and v zero at first:

        m  = beta_1 * m + (1 - beta_1) * g                  m_hat = m / (1 - beta_1^t)
        v  = beta_2 * v + (1 - beta_2) * g^2                v_hat = v / (1 - beta_2^t)
        p -= learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    t counts the calls, from 1. With `amsgrad`, the largest v so far takes the place of v in v_hat (Reddi et
    al., 2018).
    """

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
        """Change each parameter in place by its gradient, which has the same shape."""
        self.t += 1
        for i, g in enumerate(grads):
            if i not in self.m:
                self.m[i], self.v[i], self.v_max[i] = (np.zeros(g.shape) for _ in range(3))
            self.m[i] += (1 - self.beta_1) * (g - self.m[i])
            self.v[i] += (1 - self.beta_2) * (np.square(g) - self.v[i])
            np.maximum(self.v[i], self.v_max[i], out=self.v_max[i])
            v_hat = (self.v_max if self.amsgrad else self.v)[i] / (1 - self.beta_2**self.t)
            trainable_params[i] -= self.learning_rate / (1 - self.beta_1**self.t) * self.m[i] / (np.sqrt(v_hat) + self.epsilon)
