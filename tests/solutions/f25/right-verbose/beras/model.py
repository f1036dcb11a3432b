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
            all_weights.extend(layer.weights)
        return all_weights

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
        num_batches = len(x) // batch_size
        used = num_batches * batch_size  # the rest is dropped
        history = {}
        for epoch in range(epochs):
            order = np.random.permutation(used)
            epoch_metrics = defaultdict(list)
            for batch in range(num_batches):
                indices = order[batch * batch_size:(batch + 1) * batch_size]
                metrics = self.batch_step(x[indices], y[indices], training=True)
                for key in metrics:
                    epoch_metrics[key].append(metrics[key])
                print_stats("Epoch " + str(epoch + 1), epoch_metrics)
            print()
            for key in epoch_metrics:
                if key not in history:
                    history[key] = []
                history[key].append(float(np.mean(epoch_metrics[key])))
        print("Training is done!")
        return history

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same, those of a smaller
        last batch too.
        """
        names = []
        values = []
        counts = []
        start = 0
        while start < len(x):
            x_batch = x[start:start + batch_size]
            y_batch = y[start:start + batch_size]
            metrics, predictions = self.batch_step(x_batch, y_batch, training=False)
            names = list(metrics.keys())
            values.append([float(metrics[name]) for name in names])
            counts.append(len(x_batch))
            start = start + batch_size
        means = np.average(np.array(values), axis=0, weights=counts)
        result = {}
        for name, mean in zip(names, means):
            result[name] = float(mean)
        return result


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
                predictions = self.forward(x)
                loss = self.loss_fn(predictions, y)
            acc = self.acc_fn(predictions, y)
            grads = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(self.trainable_variables, grads)
            return {"loss": loss.item(), "acc": acc}
        else:
            predictions = self.forward(x)
            loss = self.loss_fn(predictions, y)
            acc = self.acc_fn(predictions, y)
            return {"loss": loss.item(), "acc": acc}, predictions
