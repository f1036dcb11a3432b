"""Mistakes where each parameter holds its own gradient: the way back, steps of training, and what optimizers are given."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into

#: The tests in which parameters get gradients; OF_A_LOSS where nothing but a loss is wrong.
ALL = {
    "5.1": 3, "5.2": 3.75, "5.3": 1, "5.7": 0.5, "5.8": 0.25, "5.21": 1, "5.32": 1.5, "5.33": 0.5, "5.34": 0.25,
}  # fmt: skip
OF_A_LOSS = {number: points for number, points in ALL.items() if number != "5.33"} | {"5.35": 0.25}


@chaff("Diffable.backward", costs={**ALL, "5.35": 0.25})
def gradient_handed_over_bare(self, grad=None):
    """The upstream gradient is handed on bare: the compose methods take a list of it."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients(grad)):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients(grad)):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={"5.32": 1.5, "5.34": 0.25})
def gradient_replaced(self, grad=None):
    """A new gradient takes the place of the one that is there: it should be added to it."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={**ALL, "5.31": 1, "5.35": 0.25})
def way_back_ends_here(self, grad=None):
    """The gradients by the inputs go no further: each input has a `backward` of its own, which takes them on."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient


@chaff("Diffable.backward", costs={"5.7": 0.5})
def frozen_layers_end_the_way(self, grad=None):
    """The way back ends at a layer whose parameters are all frozen: the layers before it get no gradient."""
    if self.parameters and not any(parameter.requires_grad for parameter in self.parameters):
        return
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs=ALL)
def inputs_visited_twice(self, grad=None):
    """Every input is taken back twice, so that the layers before it count double."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for _ in range(2):
        for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
            if isinstance(tensor, Tensor):
                tensor.backward(gradient)


@chaff("Diffable.backward", costs={**OF_A_LOSS, "5.31": 1})
def loss_begins_with_ones(self, grad=None):
    """The loss begins with ones for an upstream gradient: it has none, which the compose methods are told by None."""
    upstream = [np.ones((len(self.inputs[0]), 1)) if grad is None else grad]
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients(upstream)):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients(upstream)):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={**OF_A_LOSS, "5.31": 1})
def last_input_alone(self, grad=None):
    """Only the last input is taken back. A loss has two, and the predictions are the first."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    if isinstance(self.inputs[-1], Tensor):
        self.inputs[-1].backward(self.compose_input_gradients([grad])[-1])


@chaff("Diffable.backward", costs={"5.34": 0.25})
def shared_tensor_taken_back_once(self, grad=None):
    """A tensor that two layers use is taken back by one of them alone: the part of the other is lost."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor) and not hasattr(tensor, "taken_back"):
            tensor.taken_back = True
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={"5.7": 0.5})
def gradients_of_trainable_parameters_alone(self, grad=None):
    """Parameters that require no gradient are left out of the list, and the others get each other's gradients."""
    trained = [parameter for parameter in self.parameters if parameter.requires_grad]
    for parameter, gradient in zip(trained, self.compose_weight_gradients([grad])):
        parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={"5.7": 0.5, "5.21": 1})
def gradients_in_another_order(self, grad=None):
    """The gradients go to the parameters in the reverse order."""
    for parameter, gradient in zip(reversed(self.parameters), self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={"5.7": 0.5, "5.21": 1})
def first_parameter_alone(self, grad=None):
    """Only the first of the parameters gets its gradient: the bias would never learn."""
    for parameter, gradient in list(zip(self.parameters, self.compose_weight_gradients([grad])))[:1]:
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs=ALL)
def gradient_averaged_again(self, grad=None):
    """The gradient is divided by the batch size: the loss is a mean already."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            own = gradient / len(self.inputs[0])
            parameter.grad = own if parameter.grad is None else parameter.grad + own
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs=ALL)
def gradients_kept_by_the_layer(self, grad=None):
    """No parameter holds a gradient afterwards: each one's own `grad` takes it, also where it is still None."""
    self.grads = list(self.compose_weight_gradients([grad]))
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={"5.35": 0.25})
def added_in_place(self, grad=None):
    """The second gradient is added into the array of the first, which belongs to the layer that composed it."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad and parameter.grad is None:
            parameter.grad = gradient
        elif parameter.requires_grad:
            parameter.grad += gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={"5.35": 0.25})
def own_gradient_added_to_in_place(self, grad=None):
    """A second call of `backward` changes the array in `grad`: the sum is a new array."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            if parameter.grad is None:
                parameter.grad = np.zeros(parameter.shape)
            parameter.grad += np.reshape(gradient, parameter.shape)
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={"5.2": 3.75, "5.7": 0.5, "5.21": 1, "5.33": 0.5, "5.34": 0.25})
def own_gradient_for_the_inputs(self, grad=None):
    """The inputs are handed the layer's own upstream gradient: they need what the layer composes of it."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    composed = self.compose_input_gradients([grad])
    for tensor, gradient in zip(self.inputs, composed):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient if grad is None else grad)


@chaff("Diffable.backward", costs={"5.33": 0.5})
def zeros_end_the_way(self, grad=None):
    """The way back ends where the upstream gradient is zero everywhere: None stays where zeros are the gradient."""
    if grad is not None and not np.any(grad):
        return
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("Optimizer.zero_grad", costs={"7.31": 1.5})
def gradients_never_cleared(self):
    """The gradients of all batches so far add up: `zero_grad` begins every step, and clears every parameter's `grad`."""
    for parameter in self.parameters:
        grad = parameter.grad
        grad = None


