"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras import functional as F
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

    def call(self, x):
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        return F.affine(x, self.w, self.b)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        return [self.w]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        dw, db = F.affine_weight_jacobians(self.inputs[0], self.w, self.b)
        return [dw, db]

    def compose_weight_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        x = np.asarray(self.inputs[0])
        composed = []
        for j in J:
            if self.w.trainable:  # no work for frozen weights
                composed.append(np.tensordot(x, j, axes=(0, 0)))
            if self.b.trainable:
                composed.append(np.sum(j, axis=0)[None, :])
        return composed

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
        try:
            draw = F.INITIALIZERS[initializer.lower()]
        except KeyError:
            raise ValueError(f"unknown initializer: {initializer}") from None
        w = draw(input_size, output_size).astype(np.float32)
        b = np.zeros((1, output_size)).astype(np.float32)
        return Tensor(w), Tensor(b)
