"""A submission's own forward at inputs that are moved a little: what finite differences are taken of, elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from . import activations, dense, losses

_FORWARDS: Final[Mapping[str, Callable[..., dict[str, Any]]]] = {
    "activations": activations.forward,
    "dense": dense.forward,
    "losses": losses.forward,
}


def moved(beras: Any, topic: str, varied: str, step: float, **inputs: Any) -> dict[str, Any]:
    """Return what the probe `forward` of the module `topic` answers, with each entry of inputs[varied] moved in turn.

    up, down: (entries, *output), with the entry larger, and smaller, by `step`.
    """
    forward = _FORWARDS[topic]
    answer: dict[str, Any] = {}
    for name, sign in (("up", step), ("down", -step)):
        outputs = []
        for entry in range(inputs[varied].size):
            values = np.array(inputs[varied], dtype=np.float64)
            values.flat[entry] += sign
            (output,) = forward(beras, **{**inputs, varied: values}).values()
            outputs.append(np.array(output, dtype=np.float64))
        answer[name] = np.stack(outputs)
    return answer
