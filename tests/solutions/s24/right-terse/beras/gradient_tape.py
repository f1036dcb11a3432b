"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

from itertools import cycle

from beras.core import Diffable


class GradientTape:
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
        # id of a tensor -> the gradient of the target by that tensor. The target's own is None: that is where
        # compose_input_gradients([None]) and compose_weight_gradients([None]) start.
        gradients, done = {id(target): None}, {}

        # Walk back from the target, and fill `gradients` for the inputs and weights of each layer on the way.
        for out, layer in reversed(self.previous_layers.items()):
            if out not in gradients or done.setdefault(id(layer), out) != out:
                continue
            J = [gradients.get(id(o)) for o in layer.outputs]
            if out != id(target):  # an output that nobody used has the gradient zero
                J = [0 * o if j is None else j for j, o in zip(J, layer.outputs)]
            for xs, gs in (
                (layer.inputs, layer.compose_input_gradients(J)),
                (layer.weights, layer.compose_weight_gradients(J)),
            ):
                for x, g in zip(cycle(xs), gs):
                    gradients[id(x)] = gradients[id(x)] + g if id(x) in gradients else g

        return [gradients.get(id(source)) for source in sources]
