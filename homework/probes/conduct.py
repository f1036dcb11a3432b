"""How a submission does its work: what its gradients are computed from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import FunctionType
from typing import Any

import numpy as np
from guest.gradient_watch import Watch

from . import parts

BATCH = 3
LOSSES = ("MeanSquaredError", "cross-entropy")
ACTIVATIONS = ("LeakyReLU", "Sigmoid", "Softmax")
_INPUT = ("get_input_gradients", "compose_input_gradients")
_WEIGHT = ("get_weight_gradients", "compose_weight_gradients")
METHODS = (*_INPUT, *_WEIGHT, "gradient", "backward")


def gradients(beras: Any, components: list[str], inputs: list[int], outputs: list[int], seed: int) -> Iterator[Any]:
    """Yield what each component's gradient methods look at while they work, at several sizes.

    By component the methods, and for each of them at every size `Watch`'s counts and the number of entries.
    inputs, outputs: the sizes of a Dense layer; the others take and give `outputs`.
    """
    for component in components:
        rng = np.random.Generator(np.random.PCG64(seed))
        found: dict[str, list[list[int]]] = {}
        whole = ("backward",) if beras.backward else ("gradient",)
        methods = whole if component == "tape" else _INPUT + _WEIGHT * (component == "Dense")
        for method in methods:
            # What does not work, the hidden tests tell.
            with suppress(Exception):
                found[method] = [
                    _tape_work(beras, *size, rng)
                    if component == "tape"
                    else _work(beras, component, method, *size, rng)
                    for size in zip(inputs, outputs, strict=True)
                ]
        counts = np.array(list(found.values()), dtype=np.int64).reshape(-1, len(inputs), 7)
        yield {"methods": list(found), "counts": counts}


def _work(beras: Any, component: str, method: str, inputs: int, outputs: int, rng: np.random.Generator) -> list[int]:
    layer, called_with = _layer(beras, component, inputs, outputs, rng)
    tensors = [beras.tensor(array) for array in called_with]
    try:
        layer(*tensors)
    except Exception:
        layer.inputs = tensors
    points = [tensors[0]] if "input" in method else beras.weights(layer)
    name = beras.edition["forward"]
    codes = [
        vars(kind)[name].__code__ for kind in type(layer).__mro__ if isinstance(vars(kind).get(name), FunctionType)
    ]
    upstream = [_away_from(rng, BATCH, outputs, low=0.2, high=0.9)]
    starts = method.startswith("get") or component in LOSSES
    with Watch(beras.sources, [*points, *(p for p in tensors[:1] if p is not points[0])], layer, codes) as watch:
        getattr(layer, method)(*(() if starts else (upstream,)))
    return [*watch.counts, sum(point.size for point in points)]


def _layer(beras: Any, component: str, inputs: int, outputs: int, rng: np.random.Generator) -> tuple[Any, list[Any]]:
    """Return a component and what it is called with: numbers that no derived one comes near by chance."""
    if component == "Dense":
        w, b = _away_from(rng, inputs, outputs), _away_from(rng, 1, outputs)
        return parts.dense(beras, w, b), [_away_from(rng, BATCH, inputs)]
    if component in ACTIVATIONS:
        return getattr(beras.activations, component)(), [_away_from(rng, BATCH, outputs)]
    loss = beras.cross_entropy() if component == "cross-entropy" else getattr(beras.losses, component)()
    prediction = np.abs(_away_from(rng, BATCH, outputs, low=0.1, high=0.4))
    return loss, [prediction, np.eye(outputs)[np.arange(BATCH) % outputs]]


def _tape_work(beras: Any, inputs: int, outputs: int, rng: np.random.Generator) -> list[int]:
    """Return a tape's gradient, or `backward`, over the probe's own layers: how often it has them evaluated again."""
    calls = []

    class Counted(parts.linear(beras)):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            calls.append(1)
            return super().call(x)

        forward = call

    layer, loss = Counted(_away_from(rng, inputs, outputs)), parts.half_squares(beras)()
    x, truth = (beras.tensor(_away_from(rng, BATCH, size)) for size in (inputs, outputs))

    def run() -> Any:
        return loss(layer(x), truth)

    go_back = parts.way_back(beras, run, [layer.w])
    calls.clear()
    with Watch(beras.sources, [layer.w], layer, ()) as watch:
        go_back()
    return [len(calls), *watch.counts[1:], layer.w.size]


def _away_from(rng: np.random.Generator, *shape: int, low: float = 1.1, high: float = 2.0) -> np.ndarray:
    """Return magnitudes between `low` and `high`, signs even; multiples of 1/1024, which float32 holds exactly."""
    values: np.ndarray = np.round(rng.uniform(low, high, shape) * 1024) / 1024 * rng.choice([-1.0, 1.0], shape)
    return values