@chaff("BasicOptimizer.step", costs={"4.31": 0.25})
def step_without_a_gradient(self):
    """A parameter may have no gradient, where it is frozen: the step has to leave it out."""
    for parameter in self.parameters:
        parameter[...] -= self.learning_rate * parameter.grad


@chaff("RMSProp.step", costs={"4.32": 0.25})
def rmsprop_without_a_gradient(self):
    """A parameter may have no gradient, where it is frozen: RMSProp's step has to leave it out."""
    for i, parameter in enumerate(self.parameters):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * parameter.grad**2
        parameter[...] -= self.learning_rate * parameter.grad / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("Adam.step", costs={"4.33": 0.25})
def adam_without_a_gradient(self):
    """A parameter may have no gradient, where it is frozen: Adam's step has to leave it out."""
    self.t += 1
    for i, parameter in enumerate(self.parameters):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * parameter.grad
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * parameter.grad**2
        m, v = self.m[i] / (1 - self.beta_1**self.t), self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)


@chaff("Adam.step", costs={"4.33": 0.25})
def a_clock_for_every_parameter(self):
    """Every parameter counts its own steps: t counts those of the optimizer, whether a parameter has a gradient or not."""
    for i, parameter in enumerate(self.parameters):
        if parameter.grad is None:
            continue
        self.clocks = getattr(self, "clocks", {})
        t = self.clocks[i] = self.clocks.get(i, 0) + 1
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * parameter.grad
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * parameter.grad**2
        m, v = self.m[i] / (1 - self.beta_1**t), self.v[i] / (1 - self.beta_2**t)
        parameter[...] -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)


@chaff("Adam.step", costs={"4.33": 0.25})
def steps_counted_with_every_gradient(self):
    """A step is counted only where all parameters have a gradient: t counts the others, too."""
    if all(parameter.grad is not None for parameter in self.parameters):
        self.t += 1
    t = max(self.t, 1)
    for i, parameter in enumerate(self.parameters):
        if parameter.grad is None:
            continue
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * parameter.grad
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * parameter.grad**2
        m, v = self.m[i] / (1 - self.beta_1**t), self.v[i] / (1 - self.beta_2**t)
        parameter[...] -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)


@chaff("Adam.step", costs={"4.33": 0.25})
def steps_counted_with_the_first_gradient(self):
    """A step is counted only where the first parameter has a gradient: t counts the others, too."""
    if self.parameters[0].grad is not None:
        self.t += 1
    t = max(self.t, 1)
    for i, parameter in enumerate(self.parameters):
        if parameter.grad is None:
            continue
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * parameter.grad
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * parameter.grad**2
        m, v = self.m[i] / (1 - self.beta_1**t), self.v[i] / (1 - self.beta_2**t)
        parameter[...] -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)


@chaff("RMSProp.__init__", costs={"4.14": 0.25}, editions=["s26"])
def rmsprop_memory_shared(self, parameters, learning_rate, beta=0.9, epsilon=1e-6, memory={}):
    """All optimizers share one memory: a default is made once, when the method is defined."""
    super().__init__(parameters, learning_rate)
    self.beta, self.epsilon, self.v = beta, epsilon, memory
    for i in range(len(self.parameters)):
        memory.setdefault(i, 0.0)


@chaff("Adam.__init__", costs={"4.15": 0.25, "4.33": 0.25}, editions=["s26"])
def adam_memory_shared(self, parameters, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    """All optimizers share one memory, an attribute of the class: each needs its own."""
    super().__init__(parameters, learning_rate)
    self.beta_1, self.beta_2, self.epsilon, self.amsgrad, self.t = beta_1, beta_2, epsilon, amsgrad, 0
    kind = type(self)
    if not hasattr(kind, "memory"):
        kind.memory = defaultdict(float), defaultdict(float)
    self.m, self.v = kind.memory


@chaff("SequentialModel.batch_step", costs={"7.31": 1.5}, editions=["s26"])
def gradients_never_zeroed(self, x, y, training=True):
    """The gradients of all batches so far add up: `zero_grad` begins every step, and clears every parameter's `grad`."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    if not training:
        return metrics, probs
    loss.backward()
    self.optimizer.step()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.10": 0.25, "7.31": 1.5}, editions=["s26"])
def gradients_zeroed_before_the_step(self, x, y, training=True):
    """The parameters are the same after a training step as before: after `backward` comes the step, and nothing else."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    if not training:
        return metrics, probs
    loss.backward()
    self.optimizer.zero_grad()
    self.optimizer.step()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.10": 0.25, "7.31": 1.5}, editions=["s26"])
def step_never_taken(self, x, y, training=True):
    """The parameters are the same after a training step as before: after `backward` comes the step, and nothing else."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    loss.backward()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.10": 0.25, "7.31": 1.5}, editions=["s26"])
def two_steps_for_one_batch(self, x, y, training=True):
    """The optimizer takes two steps for one batch."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    self.optimizer.step()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.4": 1, "7.10": 0.25, "7.31": 1.5}, editions=["s26"])
