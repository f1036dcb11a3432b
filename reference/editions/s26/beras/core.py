"""The core of Beras: tensors that hold their own gradients, and the questions that every layer answers about its own.

Everything else in Beras is built on the classes of this module:

    Tensor      an array with a gradient, and with a way back to the layer that made it
    Named       something that may have a name
    Callable    something that is called: a metric, an encoder
    Weighted    something that has parameters
    Diffable    all of that, with gradients: a layer, an activation, a loss

Shapes: B is the batch size. The gradients follow the chain rule from the loss backwards, so "upstream" is the
gradient of the loss by a layer's output, which the layer turns into the gradients by its inputs and parameters.
For a layer y = x @ w + b, once it has been called:

    layer.get_input_gradients()         dy/dx           local: what the layer does, whatever comes after it
    layer.get_weight_gradients()        dy/dw, dy/db
    layer.compose_input_gradients(J)    dLoss/dx        composed: local and upstream gradient J = [dLoss/dy]
    layer.compose_weight_gradients(J)   dLoss/dw, dLoss/db
    y.backward(dLoss/dy)                leaves dLoss/dw in w.grad and dLoss/db in b.grad, and goes on to what made x

For example, a step of training:

    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

import inspect
from abc import ABC, abstractmethod
from contextlib import contextmanager

import numpy as np


class Tensor(np.ndarray):
    """A NumPy array with four attributes more. Whatever NumPy can do with an array, it does with a Tensor.

    requires_grad   whether it gets a gradient: True, unless it is set otherwise. What NumPy computes from a tensor may
                    inherit it: `array @ frozen` is frozen as well, although layers before it may be to train
    grad            its gradient, of its own shape; None as long as it has none
    backward        called with dLoss/dtensor, takes that gradient back to the layer that made the tensor
    name            a text for people, or None

    `Tensor(data)` shares the memory of an array, yet is always a new object, even when `data` is a Tensor.
    """

    # Whether calls leave a way back; `no_grad` sets it.
    recording = True

    def __new__(cls, input_array, name=None):
        """Return a new view of `input_array`, which may be an array, a number, or nested lists of numbers."""
        tensor = (input_array if isinstance(input_array, Tensor) else np.asarray(input_array)).view(cls)
        tensor.name = name
        return tensor

    def __array_finalize__(self, source):
        """Carry `requires_grad` over to every view, slice and copy (NumPy calls this for each new array)."""
        self.requires_grad = getattr(source, "requires_grad", True)
        self.grad = None
        self.name = None

    def backward(self, grad=None):
        """End the way back: no layer made this tensor. A layer's call puts its own `backward` in the place of this."""
        if grad is None:
            raise RuntimeError(
                "nothing leads back from this tensor: no layer made it, or its layer was called under Tensor.no_grad()"
            )

    def to(self, device):
        """Return the tensor itself: there is no other device than this."""
        return self

    @staticmethod
    @contextmanager
    def no_grad():
        """While it lasts (`with Tensor.no_grad():`), calls leave no way back: to look at a model without training.

        The layers remember these calls all the same. Look at a model before a forward pass, or after its `backward`.
        """
        before, Tensor.recording = Tensor.recording, False
        try:
            yield
        finally:
            Tensor.recording = before


class Named:
    """Something that may have a name."""

    name = None

    def __init__(self, name=None):
        self.name = name


class Callable(Named, ABC):
    """Something that can be called like a function: `thing(x)` runs `thing.forward(x)`."""

    @abstractmethod
    def forward(self, *inputs, **keyword_inputs):
        """Compute and return the result."""

    def __call__(self, *inputs, **keyword_inputs):
        """Run `forward`."""
        return self.forward(*inputs, **keyword_inputs)


class Weighted(ABC):
    """Something that has parameters."""

    @property
    @abstractmethod
    def parameters(self):
        """All parameters, as a list of Tensors."""


