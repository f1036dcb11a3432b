"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Variable
from beras.helpers import asks_for_local


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
        return np.einsum('bi,io->bo', x, self.w, optimize=True) + self.b

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        return [self.w.view(np.ndarray)]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        x = np.asarray(self.inputs[0])
        return [np.expand_dims(x, 2), np.ones((1, 1))]

    def compose_weight_gradients(self, J=None):
        if asks_for_local(J):
            return self.get_weight_gradients()
        x = np.asarray(self.inputs[0])
        gradients = []
        for upstream in J:
            gradients += [np.tensordot(x, upstream, axes=(0, 0)), np.sum(upstream, axis=0, keepdims=True)]
        return gradients

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
        def deviation():
            match name.split(" ")[0]:
                case "zero":
                    return 0.0
                case "normal":
                    return 1.0
                case "xavier":
                    return np.sqrt(2 / (input_size + output_size))
                case "kaiming":
                    return np.sqrt(2 / input_size)

        name = str(initializer).lower()
        known = ("zero", "normal", "xavier", "xavier uniform", "kaiming", "kaiming uniform")
        if name not in known:
            raise ValueError(f"no initializer {initializer!r}, only {', '.join(known)}")
        rng = np.random.default_rng(np.random.randint(2**31))
        shape = (input_size, output_size)
        if name.endswith(" uniform"):
            w = deviation() * np.sqrt(12) * (rng.random(shape) - 0.5)
        else:
            w = deviation() * rng.standard_normal(shape)
        return Variable(w.astype("float32")), Variable(np.zeros((1, output_size), "float32"))
