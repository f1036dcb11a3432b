"""Inputs of hidden tests, drawn from a seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

_PAIR: Final = 2**20  # the stream of inputs that belong together: no question has so many inputs


Drawer = Callable[[np.random.Generator], Any]


@dataclass(frozen=True)
class Draw:
    """An input that is drawn anew for every submission; see `draw`.

    stream: inputs of one question with the same stream are drawn from the same numbers; None: each from its own.
    """

    drawer: Drawer
    stream: int | None = None


class draw:  # noqa: N801  reads as the verb that it is: draw(7, 5)
    """Inputs from the seed. `draw(7, 5)`: float64 of that shape, 0.1 ≤ |x| ≤ 2, so clear of every kink at zero.

    Every entry is a multiple of 1/1024: a layer that keeps its weights in float32 keeps them exactly.
    """

    def __new__(cls, *shape: int, low: float = 0.1, high: float = 2.0) -> Draw:  # type: ignore[misc]
        """Magnitudes uniform between `low` and `high`, signs even."""
        return Draw(lambda rng: _draw_between(rng, low, high, shape) * rng.choice([-1.0, 1.0], shape))

    @staticmethod
    def positive(*shape: int, low: float = 0.1, high: float = 2.0) -> Draw:
        """Uniform between `low` and `high`."""
        return Draw(lambda rng: _draw_between(rng, low, high, shape))

    @staticmethod
    def probabilities(rows: int, classes: int) -> Draw:
        """Rows that sum to one, every entry well above zero."""

        def drawer(rng: np.random.Generator) -> np.ndarray:
            weights = rng.uniform(0.3, 1.5, (rows, classes))
            shares: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
            return shares

        return Draw(drawer)

    @staticmethod
    def labels(count: int, classes: int) -> Draw:
        """Return `count` integer labels below `classes`, each class at least once where there is room."""

        def drawer(rng: np.random.Generator) -> np.ndarray:
            rest = rng.integers(0, classes, max(count - classes, 0))
            return rng.permutation(np.concatenate([np.arange(min(classes, count)), rest])).astype(np.int64)

        return Draw(drawer)

    @staticmethod
    def one_hot(rows: int, classes: int) -> Draw:
        """Float64 rows with a single one."""
        labels = draw.labels(rows, classes)
        return Draw(lambda rng: np.eye(classes)[labels.drawer(rng)])

    @staticmethod
    def by(drawer: Drawer) -> Draw:
        """Whatever `drawer(rng)` returns."""
        return Draw(drawer)

    @staticmethod
    def pair(drawer: Callable[[np.random.Generator], tuple[Any, Any]]) -> tuple[Draw, Draw]:
        """Return two inputs of one question that belong together: `drawer(rng)` returns both."""
        return Draw(lambda rng: drawer(rng)[0], _PAIR), Draw(lambda rng: drawer(rng)[1], _PAIR)


def _draw_between(rng: np.random.Generator, low: float, high: float, shape: tuple[int, ...]) -> np.ndarray:
    """Return multiples of 1/1024, the nearest to uniform numbers, none of them rounded below `low` or above `high`.

    Where no multiple lies between the two, the next above `low` is all of them.
    """
    least = math.ceil(low * 1024)
    most = max(math.floor(high * 1024), least)
    rounded: np.ndarray = np.clip(np.round(rng.uniform(low, high, shape) * 1024), least, most) / 1024
    return rounded


def draw_all(inputs: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return `inputs` with every Draw drawn, each from a stream of its own."""

    def draw_value(value: Any, *path: int) -> Any:
        if isinstance(value, Draw):
            streams = path if value.stream is None else (value.stream,)
            return value.drawer(np.random.Generator(np.random.PCG64([seed, *streams])))
        if isinstance(value, list):
            return [draw_value(entry, *path, index) for index, entry in enumerate(value)]
        return value

    return {name: draw_value(value, index) for index, (name, value) in enumerate(inputs.items())}
