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
        # id of a tensor -> the gradient of the target by that tensor. The target's own is None: that is where
        # compose_input_gradients([None]) and compose_weight_gradients([None]) start.
        gradients = {id(target): None}

        # Walk back from the target, and fill `gradients` for the inputs and weights of each layer on the way.
        # Breadth first: each entry of the queue is a tensor and what one more path from the target adds to its gradient.
        queue = [(target, None)]
        for tensor, upstream in queue:
            layer = self.previous_layers.get(id(tensor))
            if layer is None:
                continue
            J = [upstream]
            if upstream is not None and len(layer.outputs) > 1:
                J = [upstream if out is tensor else np.zeros_like(out) for out in layer.outputs]

            found = layer.compose_input_gradients(J)
            new = [(layer.inputs[k % len(layer.inputs)], gradient) for k, gradient in enumerate(found)]
            queue.extend(new)
            if layer.weights:
                found = layer.compose_weight_gradients(J)
                new += [(layer.weights[k % len(layer.weights)], gradient) for k, gradient in enumerate(found)]
            for variable, gradient in new:
                known = gradients.get(id(variable))
                gradients[id(variable)] = gradient if known is None else known + gradient

        return [gradients.get(id(source)) for source in sources]
