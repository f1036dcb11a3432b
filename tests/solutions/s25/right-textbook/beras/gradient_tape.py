"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

import numpy as np

from beras.core import Diffable


class GradientTape:
    """Records the layers that are called inside its `with` block.

    For example:

        with GradientTape() as tape:
            loss = loss_fn(model(x), y)
        gradients = tape.gradient(loss, model.trainable_variables)
    """

    def __init__(self):
        # id of an output tensor -> the Diffable that made it, in the order of the calls.
        self.previous_layers = {}

    def __enter__(self):
        if Diffable.gradient_tape is not None:
            raise RuntimeError("a GradientTape is recording already: tapes cannot be nested")
        Diffable.gradient_tape = self
        return self

    def __exit__(self, *exception):
        Diffable.gradient_tape = None

    def gradient(self, target, sources):
        """Return the gradients of `target` by each of `sources`, a list of arrays shaped like them.

        `target` is a tensor that was computed while the tape was recording, usually the loss; `sources` is a
        list of tensors. A source that the target does not depend on gets None.
        """
        gradients = {}  # id of a tensor -> dtarget/dtensor so far

        def add(tensor, gradient):
            if id(tensor) in gradients:
                gradients[id(tensor)] = gradients[id(tensor)] + gradient
            else:
                gradients[id(tensor)] = gradient

        def backward(tensor, upstream):
            # one path from the target to this tensor; all paths together are the chain rule
            layer = self.previous_layers.get(id(tensor))
            if layer is None:
                return
            for weight, gradient in zip(layer.weights, layer.compose_weight_gradients(upstream)):
                add(weight, gradient)
            for layer_input, gradient in zip(layer.inputs, layer.compose_input_gradients(upstream)):
                add(layer_input, gradient)
                backward(layer_input, [gradient])

        # A number (the loss) is where it starts. For anything else we differentiate its sum, as TensorFlow does.
        ones = np.ones(np.shape(target))
        add(target, ones)
        backward(target, None if np.ndim(target) == 0 else [ones])
        return [gradients.get(id(source)) for source in sources]
