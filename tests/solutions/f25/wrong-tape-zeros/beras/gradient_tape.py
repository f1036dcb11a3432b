"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

from functools import reduce

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
        # Seen from the source: its gradient is the sum of what comes back through everyone who used it.
        users = {}  # id of a tensor -> [(layer, "input" or "weight", position), ...]
        for layer in {id(layer): layer for layer in self.previous_layers.values()}.values():
            for kind, tensors in ("input", layer.inputs), ("weight", layer.weights):
                for position, tensor in enumerate(tensors):
                    users.setdefault(id(tensor), []).append((layer, kind, position))

        known = {}  # id of a tensor -> its gradient or None
        composed = {}  # (id of a layer, kind) -> what its compose method returned, or None

        def gradient_by(tensor):
            if tensor is target:
                return np.ones_like(target)
            if id(tensor) not in known:
                parts = []
                for layer, kind, position in users.get(id(tensor), []):
                    parts += (through(layer, kind) or [])[position : position + 1]
                known[id(tensor)] = reduce(np.add, parts) if parts else None
            return known[id(tensor)]

        def through(layer, kind):
            if (id(layer), kind) not in composed:
                method = layer.compose_input_gradients if kind == "input" else layer.compose_weight_gradients
                if any(output is target for output in layer.outputs):
                    result = method(None)
                else:
                    upstream = [gradient_by(output) for output in layer.outputs]
                    if all(u is None for u in upstream):
                        result = None
                    else:
                        result = method([np.zeros(o.shape) if u is None else u for o, u in zip(layer.outputs, upstream)])
                composed[id(layer), kind] = result
            return composed[id(layer), kind]

        gradients = [gradient_by(source) for source in sources]
        return [np.zeros(s.shape) if g is None else g for s, g in zip(sources, gradients)]
