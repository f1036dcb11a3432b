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

        `target` is a number, the loss, that was computed while the tape was recording; `sources` is a list of tensors,
        such as the weights of a model, and not the target. A source that the target does not depend on gets None; the
        tape may hold layers that are no part of the target. In this homework each layer is called once, and each
        tensor goes into one layer. Where a tensor goes into several layers, the parts of its gradient add up.
        """
        # BEGIN SOLUTION s25 f25
        # id of a tensor -> the gradient of the target by that tensor. The target's own is None: that is where
        # compose_input_gradients([None]) and compose_weight_gradients([None]) start.
        gradients = {id(target): None}

        # Walk back from the target, and fill `gradients` for the inputs and weights of each layer on the way.
        # BEGIN SOLUTION
        # Somebody waits for the gradient of a source, and of a tensor that another layer made. Nobody does for the
        # samples that go into the first layer, whose gradient would be a third of all multiplications.
        awaited = {id(source) for source in sources} | self.previous_layers.keys()

        # A layer is called after the layers that made its inputs. In the reverse order of the calls, the
        # gradient of a tensor is therefore complete, however many layers used it, before it is handed on.
        for output_id, layer in reversed(self.previous_layers.items()):
            if output_id not in gradients:
                continue  # the target does not depend on this layer
            upstream = [gradients[output_id]]
            composed = []
            if any(id(tensor) in awaited for tensor in layer.inputs):
                composed += zip(layer.inputs, layer.compose_input_gradients(upstream), strict=False)
            if any(id(tensor) in awaited for tensor in layer.weights):
                composed += zip(layer.weights, layer.compose_weight_gradients(upstream), strict=False)
            for tensor, gradient in composed:
                if id(tensor) in gradients:
                    gradients[id(tensor)] = np.add(gradients[id(tensor)], gradient)
                else:
                    gradients[id(tensor)] = gradient
        # END SOLUTION

        return [gradients.get(id(source)) for source in sources]
        # END SOLUTION s25 f25
