"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

from collections import Counter

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
        # How many of the layers below the target still have to report to each layer before it may run.
        waiting, stack, reached = Counter(), [target], set()
        while stack:
            maker = self.previous_layers.get(id(stack.pop()))
            if maker is None or id(maker) in reached:
                continue
            reached.add(id(maker))
            for tensor in maker.inputs:
                if (source := self.previous_layers.get(id(tensor))) is not None:
                    waiting[id(source)] += 1
                    stack.append(tensor)

        gradients = {id(target): np.ones_like(target)}
        ready = [self.previous_layers[id(target)]] if id(target) in self.previous_layers else []
        while ready:
            layer = ready.pop()
            J = None
            if all(output is not target for output in layer.outputs):
                J = [gradients[id(o)] if id(o) in gradients else np.zeros(o.shape) for o in layer.outputs]
            composed = list(zip(layer.inputs, layer.compose_input_gradients(J)))
            if layer.weights:
                composed += zip(layer.weights, layer.compose_weight_gradients(J))
            for tensor, gradient in composed:
                gradients[id(tensor)] = gradients.get(id(tensor), 0) + gradient
            for tensor in layer.inputs:
                if (source := self.previous_layers.get(id(tensor))) is not None:
                    waiting[id(source)] -= 1
                    if waiting[id(source)] == 0:
                        ready.append(source)
        return [gradients.get(id(source)) for source in sources]
