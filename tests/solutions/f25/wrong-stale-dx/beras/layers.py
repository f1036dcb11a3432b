"""Layers with weights: the dense layer and the ways to draw its first weights."""

from collections.abc import Callable

import numpy as np

from beras.core import Diffable, Variable


def _normal(std: float) -> Callable[[tuple[int, int]], np.ndarray]:
    """Draw from N(0, std^2)."""
    return lambda shape: std * np.random.standard_normal(shape)


def _uniform(std: float) -> Callable[[tuple[int, int]], np.ndarray]:
    """Draw from U(-limit, limit); such a distribution has the variance limit^2 / 3."""
    limit = std * np.sqrt(3.0)
    return lambda shape: np.random.uniform(-limit, limit, size=shape)


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

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        return np.matmul(x, self.w) + self.b

    def get_input_gradients(self) -> list[np.ndarray]:
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        # y_o = sum over i of x_i w_io + b_o, hence dy_o/dx_i = w_io.
        if not hasattr(self, "_dx"):
            self._dx = np.array(self.w)
        return [self._dx]

    def get_weight_gradients(self) -> list[np.ndarray]:
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        # dy_o/dw_io = x_i for every o: a view that is broadcast along the outputs costs no memory.
        x = np.asarray(self.inputs[0])
        dw = np.broadcast_to(x[:, :, np.newaxis], (len(x), *self.w.shape))
        db = np.ones(self.b.shape, dtype=self.b.dtype)
        return [dw, db]

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
        fan_in, fan_out = input_size, output_size
        xavier, kaiming = np.sqrt(2.0 / (fan_in + fan_out)), np.sqrt(2.0 / fan_in)
        draws = {
            "zero": np.zeros,
            "normal": _normal(1.0),
            "xavier": _normal(xavier),
            "xavier uniform": _uniform(xavier),
            "kaiming": _normal(kaiming),
            "kaiming uniform": _uniform(kaiming),
        }
        name = initializer.lower() if isinstance(initializer, str) else initializer
        if name not in draws:
            raise ValueError(f"unknown initializer {initializer!r}; choose from {sorted(draws)}")
        w = draws[name]((fan_in, fan_out)).astype(np.float32)
        b = np.zeros((1, fan_out), dtype=np.float32)
        return Variable(w), Variable(b)
