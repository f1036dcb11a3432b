"""Models: layers that are trained and evaluated together, batch by batch."""

from abc import abstractmethod
from collections import defaultdict

import numpy as np

from beras.core import Callable, Weighted
from beras.gradient_tape import GradientTape


class Model(Callable, Weighted):
    """What all models share; a subclass computes a batch (`forward`) and learns from it (`batch_step`)."""

    def __init__(self, layers):
        self.layers = layers

    @property
    def weights(self):
        """The weights of all layers, in the order of the layers, as one flat list of Tensors."""
        return sum((list(layer.weights) for layer in self.layers), [])

    def compile(self, optimizer, loss_fn, acc_fn):
        """Choose what to train with: an optimizer, a loss, and a metric."""
        vars(self).update(optimizer=optimizer, loss_fn=loss_fn, acc_fn=acc_fn)

    @abstractmethod
    def batch_step(self, x, y, training=True):
        """Return the metrics of one batch as a dict of numbers, and learn from it, if `training`.

        Otherwise return the metrics and the predictions, and leave the weights as they are.
        """

    def fit(self, x, y, epochs, batch_size):
        """Train on inputs x (N, in) and one-hot labels y (N, classes), and print how it goes.

        The samples after the last full batch are dropped. Returns the history: a dict from the name of each
        metric to the list of its means, one an epoch.
        """
        history = defaultdict(list)
        last = len(x) - len(x) % batch_size
        for epoch in range(epochs):
            metrics = defaultdict(list)
            for stop in range(batch_size, last + 1, batch_size):
                step = self.batch_step(x[stop - batch_size : stop], y[stop - batch_size : stop], training=True)
                for name in step:
                    metrics[name].append(float(np.squeeze(step[name])))
            print_stats(f"epoch {epoch}", metrics)
            print()
            for name, values in metrics.items():
                history[name].append(np.mean(values).item())
        return dict(history)

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        def evaluate_from(start):
            if start >= len(x):
                return {}, 0
            batch = x[start : start + batch_size]
            metrics, _ = self.batch_step(batch, y[start : start + batch_size], training=False)
            return {name: float(value) for name, value in metrics.items()}, len(batch)

        parts = [evaluate_from(start) for start in range(0, len(x), batch_size)]
        return {name: sum(metrics[name] * count for metrics, count in parts) / len(x) for name in parts[0][0]}


def print_stats(where, metrics):
    """Print the mean of each metric so far, over the line that was printed before."""
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}", end="", flush=True)


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        def run(layers, x):
            return run(layers[1:], layers[0](x)) if layers else x

        return run(self.layers, inputs)

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step. Otherwise
        return the metrics and the predictions (B, classes).
        """
        def compute():
            predictions = self(x)
            return predictions, self.loss_fn(predictions, y)

        def metrics():
            return {"loss": float(loss), "acc": self.acc_fn(predictions, y)}

        if not training:
            predictions, loss = compute()
            return metrics(), predictions
        with GradientTape() as tape:
            predictions, loss = compute()
        result = metrics()
        self.optimizer.apply_gradients(self.trainable_variables, tape.gradient(loss, self.trainable_variables))
        return result
