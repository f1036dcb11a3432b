"""Images to train on: what they are, and permutations that are the same under every NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autograder.base.errors import AssignmentError

Bytes = npt.NDArray[np.uint8]
SIDE = 28  # pixels


class DataError(AssignmentError):
    """Images that cannot be read or fetched; choose or repair the folder."""


@dataclass(frozen=True, eq=False)
class Digits:
    """Images uint8 (n, 28, 28) from 0 to 255, labels uint8 (n,) from 0 to 9, all read-only; what they are."""

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    name: str
    source: str


def permute(count: int, first: int = 1) -> npt.NDArray[np.intp]:
    """Return a permutation of 0 ... count-1, the same under every NumPy."""
    return np.argsort(split_mix(first, count), kind="stable")


def split_mix(first: int, count: int) -> npt.NDArray[np.uint64]:
    """Return `count` of SplitMix64's outputs, beginning with number `first`.

    G. Steele, D. Lea and C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
    """
    key = (np.uint64(first) + np.arange(count, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


def make_read_only(array: Bytes) -> Bytes:
    """Make read-only what everything that grades shares."""
    array.setflags(write=False)
    return array
