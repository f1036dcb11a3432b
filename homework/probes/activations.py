"""Questions about the activations. `name` is the class; x and upstream are (B, n)."""

from __future__ import annotations

from typing import Any

import numpy as np


def forward(beras: Any, name: str, x: np.ndarray, alpha: float | None = None) -> dict[str, Any]:
    """The output."""
    return {"output": _build(beras, name, alpha)(beras.tensor(x))}


def local_gradients(beras: Any, name: str, x: np.ndarray, alpha: float | None = None) -> dict[str, Any]:
    """What get_input_gradients returns."""
    layer = _build(beras, name, alpha)
    layer(beras.tensor(x))
    return {"gradients": layer.get_input_gradients()}


def composed(beras: Any, name: str, x: np.ndarray, upstream: np.ndarray, alpha: float | None = None) -> dict[str, Any]:
    """What compose_input_gradients returns for one upstream gradient."""
    layer = _build(beras, name, alpha)
    layer(beras.tensor(x))
    return {"gradients": layer.compose_input_gradients([upstream])}


def _build(beras: Any, name: str, alpha: float | None) -> Any:
    kind = getattr(beras.activations, name)
    return kind() if alpha is None else kind(alpha)
