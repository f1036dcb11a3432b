"""The digits that come with the toolkit, varied until they are as hard as MNIST.

`digits.npz` beside this module holds the test set of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten
Digits", UCI Machine Learning Repository, 1998, https://doi.org/10.24432/C50P49, licensed CC BY 4.0. These are 1,797
images of 8x8 pixels, values 0 to 16, as scikit-learn ships them (`scripts/make_digits.py`). `load` enlarges, shifts,
slants, scales and thins them and stretches their contrast, until networks learn them neither more nor less easily than
MNIST.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from autograder.base.errors import GraderError

from .images import SIDE, Bytes, Digits, make_read_only, permute, split_mix

if TYPE_CHECKING:
    from collections.abc import Mapping

EMBEDDED = Path(__file__).with_name("digits.npz")
CITATION = (
    "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
    "1998, https://doi.org/10.24432/C50P49, CC BY 4.0, enlarged, shifted, slanted, scaled and thinned"
)

TRAIN_PER_CLASS, TEST_PER_CLASS = 144, 30  # of UCI's originals: its rarest digit has 174
SPLIT = 200_001  # picks which: of ten splits tried, one on which usual solutions reach 98 %
COPIES = 25  # of each original, every one in another shape
TRAIN_SHAPES, TEST_SHAPES = 250, 250  # in all; those that share one are other originals
UNIT = 64  # to one of the 8x8 pixels: positions are integers, so that every machine makes the same images
# What a shape is drawn from, lowest and highest. By these networks do on the digits as they do on MNIST: measured in
# docs/explanation/training.md. Lengths are in UNIT, as they change from one of the 28x28 pixels to the next.
SHAPES = {
    "width": (22, 29),  # a digit is 23 to 18 pixels wide
    "height": (22, 27),
    "slant": (-5, 5),
    "turn": (-2, 2),
    "right": (-34, 34),  # of the whole digit: 1.3 pixels
    "down": (-34, 34),
    "paper": (40, 100),  # what is fainter than so many 256ths of full ink is blank: thick strokes to thin ones
    "edge": (16, 32),  # sixteenths of the contrast that just reaches white: soft strokes to hard ones
}


def load(seed: int) -> Digits:
    """Make 36,000 + 7,500 images of the embedded: each digit equally often, no original in both parts."""
    try:
        with np.load(EMBEDDED) as file:
            images, labels = file["images"], file["labels"]
    except OSError as error:
        raise GraderError(f"{EMBEDDED} cannot be read ({error}). Install the toolkit again.") from error
    order = permute(len(labels), SPLIT)
    chosen = TEST_PER_CLASS + TRAIN_PER_CLASS
    by_class = np.array([order[labels[order] == digit][:chosen] for digit in range(10)])
    test, train = by_class[:, :TEST_PER_CLASS].ravel(), by_class[:, TEST_PER_CLASS:].ravel()
    parts = (
        *_multiply(images[train], labels[train], TRAIN_SHAPES, _Numbers(seed)),
        *_multiply(images[test], labels[test], TEST_SHAPES, _Numbers(seed + 2**63)),
    )
    count = f"{len(parts[0]):,} + {len(parts[2]):,}"
    name = f"UCI digits ({count} images, as hard as MNIST's, which are not installed here)"
    return Digits(*parts, name, CITATION)


class _Numbers:
    """The same random numbers under every NumPy, as many as are asked for, from one seed."""

    def __init__(self, seed: int) -> None:
        self._next = int(split_mix(seed % 2**64, 1)[0])  # so that those of neighbouring seeds have nothing in common

    def shuffled(self, count: int) -> npt.NDArray[np.intp]:
        """Return a permutation of 0 ... count-1."""
        return np.argsort(self._words(count), kind="stable")

    def between(self, low: int, high: int, count: int) -> npt.NDArray[np.intp]:
        """Return integers from `low` to `high`, both included."""
        return low + (self._words(count) >> np.uint64(33)).astype(np.intp) % (high - low + 1)

    def _words(self, count: int) -> npt.NDArray[np.uint64]:
        words = split_mix(self._next, count)
        self._next = (self._next + count) % 2**64
        return words


def _multiply(images: Bytes, labels: Bytes, shapes: int, numbers: _Numbers) -> tuple[Bytes, Bytes]:
    """Show each of the images (n, 8, 8) in COPIES of `shapes` shapes, 28x28 and white on black, all shuffled.

    An image in a shape is a matrix product: bilinear interpolation at the places that the shape puts its pixels. Its
    terms are integers below 2**24, so that float32 is exact in any order.
    """
    originals = images.reshape(len(images), -1).astype(np.float32)
    together = COPIES * len(images) // shapes  # images that share a shape
    drawn = {name: numbers.between(low, high, shapes) for name, (low, high) in SHAPES.items()}
    who = np.concatenate([numbers.shuffled(len(images)) for _ in range(COPIES)]).reshape(shapes, together)
    places = numbers.shuffled(COPIES * len(images)).reshape(shapes, together)
    made, repeated = np.empty((places.size, SIDE * SIDE), np.uint8), np.empty(places.size, np.uint8)
    for number in range(shapes):
        shape = {name: int(values[number]) for name, values in drawn.items()}
        ink = originals[who[number]] @ _interpolation(shape).T
        blank = np.float32(16 * UNIT**2 * shape["paper"] // 256)
        ink -= blank
        ink *= np.float32(255.5 * shape["edge"]) / (16 * np.maximum(ink.max(axis=1, keepdims=True), 1))
        made[places[number]] = np.clip(ink, 0, 255, out=ink)
        repeated[places[number]] = labels[who[number]]
    return make_read_only(made.reshape(-1, SIDE, SIDE)), make_read_only(repeated)


def _interpolation(shape: Mapping[str, int]) -> npt.NDArray[np.float32]:
    """Return the matrix (784, 64) of a shape: how much of each of the 8x8 pixels is in each of the 28x28."""
    half = SIDE - 1
    down, right = np.mgrid[-half : half + 1 : 2, -half : half + 1 : 2].reshape(2, -1)  # half pixels from the middle
    middle = 7 * UNIT // 2
    across = middle - shape["right"] + (right * shape["width"] + down * shape["slant"]) // 2
    along = middle - shape["down"] + (down * shape["height"] + right * shape["turn"]) // 2
    pixels = UNIT * np.arange(8)
    columns, rows = (np.maximum(UNIT - abs(place[:, None] - pixels), 0) for place in (across, along))
    matrix: npt.NDArray[np.float32] = (rows[:, :, None] * columns[:, None, :]).reshape(SIDE**2, -1).astype(np.float32)
    return matrix
