"""Questions about the handout's core: Tensor, and what every Diffable inherits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from . import parts


def tensor(beras: Any, values: np.ndarray) -> dict[str, Any]:
    """A Tensor of `values`, its flag, and whether it is an array."""
    made = beras.core.Tensor(values)
    return {"values": made, "is an array": isinstance(made, np.ndarray), "trainable": bool(made.trainable)}


def registers(beras: Any, values: np.ndarray) -> dict[str, Any]:
    """What a Diffable keeps of a call inside a tape."""
    core = beras.core

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
    """The inherited compose_*: of `local`, (B, in, out) or (in, out), and of weights' (B, in, out) and (1, out)."""
    core = beras.core

    class Fixed(core.Diffable):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.w, self.b = core.Variable(np.array(w)), core.Variable(np.zeros(w.shape[1]))

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
    """The flag of what is made from a frozen Tensor, and a Tensor made from nested lists."""
    frozen = beras.core.Tensor(values)
    frozen.trainable = False
    return {
        "of a view": bool(frozen[0].trainable),
        "of another Tensor": bool(beras.core.Tensor(frozen).trainable),
        "from lists": beras.core.Tensor(values.tolist()),
    }


def trainable_weights(beras: Any) -> dict[str, Any]:
    """How many of three weights are trainable, with one of them frozen, two, three, and none."""
    core = beras.core

    class Three(core.Weighted):  # type: ignore[misc, name-defined]
        weights = [core.Variable(np.zeros(1)) for _ in range(3)]  # noqa: RUF012

    layer = Three()
    layer.weights[0].trainable = False
    trainable, frozen = len(layer.trainable_variables), len(layer.non_trainable_variables)
    layer.weights[1].trainable = False
    some = bool(layer.trainable)
    layer.trainable = False
    none, left = bool(layer.trainable), len(layer.trainable_variables)
    layer.trainable = True
    return {
        "trainable": trainable,
        "frozen": frozen,
        "any": some,
        "none": none,
        "none left": left,
        "all again": len(layer.trainable_variables),
    }


def several(beras: Any, first: np.ndarray, second: np.ndarray) -> dict[str, Any]:
    """What a Diffable of two inputs, given by name, and two outputs keeps of a call; and a Callable by name."""
    core = beras.core

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


def local(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Of the submission's layers: whether compose_* without upstream, [None] and None, is the local gradient."""
    layer = parts.dense(beras, w, b)
    layer(beras.tensor(x))
    answer = {
        "Dense": _is_local(layer.compose_input_gradients, layer.get_input_gradients()),
        "Dense weight": _is_local(layer.compose_weight_gradients, layer.get_weight_gradients()),
    }
    for name in ("LeakyReLU", "Sigmoid", "Softmax"):
        activation = getattr(beras.activations, name)()
        activation(beras.tensor(x))
        answer[name] = _is_local(activation.compose_input_gradients, activation.get_input_gradients())
    return answer


def _is_local(compose: Any, gradients: Any) -> bool:
    return all(
        len(composed) == len(gradients) and all(np.array_equal(a, b) for a, b in zip(composed, gradients, strict=True))
        for composed in (compose([None]), compose(None), compose())
    )
