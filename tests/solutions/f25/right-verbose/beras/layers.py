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
        list_of_weights = []
        list_of_weights.append(self.w)
        list_of_weights.append(self.b)
        return list_of_weights

    def forward(self, x):
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        # matrix product, then the bias is broadcast over the batch
        output = np.dot(x, self.w)
        output = output + self.b
        return output

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        # d(xw+b)/dx = w
        return [self.w]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        x = self.inputs[0]
        # stack one column vector for each sample
        columns = []
        for sample in x:
            columns.append(np.asarray(sample).reshape(-1, 1))
        dw = np.stack(columns, axis=0)
        db = np.ones(self.w.shape[1])
        return [dw, db]

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        result = []
        for upstream in J:
            result.append(np.dot(upstream, np.transpose(self.w)))
        return result

    def compose_weight_gradients(self, J=None):
        # the inherited one is slow
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        x = self.inputs[0]
        result = []
        for upstream in J:
            result.append(np.dot(np.transpose(x), upstream))
            result.append(np.sum(upstream, axis=0).reshape(1, -1))
        return result

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
        initializer = str(initializer).lower()
        shape = (input_size, output_size)

        if initializer == "zero":
            w = np.zeros(shape)
        elif initializer == "normal":
            w = np.random.randn(input_size, output_size)
        elif initializer == "xavier":
            w = np.random.randn(input_size, output_size) * np.sqrt(2 / (input_size + output_size))
        elif initializer == "xavier uniform":
            limit = np.sqrt(6 / (input_size + output_size))
            w = np.random.uniform(-limit, limit, shape)
        elif initializer == "kaiming":
            w = np.random.randn(input_size, output_size) * np.sqrt(2 / input_size)
        elif initializer == "kaiming uniform":
            limit = np.sqrt(6 / input_size)
            w = np.random.uniform(-limit, limit, shape)
        else:
            raise ValueError("Unknown initializer: " + initializer)

        b = np.zeros((1, output_size))
        w = Variable(w.astype(np.float32))
        b = Variable(b.astype(np.float32))
        return w, b
