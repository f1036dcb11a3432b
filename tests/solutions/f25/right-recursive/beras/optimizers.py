"""Optimizers: how a gradient becomes a step of the weights.

Each takes lists of parameters and gradients in the same order, and changes the parameters in place, since the
layers hold the same arrays. What it remembers of a parameter it keeps by the position in the list.
"""

from collections import defaultdict

import numpy as np

from beras.core import Variable


class BasicOptimizer:
    """Gradient descent: p -= learning_rate * g."""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def apply_gradients(self, trainable_params, grads):
        """Change each parameter in place by its gradient, which has the same shape."""
        for p, g in zip(trainable_params, grads):
            Variable.assign(p, p - self.learning_rate * g)


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
        for k, (p, g) in enumerate(zip(trainable_params, grads)):
            g = np.asarray(g, dtype=np.float64)
            self.v[k] = self.beta * self.v[k] + (1 - self.beta) * g * g
            Variable.assign(p, p - self.learning_rate * g / (np.sqrt(self.v[k]) + self.epsilon))


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
        for k, (p, g) in enumerate(zip(trainable_params, grads)):
            g = np.asarray(g, dtype=np.float64)
            self.m[k] += (1 - self.beta_1) * (g - self.m[k])
            self.v[k] += (1 - self.beta_2) * (g * g - self.v[k])
            self.v_max[k] = np.maximum(self.v[k], self.v_max[k])
            v = self.v_max[k] if self.amsgrad else self.v[k]
            m_hat = self.m[k] / (1 - self.beta_1**self.t)
            v_hat = v / (1 - self.beta_2**self.t)
            Variable.assign(p, p - self.learning_rate * m_hat / (v_hat**0.5 + self.epsilon))
