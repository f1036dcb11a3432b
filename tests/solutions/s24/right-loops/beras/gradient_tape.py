"""The gradient tape: remembers which layer made which tensor, and walks back from the loss to the weights."""

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
        def add(tensor, gradient):
            if id(tensor) in gradients:
                gradients[id(tensor)] = gradients[id(tensor)] + gradient
            else:
                gradients[id(tensor)] = gradient

        def go_back(tensor, upstream):
            # the gradient of the target by `tensor` along ONE path; different paths are summed up by add()
            if id(tensor) not in self.previous_layers:
                return
            layer = self.previous_layers[id(tensor)]
            J = [upstream]
            if upstream is not None and len(layer.outputs) > 1:
                J = [upstream if output is tensor else output * 0 for output in layer.outputs]
            weight_gradients = layer.compose_weight_gradients(J)
            for i in range(len(weight_gradients)):
                add(layer.weights[i % len(layer.weights)], weight_gradients[i])
            input_gradients = layer.compose_input_gradients(J)
            for i in range(len(input_gradients)):
                layer_input = layer.inputs[i % len(layer.inputs)]
                add(layer_input, input_gradients[i])
                go_back(layer_input, input_gradients[i])

        go_back(target, None)

        return [gradients.get(id(source)) for source in sources]
