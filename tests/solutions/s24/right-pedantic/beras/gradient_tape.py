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
        # id of a tensor -> the gradient of the target by that tensor. The target's own is None: that is where
        # compose_input_gradients([None]) and compose_weight_gradients([None]) start.
        gradients = {id(target): None}

        # Walk back from the target, and fill `gradients` for the inputs and weights of each layer on the way.
        for layer in self._in_topological_order(target):
            upstream = self._upstream(layer, gradients, target)
            self._accumulate(gradients, layer.inputs, layer.compose_input_gradients(upstream))
            if layer.weights:
                self._accumulate(gradients, layer.weights, layer.compose_weight_gradients(upstream))

        return [gradients.get(id(source)) for source in sources]

    def _in_topological_order(self, target):
        """The layers that the target depends on, each after all layers that use its outputs (Kahn, 1962)."""
        consumers = {}  # id of a layer -> how many of its outputs' uses are still to come
        needed, stack = {}, [self.previous_layers.get(id(target))]
        while stack:
            layer = stack.pop()
            if layer is None or id(layer) in needed:
                continue
            needed[id(layer)] = layer
            for producer in self._producers(layer):
                consumers[id(producer)] = consumers.get(id(producer), 0) + 1
                stack.append(producer)

        ready = deque(layer for layer in needed.values() if id(layer) not in consumers)
        while ready:
            layer = ready.popleft()
            yield layer
            for producer in self._producers(layer):
                consumers[id(producer)] -= 1
                if not consumers[id(producer)]:
                    ready.append(producer)

    def _producers(self, layer):
        """The layers that made the inputs of a layer, once for each input."""
        found = (self.previous_layers.get(id(tensor)) for tensor in layer.inputs)
        return [producer for producer in found if producer is not None]

    @staticmethod
    def _upstream(layer, gradients, target):
        """The gradients of the target by the outputs of a layer: zeros where the target does not depend on one."""
        if any(output is target for output in layer.outputs):
            return [None]
        return [
            np.zeros_like(output) if gradients.get(id(output)) is None else gradients[id(output)]
            for output in layer.outputs
        ]

    @staticmethod
    def _accumulate(gradients, tensors, composed):
        """Add what a layer composed to the gradients by its inputs or weights."""
        for position, gradient in enumerate(composed):
            key = id(tensors[position % len(tensors)])
            # A new array every time: what a layer has returned may be its own.
            gradients[key] = gradient if gradients.get(key) is None else gradients[key] + gradient