class Diffable(Callable, Weighted):
    """A function of tensors that knows its own gradients.

    After a call, `inputs` and `outputs` are the lists of tensors that went in and came out: the gradients are
    taken there. It remembers its last call only. So call `backward` before the next call.

    A subclass writes `forward`, `parameters` and the two `get_*_gradients`. It inherits `compose_*_gradients`, and
    overrides them only where its local gradient is no matrix, or where there is a faster way to the same.
    """

    def __call__(self, *inputs, **keyword_inputs):
        """Run `forward`, keep its inputs and outputs, and give each output the way back: `output.backward` is its own.

        Returns the output as a Tensor, or a list of Tensors if `forward` returned a list or tuple. Under
        `Tensor.no_grad()` the outputs get no way back.
        """
        # Inputs may be given by name: they are kept in the order in which `forward` declares them.
        declared = inspect.signature(self.forward).parameters if keyword_inputs else ()
        self.inputs = [*inputs, *(keyword_inputs[name] for name in declared if name in keyword_inputs)]

        result = self.forward(*inputs, **keyword_inputs)
        several = isinstance(result, (list, tuple))
        # A new view of each output: its way back is its own, even if `forward` returned one of its inputs.
        self.outputs = [Tensor(output).view() for output in (result if several else [result])]

        if Tensor.recording:
            for output in self.outputs:
                output.backward = self.backward
        return self.outputs if several else self.outputs[0]

    @abstractmethod
    def get_input_gradients(self):
        """Return the local gradients of the output by each input, as a list with one array an input.

        A layer from (B, in) to (B, out) returns (in, out), if every sample has the same Jacobian, or (B, in, out), one
        Jacobian a sample. The list must be complete: what is missing at its end is left out without a word.
        """

    @abstractmethod
    def get_weight_gradients(self):
        """Return the local gradients of the output by each parameter, as a list with one array a parameter.

        For a weight of shape (in, out) that is (B, in, out), one array a sample, or (B, in, 1) where all outputs share
        it: entry [i, o] tells how much output o changes with the weight at [i, o]. For a bias: (1, out) or (B, 1, out).
        """

    def compose_input_gradients(self, J=None):
        """Return the gradients of the loss by each input: the chain rule, one sample at a time.

        J is the upstream gradient: a list of arrays of shape (B, out), one an output (here every layer has one). The
        result is a list of arrays of the shape of the inputs, (B, in). J itself stays as it is. Without an upstream
        gradient (None or [None]) backpropagation starts here, and the result is the list of local gradients as it is.

        The chain rule for sample b, with its local Jacobian D of shape (in, out):

            dLoss/dx_i = sum over o of dy_o/dx_i * dLoss/dy_o
            dLoss/dx   = D @ J[b]
            (in,)        (in, out) @ (out,)
        """
        if J is None or J[0] is None:
            return self.get_input_gradients()

        composed = []
        for upstream in J:
            for layer_input, local_gradient in zip(self.inputs, self.get_input_gradients()):
                gradient = np.zeros(layer_input.shape, dtype=np.result_type(local_gradient, upstream))
                for sample in range(len(upstream)):
                    # Only a local gradient with three axes has one Jacobian a sample.
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    gradient[sample] = sample_gradient @ upstream[sample]
                composed.append(gradient)
        return composed

    def compose_weight_gradients(self, J=None):
        """Return the gradients of the loss by each parameter: the chain rule, summed over the samples.

        J is the upstream gradient: a list of arrays of shape (B, out). The result is a list of arrays of the
        shape of the parameters. Without an upstream gradient it is the list of local gradients as it is.

        A weight at [i, o] reaches the loss through output o alone, but through that of every sample:

            dLoss/dw_io = sum over b of dy_o/dw_io (of sample b) * J[b, o]
        """
        if J is None or J[0] is None:
            return self.get_weight_gradients()

        composed = []
        for upstream in J:
            for weight, local_gradient in zip(self.parameters, self.get_weight_gradients()):
                gradient = np.zeros(weight.shape, dtype=np.result_type(local_gradient, upstream))
                for sample in range(len(upstream)):
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    contribution = sample_gradient * upstream[sample]
                    gradient += contribution.reshape(weight.shape)
                composed.append(gradient)
        return composed

    def backward(self, grad=None):
        """Take `grad`, the gradient of the loss by the last call's output, back through this layer.

        `grad` is an array of the shape of the output. A loss is given none: backpropagation starts there.

        - Each parameter that requires a gradient gets its own, composed, in `grad`, zeros too. What is there already is added to,
          in a new array: two calls of `backward` leave the sum, until an optimizer's `zero_grad`.
        - Each input that is a Tensor, whatever its `requires_grad`, takes its own further back: `tensor.backward(gradient)`.
          One that two layers use is called by both, each with its part. `backward` of a tensor that no layer made
          takes the gradient, and does nothing with it.

        `grad` itself, and what the compose methods return, stay as they are. Returns nothing.
        """
        # BEGIN SOLUTION
        upstream = [grad]
        for parameter, gradient in zip(self.parameters, self.compose_weight_gradients(upstream)):
            if parameter.requires_grad:
                parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        for tensor, gradient in zip(self.inputs, self.compose_input_gradients(upstream)):
            if isinstance(tensor, Tensor):
                tensor.backward(gradient)
        # END SOLUTION
