"""Layers with weights: the dense layer and the ways to draw its first weights."""

from dataclasses import dataclass

import numpy as np

from beras.core import Diffable, Variable


@dataclass(frozen=True)
class Init:
    """A way to draw weights: its standard deviation, and whether evenly."""

    gain: float = 2.0
    over: str = "in"  # what the gain is divided by: "in", "in+out", "one"
    even: bool = False

    def draw(self, rng, n, m):
        std = np.sqrt(self.gain / {"in": n, "in+out": n + m, "one": 1}[self.over])
        if self.even:
            return rng.uniform(-1, 1, (n, m)) * std * np.sqrt(3)
        return rng.normal(0, std, (n, m))


INITS = {
    "zero": Init(0, "one"),
    "normal": Init(1, "one"),
    "xavier": Init(over="in+out"),
    "xavier uniform": Init(over="in+out", even=True),
    "kaiming": Init(),
    "kaiming uniform": Init(even=True),
}
RNG = np.random.default_rng()


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
        return np.add(np.matmul(x, self.w), self.b)

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        return [np.array(self.w)]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        x = np.asarray(self.inputs[0])
        return [np.repeat(x[..., None], self.w.shape[1], axis=2) if x.size * self.w.shape[1] < 10**6 else x[..., None], np.ones((self.w.shape[1],))]

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [np.einsum("io,bo->bi", self.w, upstream, optimize=True) for upstream in J]

    def compose_weight_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        # The bias is the weight of one more input, which is always 1.
        x = np.concatenate([self.inputs[0], np.ones((len(self.inputs[0]), 1))], axis=1)
        gradients = []
        for upstream in J:
            both = x.T @ upstream
            gradients.extend([both[:-1], both[-1:]])
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
        try:
            init = INITS[initializer.lower()]
        except (KeyError, AttributeError):
            raise ValueError(f"initializer {initializer!r} is none of {', '.join(INITS)}") from None
        w = init.draw(RNG, input_size, output_size)
        return Variable(w.astype(np.float32)), Variable(np.zeros((1, output_size), dtype=np.float32))
