"""Other right answers where each parameter holds its own gradient."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("Diffable.backward")
def in_an_order_that_waits_for_every_part(self, grad=None):
    waiting, order = [self], []
    while waiting:  # every layer that leads here, those that are nearer first
        layer = waiting.pop()
        if layer in order:
            order.remove(layer)
        order.append(layer)
        makers = [getattr(getattr(tensor, "backward", None), "__self__", None) for tensor in layer.inputs]
        waiting += [maker for maker in makers if isinstance(maker, Diffable)]
    gradients = {id(self): grad}
    for layer in order:
        upstream = [gradients[id(layer)]]
        for parameter, gradient in zip(layer.parameters, layer.compose_weight_gradients(upstream)):
            if parameter.requires_grad:
                parameter.grad = gradient + (0 if parameter.grad is None else parameter.grad)
        for tensor, gradient in zip(layer.inputs, layer.compose_input_gradients(upstream)):
            maker = getattr(getattr(tensor, "backward", None), "__self__", None)
            if isinstance(maker, Diffable):
                gradients[id(maker)] = gradients.get(id(maker), 0) + gradient


@wheat("Diffable.backward")
def only_towards_parameters_that_require_a_gradient(self, grad=None):
    def makers(layer):
        found = [getattr(getattr(tensor, "backward", None), "__self__", None) for tensor in layer.inputs]
        return [maker if isinstance(maker, Diffable) else None for maker in found]

    def leads_on(layer):
        own = any(parameter.requires_grad for parameter in layer.parameters)
        return own or any(leads_on(maker) for maker in makers(layer) if maker is not None)

    if any(parameter.requires_grad for parameter in self.parameters):
        for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
            if parameter.requires_grad:
                parameter.grad = gradient + (0 if parameter.grad is None else parameter.grad)
    if any(leads_on(maker) for maker in makers(self) if maker is not None):
        for maker, gradient in zip(makers(self), self.compose_input_gradients([grad])):
            if maker is not None and leads_on(maker):
                maker.backward(gradient)


@wheat("Diffable.backward")
def inputs_first(self, grad=None):
    J = grad if isinstance(grad, list) else [grad]
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients(J)):
        if hasattr(tensor, "backward"):
            tensor.backward(gradient)
    for i, gradient in enumerate(self.compose_weight_gradients(J)):
        if self.parameters[i].requires_grad:
            old = self.parameters[i].grad
            self.parameters[i].grad = np.array(gradient) if old is None else np.add(old, gradient)


@wheat("Diffable.backward")
def gradients_start_at_zero(self, grad=None):
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients([grad])):
        if parameter.requires_grad:
            if parameter.grad is None:
                parameter.grad = np.zeros(parameter.shape)
            parameter.grad = Tensor(parameter.grad + np.reshape(gradient, parameter.shape))
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients([grad])):
        if isinstance(tensor, Tensor) and getattr(tensor.backward, "__self__", tensor) is not tensor:
            tensor.backward(grad=gradient)


@wheat("Diffable.backward")
def lists_all_the_way(self, grad=None):
    if not isinstance(grad, list):
        grad = [grad]
    for parameter, gradient in zip(self.parameters, self.compose_weight_gradients(grad)):
        if parameter.requires_grad:
            parameter.grad = gradient if parameter.grad is None else gradient + parameter.grad
    for tensor, gradient in zip(self.inputs, self.compose_input_gradients(grad)):
        if isinstance(tensor, Tensor):
            tensor.backward([gradient])


@wheat("Optimizer.zero_grad")
def zeros_for_none(self):
    for parameter in self.parameters:
        parameter.grad = np.zeros_like(parameter)


@wheat("Optimizer.zero_grad")
def gradients_zeroed_in_place(self):
    for parameter in self.parameters:
        if parameter.grad is not None:
            parameter.grad = parameter.grad * 0


@wheat("BasicOptimizer.step")
def parameters_that_require_a_gradient(self):
    for parameter in [p for p in self.parameters if p.requires_grad and p.grad is not None]:
        np.subtract(parameter, self.learning_rate * np.asarray(parameter.grad), out=parameter)


@wheat("SequentialModel.batch_step", editions=["s26"])
def gradients_zeroed_after_the_step(self, x, y, training=True):
    predictions = self.forward(inputs=x)
    loss = self.compiled_loss(y_pred=predictions, y_true=y)
    accuracy = self.compiled_acc(probs=predictions, labels=y)
    if training:
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return {"loss": float(loss), "acc": float(accuracy)}
    return {"loss": float(loss), "acc": float(accuracy)}, np.asarray(predictions)


@wheat("SequentialModel.batch_step", editions=["s26"])
def looked_at_under_no_grad(self, x, y, training=True):
    if not training:
        with Tensor.no_grad():
            predictions = self(x)
            loss = self.compiled_loss(predictions, y)
        return {"loss": loss, "acc": self.compiled_acc(predictions, y)}, predictions
    self.optimizer.zero_grad()
    predictions = self(x)
    loss = self.compiled_loss(predictions, y)
    self.compiled_loss.backward()
    self.optimizer.step()
    return {"loss": loss, "acc": self.compiled_acc(predictions, y)}
