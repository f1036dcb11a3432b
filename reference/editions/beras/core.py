"""What beras/core.py has in other editions than the reference's own, which give less of it."""

import numpy as np

from beras.core import Tensor


# EDITION f25
class Tensor:
    """A NumPy array with one attribute more: `trainable`, True unless it is set otherwise.

    Whatever NumPy can do with an array, it does with a Tensor. `Tensor(data)` shares the memory of an array, and is
    `data` itself if that is a Tensor already. For example:

        frozen = Tensor([[0.5, -1.0]])
        frozen.trainable = False
        frozen[0].trainable             # False: views and copies inherit it
    """

    def __new__(cls, data):
        """Return `data` as a Tensor; it may be one, or an array, a number, or nested lists of numbers."""
        # BEGIN SOLUTION
        return data if isinstance(data, cls) else np.asanyarray(data).view(cls)
        # END SOLUTION


# EDITION s25 f25 -f24 -f25c
class Variable(Tensor):
    """A Tensor that changes: the weights of layers. `Variable(tensor)` is a new Variable with the tensor's memory."""

    def assign(self, value):
        """Put the entries of `value`, which has the same shape, in the place of all entries."""
        # BEGIN SOLUTION f25
        self[...] = value
        # END SOLUTION f25


# EDITION f25c
class Tensor:
    """A NumPy array with one attribute more: `trainable`, True unless it is set otherwise.

    Whatever NumPy can do with an array, it does with a Tensor. `Tensor(data)` shares the memory of an array, and is
    `data` itself if that is a Tensor already. For example:

        frozen = Tensor([[0.5, -1.0]])
        frozen.trainable = False
        frozen[0].trainable             # False: views and copies inherit it
    """

    def __new__(cls, data):
        """Return `data` as a Tensor; it may be one, or an array, a number, or nested lists of numbers."""
        # BEGIN SOLUTION
        return data if isinstance(data, cls) else np.asanyarray(data).view(cls)
        # END SOLUTION

    def assign(self, value):
        """Put the entries of `value`, which has the same shape, in the place of all entries."""
        self[...] = value
