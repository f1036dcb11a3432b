"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Tensor


rng = np.random.default_rng()


def unit_uniform(shape):
    """Draw evenly with mean 0 and deviation 1."""
    return rng.uniform(-np.sqrt(3), np.sqrt(3), shape)


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
        return np.einsum("bi,io->bo", x, self.w, optimize=True) + self.b

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        return [self.w.copy()]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        x = self.inputs[0]
        dw = np.einsum("bi,o->bio", x, np.ones(self.w.shape[1], self.w.dtype))
        db = np.ones((len(x), 1, self.b.size), self.b.dtype)
        return [dw, db]

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [np.einsum("bo,io->bi", j, self.w, optimize=True) for j in J]

    def compose_weight_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        x = self.inputs[0]
        composed = []
        for j in J:
            composed += [np.einsum("bi,bo->io", x, j, optimize=True), np.einsum("bo->o", j)[np.newaxis]]
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
        match initializer.lower().split():
            case ["zero"]:
                draw, scale = rng.standard_normal, 0
            case ["normal"]:
                draw, scale = rng.standard_normal, 1
            case ["xavier", *rest] if rest in ([], ["uniform"]):
                draw, scale = (unit_uniform if rest else rng.standard_normal), np.sqrt(2 / (input_size + output_size))
            case ["kaiming", *rest] if rest in ([], ["uniform"]):
                draw, scale = (unit_uniform if rest else rng.standard_normal), np.sqrt(2 / input_size)
            case _:
                raise ValueError(f"Unknown initializer: {initializer}")
        w = scale * draw((input_size, output_size))
        return Tensor(np.float32(w)), Tensor(np.zeros((1, output_size), dtype="f4"))
