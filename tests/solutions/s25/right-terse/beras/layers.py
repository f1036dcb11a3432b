"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Tensor


class Dense(Diffable):
    """A fully connected layer: y = x @ w + b, from (B, in) to (B, out).

    `w` has shape (in, out) and is drawn by an initializer; `b` has shape (1, out) and starts at zero.
    """

    def __init__(self, input_size, output_size, initializer="normal"):
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)

    @property
    def weights(self):
        """The weights and the bias: [w, b]."""
        return [self.w, self.b]

    def forward(self, x):
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        return x @ self.w + self.b

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        return [self.w]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        return [self.inputs[0][:, :, None], np.ones_like(self.b)]

    @staticmethod
    def _initialize_weight(initializer, input_size, output_size):
        """Return the first (w, b), as float32 Tensors of shapes (in, out) and (1, out); b is zero.

        The initializer's name may be written in capitals or not. Each draws w from a normal distribution with the
        mean 0 and its own standard deviation.

            "zero"          0
            "normal"        1
            "xavier"        sqrt(2 / (in + out))    Glorot and Bengio, 2010
            "kaiming"       sqrt(2 / in)            He et al., 2015

        Raises ValueError for any other name.
        """
        shape = input_size, output_size
        stds = {"zero": 0, "normal": 1, "xavier": (2 / sum(shape)) ** 0.5, "kaiming": (2 / input_size) ** 0.5}
        if (std := stds.get(initializer.lower())) is None:
            raise ValueError(initializer)
        return Tensor((std * np.random.randn(*shape)).astype(np.float32)), Tensor(np.zeros((1, output_size), np.float32))
