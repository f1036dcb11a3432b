"""Models: layers that are trained and evaluated together, batch by batch."""

from abc import abstractmethod
from collections import defaultdict

import numpy as np

from beras.core import Callable, Weighted
from beras.gradient_tape import GradientTape


def batches(x, y, size, partial=False):
    """Yield one batch (x, y) after the other; the last one may be smaller if `partial`."""
    for start in range(0, len(x), size):
        stop = start + size
        if stop <= len(x) or partial:
            yield x[start:stop], y[start:stop]


class Model(Callable, Weighted):
    """What all models share; a subclass computes a batch (`forward`) and learns from it (`batch_step`)."""

    def __init__(self, layers):
        self.layers = layers

    @property
    def weights(self):
        """The weights of all layers, in the order of the layers, as one flat list of Tensors."""
        return [*(weight for layer in self.layers for weight in layer.weights)]

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
        epochs_of = defaultdict(list)
        for epoch in range(epochs):
            stats = defaultdict(list)
            for number, (inputs, labels) in enumerate(batches(x, y, batch_size)):
                step = self.batch_step(inputs, labels)
                for name in step:
                    stats[name] += [float(step[name])]
                if number % 20 == 0:
                    print_stats(f"[{epoch + 1}/{epochs}] batch {number}", stats)
            for name in stats:
                epochs_of[name] += [np.mean(stats[name])]
            print()
        return {**epochs_of}

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        steps = [(len(inputs), self.batch_step(inputs, labels, training=False)[0]) for inputs, labels in batches(x, y, batch_size, partial=True)]
        counts = [count for count, _ in steps]
        return {name: np.average([float(metrics[name]) for _, metrics in steps], weights=counts) for name in steps[0][1]}


def print_stats(where, metrics):
    """Print the mean of each metric so far, over the line that was printed before."""
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}", end="", flush=True)


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        from functools import reduce

        return reduce(lambda x, layer: layer(x), self.layers, inputs)

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step. Otherwise
        return the metrics and the predictions (B, classes).
        """
        from contextlib import nullcontext

        with GradientTape() if training else nullcontext() as tape:
            predictions = self(x)
            loss = self.loss_fn(predictions, y)
        metrics = {"loss": loss.item(), "acc": self.acc_fn(predictions, y)}
        if tape is None:
            return metrics, predictions
        variables = self.trainable_variables
        self.optimizer.apply_gradients(variables, tape.gradient(loss, variables))
        return metrics
