"""Models: layers that are trained and evaluated together, batch by batch."""

from abc import abstractmethod
from collections import defaultdict

import numpy as np

from beras.core import Callable, Weighted


class Model(Callable, Weighted):
    def __init__(self, layers):
        self.layers = layers

    @property
    def weights(self):
        return [weight for layer in self.layers for weight in layer.weights]

    def compile(self, optimizer, loss_fn, acc_fn):
        self.optimizer = optimizer
        self.compiled_loss = loss_fn
        self.compiled_acc = acc_fn

    @abstractmethod
    def batch_step(self, x, y, training=True):
        """Return the metrics of one batch as a dict of numbers, and learn from it if `training`."""

    def fit(self, x, y, epochs, batch_size):
        history = defaultdict(list)
        batches = len(x) // batch_size
        for epoch in range(epochs):
            metrics = defaultdict(list)
            for batch in range(batches):
                samples = slice(batch * batch_size, (batch + 1) * batch_size)
                for name, value in self.batch_step(x[samples], y[samples], training=True).items():
                    metrics[name].append(float(np.mean(value)))
                print_stats(f"epoch {epoch + 1}/{epochs}, batch {batch + 1}/{batches}", metrics)
            for name, values in metrics.items():
                history[name].append(float(np.mean(values)))
            print()
        return dict(history)

    def evaluate(self, x, y, batch_size):
        sums = defaultdict(float)
        for i in range(0, len(x), batch_size):
            xb, yb = x[i : i + batch_size], y[i : i + batch_size]
            for k, v in self.batch_step(xb, yb, training=False).items():
                sums[k] += len(xb) * float(v)
        return {k: v / len(x) for k, v in sums.items()}


def print_stats(where, metrics):
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}", end="", flush=True)
