"""The core of Beras: tensors, and the four questions about gradients that every differentiable layer answers.

Everything else in Beras is built on the five classes of this module:

    Tensor      an array that knows whether it is to be trained
    Callable    something that is called: a metric, an encoder
    Weighted    something that has weights
    Diffable    both, with gradients: a layer, an activation, a loss
    Variable    what weights are: Tensors

Shapes: B is the batch size. The gradients follow the chain rule from the loss backwards, so "upstream" is the
gradient of the loss by a layer's output, which the layer turns into the gradients by its inputs and weights.
For a layer y = x @ w + b, once it has been called:

    layer.get_input_gradients()         dy/dx           local: what the layer does, whatever comes after it
    layer.get_weight_gradients()        dy/dw, dy/db
    layer.compose_input_gradients(J)    dLoss/dx        composed: local and upstream gradient J = [dLoss/dy]
    layer.compose_weight_gradients(J)   dLoss/dw, dLoss/db
"""

import inspect
from abc import ABC, abstractmethod

import numpy as np


class Tensor(np.ndarray):
    """A NumPy array with one attribute more: `trainable`, True unless it is set otherwise.

    Whatever NumPy can do with an array, it does with a Tensor. `Tensor(data)` shares the memory of an array, and is
    `data` itself if that is a Tensor already. For example:

        frozen = Tensor([[0.5, -1.0]])
        frozen.trainable = False
        frozen[0].trainable             # False: views and copies inherit it
    """

    def __new__(cls, data):
        """Return `data` as a Tensor; it may be one, or an array, a number, or nested lists of numbers."""
        # A subclass (Variable) makes a view of its own, so that Variable(tensor) really is a Variable.
        if isinstance(data, cls):
            return data
        if isinstance(data, Tensor):
            return data.view(cls)  # keeps `trainable`, by __array_finalize__
        return np.asarray(data).view(cls)

    def __array_finalize__(self, source):
        """Carry `trainable` over to every view, slice and copy (NumPy calls this for each new array)."""
        self.trainable = getattr(source, "trainable", True)


class Variable(Tensor):
    """A Tensor that changes: the weights of layers."""

    def assign(self, value):
        """Put the entries of `value`, which has the same shape, in the place of all entries."""
        value = np.asarray(value)
        if value.shape != self.shape:
            raise ValueError(f"cannot assign an array of shape {value.shape} to a Variable of shape {self.shape}")
        self[...] = value


class Callable(ABC):
    """Something that can be called like a function: `thing(x)` runs `thing.forward(x)`."""

    @abstractmethod
    def forward(self, *inputs, **keyword_inputs):
        """Compute and return the result."""

    def __call__(self, *inputs, **keyword_inputs):
        """Run `forward`."""
        return self.forward(*inputs, **keyword_inputs)


class Weighted(ABC):
    """Something that has weights, each of them trainable or not."""

    @property
    @abstractmethod
    def weights(self):
        """All weights, as a list of Tensors."""

    @property
    def trainable_variables(self):
        """The weights that an optimizer may change, as a list of Tensors."""
        return [weight for weight in self.weights if weight.trainable]

    @property
    def non_trainable_variables(self):
        """The weights that are frozen, as a list of Tensors."""
        return [weight for weight in self.weights if not weight.trainable]

    @property
    def trainable(self):
        """Whether any weight is trainable. Setting it sets all weights at once."""
        return len(self.trainable_variables) > 0

    @trainable.setter
    def trainable(self, trainable):
        for weight in self.weights:
            weight.trainable = bool(trainable)


