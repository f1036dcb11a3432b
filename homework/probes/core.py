"""Questions about the handout's core: Tensor, and what every Diffable inherits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from . import comparisons


def tensor(beras: Any, values: np.ndarray) -> dict[str, Any]:
    """Return a Tensor of `values`, its flag, and whether it is an array."""
    made = beras.core.Tensor(values)
    return {"values": made, "is an array": comparisons.is_instance(made, np.ndarray), "trainable": beras.flag(made)}


def assigned(beras: Any, values: np.ndarray, others: np.ndarray) -> dict[str, Any]:
    """Return a Variable of `values` after `assign(others)`, as another reference to it sees it."""
    variable = getattr(beras.core, beras.edition["variable"])(np.array(values))
    seen = variable[...]
    variable.assign(np.array(others))
    return {"values": variable, "values that others hold": seen}


def sorted_weights(beras: Any, trainable: np.ndarray, asked: str = "") -> dict[str, Any]:
    """Return which weights a Weighted tells apart as trainable and not; trainable: their flags.

    asked: the attribute that the question is about. What another one raises then costs its own test.
    """
    layer = _weighted(beras, len(trainable))
    for weight, flag in zip(layer.weights, trainable, strict=True):
        beras.set_flag(weight, bool(flag))
    answer: dict[str, Any] = {}
    for name, called in (("trainable_variables", "trainable"), ("non_trainable_variables", "non-trainable")):
        try:
            answer[f"{called} variables"] = _positions(layer, getattr(layer, name))
        except Exception:
            if asked in ("", name):
                raise
            answer[f"{called} variables"] = None
    return answer


def switched(beras: Any, count: int) -> dict[str, Any]:
    """Return a Weighted's `trainable` and its weights' flags: at first, after setting False, and True again.

    Before, its `trainable` where its first weight alone is trainable, and where none is.
    """
    layer = _weighted(beras, count)
    answer: dict[str, Any] = {"trainable at first": beras.flag(layer)}
    for number, weight in enumerate(layer.weights):
        beras.set_flag(weight, number == 0)
    answer["trainable with one weight that is"] = beras.flag(layer)
    beras.set_flag(layer.weights[0], False)
    answer["trainable with no weight that is"] = beras.flag(layer)
    for switch, name in ((False, "once frozen"), (True, "set free again")):
        beras.set_flag(layer, switch)
        answer[f"trainable {name}"] = beras.flag(layer)
        answer[f"weights {name}"] = np.array([beras.flag(weight) for weight in layer.weights])
        # Not asked for here, yet it tells a mistake in one from a mistake in the other.
        try:
            answer[f"trainable variables {name}"] = _positions(layer, layer.trainable_variables)
        except Exception:
            answer[f"trainable variables {name}"] = None
    return answer


def _weighted(beras: Any, count: int) -> Any:
    """Return a Weighted with `count` trainable weights of the probe's own kind: the Tensor may not work yet."""

    class Weight(np.ndarray):
        vars()[beras.edition["trainable"]] = True

    @beras.lists_weights
    class Layer(beras.core.Weighted):  # type: ignore[misc]
        weights: list[Any] = [np.full((2,), float(number)).view(Weight) for number in range(count)]  # noqa: RUF012

    return Layer()


def _positions(layer: Any, found: Any) -> np.ndarray:
    """Return where in the layer's weights those of `found` stand; -1 for what is none of them."""
    ids = [id(weight) for weight in layer.weights]
    return np.array([ids.index(id(entry)) if id(entry) in ids else -1 for entry in found], dtype=np.int64)