def loss_gets_the_truth_first(self, x, y, training=True):
    """The loss gets the truth first: its first input is the predictions, by which it is differentiated."""
    probs = self(x)
    loss = self.compiled_loss(y, probs)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.4": 1, "7.10": 0.25, "7.31": 1.5}, editions=["s26"])
def trained_under_no_grad(self, x, y, training=True):
    """The batch is computed under `no_grad`, which is for looking at a model: nothing leads back from its loss."""
    with Tensor.no_grad():
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.4": 1, "7.10": 0.25, "7.31": 1.5}, editions=["s26"])
def predictions_taken_back(self, x, y, training=True):
    """`backward` is called on the predictions: it begins at the loss, the one number that they are judged by."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    probs.backward()
    self.optimizer.step()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.4": 1, "7.10": 0.25, "7.31": 1.5}, editions=["s26"])
def forward_called_by_its_name(self, x, y, training=True):
    """The loss's forward method is called by its name, so that its result has no way back: call the object itself."""
    probs = self(x)
    loss = self.compiled_loss.forward(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.5": 1, "7.9": 0.25}, editions=["s26"])
def step_without_training(self, x, y, training=True):
    """The parameters change even when the model is not training."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    return metrics if training else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.4": 1, "7.9": 0.25}, editions=["s26"])
def accuracy_missing(self, x, y, training=True):
    """The accuracy is missing from what a batch returns."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss}
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    return metrics


@chaff("SequentialModel.batch_step", costs={"7.4": 1, "7.9": 0.25}, editions=["s26"])
def loss_and_accuracy_swapped(self, x, y, training=True):
    """Loss and accuracy have changed places."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = {"loss": self.compiled_acc(probs, y), "acc": loss}
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    return metrics


@chaff("get_optimizer", costs={"7.32": 0.5}, editions=["s26"])
def optimizer_of_another_model(model):
    """The optimizer is made for a new model: the one that is trained never changes."""
    return Adam(get_model().parameters, 0.002)


@chaff("Diffable.backward", costs={"5.7": 0.5})
def frozen_inputs_end_the_way(self, grad=None):
    """The way back ends at a tensor that requires no gradient: layers before it may have parameters to train."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor) and tensor.requires_grad:
            tensor.backward(gradient)


@chaff("Diffable.backward", costs={"5.7": 0.5})
def frozen_parameters_too(self, grad=None):
    """A parameter whose `requires_grad` is False gets a gradient too."""
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor):
            tensor.backward(gradient)


@chaff("BasicOptimizer.step", costs={"4.31": 0.25})
def step_ends_at_no_gradient(self):
    """BasicOptimizer's step ends at the first parameter that has no gradient: those after it stay as they are, although they
    have one.
    """
    for parameter in self.parameters:
        if parameter.grad is None:
            return
        parameter[...] -= self.learning_rate * parameter.grad


@chaff("RMSProp.step", costs={"4.32": 0.25})
def rmsprop_ends_at_no_gradient(self):
    """RMSProp's step ends at the first parameter that has no gradient: those after it stay as they are, although they
    have one.
    """
    for i, parameter in enumerate(self.parameters):
        if parameter.grad is None:
            break
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * parameter.grad**2
        parameter[...] -= self.learning_rate * parameter.grad / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("Adam.step", costs={"4.33": 0.25})
def adam_ends_at_no_gradient(self):
    """Adam's step ends at the first parameter that has no gradient: those after it stay as they are, although they
    have one.
    """
    self.t += 1
    for i, parameter in enumerate(self.parameters):
        if parameter.grad is None:
            return
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * parameter.grad
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * parameter.grad**2
        m, v = self.m[i] / (1 - self.beta_1**self.t), self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)


@chaff("SequentialModel.batch_step", costs={"7.4": 1, "7.9": 0.25}, editions=["s26"])
def metrics_in_a_list(self, x, y, training=True):
    """The metrics come in a list: a dict is asked for, by whose keys `fit` and `evaluate` find them."""
    probs = self(x)
    loss = self.compiled_loss(probs, y)
    metrics = [loss, self.compiled_acc(probs, y)]
    if not training:
        return metrics, probs
    self.optimizer.zero_grad()
    loss.backward()
    self.optimizer.step()
    return metrics
