"""Models: layers that are trained and evaluated together, batch by batch."""

import itertools
from abc import abstractmethod
from collections import defaultdict

import numpy as np

from beras.core import Callable, Tensor, Weighted


class Model(Callable, Weighted):
    """What all models share: layers, and what they are trained with."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = list(layers)

    def compile(self, optimizer, loss_fn, acc_fn):
        """Choose what to train with: an optimizer of this model's parameters, a loss, and a metric."""
        self.optimizer = optimizer
        self.compiled_loss = loss_fn
        self.compiled_acc = acc_fn

    def backward(self, grad=None):
        """Take `grad`, the gradient of the loss by the model's last output, back through the layers."""
        self.layers[-1].backward(grad)

    @abstractmethod
    def batch_step(self, x, y, training=True):
        """Return the metrics of one batch as a dict of numbers, and learn from it, if `training`.

        Otherwise return a tuple, the metrics and the predictions, and leave the parameters as they are.
        """


class Sequential(Model):
    """A model whose layers run one after the other: `Sequential(Linear(784, 10), Softmax())`."""

    @property
    def parameters(self):
        """The parameters of all layers, in the order of the layers, as one flat list of Tensors."""
        return [*itertools.chain.from_iterable(layer.parameters for layer in self.layers)]

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too, by the gradients of this batch alone; the metrics are those
        from before the step. Otherwise return a tuple: the metrics, and the predictions (B, classes).
        """
        out = self(x)
        loss = self.compiled_loss(out, y)
        report = dict(loss=loss, acc=self.compiled_acc(out, y))
        if training:
            out.backward()
            self.optimizer.step()
            self.optimizer.zero_grad()
            return report
        return report, np.asarray(out)

    def fit(self, x, y, epochs, batch_size, wandb_run=None):
        """Train on inputs x (N, in) and one-hot labels y (N, classes).

        Every epoch goes once through all full batches, in any order; the samples after the last full batch are
        dropped. Returns the history: a dict from the name of each metric to the list of its means, one an epoch,
        over the batches of that epoch alone. `wandb_run`, if there is one, may be told: `wandb_run.log(a dict)`.
        """
        log = {"loss": [], "acc": []}
        for _ in range(epochs):
            for i in range(len(x) // batch_size):
                part = slice(i * batch_size, i * batch_size + batch_size)
                step = self.batch_step(x[part], y[part], True)
                [log[k].append((_, float(step[k]))) for k in log]
        means = {k: [float(np.mean([v for e, v in log[k] if e == epoch])) for epoch in range(epochs)] for k in log}
        if wandb_run:
            wandb_run.log(means)
        return means

    def evaluate(self, x, y, batch_size, wandb_run=None):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same: those of a smaller last batch
        weigh no more than others. (Or leave that batch out, as the samples after the last full batch in `fit`.)
        The metrics of a batch are what `batch_step` returns without training. `wandb_run` is as in `fit`.
        """
        full = len(x) - len(x) % batch_size or len(x)
        rows = [self.batch_step(x[i : i + batch_size], y[i : i + batch_size], False)[0] for i in range(0, full, batch_size)]
        return {k: float(np.mean([row[k] for row in rows])) for k in ("loss", "acc")}
