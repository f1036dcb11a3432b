"""Questions about the activations. `name` is the class; x and upstream are (B, n)."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import parts


def forward(beras: Any, name: str, x: np.ndarray, alpha: float | None = None) -> dict[str, Any]:
    """Return the output."""
    return {"output": _build(beras, name, alpha)(beras.tensor(x))}


def local_gradients(beras: Any, name: str, x: np.ndarray, alpha: float | None = None) -> dict[str, Any]:
    """Return what get_input_gradients returns."""
    layer = _build(beras, name, alpha)
    layer(beras.tensor(x))
    return {"gradients": layer.get_input_gradients()}


def composed(beras: Any, name: str, x: np.ndarray, upstream: np.ndarray, alpha: float | None = None) -> dict[str, Any]:
    """Return what compose_input_gradients returns for one upstream gradient."""
    layer = _build(beras, name, alpha)
    layer(beras.tensor(x))
    return {"gradients": layer.compose_input_gradients([upstream])}


def called_again(
    beras: Any,
    name: str,
    first: np.ndarray,
    other: np.ndarray,
    last: np.ndarray,
    upstream: np.ndarray,
    alphas: list[float] | None = None,
) -> dict[str, Any]:
    """Return what a layer answers for its last call, beside what a new layer answers.

    first and other have one shape, so that a buffer would be used again; last and upstream have another batch size.
    alphas: the slope of the layer, and the slope of another layer, which is made before the last call and called after.
    """
    slope, another = alphas or (None, None)
    new = _build(beras, name, slope)
    answer = {"output of a new layer": new(beras.tensor(last))}
    answer["gradients of a new layer"] = new.compose_input_gradients([np.array(upstream)])

    layer = _build(beras, name, slope)
    output = layer(beras.tensor(first))
    answer["output of the first call"] = parts.copies(output)
    gradients = layer.compose_input_gradients([np.array(first)])
    answer["list of gradients, as it was returned,"] = parts.copies(gradients)
    layer(beras.tensor(other))
    layer.compose_input_gradients([np.array(other)])
    answer["list of gradients, afterwards,"] = gradients
    answer["output of the first call, after the next one"] = output
    beside = _build(beras, name, another)
    answer["output of the last call"] = layer(beras.tensor(last))
    beside(beras.tensor(first))
    answer["gradients after the last call"] = layer.compose_input_gradients([np.array(upstream)])
    return answer


def local_again(
    beras: Any, name: str, first: np.ndarray, last: np.ndarray, alpha: float | None = None
) -> dict[str, Any]:
    """Return a layer's local gradients for its last call, of another batch size, beside those of a new layer."""
    new, layer = _build(beras, name, alpha), _build(beras, name, alpha)
    new(beras.tensor(last))
    answer = {"local gradients of a new layer": parts.copies(new.get_input_gradients())}
    layer(beras.tensor(first))
    layer.get_input_gradients()
    layer(beras.tensor(last))
    return answer | {"local gradients after the last call": layer.get_input_gradients()}


def untouched(beras: Any, name: str, x: np.ndarray, upstream: np.ndarray, alpha: float | None = None) -> dict[str, Any]:
    """Return the arrays that a layer was given, and its output, after all its methods have run."""
    layer, given, above = _build(beras, name, alpha), beras.tensor(x), np.array(upstream)
    output = layer(given)
    before = np.array(output)
    layer.get_input_gradients()
    layer.compose_input_gradients([above])
    return {
        "input, afterwards,": given,
        "upstream gradient, afterwards,": above,
        "output, as it was returned,": before,
        "output, afterwards,": output,
    }


def composed_with_nothing(beras: Any, name: str, x: np.ndarray) -> dict[str, Any]:
    """Return what compose_input_gradients returns where there is no upstream gradient: [None], and None."""
    layer = _build(beras, name, None)
    layer(beras.tensor(x))
    return {
        "gradients for a list of None": layer.compose_input_gradients([None]),
        "gradients for None": layer.compose_input_gradients(None),
    }


def _build(beras: Any, name: str, alpha: float | None) -> Any:
    kind = getattr(beras.activations, name)
    return kind() if alpha is None else kind(alpha)
