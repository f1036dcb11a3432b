"""Small networks on Beras, and the digits that they learn from: what the demonstrations share."""

from pathlib import Path

import numpy as np
from beras.core import Tensor
from beras.gradient_tape import GradientTape
from beras.losses import CategoricalCrossentropy

DIGITS = Path(__file__).resolve().parents[2] / "homework" / "digits.npz"


def digits():
    """Return UCI's 1,797 handwritten digits: images (1797, 8, 8) from 0 to 1, and labels (1797,)."""
    with np.load(DIGITS) as file:
        return file["images"] / np.float32(16), file["labels"].astype(int)


def one_hot(labels, classes=10):
    """Return the labels (n,) as rows (n, classes) with a single one."""
    return np.eye(classes, dtype=np.float32)[labels]


def forward(layers, x):
    """Return what the layers make of x (B, in), one after the other."""
    outputs = Tensor(x)
    for layer in layers:
        outputs = layer(outputs)
    return outputs


def parameters(layers):
    """Return all weights of the layers, in their order."""
    return [weight for layer in layers for weight in layer.weights]


def gradients(layers, x, y, loss=None):
    """Return the loss of a batch, a number, and its gradients by all weights, from Beras's own tape."""
    loss = loss or CategoricalCrossentropy()
    with GradientTape() as tape:
        value = loss(forward(layers, x), y)
    return float(value), [np.asarray(gradient) for gradient in tape.gradient(value, parameters(layers))]


def train(layers, x, y, optimizer, epochs, batch_size, rng):
    """Train on shuffled batches, the last partial one left out, and return the layers."""
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x) - batch_size + 1, batch_size):
            batch = order[start : start + batch_size]
            optimizer.apply_gradients(parameters(layers), gradients(layers, x[batch], y[batch])[1])
    return layers
