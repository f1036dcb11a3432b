"""Questions about the handout's core: Tensor, and what every Diffable inherits."""

from __future__ import annotations

from typing import Any

import numpy as np


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
    """The inherited compose_*: input gradient `local` (B, in, out) or (in, out), weight gradient (B, in, out)."""
    core = beras.core

    class Fixed(core.Diffable):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.w = core.Variable(np.array(w))

        @property
        def weights(self) -> list[Any]:
            return [self.w]

        def call(self, x: Any) -> Any:
            return x @ self.w

        forward = call

        def get_input_gradients(self) -> list[Any]:
            return [core.Tensor(local)]

        def get_weight_gradients(self) -> list[Any]:
            return [core.Tensor(np.repeat(x[:, :, None], w.shape[1], axis=2))]

    layer = Fixed()
    layer(core.Tensor(x))
    return {
        "input gradients": layer.compose_input_gradients([core.Tensor(upstream)]),
        "weight gradients": layer.compose_weight_gradients([core.Tensor(upstream)]),
        "input gradients without upstream": layer.compose_input_gradients(None),
    }
