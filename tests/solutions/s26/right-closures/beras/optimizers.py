"""Optimizers: how a gradient becomes a step of the parameters.

Each is made with the parameters that it is to change, and finds a parameter's gradient in its `grad`. A step changes the
parameters in place, since the layers hold the same arrays: `p[...] -= step` does, `p = p - step` does not. It leaves
the gradients as they are, and a parameter without one (`grad` is None: it is frozen, or the loss does not depend on it)
as it is.
"""

from abc import ABC, abstractmethod
from collections import defaultdict

import numpy as np


class Optimizer(ABC):
    """What all optimizers share: the parameters, a learning rate, and the end of all gradients."""

    def __init__(self, parameters, learning_rate):
        self.parameters = list(parameters)
        self.learning_rate = learning_rate

    def zero_grad(self):
        """Take every parameter's gradient away, so that `backward` starts anew."""
        for parameter in self.parameters:
            parameter.grad = None

    @abstractmethod
    def step(self):
        """Change each parameter in place by its gradient."""


class BasicOptimizer(Optimizer):
    """Gradient descent: p -= learning_rate * g."""

    def step(self):
        """Change each parameter that has a gradient, in place."""
        for p in filter(lambda p: p.grad is not None, self.parameters):
            p -= self.learning_rate * p.grad


class RMSProp(Optimizer):
    """Gradient descent with steps scaled by a running mean of the squared gradients (Hinton, 2012).

    For each parameter p and its gradient g, with v zero at first:

        v  = beta * v + (1 - beta) * g^2
        p -= learning_rate * g / (sqrt(v) + epsilon)
    """

    def __init__(self, parameters, learning_rate, beta=0.9, epsilon=1e-6):
        super().__init__(parameters, learning_rate)
        self.beta = beta
        self.epsilon = epsilon
        self.v = defaultdict(float)  # position of the parameter -> v, zero at first

    def step(self):
        """Change each parameter that has a gradient, in place."""
        for k, p in enumerate(self.parameters):
            if p.grad is not None:
                self.v[k] = np.asarray(self.beta * self.v[k] + (1 - self.beta) * p.grad**2)
                p -= self.learning_rate * p.grad / (self.v[k] ** 0.5 + self.epsilon)


class Adam(Optimizer):
    """Gradient descent with running means of the gradients and of their squares (Kingma and Ba, 2015).

    For each parameter p and its gradient g, with m and v zero at first:

        m  = beta_1 * m + (1 - beta_1) * g                  m_hat = m / (1 - beta_1^t)
        v  = beta_2 * v + (1 - beta_2) * g^2                v_hat = v / (1 - beta_2^t)
        p -= learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    t counts the steps, from 1. `amsgrad` belongs to Adam's signature, and this homework does without it.
    """

    def __init__(self, parameters, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
        super().__init__(parameters, learning_rate)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.m = defaultdict(float)  # position of the parameter -> m, zero at first
        self.v = defaultdict(float)  # position of the parameter -> v, zero at first
        self.t = 0

    def step(self):
        """Change each parameter that has a gradient, in place."""
        self.t += 1
        mix = lambda old, new, beta: beta * old + (1 - beta) * new
        for k, p in enumerate(self.parameters):
            if p.grad is not None:
                self.m[k], self.v[k] = mix(self.m[k], p.grad, self.beta_1), mix(self.v[k], p.grad**2, self.beta_2)
                m, v = self.m[k] / (1 - self.beta_1**self.t), self.v[k] / (1 - self.beta_2**self.t)
                p -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)
