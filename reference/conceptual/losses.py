"""The mean squared error against the cross-entropy, as the loss of a classifier that is sure and wrong."""

from dataclasses import dataclass

import numpy as np
from beras.activations import Softmax
from beras.core import Tensor
from beras.gradient_tape import GradientTape
from beras.layers import Dense
from beras.losses import CategoricalCrossentropy, MeanSquaredError
from beras.optimizers import BasicOptimizer
from matplotlib.figure import Figure

from .networks import digits, forward, gradients, one_hot, parameters

SAMPLES = 600
LOSSES = {"cross-entropy": CategoricalCrossentropy, "mean squared error": MeanSquaredError}


def gradient_by_logit(loss_class, sureness):
    """Return |dL/dz| of the right class's logit, by Beras's tape, where the wrong one of two is ahead by `sureness`."""
    softmax, loss = Softmax(), loss_class()
    logits = Tensor(np.array([[0.0, float(sureness)]]))
    with GradientTape() as tape:
        value = loss(softmax(logits), np.array([[1.0, 0.0]]))
    return float(np.abs(np.asarray(tape.gradient(value, [logits])[0])[0, 0]))


@dataclass(frozen=True)
class Race:
    """The share of training digits classified right after each step of gradient descent, by the name of the loss."""

    steps: np.ndarray
    accuracy: dict


def race(steps=300, rate=0.5, bias=8.0):
    """Train one linear layer with each loss from the same start, which is sure that every digit is a zero."""
    images, labels = (array[:SAMPLES] for array in digits())
    x, y = images.reshape(len(images), -1), one_hot(labels)
    accuracy = {}
    for name, loss_class in LOSSES.items():
        layers = [Dense(64, 10, "zero"), Softmax()]
        layers[0].b[0, 0] = bias
        optimizer, loss = BasicOptimizer(rate), loss_class()
        right = []
        for _ in range(steps):
            right.append(float(np.mean(np.asarray(forward(layers, x)).argmax(axis=1) == labels)))
            optimizer.apply_gradients(parameters(layers), gradients(layers, x, y, loss)[1])
        accuracy[name] = np.array(right)
    return Race(np.arange(steps), accuracy)


def plot(outcome):
    """Return a figure: the gradient at a mistake by how sure it is, and both losses' training."""
    figure = Figure(figsize=(7.4, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    sureness = np.linspace(0, 12, 49)
    for (name, loss_class), colour in zip(LOSSES.items(), ("#2563eb", "#b45309"), strict=True):
        left.plot(sureness, [gradient_by_logit(loss_class, one) for one in sureness], color=colour, label=name)
        right.plot(outcome.steps, 100 * outcome.accuracy[name], color=colour, label=name)
    left.set(xlabel="lead of the wrong logit", ylabel="gradient by the right logit")
    right.set(xlabel="steps of gradient descent", ylabel="digits classified right, %")
    left.legend(frameon=False, fontsize=8)
    return figure
