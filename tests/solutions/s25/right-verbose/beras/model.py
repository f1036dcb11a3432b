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
        all_weights = []
        for layer in self.layers:
            for weight in layer.weights:
                all_weights.append(weight)
        return all_weights

    def compile(self, optimizer, loss_fn, acc_fn):
        """Choose what to train with: an optimizer, a loss, and a metric."""
        self.optimizer = optimizer
        self.compiled_loss = loss_fn
        self.compiled_acc = acc_fn

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
        history = {}
        number_of_batches = x.shape[0] // batch_size
        for epoch in range(epochs):
            metrics_of_epoch = {}
            for batch_number in range(number_of_batches):
                begin = batch_number * batch_size
                end = begin + batch_size
                metrics = self.batch_step(x[begin:end], y[begin:end], training=True)
                for name, value in metrics.items():
                    if name not in metrics_of_epoch:
                        metrics_of_epoch[name] = []
                    metrics_of_epoch[name].append(value)
                print_stats("Epoch " + str(epoch + 1) + "/" + str(epochs), metrics_of_epoch)
            print("")
            for name, values in metrics_of_epoch.items():
                if name not in history:
                    history[name] = []
                history[name].append(sum(values) / len(values))
        return history

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        sums = {}
        number_of_samples = x.shape[0]
        begin = 0
        while begin < number_of_samples:
            end = min(begin + batch_size, number_of_samples)
            metrics, predictions = self.batch_step(x[begin:end], y[begin:end], training=False)
            for name, value in metrics.items():
                # the metrics are means over the batch, a smaller batch counts less
                sums[name] = sums.get(name, 0) + value * (end - begin)
            begin = end
        for name in sums:
            sums[name] = sums[name] / number_of_samples
        return sums


def print_stats(where, metrics):
    """Print the mean of each metric so far, over the line that was printed before."""
    means = ", ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in metrics.items())
    print(f"\r{where}: {means}", end="", flush=True)


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        output = inputs
        for layer in self.layers:
            output = layer(output)
        return output

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step. Otherwise
        return the metrics and the predictions (B, classes).
        """
        if training:
            tape = GradientTape()
            with tape:
                predictions = self.forward(x)
                loss = self.compiled_loss(predictions, y)
            accuracy = self.compiled_acc(predictions, y)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(self.trainable_variables, gradients)
            return {"loss": float(loss), "acc": float(accuracy)}
        else:
            predictions = self.forward(x)
            loss = self.compiled_loss(predictions, y)
            accuracy = self.compiled_acc(predictions, y)
            return {"loss": float(loss), "acc": float(accuracy)}, predictions