class Diffable(Callable, Weighted):
    """A function of tensors that knows its own gradients.

    After a call, `inputs` and `outputs` are the lists of tensors that went in and came out: the gradients are
    taken there. A Diffable remembers its last call only, so it must not be called twice within one tape.

    A subclass writes `forward`, `weights` and the two `get_*_gradients`. It inherits `compose_*_gradients`, and
    overrides them only where its local gradient is no matrix, or where there is a faster way to the same.
    """

    # The tape that is recording, shared by all Diffables. A GradientTape sets it when it is entered.
    gradient_tape = None

    def __call__(self, *inputs, **keyword_inputs):
        """Run `forward`, keep its inputs and outputs, and tell the tape, if any, where the outputs came from.

        Returns the output as a Tensor, or a list of Tensors if `forward` returned a list or tuple.
        """
        # Inputs may be given by name: they are kept in the order in which `forward` declares them.
        declared = inspect.signature(self.forward).parameters if keyword_inputs else ()
        self.inputs = [*inputs, *(keyword_inputs[name] for name in declared if name in keyword_inputs)]

        result = self.forward(*inputs, **keyword_inputs)
        several = isinstance(result, (list, tuple))
        # A new view of each output: its id is its own, even if `forward` returned one of its inputs.
        self.outputs = [Tensor(output).view() for output in (result if several else [result])]

        if Diffable.gradient_tape is not None:
            for output in self.outputs:
                Diffable.gradient_tape.previous_layers[id(output)] = self
        return self.outputs if several else self.outputs[0]

    @abstractmethod
    def get_input_gradients(self):
        """Return the local gradients of the output by each input, as a list with one array an input.

        A layer from (B, in) to (B, out) returns (in, out), if every sample has the same Jacobian, or
        (B, in, out), one Jacobian a sample.
        """

    @abstractmethod
    def get_weight_gradients(self):
        """Return the local gradients of the output by each weight, as a list with one array a weight.

        For a weight of shape (in, out) that is (B, in, out), one array a sample, or what broadcasts to it:
        entry [i, o] tells how much output o of the sample changes with the weight at [i, o].
        """

    def compose_input_gradients(self, J=None):
        """Return the gradients of the loss by each input: the chain rule, one sample at a time.

        J is the upstream gradient: a list of arrays of shape (B, out). The result is a list of arrays of the
        shape of the inputs, (B, in). Without an upstream gradient (None or [None]) backpropagation starts
        here, and the result is the list of local gradients as it is.

        The chain rule for sample b, with its local Jacobian D of shape (in, out):

            dLoss/dx_i = sum over o of dy_o/dx_i * dLoss/dy_o
            dLoss/dx   = D @ J[b]
            (in,)        (in, out) @ (out,)

        so the matrix multiplication takes a vector of length `out` to a vector of length `in`. That is how
        the gradient by a layer's outputs becomes one of the shape of its inputs.
        """
        if J is None or J[0] is None:
            return self.get_input_gradients()

        composed = []
        for upstream in J:
            for layer_input, local_gradient in zip(self.inputs, self.get_input_gradients(), strict=False):
                gradient = np.zeros(layer_input.shape, dtype=np.result_type(local_gradient, upstream))
                for sample in range(len(upstream)):
                    # Only a local gradient with three axes has one Jacobian a sample.
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    gradient[sample] = sample_gradient @ upstream[sample]
                composed.append(gradient)
        return composed

    def compose_weight_gradients(self, J=None):
        """Return the gradients of the loss by each weight: the chain rule, summed over the samples.

        J is the upstream gradient: a list of arrays of shape (B, out). The result is a list of arrays of the
        shape of the weights. Without an upstream gradient it is the list of local gradients as it is.

        A weight at [i, o] reaches the loss through output o alone, but through that of every sample:

            dLoss/dw_io = sum over b of dy_o/dw_io (of sample b) * J[b, o]
        """
        if J is None or J[0] is None:
            return self.get_weight_gradients()

        composed = []
        for upstream in J:
            for weight, local_gradient in zip(self.weights, self.get_weight_gradients(), strict=False):
                gradient = np.zeros(weight.shape, dtype=np.result_type(local_gradient, upstream))
                for sample in range(len(upstream)):
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    contribution = sample_gradient * upstream[sample]
                    gradient += contribution.reshape(weight.shape)
                composed.append(gradient)
        return composed
