"""Other right answers for the gradient tape."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("GradientTape.gradient")
def breadth_first(self, target, sources):
    found, queue = {id(target): [None]}, [target]
    while queue:
        tensor = queue.pop(0)
        layer = self.previous_layers.get(id(tensor))
        if layer is None:
            continue
        upstream = found[id(tensor)]
        for weight, gradient in zip(layer.weights, layer.compose_weight_gradients(upstream), strict=False):
            found[id(weight)] = [gradient]
        for given, gradient in zip(layer.inputs, layer.compose_input_gradients(upstream), strict=False):
            found[id(given)] = [gradient]
            queue.append(given)
    return [found[id(source)][0] for source in sources]


@wheat("GradientTape.gradient")
def recursive(self, target, sources):
    gradients = {}

    def visit(tensor, upstream):
        layer = self.previous_layers.get(id(tensor))
        if layer is not None:
            for weight, gradient in zip(layer.weights, layer.compose_weight_gradients(upstream)):
                gradients[id(weight)] = gradient
            for given, gradient in zip(layer.inputs, layer.compose_input_gradients(upstream)):
                visit(given, [gradient])

    visit(target, None)
    return [gradients.get(id(source), 0 * source) for source in sources]


@wheat("GradientTape.gradient")
def gradients_kept_in_single_precision(self, target, sources):
    gradients = {id(target): None}
    for output, layer in reversed(self.previous_layers.items()):
        if output not in gradients:
            continue
        upstream = [gradients[output]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient.astype("float32")
    return [gradients[id(source)].astype("float64") for source in sources]
