"""Mistakes in models."""

from autograder.authoring import chaff

# SequentialModel stands in assignment.py where batch_step returns the metrics alone; elsewhere, without training, the
# predictions too. A mistake in one of the two must not make one of the other.

# ruff: noqa: F821  the names are those of the module that a method is put into

TAPE = ("*", "-s26")  # the steps of the others are in backward.py


@chaff("Model.weights", costs={"7.2": 1, "7.3": 0.75, "7.4": 1, "7.10": 0.25}, costs_in={"s26": {"7.2": 1}})
def weights_nested(self):
    """The weights come as a list for each layer: one flat list is asked for."""
    return [layer.weights for layer in self.layers]


@chaff("Model.weights", costs={"7.2": 1})
def weights_backwards(self):
    """The weights come in the wrong order: that of the layers is asked for."""
    return [weight for layer in reversed(self.layers) for weight in layer.weights]


@chaff("Model.weights", costs={"7.2": 1})
def weights_of_the_first_layer(self):
    """The weights are those of one layer only."""
    return list(self.layers[0].weights)


@chaff("SequentialModel.call", costs={"7.1": 1, "7.10": 0.25})
def last_layer_alone(self, inputs):
    """Every layer gets the model's input: each should get the output of the one before it."""
    for layer in self.layers:
        outputs = layer(inputs)
    return outputs


@chaff("SequentialModel.call", costs={"7.1": 1, "7.10": 0.25})
def layers_backwards(self, inputs):
    """The layers run in the wrong order."""
    for layer in reversed(self.layers):
        inputs = layer(inputs)
    return inputs


@chaff("SequentialModel.call", costs={"7.1": 1, "7.10": 0.25})
def first_layer_alone(self, inputs):
    """The loop ends after the first layer."""
    for layer in self.layers:
        return layer(inputs)


@chaff(
    "SequentialModel.call", costs={"7.1": 1, "7.3": 0.75, "7.4": 1, "7.5": 1, "7.9": 0.25, "7.10": 0.25, "7.31": 1.5}
)
def last_layer_skipped(self, inputs):
    """The last layer never runs."""
    for layer in self.layers[:-1]:
        inputs = layer(inputs)
    return inputs


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.4": 1, "7.10": 0.25}, editions=TAPE)
def loss_outside_of_the_tape(self, x, y, training=True):
    """The loss is computed after the tape has stopped recording."""
    with GradientTape() as tape:
        probs = self(x)
    loss = self.compiled_loss(probs, y)
    if training:
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.4": 1, "7.10": 0.25}, editions=TAPE)
def tape_bypassed(self, x, y, training=True):
    """The loss's forward method is called by its name, past the tape: call the object itself."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss.call(probs, y)
    if training:
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.10": 0.25}, editions=TAPE)
def gradients_never_applied(self, x, y, training=True):
    """The weights are the same after a training step as before: does the optimizer get the gradients?"""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if training:
        tape.gradient(loss, self.trainable_variables)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.10": 0.25}, editions=TAPE)
def gradients_applied_twice(self, x, y, training=True):
    """The optimizer takes two steps for one batch."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if training:
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.5": 1}, editions=TAPE)
def always_training(self, x, y, training=True):
    """The weights change even when the model is not training."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    gradients = tape.gradient(loss, self.trainable_variables)
    self.optimizer.apply_gradients(self.trainable_variables, gradients)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75, "7.5": 1, "7.10": 0.25}, editions=TAPE)
def training_the_wrong_way_round(self, x, y, training=True):
    """The model learns only when it should not."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if not training:
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.4": 1, "7.9": 0.25}, editions=TAPE)
def accuracy_left_out(self, x, y, training=True):
    """The accuracy is missing from what a batch returns."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if training:
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
    metrics = {"loss": loss}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.4": 1, "7.9": 0.25}, editions=TAPE)
def accuracy_for_loss(self, x, y, training=True):
    """Loss and accuracy have changed places."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if training:
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
    metrics = {"loss": self.compiled_acc(probs, y), "acc": loss}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("Model.evaluate", costs={"7.6": 0.5, "7.8": 0.25}, costs_in={"s26": {"7.6": 0.5, "7.8": 0.25, "7.9": 0.25}})
