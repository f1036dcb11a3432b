"""What several hidden tests expect alike: that a call leaves nothing behind, and changes no array of its caller."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from autograder.feedback.comparison import as_array
from autograder.grading.answer import Answer, Unsatisfied, Value

#: A changed entry differs by more.
_UNCHANGED_ATOL = 1e-14
#: In the name of a value that was returned earlier, and is looked at again: before it stands the name of its copy.
_LATER = ", after the next one"
#: What a Tensor may cast its numbers to: it then holds what was sent, rounded, and nothing has changed it.
_CASTS = (np.float64, np.float32, np.float16)


def expect_same(
    value: Value, sentence: str, *shapes: tuple[int, ...], rtol: float | None = None, atol: float | None = None
) -> None:
    """Compare as `Value.agrees` does, with `sentence` in the place of what differs.

    For a second answer whose first one was compared already: the sentence says why only the second is wrong.
    Of a value "…, after the next one" whose copy "…" is in the answer, the sentence is said only if it has changed.
    """
    try:
        value.agrees(*shapes, rtol=rtol, atol=atol)
    except Unsatisfied:
        first = _as_it_was(value)
        if first is not None:  # it was wrong from the first: nothing that came later is to blame
            first.agrees(*shapes, rtol=rtol, atol=atol)
        raise value.fails(sentence) from None


def _as_it_was(value: Value) -> Value | None:
    """Return the copy of `value` from the time that it was made, if the answer has one and the two are the same."""
    name, later, _ = value.name.rpartition(_LATER)
    if not later or name not in value.answer.expected:
        return None
    copy = value.answer[name]
    return copy if np.array_equal(_entries(value.given), _entries(copy.given), equal_nan=True) else None


def slopes(value: Value, batch: int, size: int) -> Value:
    """Return the slopes (batch, size) in an elementwise layer's local gradients, slopes or full, diagonal Jacobians."""
    array = as_array(value.given)
    if array is None or array.shape not in ((batch, size, size), (1, batch, size, size)):
        return value
    jacobians = array.reshape(batch, size, size)
    diagonals = np.einsum("bii->bi", jacobians)
    if not np.array_equal(jacobians, diagonals[:, :, np.newaxis] * np.eye(size)):
        return value
    return replace(value, given=diagonals)


def expect_untouched(answer: Answer, *names: str, of: str) -> None:
    """Fail with the first of the answer's arrays `names` that is no longer what the probe's input `of` was.

    Inputs are compared with what was sent; nothing is asked of their shapes.
    """
    for name in names:
        value, sent = answer[name], np.ravel(np.asarray(answer.inputs[of], dtype=np.float64))
        array = np.ravel(value.array)
        if not _is_unchanged(array, sent):
            noun = name.partition(",")[0]
            raise value.fails(
                f"Your code changes the {noun} in place. That array belongs to the caller: compute into a new one "
                "(`x = x * 2`, not `x *= 2`), or copy it first."
            )


def _is_unchanged(array: np.ndarray, sent: np.ndarray) -> bool:
    """Return whether an array holds what was sent, in whatever type of floating-point numbers."""
    if array.size != sent.size:
        return False
    return any(bool(np.all(np.abs(array - sent.astype(kind)) <= _UNCHANGED_ATOL)) for kind in _CASTS)


def expect_computed(answer: Answer, name: str, *inputs: str, hint: str) -> None:
    """Fail with `hint` where the answer's value `name` is nothing, or one of the probe's inputs as it was."""
    value = answer[name]
    if value.given is None:
        raise value.fails(hint)
    given = as_array(value.given)
    for sent in inputs:
        if given is not None and np.array_equal(np.ravel(given), np.ravel(np.asarray(answer.inputs[sent]))):
            raise value.fails(hint)


def expect_output_untouched(answer: Answer) -> None:
    """Fail where a layer's output is no longer what the layer returned: its own gradients may have changed it."""
    value = answer["output, afterwards,"]
    if not np.array_equal(np.ravel(value.array), np.ravel(answer["output, as it was returned,"].array)):
        raise value.fails(
            "The output is changed in place while the gradients are computed. The layer after this one holds the same "
            "array: compute into a new one."
        )


def expect_gradients_kept(answer: Answer) -> None:
    """Fail where the gradients of a first call are no longer what was returned: the next call may have changed them."""
    value, returned = answer["list of gradients, afterwards,"], answer["list of gradients, as it was returned,"]
    if not np.array_equal(_entries(value.given), _entries(returned.given), equal_nan=True):
        raise value.fails("The gradients of one call are overwritten by the next: return new arrays from every call.")


def expect_local_as_new(answer: Answer, sentence: str) -> None:
    """Fail where a layer's local gradients for its last call differ from those of a new layer, right or wrong.

    Their shapes are free, so the submission's own are compared.
    """
    value, new = answer["local gradients after the last call"], answer["local gradients of a new layer"]
    last, fresh = _entries(value.given), _entries(new.given)
    if last.shape != fresh.shape or not np.allclose(last, fresh, rtol=1e-5, equal_nan=True):
        raise value.fails(sentence)


def _entries(given: Any) -> np.ndarray:
    """Return all numbers in an answer, one after another."""
    if isinstance(given, list):
        return np.concatenate([np.empty(0), *map(_entries, given)])
    array = as_array(given)
    return np.empty(0) if array is None else np.ravel(array)


__all__ = [
    "expect_computed",
    "expect_gradients_kept",
    "expect_local_as_new",
    "expect_output_untouched",
    "expect_same",
    "expect_untouched",
    "slopes",
]
