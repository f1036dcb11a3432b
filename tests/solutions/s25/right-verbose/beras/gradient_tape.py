"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

from collections import deque

import numpy as np

from beras.core import Diffable
from beras.utils import add_up


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
        # Breadth first: the queue holds (tensor, gradient that arrived there on one way).
        gradients = {}
        start = np.ones_like(np.asarray(target))
        add_up(gradients, id(target), start)
        queue = deque()
        queue.append((target, [start]))

        while len(queue) > 0:
            tensor, J = queue.popleft()
            if id(tensor) not in self.previous_layers:
                continue
            layer = self.previous_layers[id(tensor)]
            if tensor is target and target.shape == ():
                J = None   # the loss: backpropagation starts here

            # the weights of the layer (activations and losses have none)
            if len(layer.weights) > 0:
                weight_gradients = layer.compose_weight_gradients(J)
                for weight, gradient in zip(layer.weights, weight_gradients):
                    add_up(gradients, id(weight), gradient)

            # the inputs of the layer
            input_gradients = layer.compose_input_gradients(J)
            for layer_input, gradient in zip(layer.inputs, input_gradients):
                add_up(gradients, id(layer_input), gradient)
                queue.append((layer_input, [gradient]))

        result = []
        for source in sources:
            if id(source) in gradients:
                result.append(gradients[id(source)])
            else:
                result.append(None)
        return result
