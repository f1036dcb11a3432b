"""Models: layers that are trained and evaluated together, batch by batch."""

from abc import abstractmethod
from collections import defaultdict
from time import perf_counter

import numpy as np

from beras.core import Callable, Weighted


class Model(Callable, Weighted):
    """What all models share; a subclass computes a batch (`call`) and learns from it (`batch_step`)."""

    def __init__(self, layers):
        self.layers = layers

    @property
    def weights(self):
        """The weights of all layers, in the order of the layers, as one flat list of Tensors."""
        return [weight for layer in self.layers for weight in layer.weights]

    def compile(self, optimizer, loss_fn, acc_fn):
        """Choose what to train with: an optimizer, a loss, and a metric. Only the model's own methods look for them."""
        self.optimizer = optimizer
        self.compiled_loss = loss_fn
        self.compiled_acc = acc_fn

    @abstractmethod
    def batch_step(self, x, y, training=True):
        """Return the metrics of one batch as a dict of numbers, and learn from it if `training`."""

    def fit(self, x, y, epochs, batch_size):
        """Train on inputs x (N, in) and one-hot labels y (N, classes), and print how it goes.

        Every epoch goes once through as many full batches as there are. The samples may be shuffled before; those that
        are left after the last full batch are dropped. (Of fewer samples than one batch nothing is asked.)

        Returns the history: a dict from the name of each metric to the list of its means, one an epoch, over the
        batches of that epoch alone.
        """
        history = defaultdict(list)
        batches = len(x) // batch_size
        begun = perf_counter()
        for epoch in range(epochs):
            metrics = defaultdict(list)
            for batch in range(batches):
                samples = slice(batch * batch_size, (batch + 1) * batch_size)
                for name, value in self.batch_step(x[samples], y[samples], training=True).items():
                    metrics[name].append(float(np.mean(value)))
                print_stats(
                    f"epoch {epoch + 1}/{epochs}, batch {batch + 1}/{batches}, "
                    + describe_time(perf_counter() - begun, epoch * batches + batch + 1, batches, epochs),
                    metrics,
                )
            for name, values in metrics.items():
                history[name].append(float(np.mean(values)))
            print()
        return dict(history)

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same: those of a smaller last batch
        weigh no more than others. As `fit` does, it may leave that batch out, if there is a full one.
        The metrics of a batch are what `batch_step` returns without training.
        """
        raise NotImplementedError("Model.evaluate")


def print_stats(where, metrics):
    """Print the mean of each metric so far, over the line that was printed before; `print()` ends the line.

    `metrics` is a dict from the name of each metric to the list of its values so far.
    """
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}    ", end="", flush=True)


def describe_time(seconds, done, batches, epochs):
    """Return "6 s per epoch, 48 s left", after `done` batches in so many seconds, of `batches` in each epoch."""
    per_batch = seconds / done
    left = per_batch * (batches * epochs - done)
    return f"{per_batch * batches:.3g} s per epoch, {left:.0f} s left"
