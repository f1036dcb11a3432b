"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

from __future__ import annotations

import numpy as np

from beras.core import Diffable, Tensor
from beras.graph import GradientStore, topological_order


class GradientTape:
    """Records the layers that are called inside its `with` block.

    For example:

        with GradientTape() as tape:
            loss = loss_fn(model(x), y)
        gradients = tape.gradient(loss, model.trainable_variables)
    """

    def __init__(self) -> None:
        # id of an output tensor -> the Diffable that made it, in the order of the calls.
        self.previous_layers = {}

    def __enter__(self):
        if Diffable.gradient_tape is not None:
            raise RuntimeError("a GradientTape is recording already: tapes cannot be nested")
        Diffable.gradient_tape = self
        return self

    def __exit__(self, *exception):
        Diffable.gradient_tape = None

    def gradient(self, target: Tensor, sources: list[Tensor]) -> list[np.ndarray | None]:
        """Return the gradients of `target` by each of `sources`, a list of arrays shaped like them.

        `target` is a tensor that was computed while the tape was recording, usually the loss; `sources` is a
        list of tensors. A source that the target does not depend on gets None.
        """
        store = GradientStore()
        store.add(target, np.ones_like(target))
        for layer in topological_order(target, self.previous_layers):
            upstream = self._upstream(layer, target, store)
            inputs = list(layer.inputs)
            # With several outputs the composed gradients repeat the inputs, once an upstream gradient.
            for position, gradient in enumerate(layer.compose_input_gradients(upstream)):
                store.add(inputs[position % len(inputs)], gradient)
            weights = list(layer.weights)
            if weights:
                for position, gradient in enumerate(layer.compose_weight_gradients(upstream)):
                    store.add(weights[position % len(weights)], gradient)
        return [store.of(source) for source in sources]

    @staticmethod
    def _upstream(layer: Diffable, target: Tensor, store: GradientStore) -> list[np.ndarray] | None:
        """The gradients by the outputs of `layer`, or None where backpropagation starts at a single number."""
        if np.ndim(target) == 0 and any(output is target for output in layer.outputs):
            return None
        found = [store.of(output) for output in layer.outputs]
        return [
            np.zeros_like(output) if gradient is None else gradient
            for output, gradient in zip(layer.outputs, found, strict=True)
        ]
