"""Questions about the accuracy and the one-hot encoder."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import parts


def accuracy(beras: Any, probabilities: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """CategoricalAccuracy of probabilities (B, n) and one-hot truth (B, n)."""
    return {"accuracy": beras.metrics.CategoricalAccuracy()(beras.tensor(probabilities), beras.tensor(truth))}


def accuracy_of(beras: Any, pair: list[np.ndarray]) -> dict[str, Any]:
    """Return as `accuracy`, of probabilities and truth that were drawn together."""
    probabilities, truth = pair
    return accuracy(beras, probabilities, truth)


def encoded(beras: Any, fitted: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return the one-hot rows of `labels`, after fitting on `fitted`: both integer labels (N,)."""
    encoder = beras.onehot.OneHotEncoder()
    encoder.fit(fitted)
    return {"rows": encoder(labels)}


def decoded(beras: Any, fitted: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return `labels` there and back again, whether those have a single axis, and what they are in between."""
    encoder = beras.onehot.OneHotEncoder()
    encoder.fit(fitted)
    rows = encoder(labels)
    back = encoder.inverse(rows)
    return {"labels": parts.flat(back), "labels have one axis": np.asarray(back).ndim == 1, "rows": rows}


def accuracy_again(
    beras: Any, first: list[np.ndarray], last: list[np.ndarray], probabilities: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """Return the accuracy of a metric's last call, beside that of a new metric; and the arrays of a call, afterwards.

    first, last: probabilities and one-hot truth, (B, n) each, of different batch sizes.
    """
    metric, given, right = beras.metrics.CategoricalAccuracy(), beras.tensor(probabilities), beras.tensor(truth)
    answer = {"accuracy of a new instance": beras.metrics.CategoricalAccuracy()(*map(beras.tensor, last))}
    metric(*map(beras.tensor, first))
    metric(given, right)
    answer["accuracy of the last call"] = metric(*map(beras.tensor, last))
    return answer | {"probabilities, afterwards,": given, "truth, afterwards,": right}


def encoded_again(beras: Any, first: np.ndarray, last: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return the rows of `labels` by an encoder that was fitted to `first` and then to `last`, and those of a new one.

    Meanwhile another encoder is fitted to `first`. Also the arrays that the encoder was given, afterwards.
    """
    new, encoder, another = (beras.onehot.OneHotEncoder() for _ in range(3))
    new.fit(np.array(last))
    encoder.fit(np.array(first))
    encoder(np.array(first))
    fitted, encoded = np.array(last), np.array(labels)
    encoder.fit(fitted)
    another.fit(np.array(first))
    rows = encoder(encoded)
    return {
        "rows of a new encoder": new(np.array(labels)),
        "rows": rows,
        "labels": parts.flat(encoder.inverse(rows)),
        "array that was fitted to, afterwards,": fitted,
        "array of labels, afterwards,": encoded,
    }


def never_fitted(beras: Any, labels: np.ndarray) -> dict[str, Any]:
    """Return the rows of `labels`, and the way back, by an encoder that was never fitted."""
    encoder = beras.onehot.OneHotEncoder()
    rows = encoder(np.array(labels))
    return {"rows": rows, "labels": parts.flat(encoder.inverse(rows))}


def unseen(beras: Any, fitted: np.ndarray, stranger: int) -> dict[str, Any]:
    """Return all fitted labels' rows; then that of another label, None where it raises; then all but the first."""
    encoder = beras.onehot.OneHotEncoder()
    encoder.fit(np.array(fitted))
    rows = encoder(np.unique(fitted))
    try:
        row = encoder(np.array([stranger]))
    except Exception:
        row = None
    return {"rows": rows, "row of an unseen label": row, "rows afterwards, but one,": encoder(np.unique(fitted)[1:])}
