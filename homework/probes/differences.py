"""A submission's own forward at inputs that are moved a little: what finite differences are taken of, elsewhere."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np


def moved(beras: Any, topic: str, varied: str, step: float, **inputs: Any) -> dict[str, Any]:
    """What the probe `forward` of the module `topic` answers, with each entry of inputs[varied] moved in turn.

    up, down: (entries, *output), with the entry larger, and smaller, by `step`.
    """
    forward = import_module(f".{topic}", __package__).forward
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
