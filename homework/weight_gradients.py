"""The local weight gradients of one layer, known without asking where it answers with its input for every output.

Such a layer spells its local weight gradient out, (B, in, out), which takes most of a training's time and memory. It is
asked on the whole first batch, a few samples at a time, and on a few samples of random later ones. As long as it
answers with its input, the same for every output, the array is not made.
"""

from __future__ import annotations

import dis
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType
from typing import Any

import numpy as np

_PIECE_BYTES = 16 * 2**20  # of a local gradient, made at once to look at it
_COMPARED_BYTES = 4 * _PIECE_BYTES  # of a local gradient that is spelled out, made at once to compose it
_CHECKED_EVERY = 8  # batches, on average
_KEEPING = frozenset({"STORE_ATTR", "DELETE_ATTR", "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF"})

Weights = Callable[[Any], Any]  # a layer's weights, by what its edition calls them


class WeightGradients:
    """One layer, and whether its local weight gradients are known without asking for them."""

    def __init__(self, layer: Any, weights: Weights) -> None:
        self.layer, self.weights = layer, weights
        self.spelled_out = self.skips = False
        # Each local gradient as it is for every sample; None for the one that is the input.
        self._known: list[np.ndarray | None] = []
        self._dtype: np.dtype[Any] = np.dtype(np.float64)  # of the one that is the input
        self._random = random.Random(166)  # a stream of its own: the submission's is not touched
        self._looked = False

    def without_asking(self) -> list[np.ndarray] | None:
        """Return the local weight gradients of the last batch, or None: then the layer must be asked."""
        if not self._looked:
            self._looked = True
            self.skips = self._begin()
        elif self.skips and (size := len(self.layer.inputs[0])) and self._random.randrange(_CHECKED_EVERY) == 0:
            start = self._random.randrange(size)
            self.skips = self._agrees(slice(start, start + self._at_once(_PIECE_BYTES)))
        if not self.skips:
            return None
        x = np.asarray(self.layer.inputs[0], dtype=self._dtype)[:, :, None]
        return [x if known is None else known for known in self._known]

    def samples_to_compare(self, locals_: Sequence[np.ndarray]) -> int | None:
        """On how many samples its composed gradients are compared; None for the whole batch."""
        samples = self._at_once(_COMPARED_BYTES)
        large = self.spelled_out or any(local.nbytes > _COMPARED_BYTES for local in locals_)
        return samples if large and samples < len(self.layer.inputs[0]) else None

    def _begin(self) -> bool:
        """Look at the whole first batch, a few samples at a time; True where asking can be left out from now on."""
        layer = self.layer
        if len(layer.inputs) != 1 or np.ndim(layer.inputs[0]) != 2 or not _keeps_nothing(type(layer)):
            return False
        size, shapes = len(layer.inputs[0]), [np.shape(weight) for weight in self.weights(layer)]
        first = self._ask_once(slice(0, 1))
        if first is None or len(first) != len(shapes):
            return False
        for local, shape in zip(first, shapes, strict=True):
            if local.shape == (1, *shape) and len(shape) == 2 and min(shape) > 1 and local.strides[2] != 0:
                self.spelled_out, self._dtype = True, local.dtype
                self._known.append(None)
            elif local.ndim == 3 and len(local) != 1:
                return False  # more samples than it was asked for
            else:
                self._known.append(np.array(local[0] if local.ndim == 3 else local))
        step = self._at_once(_PIECE_BYTES)
        return self.spelled_out and all(self._agrees(slice(start, start + step)) for start in range(0, size, step))

    def _at_once(self, most_bytes: int) -> int:
        """Return how many samples' local gradients fit into `most_bytes`, two at least."""
        entries = max((int(np.prod(np.shape(weight))) for weight in self.weights(self.layer)), default=0)
        return max(2, most_bytes // (8 * max(1, entries)))

    def _agrees(self, samples: slice) -> bool:
        """Return whether the layer answers for `samples` as its input does for every output, and what else is known."""
        x, asked = np.asarray(self.layer.inputs[0]), self._ask_once(samples)
        if x.ndim != 2 or asked is None or len(asked) != len(self._known):
            return False
        x = x[samples]
        for local, known in zip(asked, self._known, strict=True):
            if known is None:
                agrees = local.ndim == 3 and local.dtype == self._dtype and local.shape[:2] == x.shape
                agrees = agrees and local.shape[2] > 1 and bool((local == x[:, :, None]).all())
            else:
                rows = local if local.ndim == 3 else local[None]
                agrees = len(rows) in (1, len(x)) and (rows.shape[1:], rows.dtype) == (known.shape, known.dtype)
                agrees = agrees and bool((rows == known).all())
            if not agrees:
                return False
        return True

    def _ask_once(self, samples: slice) -> list[np.ndarray] | None:
        """Return what the layer answers as if the batch had been `samples`; None where that cannot be tried."""
        try:
            with self.only(samples):
                return [np.asarray(local) for local in self.layer.get_weight_gradients()]
        except Exception:  # then it is asked in full, and what it raises there is its own
            return None

    @contextmanager
    def only(self, samples: slice) -> Iterator[None]:
        """While it lasts, the layer holds the inputs and outputs of `samples` alone."""
        layer = self.layer
        whole = layer.inputs, layer.outputs
        try:
            layer.inputs, layer.outputs = ([array[samples] for array in arrays] for arrays in whole)
            yield
        finally:
            layer.inputs, layer.outputs = whole


def _keeps_nothing(layer: Any) -> bool:
    """Return whether get_weight_gradients sets no attribute and draws no random number, so that calls do not count."""
    function = getattr(layer.get_weight_gradients, "__code__", None)
    codes = [function] if isinstance(function, CodeType) else []
    for code in codes:
        if "random" in code.co_names or any(step.opname in _KEEPING for step in dis.get_instructions(code)):
            return False
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return bool(codes)
