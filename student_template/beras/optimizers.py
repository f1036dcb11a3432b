"""Optimizers: how a gradient becomes a step of the weights.

Each takes lists of parameters, which are Variables, and gradients, which are arrays, in the same order. It changes the
parameters in place, since the layers hold the same arrays: `p[...] -= step` does, `p = p - step` does not. The
gradients stay as they are. What it remembers of a parameter it keeps by the position in the list, so every call has
the same parameters: freeze a layer before training, not in the middle of it.
"""

from collections import defaultdict

import numpy as np


class BasicOptimizer:
    """Gradient descent: p -= learning_rate * g."""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def apply_gradients(self, trainable_params, grads):
        """Change each parameter in place by its gradient, an array of the same shape."""
        raise NotImplementedError("BasicOptimizer.apply_gradients")


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
        """Change each parameter in place by its gradient, an array of the same shape."""
        raise NotImplementedError("RMSProp.apply_gradients")


class Adam:
    """Gradient descent with running means of the gradients and of their squares (Kingma and Ba, 2015).

    For each parameter p and its gradient g, with m and v zero at first:

        m  = beta_1 * m + (1 - beta_1) * g                  m_hat = m / (1 - beta_1^t)
        v  = beta_2 * v + (1 - beta_2) * g^2                v_hat = v / (1 - beta_2^t)
        p -= learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    t counts the calls, from 1. `amsgrad` may be given, and changes nothing: this homework does without it.
    """

    def __init__(self, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
        self.learning_rate = learning_rate
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.m = defaultdict(float)  # position of the parameter -> m, zero at first
        self.v = defaultdict(float)  # position of the parameter -> v, zero at first
        self.t = 0

    def apply_gradients(self, trainable_params, grads):
        """Change each parameter in place by its gradient, an array of the same shape."""
        raise NotImplementedError("Adam.apply_gradients")
