"""Questions about the optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np


def steps(
    beras: Any,
    name: str,
    parameters: list[np.ndarray],
    gradients: list[np.ndarray],
    learning_rate: float,
    **options: float,
) -> dict[str, Any]:
    """The parameters after some steps of the optimizer `name(learning_rate, **options)`.

    gradients holds those of all parameters for the first step, then those for the second, and so on.
    """
    optimizer = getattr(beras.optimizers, name)(learning_rate, **options)
    variables = [beras.given("core").Variable(np.array(values)) for values in parameters]
    for start in range(0, len(gradients), len(parameters)):
        optimizer.apply_gradients(list(variables), list(gradients[start : start + len(parameters)]))
    return {f"parameter {number}": variable for number, variable in enumerate(variables, 1)}


def kept(beras: Any, name: str, parameters: list[np.ndarray], learning_rate: float, **options: Any) -> dict[str, Any]:
    """Whether the list of parameters holds the same arrays after a step as before, and whether those have changed."""
    gradients = options.pop("gradients")[: len(parameters)]
    optimizer = getattr(beras.optimizers, name)(learning_rate, **options)
    variables = [beras.given("core").Variable(np.array(values)) for values in parameters]
    given = list(variables)
    optimizer.apply_gradients(given, list(gradients))
    return {
        "same": [one is other for one, other in zip(given, variables, strict=True)],
        "changed": [bool(np.any(np.asarray(v) != before)) for v, before in zip(variables, parameters, strict=True)],
    }
