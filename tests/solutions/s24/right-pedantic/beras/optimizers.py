"""Optimizers: how a gradient becomes a step of the weights.

Each takes lists of parameters and gradients in the same order, and changes the parameters in place, since the
layers hold the same arrays. What it remembers of a parameter it keeps by the position in the list.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from beras.core import Tensor


class Optimizer(ABC):
    """What all optimizers share: going through the parameters, and changing them in place."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def apply_gradients(self, trainable_params: Sequence[Tensor], grads: Sequence[np.ndarray]) -> None:
        """Change each parameter in place by its gradient, which has the same shape."""
        self._begin()
        for position, (param, grad) in enumerate(zip(trainable_params, grads, strict=True)):
            if grad is None:  # the tape says so of what the loss does not depend on
                continue
            step = self._direction(position, np.asarray(grad, dtype=np.float64))
            np.copyto(param, np.asarray(param) - self.learning_rate * step, casting="same_kind")

    def _begin(self) -> None:
        """Hook: called once a call of apply_gradients."""

    @abstractmethod
    def _direction(self, position: int, grad: np.ndarray) -> np.ndarray:
        """Return what the learning rate is multiplied by."""


class BasicOptimizer(Optimizer):
    """Gradient descent: p -= learning_rate * g."""

    def _direction(self, position: int, grad: np.ndarray) -> np.ndarray:
        return grad


class _Memory:
    """A running mean for each position, zero at first."""

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self._means: dict[int, np.ndarray] = {}

    def update(self, position: int, value: np.ndarray) -> np.ndarray:
        mean = self._means.get(position, np.zeros_like(value))
        self._means[position] = self.decay * mean + (1 - self.decay) * value
        return self._means[position]


class RMSProp(Optimizer):
    """Gradient descent with steps scaled by a running mean of the squared gradients (Hinton, 2012)."""

    def __init__(self, learning_rate: float, beta: float = 0.9, epsilon: float = 1e-6) -> None:
        super().__init__(learning_rate)
        self.beta = beta
        self.epsilon = epsilon
        self.v = _Memory(beta)

    def _direction(self, position: int, grad: np.ndarray) -> np.ndarray:
        return grad / (np.sqrt(self.v.update(position, np.square(grad))) + self.epsilon)


class Adam(Optimizer):
    """Gradient descent with running means of the gradients and of their squares (Kingma and Ba, 2015)."""

    def __init__(
        self,
        learning_rate: float,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(learning_rate)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.m = _Memory(beta_1)
        self.v = _Memory(beta_2)
        self.v_max: dict[int, np.ndarray] = {}
        self.t = 0

    def _begin(self) -> None:
        self.t += 1

    def _direction(self, position: int, grad: np.ndarray) -> np.ndarray:
        first = self.m.update(position, grad)
        second = self.v.update(position, np.square(grad))
        if self.amsgrad:
            second = np.maximum(second, self.v_max.get(position, 0.0))
            self.v_max[position] = second
        first = first / (1 - self.beta_1**self.t)
        second = second / (1 - self.beta_2**self.t)
        return first / (np.sqrt(second) + self.epsilon)
