"""Where gradient descent can go, and where setting the derivative to zero cannot."""

from dataclasses import dataclass

import numpy as np
from beras.activations import Softmax
from beras.layers import Dense
from beras.optimizers import BasicOptimizer
from matplotlib.figure import Figure

from .drawings import STARTS, STATIONARY, landscape, slope
from .networks import gradients, parameters


def path(start, rate=0.01, steps=4000):
    """Return the places that gradient descent visits on the landscape of the question, from `start` on."""
    places = [start]
    for _ in range(steps):
        places.append(places[-1] - rate * float(slope(places[-1])))
    return np.array(places)


def ends():
    """Return for each starting point the number, from 1, of the stationary point where gradient descent ends."""
    return {name: int(np.abs(np.subtract(STATIONARY, path(start)[-1])).argmin()) + 1 for name, start in STARTS.items()}


@dataclass(frozen=True)
class Separable:
    """The loss and the length of its gradient after each step, and the length of the weights, on separable data."""

    loss: np.ndarray
    gradient: np.ndarray
    weights: np.ndarray


def separable(steps=1001, rate=1.0):
    """Train one linear layer with softmax on data that a line separates: the derivative is zero nowhere.

    From any weights the loss falls in the direction of weights that separate the classes, so no solution of
    "derivative = 0" exists to be found.
    """
    rng = np.random.default_rng(3)
    labels = np.arange(40) % 2
    x = rng.normal(size=(40, 2)) * 0.5 + np.where(labels, 1.5, -1.5)[:, np.newaxis]
    layers = [Dense(2, 2, "zero"), Softmax()]
    layers[0].w, layers[0].b = layers[0].w.astype(np.float64), layers[0].b.astype(np.float64)
    optimizer = BasicOptimizer(rate)
    history = []
    for _ in range(steps):
        loss, by_weight = gradients(layers, x, np.eye(2)[labels])
        length = np.sqrt(sum(float((gradient**2).sum()) for gradient in by_weight))
        history.append((loss, length, float(np.linalg.norm(layers[0].w))))
        optimizer.apply_gradients(parameters(layers), by_weight)
    return Separable(*np.array(history).T)


def saddle(step=0.5):
    """Return the gradient's length where all weights of two layers are zero, the loss there, and one nearby.

    The nearby weights are those of a step that leads down: the zero gradient is that of a saddle point.
    """
    rng = np.random.default_rng(3)
    labels = np.arange(40) % 2
    x = rng.normal(size=(40, 2)) * 0.5 + np.where(labels, 1.5, -1.5)[:, np.newaxis]
    layers = [Dense(2, 3, "zero"), Dense(3, 2, "zero"), Softmax()]
    for dense in layers[:2]:
        dense.w, dense.b = dense.w.astype(np.float64), dense.b.astype(np.float64)
    before, by_weight = gradients(layers, x, np.eye(2)[labels])
    length = float(np.sqrt(sum(float((gradient**2).sum()) for gradient in by_weight)))
    layers[0].w[:, 0] += step
    layers[1].w[0] += np.array([-step, step])
    return length, before, gradients(layers, x, np.eye(2)[labels])[0]


def plot_paths():
    """Return a figure of the paths on the landscape."""
    figure = Figure(figsize=(5.6, 2.9), layout="constrained")
    left = figure.subplots()
    x = np.linspace(-0.12, 6.32, 400)
    left.plot(x, landscape(x), color="#9ca3af")
    for (name, start), colour in zip(STARTS.items(), ("#2563eb", "#b45309", "#047857"), strict=True):
        places = path(start)[::5]
        left.plot(places, landscape(places), ".-", color=colour, ms=3, label=f"from {name}")
        left.plot(places[-1], landscape(places[-1]), "o", color=colour)
    left.plot(STATIONARY, landscape(np.array(STATIONARY)), "kx", ms=6, label="derivative zero")
    left.set(xlabel="weight", ylabel="loss")
    left.legend(frameon=False, fontsize=7)
    return figure


def plot(outcome):
    """Return a figure of a derivative that never becomes zero."""
    figure = Figure(figsize=(5.6, 2.9), layout="constrained")
    right = figure.subplots()
    steps = np.arange(1, len(outcome.loss) + 1)
    right.loglog(steps, outcome.loss, color="#2563eb", label="loss")
    right.loglog(steps, outcome.gradient, color="#b45309", label="length of the gradient")
    right.loglog(steps, outcome.weights + 1e-3, color="#047857", label="length of the weights")
    right.set(xlabel="steps of gradient descent")
    right.legend(frameon=False, fontsize=7)
    return figure