def evaluation_trains(self, x, y, batch_size):
    """The evaluation trains on the data it is to judge."""
    totals = defaultdict(list)
    for start in range(0, len(x), batch_size):
        for name, value in self.batch_step(x[start : start + batch_size], y[start : start + batch_size]).items():
            totals[name].append(float(value))
    return {name: np.mean(values) for name, values in totals.items()}


@chaff("Model.evaluate", costs={"7.6": 0.5, "7.8": 0.25, "7.9": 0.25})
def last_batch_counts_alone(self, x, y, batch_size):
    """The metrics are those of the last batch: all batches count."""
    for start in range(0, len(x), batch_size):
        samples = slice(start, start + batch_size)
        metrics = self.batch_step(x[samples], y[samples], training=False)
    return metrics[0] if isinstance(metrics, tuple) else metrics


@chaff("Model.evaluate", costs={"7.6": 0.5, "7.8": 0.25, "7.9": 0.25})
def first_batch_counts_alone(self, x, y, batch_size):
    """The metrics are those of the first batch alone: every batch counts."""
    metrics = self.batch_step(x[:batch_size], y[:batch_size], training=False)
    return metrics[0] if isinstance(metrics, tuple) else metrics


@chaff("Model.evaluate", costs={"7.6": 0.5, "7.8": 0.25, "7.9": 0.25})
def batches_summed_up(self, x, y, batch_size):
    """The metrics of the batches are summed up: their mean is asked for."""
    totals = defaultdict(float)
    for start in range(0, len(x), batch_size):
        samples = slice(start, start + batch_size)
        metrics = self.batch_step(x[samples], y[samples], training=False)
        for name, value in (metrics[0] if isinstance(metrics, tuple) else metrics).items():
            totals[name] += float(value)
    return dict(totals)


