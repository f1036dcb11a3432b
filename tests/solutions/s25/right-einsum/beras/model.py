"""Models: layers that are trained and evaluated together, batch by batch."""

import contextlib
import functools
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
        self.optimizer, self.loss_fn, self.acc_fn = optimizer, loss_fn, acc_fn

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
        count = len(x) // batch_size
        shape = (count, batch_size)
        x_batches = np.reshape(x[: count * batch_size], (*shape, *x.shape[1:]))
        y_batches = np.reshape(y[: count * batch_size], (*shape, *y.shape[1:]))
        history = defaultdict(list)
        for epoch in range(epochs):
            steps = [self.batch_step(*batch, training=True) for batch in zip(x_batches, y_batches)]
            metrics = {name: [step[name] for step in steps] for name in (steps[0] if steps else ())}
            print_stats(f"epoch {epoch}", metrics)
            print()
            for name, values in metrics.items():
                history[name].append(float(np.mean(values)))
        return history

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        starts = np.arange(0, len(x), batch_size)
        shares = np.diff([*starts, len(x)]) / len(x)
        results = [self.batch_step(x[s : s + batch_size], y[s : s + batch_size], training=False)[0] for s in starts]
        return {name: float(np.dot(shares, [result[name] for result in results])) for name in results[0]}


def print_stats(where, metrics):
    """Print the mean of each metric so far, over the line that was printed before."""
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}", end="", flush=True)


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        return functools.reduce(lambda x, layer: layer(x), self.layers, inputs)

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step. Otherwise
        return the metrics and the predictions (B, classes).
        """
        with GradientTape() if training else contextlib.nullcontext() as tape:
            predictions = self(x)
            loss = self.loss_fn(predictions, y)
        metrics = {"loss": float(loss), "acc": float(self.acc_fn(predictions, y))}
        if not training:
            return metrics, predictions
        variables = self.trainable_variables
        self.optimizer.apply_gradients(variables, tape.gradient(loss, variables))
        return metrics
