"""Questions about the accuracy and the one-hot encoder."""

from __future__ import annotations

from typing import Any

import numpy as np


def accuracy(beras: Any, probabilities: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """CategoricalAccuracy of probabilities (B, n) and one-hot truth (B, n)."""
    return {"accuracy": beras.metrics.CategoricalAccuracy()(beras.tensor(probabilities), beras.tensor(truth))}


def encoded(beras: Any, fitted: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """The one-hot rows of `labels`, after fitting on `fitted`: both integer labels (N,)."""
    encoder = beras.onehot.OneHotEncoder()
    encoder.fit(fitted)
    return {"rows": encoder(labels)}


def decoded(beras: Any, fitted: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """`labels` there and back again."""
    encoder = beras.onehot.OneHotEncoder()
    encoder.fit(fitted)
    return {"labels": np.ravel(np.asarray(encoder.inverse(encoder(labels))))}