def registers(beras: Any, values: np.ndarray) -> dict[str, Any]:
    """Return what a Diffable keeps of a call inside a tape."""
    core = beras.core

    @beras.lists_weights
    class Twice(core.Diffable):  # type: ignore[misc, name-defined]
        weights: list[Any] = []  # noqa: RUF012

        def call(self, x: Any) -> Any:
            return 2 * x

        forward = call

        def get_input_gradients(self) -> list[Any]:
            return []

        def get_weight_gradients(self) -> list[Any]:
            return []

    class Recorder:
        def __init__(self) -> None:
            self.previous_layers: dict[int, Any] = {}

    layer, recorder, x = Twice(), Recorder(), core.Tensor(values)
    core.Diffable.gradient_tape = recorder
    try:
        output = layer(x)
    finally:
        core.Diffable.gradient_tape = None
    return {
        "output": output,
        "keeps its input": isinstance(layer.inputs, list) and layer.inputs[0] is x,
        "keeps its output": isinstance(layer.outputs, list) and layer.outputs[0] is output,
        "registered": recorder.previous_layers.get(id(output)) is layer,
    }


def composed(beras: Any, x: np.ndarray, w: np.ndarray, local: np.ndarray, upstream: np.ndarray) -> dict[str, Any]:
    """Return the inherited compose_*: of `local`, (B, in, out) or (in, out), and of weights (B, in, out), (1, out)."""
    core = beras.core

    @beras.lists_weights
    class Fixed(core.Diffable):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.w, self.b = beras.variable(w), beras.variable(np.zeros(w.shape[1]))

        @property
        def weights(self) -> list[Any]:
            return [self.w, self.b]

        def call(self, x: Any) -> Any:
            return x @ self.w

        forward = call

        def get_input_gradients(self) -> list[Any]:
            return [core.Tensor(local)]

        def get_weight_gradients(self) -> list[Any]:
            return [core.Tensor(np.repeat(x[:, :, None], w.shape[1], axis=2)), core.Tensor(np.ones((1, w.shape[1])))]

    layer = Fixed()
    layer(core.Tensor(x))
    return {
        "input gradients": layer.compose_input_gradients([core.Tensor(upstream)]),
        "weight gradients": layer.compose_weight_gradients([core.Tensor(upstream)]),
        "input gradients without upstream": layer.compose_input_gradients(None),
        "weight gradients without upstream": layer.compose_weight_gradients(None),
    }


def flags(beras: Any, values: np.ndarray) -> dict[str, Any]:
    """Return the flag of a view of a frozen Tensor, and a Tensor made from nested lists."""
    frozen = beras.core.Tensor(values)
    beras.freeze(frozen)
    return {
        "of a view": beras.flag(frozen[0]),
        "from lists": beras.core.Tensor(values.tolist()),
    }


def several(beras: Any, first: np.ndarray, second: np.ndarray) -> dict[str, Any]:
    """Return what a Diffable of two inputs, given by name, and two outputs keeps of a call; and a Callable by name."""
    core = beras.core

    @beras.lists_weights
    class Both(core.Diffable):  # type: ignore[misc, name-defined]
        weights: list[Any] = []  # noqa: RUF012

        def call(self, x: Any, y: Any) -> Any:
            return x + y, x - y

        forward = call

        def get_input_gradients(self) -> list[Any]:
            return []

        def get_weight_gradients(self) -> list[Any]:
            return []

    class Difference(core.Callable):  # type: ignore[misc, name-defined]
        def call(self, x: Any, y: Any) -> Any:
            return x - y

        forward = call

    recorder = SimpleNamespace(previous_layers={})
    layer, x, y = Both(), core.Tensor(first), core.Tensor(second)
    core.Diffable.gradient_tape = recorder
    try:
        outputs = layer(y=y, x=x)
    finally:
        core.Diffable.gradient_tape = None
    return {
        "outputs": list(outputs),
        "inputs in order": len(layer.inputs) == 2 and layer.inputs[0] is x and layer.inputs[1] is y,
        "outputs kept": len(layer.outputs) == 2 and all(a is b for a, b in zip(layer.outputs, outputs, strict=True)),
        "registered": all(recorder.previous_layers.get(id(output)) is layer for output in outputs),
        "by a Callable": Difference()(y=y, x=x),
    }
