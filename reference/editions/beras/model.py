"""What beras/model.py has in other editions than the reference's own: SequentialModel, which lives here."""

from abc import abstractmethod
from collections import defaultdict

# EDITION s25 f25
from beras.gradient_tape import GradientTape


# EDITION s25 f25
class Model:
    @abstractmethod
    def batch_step(self, x, y, training=True):
        """Return the metrics of one batch as a dict of numbers, and learn from it, if `training`.

        Otherwise return a tuple, the metrics and the predictions, and leave the weights as they are.
        """

    def evaluate(self, x, y, batch_size):
        """Return the metrics over all samples, as a dict of numbers, without learning anything.

        x (N, in) are inputs, y (N, classes) one-hot labels. Every sample counts the same: those of a smaller last batch
        weigh no more than others. As `fit` does, it may leave that batch out, if there is a full one.
        The metrics of a batch come from `batch_step`, which returns them with the predictions when it does not train.
        """
        # BEGIN SOLUTION
        totals = defaultdict(float)
        for start in range(0, len(x), batch_size):
            samples = slice(start, start + batch_size)
            metrics, _ = self.batch_step(x[samples], y[samples], training=False)
            for name, value in metrics.items():
                totals[name] += float(value) * len(x[samples])
        return {name: total / len(x) for name, total in totals.items()}
        # END SOLUTION


# EDITION s25 f25
class SequentialModel(Model):
    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step. Otherwise
        return a tuple: the metrics, and the predictions (B, classes).
        """
        # BEGIN SOLUTION
        with GradientTape() as tape:
            probs = self(x)
            loss = self.compiled_loss(probs, y)
        metrics = {"loss": loss, "acc": self.compiled_acc(probs, y)}
        if not training:
            return metrics, probs
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(self.trainable_variables, gradients)
        return metrics
        # END SOLUTION
