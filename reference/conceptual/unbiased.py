"""The gradient of one sample drawn at random: its mean over all samples is the full gradient, whatever the network."""

from dataclasses import dataclass

import numpy as np
from beras.activations import LeakyReLU, Softmax
from beras.layers import Dense
from matplotlib.figure import Figure

from .networks import digits, gradients, one_hot

SAMPLES = 600


@dataclass(frozen=True)
class Estimates:
    """The full gradient (p,), and the gradient of every sample alone (samples, p), of all weights in one row."""

    full: np.ndarray
    single: np.ndarray

    @property
    def largest_difference(self):
        """Between the mean of all single gradients and the full one, relative to the full one's largest entry."""
        return float(np.abs(self.single.mean(axis=0) - self.full).max() / np.abs(self.full).max())

    def spread(self, size, draws=400, seed=5):
        """Return the distances (draws,) of estimates from batches of `size`, relative to the full gradient's length."""
        rng = np.random.default_rng(seed)
        chosen = rng.integers(0, len(self.single), (draws, size))
        batches = self.single[chosen].mean(axis=1)
        return np.linalg.norm(batches - self.full, axis=1) / np.linalg.norm(self.full)

    def along(self, draws=4000, seed=6):
        """Return for single samples (draws,) how far each points along the full gradient; 1 is the full gradient."""
        chosen = np.random.default_rng(seed).integers(0, len(self.single), draws)
        return self.single[chosen] @ self.full / (self.full @ self.full)


def estimate():
    """Take the gradients of a small network in float64, over the first digits and over each of them alone."""
    images, labels = digits()
    x, y = images[:SAMPLES].reshape(SAMPLES, -1).astype(np.float64), one_hot(labels[:SAMPLES]).astype(np.float64)
    np.random.seed(2)  # noqa: NPY002  Beras draws its weights from the global generator
    layers = [Dense(64, 12, "kaiming"), LeakyReLU(), Dense(12, 10, "xavier"), Softmax()]
    for dense in (layers[0], layers[2]):
        dense.w, dense.b = dense.w.astype(np.float64), dense.b.astype(np.float64)

    def flat(rows):
        return np.concatenate([gradient.ravel() for gradient in gradients(layers, x[rows], y[rows])[1]])

    return Estimates(flat(slice(None)), np.array([flat(slice(row, row + 1)) for row in range(SAMPLES)]))


def plot(estimates):
    """Return a figure: single samples along the full gradient, and the estimate's distance by the batch's size."""
    figure = Figure(figsize=(7.4, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    along = estimates.along()
    left.hist(along, bins=60, color="#93c5fd")
    left.axvline(1, color="#1f2937", label="the full gradient")
    left.axvline(along.mean(), color="#b45309", ls="--", label="mean of single samples")
    left.set(xlabel="single sample, along the full gradient", ylabel="draws")
    left.legend(frameon=False, fontsize=7)
    sizes = np.array([1, 2, 5, 10, 20, 50, 100])
    distances = [np.sqrt(np.mean(estimates.spread(size) ** 2)) for size in sizes]
    right.loglog(sizes, distances, "o-", color="#2563eb", label="measured")
    right.loglog(sizes, distances[0] / np.sqrt(sizes), "--", color="#9ca3af", label=r"$\propto 1 / \sqrt{B}$")
    right.set(xlabel="batch size $B$", ylabel="distance from the full gradient")
    right.legend(frameon=False, fontsize=7)
    return figure
