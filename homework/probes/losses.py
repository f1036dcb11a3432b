"""Questions about the losses. Predictions and truth are (B, n)."""

from __future__ import annotations

from typing import Any

import numpy as np


def forward(beras: Any, name: str, prediction: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """The loss."""
    return {"loss": _build(beras, name)(beras.tensor(prediction), beras.tensor(truth))}


def gradients(beras: Any, name: str, prediction: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """What get_input_gradients returns."""
    loss = _build(beras, name)
    loss(beras.tensor(prediction), beras.tensor(truth))
    return {"gradients": loss.get_input_gradients()}


def _build(beras: Any, name: str) -> Any:
    return beras.cross_entropy() if name == "cross-entropy" else getattr(beras.losses, name)()
