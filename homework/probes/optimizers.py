"""Questions about the optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import comparisons, parts


def steps(
    beras: Any,
    name: str,
    parameters: list[np.ndarray],
    gradients: list[np.ndarray],
    learning_rate: float,
    **options: Any,
) -> dict[str, Any]:
    """Return the parameters after some steps of the optimizer `name(learning_rate, **options)`.

    gradients holds those of all parameters for the first step, then those for the second, and so on.
    """
    variables = [beras.variable(values) for values in parameters]
    step = parts.stepper(beras, name, variables, learning_rate, **options)
    for start in range(0, len(gradients), len(parameters)):
        step(list(gradients[start : start + len(parameters)]))
    return {f"parameter {number}": variable for number, variable in enumerate(variables, 1)}


def gradients_afterwards(
    beras: Any, name: str, parameters: list[np.ndarray], gradients: list[np.ndarray], learning_rate: float, calls: int
) -> dict[str, Any]:
    """Return the gradients given to an optimizer, after `calls` steps with the same arrays, and the parameters.

    And whether a step reads anything that the optimizer holds, such as its rate: one that computes does, even where
    it changes no parameter by mistake.
    """
    variables = [beras.variable(values) for values in parameters]
    reads: set[str] = set()
    step = parts.stepper(beras, name, variables, learning_rate, reads=reads)
    reads.clear()
    arrays = [np.array(values) for values in gradients]
    for _ in range(calls):
        step(arrays)
    afterwards = {f"gradient {number}, afterwards,": array for number, array in enumerate(arrays, 1)}
    changed = {f"parameter {number}": variable for number, variable in enumerate(variables, 1)}
    held = {attribute for attribute in reads if attribute not in (beras.edition["update"], "apply_gradients", "step")}
    return {**afterwards, **changed, "its attributes are read": bool(held)}


def two_instances(
    beras: Any,
    name: str,
    parameters: list[np.ndarray],
    gradients: list[np.ndarray],
    others: list[np.ndarray],
    **options: Any,
) -> dict[str, Any]:
    """Return the parameters after some steps of an optimizer, alone and while another one of its class is used.

    gradients: those of every step, for one parameter each. others: gradients for the other's parameters.
    """
    alone, beside, foreign = (beras.variable(parameters[index]) for index in (0, 0, 1))
    step = parts.stepper(beras, name, [alone], **options)
    for gradient in gradients:
        step([np.array(gradient)])
    first, second = (parts.stepper(beras, name, [variable], **options) for variable in (beside, foreign))
    for gradient, other in zip(gradients, others, strict=True):
        second([np.array(other)])
        first([np.array(gradient)])
    return {"parameter of one optimizer alone": alone, "parameter of one optimizer beside another": beside}


def kept(beras: Any, name: str, parameters: list[np.ndarray], learning_rate: float, **options: Any) -> dict[str, Any]:
    """Return whether a step kept the arrays in the list of parameters, and whether it changed them."""
    gradients = options.pop("gradients")[: len(parameters)]
    variables = [beras.variable(values) for values in parameters]
    given = list(variables)
    if beras.backward:
        parts.stepper(beras, name, given, learning_rate, **options)(list(gradients))
    else:
        beras.update_of(getattr(beras.optimizers, name)(learning_rate, **options))(given, list(gradients))
    return {
        "same": [one is other for one, other in zip(given, variables, strict=True)],
        "changed": [comparisons.differ_anywhere(v, before) for v, before in zip(variables, parameters, strict=True)],
    }


def _ends_early(beras: Any, name: str, values: np.ndarray, gradient: np.ndarray, learning_rate: float) -> bool:
    """Return whether two equal parameters move in a step, and one behind a parameter without gradient does not.

    Whether the steps are right, other tests ask.
    """
    variables = [beras.variable(values) for _ in range(4)]
    parts.stepper(beras, name, variables, learning_rate)([gradient, np.array(gradient), None, np.array(gradient)])
    moved = [comparisons.differ_anywhere(variable, values) for variable in variables]
    return moved == [True, True, False, False]


def without_gradient(
    beras: Any,
    name: str,
    parameters: list[np.ndarray],
    gradients: list[np.ndarray],
    learning_rate: float,
    late: np.ndarray | None = None,
) -> dict[str, Any]:
    """Return two parameters after two steps in which only the first has a gradient: that of the second is None.

    late: a gradient of the second parameter for one more step, whose results are returned too; and what the first comes
    to in three steps alone, and behind a parameter that never has a gradient.
    gradients: those of the first parameter, one for each step.
    """
    variables = [beras.variable(values) for values in parameters]
    step = parts.stepper(beras, name, variables, learning_rate)
    for gradient in gradients[:2]:
        step([gradient, None])
    answer = {
        "parameter without one": np.array(variables[1]),
        "parameter with one moves": comparisons.differ_anywhere(variables[0], parameters[0]),
        "step ends at the parameter without one": _ends_early(beras, name, parameters[0], gradients[0], learning_rate),
    }
    if late is None:
        return answer
    step([gradients[2], late])
    alone = beras.variable(parameters[0])
    step = parts.stepper(beras, name, [alone], learning_rate)
    for gradient in gradients:
        step([np.array(gradient)])
    behind = [beras.variable(values) for values in reversed(parameters)]
    step = parts.stepper(beras, name, behind, learning_rate)
    for gradient in gradients:
        step([None, np.array(gradient)])
    return answer | {
        "parameter alone": alone,
        "parameter with gradients in every step": variables[0],
        "parameter with gradients in every step, behind one without": behind[1],
        "parameter with its first gradient in the third step": variables[1],
    }
