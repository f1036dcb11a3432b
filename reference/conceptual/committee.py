"""A committee of identical networks, trained on digits whose bounding boxes were brought to different widths.

After U. Meier, D. C. Ciresan, L. M. Gambardella and J. Schmidhuber, "Better Digit Recognition with a Committee of
Simple Neural Nets", ICDAR 2011. Theirs are MNIST's digits and larger networks; these are UCI's digits.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from beras.activations import LeakyReLU, Softmax
from beras.layers import Dense
from beras.optimizers import Adam
from matplotlib.figure import Figure

from .networks import digits, forward, one_hot, train

SIDE = 20
WIDTHS = (10, 12, 14, 16, 18, 20, None)  # pixels; None: as the digit is
TEST = 697  # of the 1,797 digits; the other 1,100 are trained on


@cache
def interpolation(old, new):
    """Return the matrix (new, old) that takes `old` pixels in a row to `new`, linearly, ends upon ends."""
    places = np.linspace(0, old - 1, new)
    below = np.minimum(places.astype(int), max(old - 2, 0))
    matrix = np.zeros((new, old))
    matrix[np.arange(new), below] = 1 - (places - below)
    matrix[np.arange(new), np.minimum(below + 1, old - 1)] += places - below
    return matrix


def resized(image, height, width):
    """Return `image` (h, w) at (height, width), interpolated bilinearly, corners upon corners."""
    return interpolation(image.shape[0], height) @ image @ interpolation(image.shape[1], width).T


def normalised(images, width):
    """Return images (n, 8, 8) as rows (n, 400) of 20x20 pixels: the bounding box made `width` wide, and centred.

    With width None the images are enlarged as they are.
    """
    enlarged = np.zeros((len(images), SIDE, SIDE), dtype=np.float32)
    for target, image in zip(enlarged, images, strict=True):
        if width is None:
            target[...] = resized(image, SIDE, SIDE)
            continue
        inked = np.flatnonzero(image.max(axis=0))
        left = (SIDE - width) // 2
        target[:, left : left + width] = resized(image[:, inked[0] : inked[-1] + 1], SIDE, width)
    return enlarged.reshape(len(images), -1)


@cache
def prepared(width):
    """Return all digits brought to `width`, once for all splits."""
    return normalised(digits()[0], width)


@dataclass(frozen=True)
class Committee:
    """Whether each member (members, test) and the committee (test,) got a test digit wrong."""

    wrong: np.ndarray
    together: np.ndarray

    @property
    def members(self):
        """The members' shares of errors, (members,)."""
        return self.wrong.mean(axis=1)

    @property
    def error(self):
        """The committee's share of errors."""
        return float(self.together.mean())

    @property
    def gain(self):
        """By how much the committee's share of errors is smaller than its members' mean."""
        return float(self.members.mean()) - self.error

    @property
    def correlation(self):
        """The mean correlation of two members' errors."""
        matrix = np.corrcoef(self.wrong.astype(float))
        return float(matrix[np.triu_indices(len(matrix), 1)].mean())


def run(seed, widths, hidden=8, epochs=15):
    """Train a member on the digits of each of `widths`, and let their mean probabilities decide."""
    labels = digits()[1]
    order = np.random.default_rng(seed).permutation(len(labels))
    test, training = order[:TEST], order[TEST:]
    probabilities = []
    for number, width in enumerate(widths):
        np.random.seed(100 * seed + number)  # noqa: NPY002  Beras draws its weights from the global generator
        layers = [Dense(SIDE * SIDE, hidden, "kaiming"), LeakyReLU(0.01), Dense(hidden, 10, "xavier"), Softmax()]
        x = prepared(width)
        rng = np.random.default_rng([seed, number])
        train(layers, x[training], one_hot(labels[training]), Adam(0.005), epochs, 60, rng)
        probabilities.append(np.asarray(forward(layers, x[test])))
    wrong = np.array([one.argmax(axis=1) != labels[test] for one in probabilities])
    return Committee(wrong, np.mean(probabilities, axis=0).argmax(axis=1) != labels[test])


def compare(seeds=(1, 2, 3)):
    """Return for each seed the committee with the preprocessing, and one whose members see the same digits."""
    return [(run(seed, WIDTHS), run(seed, (None,) * len(WIDTHS))) for seed in seeds]


def plot(pairs):
    """Return a figure: errors of members and committees, and the correlation of the members' errors."""
    figure = Figure(figsize=(7.4, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    names, colours = ("several widths", "all the same"), ("#2563eb", "#b45309")
    for index, pair in enumerate(pairs):
        for offset, committee, colour, name in zip((-0.16, 0.16), pair, colours, names, strict=True):
            first = index == 0
            place = np.full(len(committee.members), index + offset)
            left.plot(
                place, 100 * committee.members, "_", color=colour, ms=12, label=f"members, {name}" if first else None
            )
            label = f"committee, {name}" if first else None
            left.plot(index + offset, 100 * committee.error, "D", color=colour, ms=6, label=label)
            right.bar(index + offset, committee.correlation, 0.28, color=colour, label=name if first else None)
    ticks = [f"split {index + 1}" for index in range(len(pairs))]
    left.set_xticks(range(len(pairs)), ticks)
    right.set_xticks(range(len(pairs)), ticks)
    left.set(ylabel="test errors, %", ylim=(0, None))
    right.set(ylabel="correlation of the members' errors")
    left.legend(frameon=False, fontsize=7, loc="lower left", ncols=2)
    right.set_ylim(0, 1.3 * max(committee.correlation for pair in pairs for committee in pair))
    right.legend(frameon=False, fontsize=7, loc="upper center", ncols=2)
    return figure
