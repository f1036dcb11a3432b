"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Tensor


class Dense(Diffable):
    """A fully connected layer: y = x @ w + b, from (B, in) to (B, out).

    `w` has shape (in, out) and is drawn by an initializer; `b` has shape (1, out) and starts at zero.
    """

    def __init__(self, input_size, output_size, initializer="normal"):
        print("Dense layer", input_size, "->", output_size, "with", initializer)
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)

    @property
    def weights(self):
        """The weights and the bias: [w, b]."""
        weights = []
        weights.append(self.w)
        weights.append(self.b)
        return weights

    def call(self, x):
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        # x is (B, in), w is (in, out), so the product is (B, out)
        product = np.dot(x, self.w)
        # b is (1, out), it is broadcast over the batch
        output = product + self.b
        return output

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        # one Jacobian per sample, they are all w
        x = self.inputs[0]
        batch_size = x.shape[0]
        jacobians = []
        for i in range(batch_size):
            jacobians.append(self.w)
        return [np.stack(jacobians, axis=0)]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        x = self.inputs[0]
        batch_size = x.shape[0]
        # dy/dw: x_i for every output, so every sample is a column vector
        dw = np.zeros((batch_size, x.shape[1], 1), dtype=x.dtype)
        for i in range(batch_size):
            dw[i] = x[i].reshape(-1, 1)
        # dy/db: always 1
        db = np.ones((1, self.b.shape[1]))
        return [dw, db]

    # the loops in core.py took too long for the first layer, so here are faster ones
    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        results = []
        for upstream in J:
            results.append(np.dot(upstream, self.w.T))
        return results

    def compose_weight_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        results = []
        for upstream in J:
            dw = np.zeros(self.w.shape)
            db = np.zeros(self.b.shape)
            dw += np.dot(self.inputs[0].T, upstream)
            for i in range(upstream.shape[0]):
                db += upstream[i].reshape(1, -1)
            results.append(dw)
            results.append(db)
        return results

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
        name = initializer.lower()
        shape = (input_size, output_size)

        if name == "zero":
            w = np.zeros(shape)
        elif name == "normal":
            w = np.random.normal(loc=0.0, scale=1.0, size=shape)
        elif name == "xavier":
            w = np.random.normal(loc=0.0, scale=np.sqrt(2 / (input_size + output_size)), size=shape)
        elif name == "xavier uniform":
            limit = np.sqrt(2 / (input_size + output_size))
            w = np.random.uniform(low=-limit, high=limit, size=shape)
        elif name == "kaiming":
            w = np.random.normal(loc=0.0, scale=np.sqrt(2 / input_size), size=shape)
        elif name == "kaiming uniform":
            limit = np.sqrt(2 / input_size)
            w = np.random.uniform(low=-limit, high=limit, size=shape)
        else:
            raise ValueError("unknown initializer: " + str(initializer))

        b = np.zeros((1, output_size))
        return (Tensor(w.astype("float32")), Tensor(b.astype("float32")))
