"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Tensor


class Linear(Diffable):
    """A fully connected layer: y = x @ w + b, from (B, in) to (B, out).

    `w` has shape (in, out) and is drawn by an initializer; `b` has shape (1, out) and starts at zero.
    """

    def __init__(self, input_size, output_size, initializer="normal", **kwargs):
        super().__init__(**kwargs)
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)

    @property
    def parameters(self):
        """The weights and the bias: [w, b]."""
        return [self.w, self.b]

    def forward(self, x):
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        return np.einsum('bi,io->bo', x, self.w) + self.b

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        return [self.w[None].repeat(len(self.inputs[0]), axis=0)]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db]: (B, in, out) for w, one array a sample, and (1, out) for b, the same for every sample.

        (B, in, 1) may stand for (B, in, out), where all outputs have the same. Both hold floating-point numbers.
        """
        return [np.expand_dims(self.inputs[0], 2), np.ones((len(self.inputs[0]), 1, self.b.size), self.w.dtype)]

    @staticmethod
    def _initialize_weight(initializer, input_size, output_size):
        """Return the first (w, b), as Tensors of shapes (in, out) and (1, out); b is zero.

        The initializer's name may be written in capitals or not. "normal" draws w from the normal distribution. The
        others give w the mean 0 and their own standard deviation, by a normal or by an even distribution. Raises ValueError
        for any other name.

            "zero"          0
            "normal"        1
            "xavier"        sqrt(2 / (in + out))    Glorot and Bengio, 2010
            "kaiming"       sqrt(2 / in)            He et al., 2015
        """
        spread = {
            "zero": lambda n, m: 0.0,
            "normal": lambda n, m: 1.0,
            "xavier": lambda n, m: np.sqrt(6 / (n + m)),
            "kaiming": lambda n, m: np.sqrt(6 / n),
        }
        kind = initializer.casefold()
        if kind not in spread:
            raise ValueError(initializer)
        draw = np.random.normal if kind == "normal" else lambda low, high, size: np.random.uniform(-high, high, size)
        w = draw(0, spread[kind](input_size, output_size), (input_size, output_size))
        return Tensor(w.astype("f4")), Tensor(np.zeros((1, output_size), "f4"))
