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
        total = {id(target): np.ones_like(target)}
        for key, layer in reversed(self.previous_layers.items()):
            if key in total:
                J = None if key == id(target) and target.ndim == 0 else [total[key]]
                by = [*zip(layer.inputs, layer.compose_input_gradients(J)), *zip(layer.weights, layer.compose_weight_gradients(J))]
                for tensor, g in by:
                    total[id(tensor)] = total[id(tensor)] + g if id(tensor) in total else g
        return [total.get(id(s), np.zeros_like(s)) for s in sources]
