"""Layers with every kind of local gradient: on them, compose methods are compared with the vectorised ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def make_trials(core: Any) -> Iterator[tuple[Any, Any]]:
    """Yield layers with every kind of local gradient, and upstream gradients for them."""
    rng = np.random.Generator(np.random.PCG64(166))
    batch, size, out = 4, 3, 2

    class Fixed(core.Diffable):  # type: ignore[misc]
        def __init__(self, by_input: Any, by_weight: Any, weights: Any) -> None:
            super().__init__()
            self.by_input, self.by_weight, self.all_weights = by_input, by_weight, weights

        @property
        def weights(self) -> Any:
            return self.all_weights

        parameters = weights

        def call(self, x: Any) -> Any:
            return x[:, :1]

        forward = call

        def get_input_gradients(self) -> Any:
            return [self.by_input]

        def get_weight_gradients(self) -> Any:
            return self.by_weight

    class SpelledOut(Fixed):
        def get_weight_gradients(self) -> Any:
            return [np.repeat(self.inputs[0][:, :, None], out, axis=2), self.by_weight[1]]

    kinds = (np.float64, np.float32)
    for by_local, by_upstream in ((one, other) for one in kinds for other in kinds):

        def draw(*shape: int, dtype: type = by_local) -> Any:
            return core.Tensor(np.asarray(rng.normal(size=shape)).astype(dtype))

        shapes: list[tuple[int, ...]] = [(), (1,), (out,), (1, out), (batch, 1, out)]
        for bias, shape in ((local, shape) for local in shapes for shape in ((out,), (1, out))):
            weights = [draw(size, out), draw(*shape)]
            for make, by_input, by_weight in (
                (Fixed, draw(size, out), draw(batch, size, 1)),
                (Fixed, draw(batch, size, out), draw(batch, size, out)),
                (SpelledOut, draw(size, out), draw(1)),
            ):
                layer = make(by_input, [by_weight, draw(*bias)], weights)
                layer(draw(batch, size))
                first, second = (draw(batch, out, dtype=by_upstream) for _ in range(2))
                yield layer, [first]
                yield layer, [first, second]
