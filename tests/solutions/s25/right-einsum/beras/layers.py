"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Variable


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
        return np.einsum("bi,io->bo", x, self.w, optimize=True) + self.b

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        return [np.broadcast_to(self.w, (len(self.inputs[0]), *self.w.shape))]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        x = self.inputs[0]
        ones = np.ones(self.w.shape[1])
        return [np.einsum("bi,o->bio", x, ones), ones[np.newaxis]]

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [np.einsum("io,bo->bi", self.w, upstream, optimize=True) for upstream in J]

    def compose_weight_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        gradients = []
        for upstream in J:
            gradients.append(np.einsum("bi,bo->io", self.inputs[0], upstream, optimize=True))
            gradients.append(np.einsum("bo->o", upstream)[np.newaxis])
        return gradients

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
        rng = np.random.default_rng()
        match initializer.casefold():
            case "zero":
                deviation = 0.0
            case "normal":
                deviation = 1.0
            case "xavier":
                deviation = np.sqrt(2.0 / (input_size + output_size))
            case "kaiming":
                deviation = np.sqrt(2.0 / input_size)
            case _:
                raise ValueError(f"no such initializer: {initializer}")
        w = deviation * rng.standard_normal((input_size, output_size), dtype=np.float32)
        return Variable(w.astype(np.float32)), Variable(np.zeros((1, output_size), dtype=np.float32))
