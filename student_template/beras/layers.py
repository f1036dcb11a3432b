"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Variable


class Dense(Diffable):
    """A fully connected layer: y = x @ w + b, from (B, in) to (B, out).

    `w` has shape (in, out) and is drawn by an initializer; `b` has shape (1, out), or (out,), and starts at zero. Both
    hold floating-point numbers; x may hold whole numbers, too.
    """

    def __init__(self, input_size, output_size, initializer="normal"):
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)

    @property
    def weights(self):
        """The weights and the bias: [w, b]."""
        raise NotImplementedError("Dense.weights")

    def call(self, x):
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        raise NotImplementedError("Dense.call")

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        raise NotImplementedError("Dense.get_input_gradients")

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db]: (B, in, out) for w, one array a sample, and (1, out) for b, the same for every sample.

        (B, in, 1) may stand for (B, in, out), where all outputs have the same, and (B, 1, out) for (1, out). Both hold
        floating-point numbers.
        """
        raise NotImplementedError("Dense.get_weight_gradients")

    @staticmethod
    def _initialize_weight(initializer, input_size, output_size):
        """Return the first (w, b), as Variables of shapes (in, out) and (1, out), or (out,); b is zero.

        The initializer's name may be written in capitals or not. Each gives w the mean 0 and its own standard
        deviation; the uniform ones draw evenly from an interval around zero, the others from a normal
        distribution. Raises ValueError for any other name.

            "zero"                          0
            "normal"                        1
            "xavier", "xavier uniform"      sqrt(2 / (in + out))    Glorot and Bengio, 2010
            "kaiming", "kaiming uniform"    sqrt(2 / in)            He et al., 2015
        """
        raise NotImplementedError("Dense._initialize_weight")
