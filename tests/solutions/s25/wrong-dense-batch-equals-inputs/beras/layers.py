"""Layers with weights: the dense layer and the ways to draw its first weights."""

import numpy as np

from beras.core import Diffable, Tensor, Variable


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
        return np.dot(x, self.w) + self.b

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        # dy_o/dx_i = w_io, for each sample
        return [self.w.copy()]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        # dy_o/dw_io = x_i whatever o is, and dy_o/db_o = 1
        x = self.inputs[0]
        batch, n_in = x.shape
        n_out = self.w.shape[1]
        dw = np.zeros((batch, n_in, n_out))
        for o in range(n_out):
            dw[:, :, o] = x
        db = np.ones(n_out)
        return [dw, db]

    def compose_input_gradients(self, J=None):
        # the chain rule, sample by sample
        if J is None or J[0] is None:
            return self.get_input_gradients()
        upstream = J[0]
        D = self.get_input_gradients()[0]
        dx = np.zeros(self.inputs[0].shape)
        for b in range(len(upstream)):
            # one Jacobian a sample, or the same for all?
            D_b = D[b] if len(D) == len(upstream) else D
            dx[b] = np.dot(D_b, upstream[b])
        return [dx]

    def compose_weight_gradients(self, J=None):
        # the inherited one was really slow with 784 inputs
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        dw = np.dot(self.inputs[0].T, J[0])
        db = J[0].sum(axis=0).reshape(1, -1)
        return [dw, db]

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
        name = initializer.lower()
        if name == "zero":
            std = 0
        elif name == "normal":
            std = 1
        elif name == "xavier":
            std = np.sqrt(2 / (input_size + output_size))
        elif name == "kaiming":
            std = np.sqrt(2 / input_size)
        else:
            raise ValueError("unknown initializer: " + initializer)
        w = np.random.normal(0, std, size=(input_size, output_size)).astype("float32")
        b = np.zeros((1, output_size), dtype="float32")
        return Variable(w), Variable(b)
