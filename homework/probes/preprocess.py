"""Questions about load_and_preprocess_data, on images that the probe makes."""

from __future__ import annotations

from typing import Any

import numpy as np
from guest.blame import UnusableError

from .. import stand_ins
from . import comparisons

_EVERYWHERE = 16  # entries that are there whatever the number of images


def loaded(
    beras: Any, images: np.ndarray, labels: np.ndarray, train: int, test: int, shown: int, places: np.ndarray
) -> dict[str, Any]:
    """Return what comes back for `train` and `test` images, repeated from `images` (n, 28, 28) and `labels` (n,).

    Of each array its shape, its first `shown` entries, those at `places` (see `_at`), its smallest and largest value,
    and whether it is a Tensor.
    """
    pictures, digits = images.astype(np.uint8), labels.astype(np.uint8)
    data = (_repeated(pictures, digits, train, 0), _repeated(pictures, digits, test, 1))
    stand_ins.provide(lambda: data)
    result = beras.preprocess.load_and_preprocess_data()
    tensor = beras.given("core").Tensor
    answer: dict[str, Any] = {}
    for name, array in zip(("train inputs", "train labels", "test inputs", "test labels"), result, strict=True):
        if array is None:
            raise UnusableError(f"`load_and_preprocess_data` returns None in the place of the {name}")
        plain = np.asarray(array)
        answer[f"{name}: shape"] = np.array(plain.shape, dtype=np.int64)
        answer[name] = plain[:shown]
        answer[f"{name}: entries anywhere"] = _at(plain, places, len(images))
        answer[f"{name}: range"] = np.array(
            [np.minimum.reduce(plain, axis=None), np.maximum.reduce(plain, axis=None)], dtype=np.float64
        )
        answer[f"{name}: is a Tensor"] = comparisons.is_instance(array, tensor)
    return answer


def _at(array: np.ndarray, places: np.ndarray, period: int) -> np.ndarray:
    """Return entries from all of an array, which repeats itself after `period`: by `places`, drawn numbers.

    What is there depends on a place alone, and on how many entries there are only where in the array it is.
    """
    first = places % _EVERYWHERE
    further = places // _EVERYWHERE % np.maximum((len(array) - 1 - first) // period + 1, 1)
    return array[[place for place in (first + period * further).tolist() if place < len(array)]]


def _repeated(images: np.ndarray, labels: np.ndarray, count: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    order = (np.arange(count) + first) % len(images)
    return images[order], labels[order]
