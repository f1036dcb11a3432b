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
        return [w for layer in self.layers for w in layer.weights]

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
        history = defaultdict(list)
        for epoch in range(epochs):
            stats = defaultdict(list)
            for i in range(0, len(x) - batch_size + 1, batch_size):
                for name, value in self.batch_step(x[i : i + batch_size], y[i : i + batch_size]).items():
                    stats[name].append(value)
                print_stats(f"epoch {epoch + 1}", stats)
            print()
            for name, values in stats.items():
                history[name].append(np.mean(values))
        return dict(history)

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        sums = defaultdict(float)
        for i in range(0, len(x), batch_size):
            xb, yb = x[i : i + batch_size], y[i : i + batch_size]
            for name, value in self.batch_step(xb, yb, training=False)[0].items():
                sums[name] += value * len(xb) / len(x)
        return dict(sums)


def print_stats(where, metrics):
    """Print the mean of each metric so far, over the line that was printed before."""
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}", end="", flush=True)


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step. Otherwise
        return the metrics and the predictions (B, classes).
        """
        if not training:
            p = self(x)
            return {"loss": float(self.loss_fn(p, y)), "acc": float(self.acc_fn(p, y))}, p
        with GradientTape() as tape:
            loss = self.loss_fn(p := self(x), y)
        self.optimizer.apply_gradients(ws := self.trainable_variables, tape.gradient(loss, ws))
        return {"loss": float(loss), "acc": float(self.acc_fn(p, y))}
