"""What beras/layers.py has in other editions than the reference's own."""

import numpy as np

from beras.core import Variable


# EDITION s25 s26
class Dense:
    @staticmethod
    def _initialize_weight(initializer, input_size, output_size):
        """Return the first (w, b), as Variables of shapes (in, out) and (1, out), or (out,); b is zero.

        The initializer's name may be written in capitals or not. "normal" draws w from the normal distribution. The
        others give w the mean 0 and their own standard deviation, by a normal or by a uniform distribution. Raises ValueError
        for any other name.

            "zero"          0
            "normal"        1
            "xavier"        sqrt(2 / (in + out))    Glorot and Bengio, 2010
            "kaiming"       sqrt(2 / in)            He et al., 2015
        """
        # BEGIN SOLUTION
        deviations = {
            "zero": 0.0,
            "normal": 1.0,
            "xavier": np.sqrt(2 / (input_size + output_size)),
            "kaiming": np.sqrt(2 / input_size),
        }
        name = initializer.lower()
        if name not in deviations:
            raise ValueError(f"unknown initializer {initializer!r}: choose one of {', '.join(deviations)}")

        # NumPy's global generator, so that np.random.seed makes a whole run repeatable.
        w = np.random.normal(0, deviations[name], (input_size, output_size))  # noqa: NPY002 (see above)
        return Variable(w.astype(np.float32)), Variable(np.zeros((1, output_size), dtype=np.float32))
        # END SOLUTION


# EDITION s26
class Linear(Diffable):
    def __init__(self, input_size, output_size, initializer="normal", **kwargs):
        super().__init__(**kwargs)
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)