@chaff("Model.evaluate", costs={"7.6": 0.5, "7.8": 0.25, "7.9": 0.25})
def empty_last_batch(self, x, y, batch_size):
    """One batch too many: where the batches come out even, the last one is empty and its mean is NaN."""
    totals = defaultdict(list)
    for batch in range(len(x) // batch_size + 1):
        samples = slice(batch * batch_size, (batch + 1) * batch_size)
        metrics = self.batch_step(x[samples], y[samples], training=False)
        for name, value in (metrics[0] if isinstance(metrics, tuple) else metrics).items():
            totals[name].append(float(value))
    return {name: np.mean(values) for name, values in totals.items()}


@chaff("Model.fit", costs={"7.21": 1.75})
def single_epoch(self, x, y, epochs, batch_size):
    """The data are gone through once, however many epochs are asked for."""
    for start in range(0, len(x), batch_size):
        self.batch_step(x[start : start + batch_size], y[start : start + batch_size], training=True)


@chaff("Model.fit", costs={"7.21": 1.75})
def last_full_batch_forgotten(self, x, y, epochs, batch_size):
    """The last batch of every epoch is left out although it is full."""
    for epoch in range(epochs):
        for batch in range(len(x) // batch_size - 1):
            samples = slice(batch * batch_size, (batch + 1) * batch_size)
            self.batch_step(x[samples], y[samples], training=True)


@chaff("Model.fit", costs={"7.21": 1.75, "7.22": 0.25})
def fit_without_training(self, x, y, epochs, batch_size):
    """No batch is trained on: `batch_step` is never called, or never with training=True."""
    for epoch in range(epochs):
        for start in range(0, len(x), batch_size):
            self.batch_step(x[start : start + batch_size], y[start : start + batch_size], training=False)


@chaff("Model.fit", costs={"7.21": 1.75})
def all_samples_at_once(self, x, y, epochs, batch_size):
    """The samples are not divided into batches: every epoch is a single step."""
    for epoch in range(epochs):
        self.batch_step(x, y, training=True)


@chaff("Model.fit", costs={"7.21": 1.75, "7.22": 0.25})
def labels_of_the_first_batch(self, x, y, epochs, batch_size):
    """Every batch of inputs meets the labels of the first batch: slice both alike."""
    for epoch in range(epochs):
        for start in range(0, len(x), batch_size):
            self.batch_step(x[start : start + batch_size], y[:batch_size], training=True)


@chaff("Model.evaluate", costs={"7.6": 0.5}, editions=TAPE)
def evaluation_thaws(self, x, y, batch_size):
    """All weights are frozen for the evaluation, and set free after it: those that were frozen before are not again."""
    totals = defaultdict(float)
    self.trainable = False
    for start in range(0, len(x), batch_size):
        samples = slice(start, start + batch_size)
        metrics = self.batch_step(x[samples], y[samples], training=False)
        for name, value in (metrics[0] if isinstance(metrics, tuple) else metrics).items():
            totals[name] += float(value) * len(x[samples])
    self.trainable = True
    return {name: total / len(x) for name, total in totals.items()}


@chaff("Model.evaluate", costs={"7.8": 0.25})
def mean_of_unequal_batches(self, x, y, batch_size):
    """The mean over the batches counts the samples of a smaller last batch more than all others."""
    values = defaultdict(list)
    for start in range(0, len(x), batch_size):
        samples = slice(start, start + batch_size)
        metrics = self.batch_step(x[samples], y[samples], training=False)
        for name, value in (metrics[0] if isinstance(metrics, tuple) else metrics).items():
            values[name].append(float(value))
    return {name: np.mean(value) for name, value in values.items()}


@chaff("Model.evaluate", costs={"7.6": 0.5, "7.8": 0.25, "7.9": 0.25}, editions=["s24"])
def predictions_that_no_step_returns(self, x, y, batch_size):
    """Each batch is taken to return its predictions too: batch_step returns the metrics alone."""
    totals = defaultdict(float)
    for start in range(0, len(x), batch_size):
        metrics, _ = self.batch_step(x[start : start + batch_size], y[start : start + batch_size], training=False)
        for name, value in metrics.items():
            totals[name] += float(value) * len(x[start : start + batch_size])
    return {name: total / len(x) for name, total in totals.items()}


@chaff("Model.evaluate", costs={"7.6": 0.5, "7.8": 0.25, "7.9": 0.25}, editions=["s25", "f25", "s26"])
def predictions_overlooked(self, x, y, batch_size):
    """Each batch is taken to return its metrics alone: without training, batch_step returns the predictions too."""
    totals = defaultdict(float)
    for start in range(0, len(x), batch_size):
        metrics = self.batch_step(x[start : start + batch_size], y[start : start + batch_size], training=False)
        for name, value in metrics.items():
            totals[name] += float(value) * len(x[start : start + batch_size])
    return {name: total / len(x) for name, total in totals.items()}


@chaff("SequentialModel.batch_step", costs={"7.10": 0.25}, editions=TAPE)
def frozen_weights_trained_too(self, x, y, training=True):
    """The step is taken by all weights, the frozen ones too: only the trainable variables change."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if training:
        self.optimizer.apply_gradients(self.weights, tape.gradient(loss, self.weights))
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff(
    "SequentialModel.call", costs={"7.1": 1}, costs_in={"s26": {"7.3": 0.75, "7.10": 0.25, "7.31": 1.5}}, trains=False
)
def layers_called_past_the_tape(self, inputs):
    """The layers' forward methods are called by their name, past the tape: call the layers themselves."""
    for layer in self.layers:
        inputs = layer.call(inputs)
    return inputs


@chaff("Model.weights", costs={"7.2": 1}, editions=["s25", "f25"])
def frozen_weights_overlooked(self):
    """The frozen weights are left out: `trainable_variables` does that, and `weights` lists them all."""
    return [weight for layer in self.layers for weight in layer.weights if weight.trainable]


@chaff("SequentialModel.batch_step", costs={"7.4": 1}, trains=False, editions=TAPE)
def truth_for_predictions(self, x, y, training=True):
    """The loss gets the truth first: its first input is the predictions, by which it is differentiated."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(y, probs)
    if training:
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("Model.evaluate", costs={"7.9": 0.25})
def earlier_evaluations_count_too(self, x, y, batch_size):
    """The metrics of earlier evaluations are counted in: begin anew in every call."""
    self.seen = getattr(self, "seen", {})
    for start in range(0, len(x), batch_size):
        metrics = self.batch_step(x[start : start + batch_size], y[start : start + batch_size], training=False)
        for name, value in (metrics[0] if isinstance(metrics, tuple) else metrics).items():
            self.seen.setdefault(name, []).extend([float(value)] * len(x[start : start + batch_size]))
    return {name: np.mean(values) for name, values in self.seen.items()}


@chaff("SequentialModel.batch_step", costs={"7.3": 0.75}, editions=TAPE)
def gradients_of_the_first_batch(self, x, y, training=True):
    """Every step is taken by the gradients of the first batch: each batch has gradients of its own."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if training:
        if not hasattr(self, "gradients"):
            self.gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, self.gradients)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("Model.fit", costs={"7.22": 0.25}, editions=["s25", "f25", "s26"])
def history_of_all_epochs_so_far(self, x, y, epochs, batch_size):
    """The means of an epoch are over the batches of all epochs so far: each epoch has a mean of its own."""
    history, metrics = {}, {}
    for epoch in range(epochs):
        for start in range(0, len(x) - batch_size + 1, batch_size):
            samples = slice(start, start + batch_size)
            for name, value in self.batch_step(x[samples], y[samples], training=True).items():
                metrics.setdefault(name, []).append(float(value))
        for name, values in metrics.items():
            history.setdefault(name, []).append(sum(values) / len(values))
    return history


@chaff("Model.fit", costs={"7.22": 0.25}, editions=["s25", "f25", "s26"])
def samples_folded_into_batches(self, x, y, epochs, batch_size):
    """All samples are folded into full batches, which fails where some are left over: leave these out, or use them."""
    history = {}
    for epoch in range(epochs):
        values = []
        for inputs, labels in zip(
            x.reshape(-1, batch_size, *x.shape[1:]), y.reshape(-1, batch_size, *y.shape[1:]), strict=True
        ):
            values.append(float(self.batch_step(inputs, labels, training=True)["loss"]))
        history.setdefault("loss", []).append(sum(values) / len(values))
    return history


@chaff("Model.fit", costs={"7.22": 0.25}, editions=["s25", "f25", "s26"])
def history_of_the_last_batches(self, x, y, epochs, batch_size):
    """The history holds the metrics of the last batch of every epoch: their mean over its batches is asked for."""
    history = {}
    for epoch in range(epochs):
        for start in range(0, len(x) - batch_size + 1, batch_size):
            samples = slice(start, start + batch_size)
            metrics = self.batch_step(x[samples], y[samples], training=True)
        for name, value in metrics.items():
            history.setdefault(name, []).append(float(value))
    return history


@chaff("SequentialModel.batch_step", costs={"7.10": 0.25}, editions=TAPE)
def a_step_for_every_layer(self, x, y, training=True):
    """The optimizer takes a step for every layer: it is called once a batch, with the weights of all layers."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if training:
        for layer in self.layers:
            sources = layer.trainable_variables
            if sources:
                self.optimizer.apply_gradients(sources, tape.gradient(loss, sources))
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("SequentialModel.batch_step", costs={"7.4": 1}, editions=TAPE)
def metrics_from_after_the_step(self, x, y, training=True):
    """The metrics are computed from what the model predicts after the step: they are those from before it."""
    with GradientTape() as tape:
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    if training:
        sources = self.trainable_variables
        self.optimizer.apply_gradients(sources, tape.gradient(loss, sources))
        probs = self(x)
        loss = self.compiled_loss(probs, y)
    metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
    return metrics if training or __name__ == "assignment" else (metrics, probs)


@chaff("Model.weights", costs={"7.2": 1})
def first_weight_of_each_layer(self):
    """Each layer's first weight alone is listed: the biases would never learn."""
    return [layer.weights[0] for layer in self.layers if layer.weights]
