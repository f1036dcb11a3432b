"""Questions about the losses. Predictions and truth are (B, n)."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import parts


def forward(beras: Any, name: str, prediction: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return the loss."""
    return {"loss": _build(beras, name)(beras.tensor(prediction), beras.tensor(truth))}


def gradients(beras: Any, name: str, prediction: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return what get_input_gradients returns."""
    loss = _build(beras, name)
    loss(beras.tensor(prediction), beras.tensor(truth))
    return {"gradients": loss.get_input_gradients()}


def called_again(
    beras: Any, name: str, first: list[np.ndarray], other: list[np.ndarray], last: list[np.ndarray]
) -> dict[str, Any]:
    """Return what a loss answers for its last call, beside what a new loss answers.

    first, other, last: prediction and truth, (B, n) each. The last ones have another batch size.
    """
    new = _build(beras, name)
    answer = {"loss of a new instance": new(*map(beras.tensor, last))}
    answer["gradients of a new instance"] = new.get_input_gradients()

    loss = _build(beras, name)
    loss(*map(beras.tensor, first))
    gradients = loss.get_input_gradients()
    answer["list of gradients, as it was returned,"] = parts.copies(gradients)
    loss(*map(beras.tensor, other))
    loss.get_input_gradients()
    answer["list of gradients, afterwards,"] = gradients
    beside = _build(beras, name)
    answer["loss of the last call"] = loss(*map(beras.tensor, last))
    beside(*map(beras.tensor, first))
    answer["gradients after the last call"] = loss.get_input_gradients()
    return answer


def untouched(beras: Any, name: str, prediction: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return the arrays that a loss was given, after all its methods have run, and what it came to."""
    loss, given, right = _build(beras, name), beras.tensor(prediction), beras.tensor(truth)
    value = loss(given, right)
    loss.get_input_gradients()
    loss.compose_input_gradients([None])
    return {"prediction, afterwards,": given, "truth, afterwards,": right, "loss": value}


def of_every_size(beras: Any, name: str, prediction: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return the loss, and what get_input_gradients returns."""
    loss = _build(beras, name)
    value = loss(beras.tensor(prediction), beras.tensor(truth))
    return {"loss": value, "gradients": loss.get_input_gradients()}


def of_whole_numbers(beras: Any, name: str, prediction: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return as `of_every_size`, and once more with the same truth, which holds whole numbers, in int64."""
    answer = of_every_size(beras, name, prediction, truth)
    whole = of_every_size(beras, name, prediction, truth.astype(np.int64))
    return answer | {f"{value} of whole numbers": entry for value, entry in whole.items()}


def of_own_rows(beras: Any, prediction: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return as `of_every_size` of the cross-entropy, of one-hot truth in the type that the submission's encoder gives.

    None for both where the loss raises an exception: it is called with other types before.
    """
    try:
        return of_every_size(beras, "cross-entropy", prediction, truth.astype(parts.row_type(beras, np.int64)))
    except Exception:
        return {"loss": None, "gradients": None}


def pair(beras: Any, name: str, pair: list[np.ndarray]) -> dict[str, Any]:
    """Return as `of_every_size`, of truth and prediction that were drawn together."""
    truth, prediction = pair
    return of_every_size(beras, name, prediction, truth)


def with_epsilon(beras: Any, epsilon: float, pair: list[np.ndarray]) -> dict[str, Any]:
    """Return the cross-entropy of a loss that is made with `epsilon`. pair: truth and prediction."""
    truth, prediction = pair
    return {"loss": beras.cross_entropy(epsilon=epsilon)(beras.tensor(prediction), beras.tensor(truth))}


def _build(beras: Any, name: str) -> Any:
    return beras.cross_entropy() if name == "cross-entropy" else getattr(beras.losses, name)()
