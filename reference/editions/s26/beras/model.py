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
        """Take `grad`, the gradient of the loss by the model's last output, back through the layers.

        A model needs it: only a loss begins with None, and leads back through the model by itself.
        """
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
        # BEGIN SOLUTION
        return [parameter for layer in self.layers for parameter in layer.parameters]
        # END SOLUTION

    def forward(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        # BEGIN SOLUTION
        outputs = inputs
        for layer in self.layers:
            outputs = layer(outputs)
        return outputs
        # END SOLUTION

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too, by the gradients of this batch alone; the metrics are those
        from before the step. Otherwise return a tuple: the metrics, and the predictions (B, classes).
        """
        # BEGIN SOLUTION
        probs = self(x)
        loss = self.compiled_loss(probs, y)
        metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
        if not training:
            return metrics, probs
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return metrics
        # END SOLUTION

    def fit(self, x, y, epochs, batch_size, wandb_run=None):
        """Train on inputs x (N, in) and one-hot labels y (N, classes), and print how it goes.

        Every epoch goes once through as many full batches as there are. The samples may be shuffled before; those that
        are left after the last full batch are dropped. (Of fewer samples than one batch nothing is asked.)

        Returns the history: a dict from the name of each metric to the list of its means, one an epoch, over the
        batches of that epoch alone. `wandb_run`, if there is one, may be told: `wandb_run.log(a dict)`.
        """
        # BEGIN SOLUTION
        history = defaultdict(list)
        for epoch in range(epochs):
            metrics = defaultdict(list)
            for start in range(0, len(x) - batch_size + 1, batch_size):
                samples = slice(start, start + batch_size)
                for name, value in self.batch_step(x[samples], y[samples], training=True).items():
                    metrics[name].append(float(np.mean(value)))
            means = {name: float(np.mean(values)) for name, values in metrics.items()}
            for name, mean in means.items():
                history[name].append(mean)
            print(f"epoch {epoch + 1}/{epochs}:", ", ".join(f"{name} {mean:.4f}" for name, mean in means.items()))
            if wandb_run is not None:
                wandb_run.log(means)
        return dict(history)
        # END SOLUTION

    def evaluate(self, x, y, batch_size, wandb_run=None):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same: those of a smaller last batch
        weigh no more than others. As `fit` does, it may leave that batch out, if there is a full one.
        The metrics of a batch come from `batch_step`, which returns them with the predictions when it does not train.
        `wandb_run` is as in `fit`.
        """
        # BEGIN SOLUTION
        totals = defaultdict(float)
        with Tensor.no_grad():
            for start in range(0, len(x), batch_size):
                samples = slice(start, start + batch_size)
                metrics, _ = self.batch_step(x[samples], y[samples], training=False)
                for name, value in metrics.items():
                    totals[name] += float(value) * len(x[samples])
        means = {name: total / len(x) for name, total in totals.items()}
        if wandb_run is not None:
            wandb_run.log(means)
        return means
        # END SOLUTION
