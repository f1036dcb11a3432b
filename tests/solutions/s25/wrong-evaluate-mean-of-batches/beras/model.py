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
        weights = []
        for layer in self.layers:
            weights.extend(layer.weights)
        return weights

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
        history = defaultdict(list)
        n_batches = len(x) // batch_size
        for epoch in range(epochs):
            metrics = defaultdict(list)
            for i in range(n_batches):
                start, end = i * batch_size, (i + 1) * batch_size
                result = self.batch_step(x[start:end], y[start:end], training=True)
                for name in result:
                    metrics[name].append(result[name])
                if i % 10 == 0 or i == n_batches - 1:
                    print_stats("Epoch %d, batch %d of %d" % (epoch + 1, i + 1, n_batches), metrics)
            print()
            for name in metrics:
                history[name].append(float(np.mean(metrics[name])))
        return history

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        metrics = defaultdict(list)
        sizes = []
        predictions = []
        for start in range(0, len(x), batch_size):
            x_batch = x[start : start + batch_size]
            y_batch = y[start : start + batch_size]
            result, y_pred = self.batch_step(x_batch, y_batch, training=False)
            predictions.append(y_pred)
            sizes.append(len(x_batch))
            for name in result:
                metrics[name].append(result[name])
        # print("evaluated", sum(sizes), "samples")
        return {name: float(np.mean(metrics[name])) for name in metrics}


def print_stats(where, metrics):
    """Print the mean of each metric so far, over the line that was printed before."""
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}", end="", flush=True)


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step. Otherwise
        return the metrics and the predictions (B, classes).
        """
        if training:
            with GradientTape() as tape:
                y_pred = self(x)
                loss = self.loss_fn(y_pred, y)
            variables = self.trainable_variables
            gradients = tape.gradient(loss, variables)
            self.optimizer.apply_gradients(variables, gradients)
        else:
            y_pred = self(x)
            loss = self.loss_fn(y_pred, y)

        metrics = {"loss": loss.item(), "acc": float(self.acc_fn(y_pred, y))}
        if training:
            return metrics
        return metrics, y_pred
