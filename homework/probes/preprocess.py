"""Questions about load_and_preprocess_data, on images that the probe makes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import stand_ins


def loaded(beras: Any, images: np.ndarray, labels: np.ndarray, train: int, test: int, shown: int) -> dict[str, Any]:
    """Return what comes back for `train` and `test` images, repeated from `images` (n, 28, 28) and `labels` (n,).

    Of each array its shape, its first `shown` entries, its smallest and largest value, and whether it is a Tensor.
    """
    pictures, digits = images.astype(np.uint8), labels.astype(np.uint8)
    data = (_repeated(pictures, digits, train, 0), _repeated(pictures, digits, test, 1))
    stand_ins.provide(lambda: data)
    result = beras.preprocess.load_and_preprocess_data()
    tensor = beras.given("core").Tensor
    answer: dict[str, Any] = {}
    for name, array in zip(("train inputs", "train labels", "test inputs", "test labels"), result, strict=True):
        plain = np.asarray(array)
        answer[f"{name}: shape"] = np.array(plain.shape, dtype=np.int64)
        answer[name] = plain[:shown]
        answer[f"{name}: range"] = np.array(
            [np.minimum.reduce(plain, axis=None), np.maximum.reduce(plain, axis=None)], dtype=np.float64
        )
        answer[f"{name}: is a Tensor"] = isinstance(array, tensor)
    return answer


def _repeated(images: np.ndarray, labels: np.ndarray, count: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    order = (np.arange(count) + first) % len(images)
    return images[order], labels[order]
