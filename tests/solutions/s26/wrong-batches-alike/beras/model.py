"""Models: layers that are trained and evaluated together, batch by batch."""

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
        all_parameters = []
        for layer in self.layers:
            for parameter in layer.parameters:
                all_parameters.append(parameter)
        return all_parameters

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too, by the gradients of this batch alone; the metrics are those
        from before the step. Otherwise return a tuple: the metrics, and the predictions (B, classes).
        """
        predictions = self.forward(x)
        loss = self.compiled_loss(predictions, y)
        accuracy = self.compiled_acc(predictions, y)
        if training:
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            return {"loss": float(loss), "acc": float(accuracy)}
        else:
            return {"loss": float(loss), "acc": float(accuracy)}, predictions

    def fit(self, x, y, epochs, batch_size, wandb_run=None):
        """Train on inputs x (N, in) and one-hot labels y (N, classes).

        Every epoch goes once through all full batches, in any order; the samples after the last full batch are
        dropped. Returns the history: a dict from the name of each metric to the list of its means, one an epoch,
        over the batches of that epoch alone. `wandb_run`, if there is one, may be told: `wandb_run.log(a dict)`.
        """
        history = {"loss": [], "acc": []}
        number_of_batches = len(x) // batch_size
        for epoch in range(epochs):
            order = np.random.permutation(len(x))
            losses = []
            accuracies = []
            for batch in range(number_of_batches):
                chosen = order[batch * batch_size : (batch + 1) * batch_size]
                metrics = self.batch_step(x[chosen], y[chosen], training=True)
                losses.append(metrics["loss"])
                accuracies.append(metrics["acc"])
            history["loss"].append(np.mean(losses))
            history["acc"].append(np.mean(accuracies))
            print("epoch", epoch + 1, "loss", history["loss"][-1], "acc", history["acc"][-1])
            if wandb_run:
                wandb_run.log({"loss": history["loss"][-1], "acc": history["acc"][-1]})
        return history

    def evaluate(self, x, y, batch_size, wandb_run=None):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same: those of a smaller last batch
        weigh no more than others. (Or leave that batch out, as the samples after the last full batch in `fit`.)
        The metrics of a batch are what `batch_step` returns without training. `wandb_run` is as in `fit`.
        """
        total_loss = 0.0
        total_accuracy = 0.0
        seen = 0
        while seen < len(x):
            inputs = x[seen : seen + batch_size]
            labels = y[seen : seen + batch_size]
            metrics, predictions = self.batch_step(inputs, labels, training=False)
            total_loss = total_loss + metrics["loss"]
            total_accuracy = total_accuracy + metrics["acc"]
            seen = seen + len(inputs)
        batches = np.ceil(len(x) / batch_size)
        return {"loss": total_loss / batches, "acc": total_accuracy / batches}
