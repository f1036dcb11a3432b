"""The update rule of a linear layer with softmax and cross-entropy, against the tape and against finite differences."""

from dataclasses import dataclass

import numpy as np
from beras.activations import Softmax
from beras.layers import Dense
from matplotlib.figure import Figure

from .networks import forward, gradients


@dataclass(frozen=True)
class Agreement:
    """dL/dw (n, m) by the rule, by Beras's tape and by finite differences, for one input of class `correct`."""

    rule: np.ndarray
    tape: np.ndarray
    differences: np.ndarray
    correct: int

    @property
    def error_of_tape(self):
        """The largest difference between rule and tape."""
        return float(np.abs(self.rule - self.tape).max())

    def error_of_differences(self, *, correct):
        """Return the largest difference between rule and finite differences, where j = c or elsewhere."""
        columns = np.arange(self.rule.shape[1]) == self.correct
        return float(np.abs(self.rule - self.differences)[:, columns if correct else ~columns].max())


def rule(x, probabilities, correct):
    """Return dL/dw (n, m) by the rule: (P_j - 1) x_i where j = c, and P_j x_i elsewhere."""
    return np.outer(x, probabilities - (np.arange(len(probabilities)) == correct))


def compare(seed=1, n=4, m=3, step=1e-6):
    """Return the three gradients for a random layer, input and class, in float64."""
    rng = np.random.default_rng(seed)
    dense, softmax = Dense(n, m, "zero"), Softmax()
    dense.w = dense.w.astype(np.float64)
    dense.b = dense.b.astype(np.float64)
    dense.w[...] = rng.normal(size=(n, m))
    x, correct = rng.normal(size=(1, n)), int(rng.integers(m))
    y = np.eye(m)[[correct]]
    layers = [dense, softmax]
    probabilities = np.asarray(forward(layers, x))[0]
    tape = gradients(layers, x, y)[1][0]
    differences = np.zeros((n, m))
    for index in np.ndindex(n, m):
        losses = []
        for sign in (1, -1):
            dense.w[index] += sign * step
            losses.append(-np.log(float(forward(layers, x)[0, correct])))
            dense.w[index] -= sign * step
        differences[index] = (losses[0] - losses[1]) / (2 * step)
    return Agreement(rule(x[0], probabilities, correct), tape, differences, correct)


def plot(agreement):
    """Return a figure of dL/dw by the rule, beside the finite differences, weight by weight."""
    figure = Figure(figsize=(6.2, 2.8), layout="constrained")
    axes = figure.subplots()
    n, m = agreement.rule.shape
    places = np.arange(n * m)
    columns = np.tile(np.arange(m) == agreement.correct, n)
    colours = np.where(columns, "#b45309", "#2563eb")
    axes.bar(places, agreement.rule.ravel(), color=colours, alpha=0.55)
    axes.plot(places, agreement.differences.ravel(), "k_", ms=12, mew=2, label="finite differences")
    axes.bar(0, 0, color="#b45309", alpha=0.55, label="the rule, $j = c$")
    axes.bar(0, 0, color="#2563eb", alpha=0.55, label=r"the rule, $j \neq c$")
    axes.set_xticks(places, [f"$w_{{{i + 1}{j + 1}}}$" for i in range(n) for j in range(m)], size=8)
    axes.axhline(0, color="black", lw=0.6)
    axes.set_ylabel(r"$\partial L / \partial w_{ij}$")
    axes.legend(frameon=False, fontsize=8)
    return figure
