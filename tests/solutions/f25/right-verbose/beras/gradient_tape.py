"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

from collections import deque

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
        # Breadth-first search from the target backwards. Every path from the target to a tensor adds its own
        # contribution (the chain rule is linear in the upstream gradient, so I can push them one by one).
        grads = {}
        grads[id(target)] = np.ones_like(target)
        queue = deque()
        queue.append((target, None))
        while len(queue) > 0:
            tensor, upstream = queue.popleft()
            if id(tensor) not in self.previous_layers:
                continue  # nobody made it: it is an input of the model or a weight
            layer = self.previous_layers[id(tensor)]

            if upstream is None:
                J = None
            else:
                J = []
                for output in layer.outputs:
                    if output is tensor:
                        J.append(upstream)
                    else:
                        J.append(np.zeros(output.shape))

            if len(layer.weights) > 0:
                weight_gradients = layer.compose_weight_gradients(J)
                for weight, gradient in zip(layer.weights, weight_gradients):
                    if id(weight) in grads:
                        grads[id(weight)] = grads[id(weight)] + gradient
                    else:
                        grads[id(weight)] = gradient

            input_gradients = layer.compose_input_gradients(J)
            for layer_input, gradient in zip(layer.inputs, input_gradients):
                if id(layer_input) in grads:
                    grads[id(layer_input)] = grads[id(layer_input)] + gradient
                else:
                    grads[id(layer_input)] = gradient
                queue.append((layer_input, gradient))

        result = []
        for source in sources:
            if id(source) in grads:
                result.append(grads[id(source)])
            else:
                result.append(None)
        return result
