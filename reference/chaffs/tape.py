"""Mistakes in the gradient tape."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def upstream_without_a_list(self, target, sources):
    """The upstream gradient is handed on bare: the compose methods take a list of them."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = gradients[output_id]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def gradients_in_a_dict(self, target, sources):
    """What comes back is a dict: a list in the order of the sources is asked for."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return {str(i): gradients.get(id(source)) for i, source in enumerate(sources)}


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def gradients_in_lists(self, target, sources):
    """Each gradient is wrapped in a list of its own: arrays in one flat list are asked for."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [[gradients.get(id(source))] for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def walk_ends_at_the_loss(self, target, sources):
    """The walk ends after the last layer: the gradient has to reach the layers before it."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[-id(tensor) if output_id != id(target) else id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff("GradientTape.gradient", costs={"5.7": 0.5})
def frozen_layers_passed_over(self, target, sources):
    """A layer whose weights are all frozen is passed over: the layers before it get no gradient."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients or (layer.weights and not any(weight.trainable for weight in layer.weights)):
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            known = gradients.get(id(tensor))
            gradients[id(tensor)] = gradient if known is None else known + gradient
    return [gradients.get(id(source)) for source in sources]


@chaff("GradientTape.gradient", costs={"5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1})
def order_of_the_layers(self, target, sources):
    """The gradients come in the order in which the tape found them: that of the sources is asked for."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients[id(w)] for layer in self.previous_layers.values() for w in layer.weights]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def local_weight_gradients(self, target, sources):
    """The local weight gradients are used as they are: they have to be composed with the upstream
    gradient.
    """
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.get_weight_gradients())
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff("GradientTape.gradient", costs={"5.2": 3.75, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.21": 1})
def local_input_gradients(self, target, sources):
    """The local input gradients are handed on as they are: they have to be composed with the upstream
    gradient.
    """
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.get_input_gradients())
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def weights_not_visited(self, target, sources):
    """The gradients by the inputs are found, and those by the weights are not: is each kept by the id of its weight?"""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        for tensor, gradient in [*by_input]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def inputs_not_visited(self, target, sources):
    """No layer is asked for the gradients by its inputs: without those the walk cannot go on from the loss."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def walked_forwards(self, target, sources):
    """The walk ends with the loss: after it come the layers in the reverse order of their calls, the last one first."""
    gradients = {id(target): None}
    for output_id, layer in self.previous_layers.items():
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff("GradientTape.gradient", costs={"5.2": 3.75, "5.4": 2, "5.21": 1})
def gradient_of_the_first_source_alone(self, target, sources):
    """Only the first source gets its gradient."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources[:1]]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def added_to_itself(self, target, sources):
    """Every gradient is counted twice."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = 2 * gradient if output_id == id(target) else gradient
    return [gradients.get(id(source)) for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def gradients_averaged_over_rows(self, target, sources):
    """Gradients by weights are divided by the number of their rows: nothing is averaged on the way back."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients[id(source)] / len(source) for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def gradients_negated(self, target, sources):
    """The gradients point the other way: descending is the optimizer's business."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [-gradients[id(source)] for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def keyed_by_the_list(self, target, sources):
    """The walk goes no further than the loss: nothing that the loss hands back reaches a layer. Is each gradient kept
    by the id of the tensor itself, and followed to the first input?
    """
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(layer.inputs) if any(tensor is x for x in layer.inputs) else id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff("GradientTape.__exit__", costs={"5.6": 1, "5.7": 0.5, "5.8": 0.25})
def recording_never_ends(self, *exception):
    """The tape keeps recording after its block."""
    return None


@chaff(
    "GradientTape.__enter__",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.6": 1, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def never_recording(self):
    """The tape never becomes the one that layers report to."""
    return self


@chaff("GradientTape.gradient", costs={"5.7": 0.5})
def zipped_with_trainable_variables(self, target, sources):
    """The gradients come in the order of all weights of a layer, and are matched with its trainable ones alone: with
    w frozen, b gets the gradient of w.
    """
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.trainable_variables, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff("GradientTape.gradient", costs={"5.8": 0.25})
def gradients_added_to_those_of_earlier_tapes(self, target, sources, found={}):
    """The gradients are added to those of the tapes before: what the class or a default keeps outlives a tape."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    for source in sources:
        found[id(source)] = found.get(id(source), 0) + gradients[id(source)]
    return [found[id(source)] for source in sources]


@chaff(
    "GradientTape.gradient",
    costs={"5.1": 3, "5.2": 3.75, "5.3": 1, "5.4": 2, "5.5": 0.5, "5.7": 0.5, "5.8": 0.25, "5.21": 1},
)
def walk_starts_from_ones(self, target, sources):
    """The walk starts with an upstream gradient of ones: where nothing comes after the loss, it is None."""
    gradients = {id(target): __import__("numpy").ones((len(self.previous_layers[id(target)].inputs[0]), 1))}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        for tensor, gradient in [*by_input, *by_weight]:
            gradients[id(tensor)] = gradient
    return [gradients.get(id(source)) for source in sources]


@chaff("GradientTape.gradient", costs={"5.8": 0.25})
def every_recorded_layer_on_the_way(self, target, sources):
    """The walk goes through every layer that was recorded, the last one first: some lead to another place than the
    target, and each gradient belongs to the layer that made its tensor.
    """
    gradients, upstream = {}, [None]
    for layer in reversed(list(self.previous_layers.values())):
        for weight, gradient in zip(layer.weights, layer.compose_weight_gradients(upstream)):
            gradients[id(weight)] = gradient
        upstream = layer.compose_input_gradients(upstream)[:1]
    return [gradients.get(id(source)) for source in sources]


@chaff("GradientTape.gradient", costs={"5.2": 3.75, "5.4": 2, "5.21": 1})
def order_of_discovery(self, target, sources):
    """The gradients come in the order in which the tape found them: that of the sources is asked for."""
    gradients = {id(target): None}
    for output_id, layer in reversed(self.previous_layers.items()):
        if output_id not in gradients:
            continue
        upstream = [gradients[output_id]]
        by_weight = zip(layer.weights, layer.compose_weight_gradients(upstream))
        by_input = zip(layer.inputs, layer.compose_input_gradients(upstream))
        for tensor, gradient in [*by_weight, *by_input]:
            gradients[id(tensor)] = gradient
    wanted = {id(source) for source in sources}
    return [gradient for key, gradient in gradients.items() if key in wanted]
