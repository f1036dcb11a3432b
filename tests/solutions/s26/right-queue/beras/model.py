"""Models: layers that are trained and evaluated together, batch by batch."""

from abc import abstractmethod
from collections import defaultdict
from functools import reduce

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
        return sum((list(layer.parameters) for layer in self.layers), [])

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        return reduce(lambda value, layer: layer(value), self.layers, inputs)

    def _judge(self, x, y):
        """The metrics of a batch, and the predictions."""
        predictions = self(x)
        return {"loss": self.compiled_loss(predictions, y), "acc": self.compiled_acc(predictions, y)}, predictions

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too, by the gradients of this batch alone; the metrics are those
        from before the step. Otherwise return a tuple: the metrics, and the predictions (B, classes).
        """
        if not training:
            with Tensor.no_grad():
                return self._judge(x, y)
        metrics, _ = self._judge(x, y)
        self.optimizer.zero_grad()
        metrics["loss"].backward()
        self.optimizer.step()
        return metrics

    def fit(self, x, y, epochs, batch_size, wandb_run=None):
        """Train on inputs x (N, in) and one-hot labels y (N, classes).

        Every epoch goes once through all full batches, in any order; the samples after the last full batch are
        dropped. Returns the history: a dict from the name of each metric to the list of its means, one an epoch,
        over the batches of that epoch alone. `wandb_run`, if there is one, may be told: `wandb_run.log(a dict)`.
        """
        history = defaultdict(list)
        starts = range(0, batch_size * (len(x) // batch_size), batch_size)
        for epoch in range(epochs):
            steps = [self.batch_step(x[s : s + batch_size], y[s : s + batch_size]) for s in starts]
            for key in ("loss", "acc"):
                history[key].append(np.mean([float(step[key]) for step in steps]))
            if wandb_run is not None:
                wandb_run.log({key: values[-1] for key, values in history.items()})
        return history

    def evaluate(self, x, y, batch_size, wandb_run=None):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same: those of a smaller last batch
        weigh no more than others. (Or leave that batch out, as the samples after the last full batch in `fit`.)
        The metrics of a batch are what `batch_step` returns without training. `wandb_run` is as in `fit`.
        """
        slices = [slice(start, min(start + batch_size, len(x))) for start in range(0, len(x), batch_size)]
        sizes = [s.stop - s.start for s in slices]
        found = [self.batch_step(x[s], y[s], training=False)[0] for s in slices]
        return {key: np.average([float(metrics[key]) for metrics in found], weights=sizes) for key in ("loss", "acc")}
