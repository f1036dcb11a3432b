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


def gradients_afterwards(
    beras: Any, name: str, parameters: list[np.ndarray], gradients: list[np.ndarray], learning_rate: float, calls: int
) -> dict[str, Any]:
    """The gradients that an optimizer was given, after `calls` steps with the same arrays; and the parameters."""
    optimizer = getattr(beras.optimizers, name)(learning_rate)
    variables = [beras.given("core").Variable(np.array(values)) for values in parameters]
    arrays = [np.array(values) for values in gradients]
    for _ in range(calls):
        optimizer.apply_gradients(list(variables), list(arrays))
    afterwards = {f"gradient {number}, afterwards,": array for number, array in enumerate(arrays, 1)}
    return {**afterwards, **{f"parameter {number}": variable for number, variable in enumerate(variables, 1)}}


def two_instances(
    beras: Any,
    name: str,
    parameters: list[np.ndarray],
    gradients: list[np.ndarray],
    others: list[np.ndarray],
    **options: float,
) -> dict[str, Any]:
    """The parameters after some steps of an optimizer, alone and while another one of its class is used.

    gradients: those of every step, for one parameter each. others: gradients for the other's parameters.
    """
    kind, variable = getattr(beras.optimizers, name), beras.given("core").Variable
    alone, beside = variable(np.array(parameters[0])), variable(np.array(parameters[0]))
    optimizer = kind(**options)
    for gradient in gradients:
        optimizer.apply_gradients([alone], [np.array(gradient)])
    first, second, foreign = kind(**options), kind(**options), variable(np.array(parameters[1]))
    for gradient, other in zip(gradients, others, strict=True):
        second.apply_gradients([foreign], [np.array(other)])
        first.apply_gradients([beside], [np.array(gradient)])
    return {"parameter of one optimizer alone": alone, "parameter of one optimizer beside another": beside}


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
