"""Questions about a Dense layer. Shapes: x (B, in), w (in, out), b (1, out), upstream (B, out)."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import parts


def forward(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """The layer's output."""
    return {"output": parts.dense(beras, w, b)(beras.tensor(x))}


def local_gradients(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """The gradients before any upstream is composed."""
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    dw, db = layer.get_weight_gradients()
    return {"weight gradient": dw, "bias gradient": db}


def local_input_gradients(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """The list that get_input_gradients returns."""
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    return {"gradients": layer.get_input_gradients()}


def composed_input(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, upstream: np.ndarray) -> dict[str, Any]:
    """dLoss/dx for one upstream gradient."""
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    return {"gradients": layer.compose_input_gradients([upstream])}


def composed_weights(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, upstream: np.ndarray) -> dict[str, Any]:
    """dLoss/dw and dLoss/db for one upstream gradient, and the weights that they belong to."""
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    dw, db = layer.compose_weight_gradients([upstream])
    return {"weight gradient": dw, "bias gradient": db, "list of weights": list(layer.weights)}


def _call(beras: Any, layer: Any, x: np.ndarray) -> None:
    """Call the layer; where its forward method fails, only give it the inputs that its gradients are taken at."""
    try:
        layer(beras.tensor(x))
    except Exception:
        layer.inputs = [beras.tensor(x)]


def initialised(beras: Any, initializer: str, input_size: int, output_size: int) -> dict[str, Any]:
    """The weights and bias that a new layer starts with."""
    layer = beras.layers.Dense(input_size, output_size, initializer=initializer)
    return {"weights": layer.w, "bias": layer.b}
