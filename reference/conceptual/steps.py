"""What a gradient says: steepest ascent, steps that are too long, layers left out, layers that merge."""

from dataclasses import dataclass

import numpy as np
from beras.activations import LeakyReLU, Softmax
from beras.layers import Dense
from beras.optimizers import BasicOptimizer
from matplotlib.figure import Figure

from .networks import digits, gradients, one_hot, parameters

SAMPLES = 400


def network(hidden=6, seed=4):
    """Return a small network in float64, and digits to train it on: layers, x (400, 64), y (400, 10)."""
    images, labels = digits()
    np.random.seed(seed)  # noqa: NPY002  Beras draws its weights from the global generator
    layers = [Dense(64, hidden, "kaiming"), LeakyReLU(), Dense(hidden, 10, "xavier"), Softmax()]
    for dense in (layers[0], layers[2]):
        dense.w, dense.b = dense.w.astype(np.float64), dense.b.astype(np.float64)
    x = images[:SAMPLES].reshape(SAMPLES, -1).astype(np.float64)
    return layers, x, one_hot(labels[:SAMPLES]).astype(np.float64)


def move(layers, direction, amount):
    """Add `amount` times the direction, one array for each of the weights, to the weights of the layers."""
    for weight, change in zip(parameters(layers), direction, strict=True):
        weight[...] = np.asarray(weight) + amount * change


@dataclass(frozen=True)
class Slopes:
    """The gradient's length, the slope along it, those along random directions, and one partial derivative twice."""

    length: float
    along: float
    others: np.ndarray
    partial: float
    difference: float


def slopes(directions=300, step=1e-5, seed=7):
    """Measure by finite differences how fast the loss grows along the gradient, other directions, and one weight."""
    layers, x, y = network()
    gradient = gradients(layers, x, y)[1]
    length = np.sqrt(sum(float((part**2).sum()) for part in gradient))

    def slope(direction):
        values = []
        for sign in (1, -2):
            move(layers, direction, sign * step)
            values.append(gradients(layers, x, y)[0])
        move(layers, direction, step)
        return (values[0] - values[1]) / (2 * step)

    rng = np.random.default_rng(seed)
    others = []
    for _ in range(directions):
        drawn = [rng.normal(size=part.shape) for part in gradient]
        size = np.sqrt(sum(float((part**2).sum()) for part in drawn))
        others.append(slope([part / size for part in drawn]))
    place = np.unravel_index(np.abs(gradient[0]).argmax(), gradient[0].shape)
    single = [np.zeros_like(part) for part in gradient]
    single[0][place] = 1
    along = slope([part / length for part in gradient])
    return Slopes(float(length), along, np.array(others), float(gradient[0][place]), slope(single))


def losses_after(rates=(0.01, 0.1, 1.0, 10.0, 100.0)):
    """Return the loss before, and after one step down (rate: loss) and one step up the gradient with each rate."""
    layers, x, y = network()
    before, gradient = gradients(layers, x, y)
    after = {}
    for rate in rates:
        pair = []
        for sign in (-1, 1):
            move(layers, gradient, sign * rate)
            pair.append(gradients(layers, x, y)[0])
            move(layers, gradient, -sign * rate)
        after[rate] = tuple(pair)
    return before, after


def trained(*, last_only, steps=300, rate=0.5):
    """Return the loss after each step of training all layers, or the last one alone."""
    layers, x, y = network()
    weights, optimizer, history = parameters(layers), BasicOptimizer(rate), []
    for _ in range(steps):
        loss, by_weight = gradients(layers, x, y)
        history.append(loss)
        count = 2 if last_only else len(weights)
        optimizer.apply_gradients(weights[-count:], by_weight[-count:])
    return np.array(history)


def merged(inputs=8, hidden=3, outputs=5, seed=9):
    """Return the largest difference between two linear layers and the one that they merge into, and its rank."""
    rng = np.random.default_rng(seed)
    first, second = Dense(inputs, hidden, "zero"), Dense(hidden, outputs, "zero")
    for dense in (first, second):
        dense.w = dense.w.astype(np.float64) + rng.normal(size=dense.w.shape)
        dense.b = dense.b.astype(np.float64) + rng.normal(size=dense.b.shape)
    x = rng.normal(size=(50, inputs))
    weights = np.asarray(first.w) @ np.asarray(second.w)
    bias = np.asarray(first.b) @ np.asarray(second.w) + np.asarray(second.b)
    both = np.asarray(second(first(x)))
    return float(np.abs(both - (x @ weights + bias)).max()), int(np.linalg.matrix_rank(weights))


def exclusive_or(*, activated, steps=600, rate=0.3):
    """Return how many of the four cases of the exclusive or two layers learn, with an activation between or without."""
    x = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.eye(2)[[0, 1, 1, 0]]
    np.random.seed(1)  # noqa: NPY002  Beras draws its weights from the global generator
    layers = [Dense(2, 8, "kaiming"), *([LeakyReLU()] if activated else []), Dense(8, 2, "xavier"), Softmax()]
    optimizer = BasicOptimizer(rate)
    for _ in range(steps):
        optimizer.apply_gradients(parameters(layers), gradients(layers, x, y)[1])
    outputs = x
    for layer in layers:
        outputs = layer(outputs)
    return int((np.asarray(outputs).argmax(axis=1) == [0, 1, 1, 0]).sum())


def plot_slopes(found):
    """Return a figure: the slopes along random directions, and along the gradient."""
    figure = Figure(figsize=(6.2, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.hist(found.others, bins=40, color="#93c5fd", label="random directions")
    axes.axvline(found.along, color="#b45309", label="along the gradient")
    axes.axvline(-found.along, color="#047857", label="against the gradient")
    axes.set(xlabel="slope of the loss", ylabel="directions")
    axes.legend(frameon=False, fontsize=8)
    return figure


def plot_layers(everything, last):
    """Return a figure: the loss of training all layers, and of training the last one alone."""
    figure = Figure(figsize=(6.2, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(everything, color="#2563eb", label="all layers")
    axes.plot(last, color="#b45309", label="the last layer alone")
    axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
    axes.legend(frameon=False, fontsize=8)
    return figure
