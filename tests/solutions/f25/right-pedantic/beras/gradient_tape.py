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
        totals: dict[int, np.ndarray] = {id(target): np.ones(np.shape(target))}
        for layer in reversed(self._sorted_layers(target)):
            upstream = self._upstream(layer, target, totals)
            for tensors, gradients in (
                (layer.inputs, layer.compose_input_gradients(upstream)),
                (layer.weights, layer.compose_weight_gradients(upstream)),
            ):
                for tensor, gradient in zip(tensors, gradients):
                    known = totals.get(id(tensor))
                    totals[id(tensor)] = gradient if known is None else known + gradient
        return [totals.get(id(source)) for source in sources]

    def _sorted_layers(self, target) -> list[Diffable]:
        """The layers that `target` depends on, each after those that it gets its inputs from (depth-first search)."""
        order: list[Diffable] = []
        visited: set[int] = set()

        def visit(tensor) -> None:
            layer = self.previous_layers.get(id(tensor))
            if layer is None or id(layer) in visited:
                return
            visited.add(id(layer))
            for layer_input in layer.inputs:
                visit(layer_input)
            order.append(layer)

        visit(target)
        return order

    @staticmethod
    def _upstream(layer: Diffable, target, totals) -> list[np.ndarray] | None:
        """The gradients by the outputs of a layer: None at the target, where backpropagation starts."""
        if any(output is target for output in layer.outputs):
            return None
        return [totals[id(out)] if id(out) in totals else np.zeros(out.shape) for out in layer.outputs]
