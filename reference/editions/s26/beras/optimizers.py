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
        # BEGIN SOLUTION
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter[...] -= self.learning_rate * parameter.grad
        # END SOLUTION


class RMSProp(Optimizer):
    """Gradient descent with steps scaled by a running mean of the squared gradients (Hinton, 2012).

    For each parameter p and its gradient g, with v zero until its first gradient:

        v  = beta * v + (1 - beta) * g^2
        p -= learning_rate * g / (sqrt(v) + epsilon)
    """

    def __init__(self, parameters, learning_rate, beta=0.9, epsilon=1e-6):
        super().__init__(parameters, learning_rate)
        self.beta = beta
        self.epsilon = epsilon
        self.v = defaultdict(float)  # position of the parameter -> v, zero until its first gradient

    def step(self):
        """Change each parameter that has a gradient, in place."""
        # BEGIN SOLUTION
        for i, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                continue
            gradient = np.asarray(parameter.grad)  # a plain array: see Adam
            self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
            parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)
        # END SOLUTION


class Adam(Optimizer):
    """Gradient descent with running means of the gradients and of their squares (Kingma and Ba, 2015).

    For each parameter p and its gradient g, with m and v zero until its first gradient:

        m  = beta_1 * m + (1 - beta_1) * g                  m_hat = m / (1 - beta_1^t)
        v  = beta_2 * v + (1 - beta_2) * g^2                v_hat = v / (1 - beta_2^t)
        p -= learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    t counts the optimizer's steps, from 1: also those in which a parameter has no gradient. `amsgrad` may be given, and changes
    nothing: this homework does without it.
    """

    def __init__(self, parameters, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
        super().__init__(parameters, learning_rate)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.m = defaultdict(float)  # position of the parameter -> m, zero until its first gradient
        self.v = defaultdict(float)  # position of the parameter -> v, zero until its first gradient
        self.t = 0

    def step(self):
        """Change each parameter that has a gradient, in place."""
        # BEGIN SOLUTION
        # The corrections are put on numbers instead of arrays, which saves two of the arrays that each step makes.
        self.t += 1
        rate = self.learning_rate / (1 - self.beta_1**self.t)
        root = (1 - self.beta_2**self.t) ** 0.5
        for i, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                continue
            # Of plain arrays NumPy reuses the memory of a formula's intermediate results, of Tensors it does not.
            gradient = np.asarray(parameter.grad)
            self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
            self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
            parameter[...] -= rate * self.m[i] / (np.sqrt(self.v[i]) / root + self.epsilon)
        # END SOLUTION
