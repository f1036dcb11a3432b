"""Models: layers that are trained and evaluated together, batch by batch."""

from abc import abstractmethod
from collections import defaultdict
from itertools import chain

import numpy as np

from beras.core import Callable, Weighted
from beras.gradient_tape import GradientTape


def _batches(x, y, batch_size, drop_last):
    """Yield the pairs of batches of x and y, in their order."""
    end = len(x) // batch_size * batch_size if drop_last else len(x)
    for start in range(0, end, batch_size):
        batch = slice(start, start + batch_size)
        yield x[batch], y[batch]


class Model(Callable, Weighted):
    """What all models share; a subclass computes a batch (`forward`) and learns from it (`batch_step`)."""

    def __init__(self, layers):
        self.layers = layers

    @property
    def weights(self):
        """The weights of all layers, in the order of the layers, as one flat list of Tensors."""
        return list(chain.from_iterable(layer.weights for layer in self.layers))

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
        for epoch in range(1, epochs + 1):
            metrics = defaultdict(list)
            for x_batch, y_batch in _batches(x, y, batch_size, drop_last=True):
                for name, value in self.batch_step(x_batch, y_batch, training=True).items():
                    metrics[name].append(float(value))
                print_stats(f"epoch {epoch}/{epochs}", metrics)
            print()
            for name, values in metrics.items():
                history.setdefault(name, []).append(sum(values) / len(values))
        return history

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        totals = defaultdict(float)
        for x_batch, y_batch in _batches(x, y, batch_size, drop_last=False):
            metrics, _ = self.batch_step(x_batch, y_batch, training=False)
            for name, mean in metrics.items():
                totals[name] += float(mean) * len(x_batch)
        return {name: total / len(x) for name, total in totals.items()}


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

    def _metrics(self, loss, predictions, y):
        return {"loss": float(np.squeeze(loss)), "acc": float(np.squeeze(self.acc_fn(predictions, y)))}
