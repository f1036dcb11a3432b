"""Layers with weights: the dense layer and the ways to draw its first weights."""

from __future__ import annotations

from typing import Callable as Function

import numpy as np

from beras.core import Diffable, Tensor, Variable

Gradients = list[np.ndarray]

# The standard deviation of each initializer, for `fan_in` inputs and `fan_out` outputs.
STANDARD_DEVIATIONS: dict[str, Function[[int, int], float]] = {
    "zero": lambda fan_in, fan_out: 0.0,
    "normal": lambda fan_in, fan_out: 1.0,
    "xavier": lambda fan_in, fan_out: float(np.sqrt(2.0 / (fan_in + fan_out))),
    "kaiming": lambda fan_in, fan_out: float(np.sqrt(2.0 / fan_in)),
}


class Dense(Diffable):
    """A fully connected layer: y = x @ w + b, from (B, in) to (B, out).

    `w` has shape (in, out) and is drawn by an initializer; `b` has shape (1, out) and starts at zero.
    """

    def __init__(self, input_size: int, output_size: int, initializer: str = "normal") -> None:
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)

    @property
    def weights(self) -> list[Tensor]:
        """The weights and the bias: [w, b]."""
        return [self.w, self.b]

    def forward(self, x: Tensor) -> Tensor:
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        return np.add(np.matmul(x, self.w), self.b)

    def get_input_gradients(self) -> Gradients:
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        return [np.array(self.w)]

    def get_weight_gradients(self) -> Gradients:
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        x = np.asarray(self.inputs[0])
        batch_size, input_size = x.shape
        by_w = np.broadcast_to(x[:, :, np.newaxis], (batch_size, input_size, self.w.shape[1]))
        by_b = np.ones(self.b.shape, dtype=x.dtype)
        return [by_w, by_b]

    def compose_input_gradients(self, J: Gradients | None = None) -> Gradients:
        """Return [dLoss/dx], (B, in): all samples in one matrix product."""
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [np.matmul(np.asarray(upstream), np.asarray(self.w).T) for upstream in J]

    def compose_weight_gradients(self, J: Gradients | None = None) -> Gradients:
        """Return [dLoss/dw, dLoss/db]: the matrix product sums over the samples."""
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        x = np.asarray(self.inputs[0])
        gradients: Gradients = []
        for upstream in map(np.asarray, J):
            if self.w.trainable:
                gradients.append(np.matmul(x.T, upstream))
            if self.b.trainable:
                gradients.append(np.sum(upstream, axis=0, keepdims=True))
        return gradients

    @staticmethod
    def _initialize_weight(initializer: str, input_size: int, output_size: int) -> tuple[Tensor, Tensor]:
        """Return the first (w, b), as float32 Tensors of shapes (in, out) and (1, out); b is zero.

        Raises ValueError for a name that is not in STANDARD_DEVIATIONS, in capitals or not.
        """
        name = str(initializer).lower()
        if name not in STANDARD_DEVIATIONS:
            raise ValueError(f"unknown initializer {initializer!r}: choose from {sorted(STANDARD_DEVIATIONS)}")
        deviation = STANDARD_DEVIATIONS[name](input_size, output_size)
        w = np.random.normal(loc=0.0, scale=deviation, size=(input_size, output_size))
        return Variable(w.astype(np.float32)), Variable(np.zeros((1, output_size), dtype=np.float32))
