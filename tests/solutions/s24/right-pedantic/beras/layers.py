"""Layers with weights: the dense layer and the ways to draw its first weights."""

from __future__ import annotations

import numpy as np

from beras.core import Diffable, Tensor


def _normal(deviation, shape):
    return np.random.normal(0.0, deviation, shape)


def _uniform(deviation, shape):
    # The interval [-a, a] has the standard deviation a / sqrt(3).
    bound = np.sqrt(3) * deviation
    return np.random.uniform(-bound, bound, shape)


def _glorot(fan_in, fan_out):
    return np.sqrt(2 / (fan_in + fan_out))


def _he(fan_in, fan_out):
    return np.sqrt(2 / fan_in)


# name -> (standard deviation by fan-in and fan-out, distribution)
_INITIALIZERS = {
    "zero": (lambda fan_in, fan_out: 0.0, _normal),
    "normal": (lambda fan_in, fan_out: 1.0, _normal),
    "xavier": (_glorot, _normal),
    "xavier uniform": (_glorot, _uniform),
    "kaiming": (_he, _normal),
    "kaiming uniform": (_he, _uniform),
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

    def call(self, x: np.ndarray) -> np.ndarray:
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        self._check(x)
        return np.add(np.matmul(x, self.w), self.b)

    def get_input_gradients(self) -> list[np.ndarray]:
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        # dy_o/dx_i = w_io.
        return [np.array(self.w)]

    def get_weight_gradients(self) -> list[np.ndarray]:
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        (x,) = self.inputs
        batch_size, _ = x.shape
        # dy_o/dw_io = x_i, whatever the output o is: the last axis is a broadcast view and takes no memory.
        by_w = np.broadcast_to(np.asarray(x)[:, :, np.newaxis], (batch_size, *self.w.shape))
        by_b = np.ones(self.b.shape[1], dtype=self.b.dtype)
        return [by_w, by_b]

    def compose_weight_gradients(self, J=None):
        """The sums over the samples as matrix products: X^T @ J, and the column sums of J."""
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        (x,) = self.inputs
        composed = []
        for upstream in J:
            composed.append(np.matmul(np.transpose(x), upstream))
            composed.append(np.sum(upstream, axis=0, keepdims=True))
        return composed

    def _check(self, x):
        if np.ndim(x) != 2 or np.shape(x)[1] != self.w.shape[0]:
            raise ValueError(f"Dense takes (B, {self.w.shape[0]}), and was given {np.shape(x)}")

    @staticmethod
    def _initialize_weight(initializer, input_size, output_size):
        """Return the first (w, b), as float32 Tensors of shapes (in, out) and (1, out); b is zero.

        The initializer's name may be written in capitals or not. Each gives w the mean 0 and its own standard
        deviation; the uniform ones draw evenly from an interval around zero, the others from a normal
        distribution.

            "zero"                          0
            "normal"                        1
            "xavier", "xavier uniform"      sqrt(2 / (in + out))    Glorot and Bengio, 2010
            "kaiming", "kaiming uniform"    sqrt(2 / in)            He et al., 2015

        Raises ValueError for any other name.
        """
        name = initializer.lower()
        if name not in _INITIALIZERS:
            raise ValueError(f"initializer {initializer!r} is none of {', '.join(map(repr, _INITIALIZERS))}")
        deviation, distribution = _INITIALIZERS[name]
        weights = distribution(deviation(input_size, output_size), (input_size, output_size))
        return (
            Tensor(weights.astype(np.float32)),
            Tensor(np.zeros((1, output_size), dtype=np.float32)),
        )
