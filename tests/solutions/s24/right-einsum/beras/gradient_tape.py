"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

import heapq

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
        # A heap of the layers to visit, the one called last first: whoever used its outputs was called later.
        called = {id(layer): n for n, layer in enumerate(self.previous_layers.values())}
        heap = []

        def visit(tensor):
            layer = self.previous_layers.get(id(tensor))
            if layer is not None and (-called[id(layer)], layer) not in heap:
                heapq.heappush(heap, (-called[id(layer)], layer))

        visit(target)
        while heap:
            layer = heapq.heappop(heap)[1]
            J = [gradients.get(id(out)) for out in layer.outputs]
            if any(j is not None for j in J):
                J = [np.zeros(out.shape) if j is None else j for out, j in zip(layer.outputs, J)]
            n = len(layer.inputs)
            for k, g in enumerate(layer.compose_input_gradients(J)):
                tensor = layer.inputs[k % n]
                gradients[id(tensor)] = np.add(gradients.get(id(tensor), 0), g)
                visit(tensor)
            n = len(layer.weights)
            for k, g in enumerate(layer.compose_weight_gradients(J) if n else ()):
                w = layer.weights[k % n]
                gradients[id(w)] = np.add(gradients.get(id(w), 0), g)

        return [gradients.get(id(source)) for source in sources]
