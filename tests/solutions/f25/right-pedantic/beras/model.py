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
        return [weight for layer in self.layers for weight in layer.weights]

    def compile(self, optimizer, loss_fn, acc_fn):
        """Choose what to train with: an optimizer, a loss, and a metric."""
        self.optimizer = optimizer
        self.loss_fn = loss_fn
        self.acc_fn = acc_fn

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
        history: dict[str, list[float]] = {}
        batches = len(x) // batch_size
        for epoch in range(epochs):
            seen: dict[str, list[float]] = {}
            for batch in range(batches):
                rows = slice(batch * batch_size, (batch + 1) * batch_size)
                for name, value in self.batch_step(x[rows], y[rows], training=True).items():
                    seen.setdefault(name, []).append(float(value))
                print_stats(f"epoch {epoch + 1} of {epochs}, batch {batch + 1} of {batches}", seen)
            print()
            for name, values in seen.items():
                history.setdefault(name, []).append(sum(values) / len(values))
        return history

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        weighted: dict[str, list[float]] = defaultdict(list)
        for start in range(0, len(x), batch_size):
            inputs, labels = x[start : start + batch_size], y[start : start + batch_size]
            metrics, _ = self.batch_step(inputs, labels, training=False)
            for name, value in metrics.items():
                weighted[name].append(float(value) * len(inputs) / len(x))
        return {name: sum(values) for name, values in weighted.items()}


def print_stats(where, metrics):
    """Print the mean of each metric so far, over the line that was printed before."""
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}", end="", flush=True)


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        outputs = inputs
        for layer in self.layers:
            outputs = layer(outputs)
        return outputs

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step. Otherwise
        return the metrics and the predictions (B, classes).
        """
        if not training:
            predictions = self(x)
            return self._metrics(self.loss_fn(predictions, y), predictions, y), predictions

        with GradientTape() as tape:
            predictions = self(x)
            loss = self.loss_fn(predictions, y)
        metrics = self._metrics(loss, predictions, y)
        variables = self.trainable_variables
        self.optimizer.apply_gradients(variables, tape.gradient(loss, variables))
        return metrics

    def _metrics(self, loss, predictions, y) -> dict[str, float]:
        return {"loss": float(loss), "acc": float(self.acc_fn(predictions, y))}
