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
        # Layers are taken in the reverse order of their calls (a heap of negative call numbers), so that a
        # gradient is complete before it is handed on.
        number = {key: position for position, key in enumerate(self.previous_layers)}
        gradients = {id(target): np.ones(target.shape)}
        heap = [-number[id(target)]] if id(target) in number else []
        keys = list(self.previous_layers)
        waiting = set(heap)
        while heap:
            position = heapq.heappop(heap)
            key = keys[-position]
            layer = self.previous_layers[key]
            upstream = [None] if key == id(target) and not target.ndim else [gradients[key]]
            composed = list(zip(layer.inputs, layer.compose_input_gradients(upstream)))
            composed += zip(layer.weights, layer.compose_weight_gradients(upstream))
            for tensor, gradient in composed:
                gradients[id(tensor)] = gradients.get(id(tensor), 0) + np.asarray(gradient)
                before = number.get(id(tensor))
                if before is not None and -before not in waiting:
                    waiting.add(-before)
                    heapq.heappush(heap, -before)
        return [gradients.get(id(source)) for source in sources]
