"""The computation graph behind a gradient tape: in which order its layers have to be walked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from beras.core import Diffable, Tensor


@dataclass
class GradientStore:
    """Sums up the gradients that reach a tensor on different ways, by the id of the tensor."""

    _sums: dict[int, np.ndarray] = field(default_factory=dict)

    def add(self, tensor: Tensor, gradient: np.ndarray) -> None:
        """Add a contribution. Never writes into `gradient`, which a layer may still hold."""
        known = self._sums.get(id(tensor))
        self._sums[id(tensor)] = np.asarray(gradient) if known is None else known + np.asarray(gradient)

    def of(self, tensor: Tensor) -> np.ndarray | None:
        """The sum so far, or None."""
        return self._sums.get(id(tensor))


def topological_order(target: Tensor, made_by: dict[int, Diffable]) -> list[Diffable]:
    """The layers that `target` depends on; each stands before the layers that its inputs come from.

    An iterative depth-first search: a deep network must not exceed Python's recursion limit.
    """
    finished: list[Diffable] = []
    seen: set[int] = set()
    stack: list[tuple[Diffable, bool]] = []

    def push(tensor: object) -> None:
        layer = made_by.get(id(tensor))
        if layer is not None and id(layer) not in seen:
            stack.append((layer, False))

    push(target)
    while stack:
        layer, is_finished = stack.pop()
        if is_finished:
            finished.append(layer)
        elif id(layer) not in seen:
            seen.add(id(layer))
            stack.append((layer, True))
            for tensor in layer.inputs:
                push(tensor)
    return finished[::-1]
