"""Optimizers: how a gradient becomes a step of the weights.

Each takes lists of parameters and gradients in the same order, and changes the parameters in place, since the
layers hold the same arrays. What it remembers of a parameter it keeps by the position in the list.
"""

import numpy as np


class Optimizer:
    """Runs over the parameters: a subclass says what `step` to subtract from the k-th one."""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate
        self.memory = {}  # (position, name) -> array

    def running_mean(self, k, name, value, decay):
        """Mix the value into the running mean of that name (zero at first), and return the mean."""
        old = self.memory.get((k, name), 0.0)
        self.memory[k, name] = decay * old + (1 - decay) * value
        return self.memory[k, name]

    def before(self):
        """What happens once a call."""

    def apply_gradients(self, trainable_params, grads):
        """Change each parameter in place by its gradient, which has the same shape."""
        self.before()
        for k, (p, g) in enumerate(zip(trainable_params, grads)):
            np.subtract(p, self.learning_rate * self.step(k, np.asarray(g)), out=p, casting="same_kind")


class BasicOptimizer(Optimizer):
    """Gradient descent: p -= learning_rate * g."""

    def step(self, k, g):
        return g


class RMSProp(Optimizer):
    """Gradient descent with steps scaled by a running mean of the squared gradients (Hinton, 2012).

    For each parameter p and its gradient g, with v zero at first:

        v  = beta * v + (1 - beta) * g^2
        p -= learning_rate * g / (sqrt(v) + epsilon)
    """

    def __init__(self, learning_rate, beta=0.9, epsilon=1e-6):
        super().__init__(learning_rate)
        self.beta = beta
        self.epsilon = epsilon

    def step(self, k, g):
        v = self.running_mean(k, "v", g**2, self.beta)
        return g / (np.sqrt(v) + self.epsilon)


class Adam(Optimizer):
    """Gradient descent with running means of the gradients and of their squares (Kingma and Ba, 2015).

    For each parameter p and its gradient g, with m and v zero at first:

        m  = beta_1 * m + (1 - beta_1) * g                  m_hat = m / (1 - beta_1^t)
        v  = beta_2 * v + (1 - beta_2) * g^2                v_hat = v / (1 - beta_2^t)
        p -= learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    t counts the calls, from 1. With `amsgrad`, the largest v so far takes the place of v in v_hat (Reddi et
    al., 2018).
    """

    def __init__(self, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
        super().__init__(learning_rate)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.t = 0

    def before(self):
        self.t += 1

    def step(self, k, g):
        m = self.running_mean(k, "m", g, self.beta_1)
        v = self.running_mean(k, "v", g**2, self.beta_2)
        if self.amsgrad:
            v = self.memory[k, "v_max"] = np.maximum(v, self.memory.get((k, "v_max"), v))
        m_hat = m / (1 - self.beta_1**self.t)
        v_hat = v / (1 - self.beta_2**self.t)
        return m_hat / (np.sqrt(v_hat) + self.epsilon)
