"""Optimizers: how a gradient becomes a step of the weights.

Each takes lists of parameters and gradients in the same order, and changes the parameters in place, since the
layers hold the same arrays. What it remembers of a parameter it keeps by the position in the list.
"""

import numpy as np


class Optimizer:
    """What all optimizers share: a parameter is moved by a step that `step` computes from its gradient.

    `step` gets the parameter's own memory too, a dict that is empty at first.
    """

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate
        self.memories = []  # one a position
        self.t = 0

    def apply_gradients(self, trainable_params, grads):
        """Change each parameter in place by its gradient, which has the same shape."""
        self.t += 1
        while len(self.memories) < len(trainable_params):
            self.memories.append({})
        for parameter, gradient, memory in zip(trainable_params, grads, self.memories):
            if gradient is not None:
                parameter -= self.learning_rate * self.step(np.asarray(gradient), memory)

    @staticmethod
    def running_mean(memory, name, rate, value):
        memory[name] = rate * memory.get(name, 0.0) + (1 - rate) * value
        return memory[name]


class BasicOptimizer(Optimizer):
    """Gradient descent: p -= learning_rate * g."""

    def step(self, gradient, memory):
        return gradient


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

    def step(self, gradient, memory):
        v = self.running_mean(memory, "v", self.beta, gradient**2)
        return gradient / (np.sqrt(v) + self.epsilon)


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

    def step(self, gradient, memory):
        m = self.running_mean(memory, "m", self.beta_1, gradient)
        v = self.running_mean(memory, "v", self.beta_2, gradient**2)
        if self.amsgrad:
            v = memory["v_max"] = np.maximum(memory.get("v_max", 0.0), v)
        m_hat = m / (1 - self.beta_1**self.t)
        v_hat = v / (1 - self.beta_2**self.t)
        return m_hat / (np.sqrt(v_hat) + self.epsilon)
