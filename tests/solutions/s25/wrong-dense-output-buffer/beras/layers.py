"""Layers with weights: the dense layer and the ways to draw its first weights."""

import math

import numpy as np

from beras.core import Diffable, Tensor
from beras.utils import number_of_samples


class Dense(Diffable):
    """A fully connected layer: y = x @ w + b, from (B, in) to (B, out).

    `w` has shape (in, out) and is drawn by an initializer; `b` has shape (1, out) and starts at zero.
    """

    def __init__(self, input_size, output_size, initializer="normal"):
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)
        self.output = None

    @property
    def weights(self):
        """The weights and the bias: [w, b]."""
        return [self.w, self.b]

    def forward(self, x):
        """Return x @ w + b, of shape (B, out), for x of shape (B, in)."""
        batch_size = number_of_samples(x)
        output_size = self.w.shape[1]
        # Reuse the array if it has the right size already, that is faster.
        if self.output is None or self.output.shape[0] != batch_size:
            self.output = np.zeros((batch_size, output_size), dtype=np.result_type(x, self.w))
        output = self.output
        for sample in range(batch_size):
            output[sample] = x[sample] @ self.w + self.b[0]
        return output

    def get_input_gradients(self):
        """Return [dy/dx], of shape (in, out): it is the same for every sample."""
        # One Jacobian per sample, although they are all the same.
        batch_size = number_of_samples(self.inputs[0])
        jacobians = []
        for sample in range(batch_size):
            jacobians.append(np.asarray(self.w))
        return [np.array(jacobians)]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db], one array a sample for w, and the same for every sample for b."""
        inputs = np.asarray(self.inputs[0])
        batch_size = number_of_samples(inputs)
        input_size = inputs.shape[1]
        w_gradient = inputs.reshape(batch_size, input_size, 1)
        b_gradient = np.ones((1, 1))
        return [w_gradient, b_gradient]

    def compose_input_gradients(self, J=None):
        """Same as inherited, but without the 3 dimensional array, which needs too much memory for 784 inputs."""
        if J is None or J[0] is None:
            return self.get_input_gradients()
        result = []
        for upstream in J:
            gradient = np.zeros(self.inputs[0].shape)
            for sample in range(number_of_samples(upstream)):
                gradient[sample] = self.w @ upstream[sample]
            result.append(gradient)
        return result

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
        initializer = initializer.lower()
        if initializer == "zero":
            w = np.zeros((input_size, output_size))
        elif initializer == "normal":
            w = np.random.standard_normal((input_size, output_size))
        elif initializer == "xavier":
            standard_deviation = math.sqrt(2 / (input_size + output_size))
            w = np.random.standard_normal((input_size, output_size)) * standard_deviation
        elif initializer == "kaiming":
            standard_deviation = math.sqrt(2 / input_size)
            w = np.random.standard_normal((input_size, output_size)) * standard_deviation
        else:
            raise ValueError("There is no initializer with the name " + str(initializer))
        b = np.zeros((1, output_size))
        return Tensor(w.astype(np.float32)), Tensor(b.astype(np.float32))
