"""Other right answers for the models."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("Model.weights")
def weights_collected_in_a_loop(self):
    weights = []
    for layer in self.layers:
        weights.extend(layer.weights)
    return weights


@wheat("Model.evaluate")
def last_partial_batch_dropped(self, x, y, batch_size):
    totals = defaultdict(list)
    for start in range(0, len(x) - batch_size + 1, batch_size):
        metrics = self.batch_step(x[start : start + batch_size], y[start : start + batch_size], training=False)
        for name, value in (metrics[0] if isinstance(metrics, tuple) else metrics).items():
            totals[name].append(value)
    return {name: np.mean(values) for name, values in totals.items()}


@wheat("Model.evaluate")
def metrics_with_predictions(self, x, y, batch_size):
    totals, predictions = defaultdict(list), []
    for start in range(0, len(x), batch_size):
        samples = slice(start, start + batch_size)
        metrics = self.batch_step(x[samples], y[samples], training=False)
        for name, value in (metrics[0] if isinstance(metrics, tuple) else metrics).items():
            totals[name] += [float(value)] * len(x[samples])
        predictions.append(self(x[samples]))
    return {name: np.mean(values) for name, values in totals.items()}, np.concatenate(predictions)


@wheat("SequentialModel.batch_step", editions=["s24"])
def tape_only_while_training(self, x, y, training=True):
    if not training:
        probs = self(x)
        return {"loss": self.compiled_loss(probs, y), "accuracy": self.compiled_acc(probs, y)}
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(y_pred=probs, y_true=y)
    sources = [weight for weight in self.weights if weight.trainable]
    self.optimizer.apply_gradients(grads=tape.gradient(loss, sources), trainable_params=sources)
    return {"loss": float(loss), "accuracy": self.compiled_acc(probs=probs, labels=y)}


@wheat("SequentialModel.batch_step", editions=["s25", "f25"])
def step_with_predictions(self, x, y, training=True):
    with GradientTape() as tape:
        probs = self.call(inputs=x)
        loss = self.compiled_loss(y_true=y, y_pred=probs)
    metrics = {"loss": loss, "acc": self.compiled_acc.call(labels=y, probs=probs)}
    if training:
        sources = self.trainable_variables
        self.optimizer.apply_gradients(sources, tape.gradient(target=loss, sources=sources))
        return metrics
    return metrics, np.asarray(probs)


@wheat("Model.fit")
def samples_in_another_order_each_epoch(self, x, y, epochs, batch_size):
    history = {"loss": [], "acc": []}
    for epoch in range(epochs):
        order = np.random.permutation(len(x))
        for start in range(0, len(x), batch_size):
            chosen = order[start : start + batch_size]
            metrics = self.batch_step(x[chosen], y[chosen], True)
            for name in history:
                history[name].append(metrics[name])
    return history


@wheat("Model.fit")
def evaluated_after_every_epoch(self, x, y, epochs, batch_size):
    for epoch in range(epochs):
        for batch in range(len(x) // batch_size):
            start = batch * batch_size
            self.batch_step(x[start : start + batch_size], y[start : start + batch_size])
        print(epoch, self.evaluate(x, y, batch_size))


@wheat("get_optimizer", editions=["s25"])
def optimizer_with_options(learning_rate=0.002):
    """Of the author's own parameters, each has a default."""
    return Adam(learning_rate)
