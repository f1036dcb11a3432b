"""Comparisons whose result a probe sends, made of nothing that a submission beside it could replace.

They call functions in C alone, and on plain arrays: NumPy's own `array_equal` and `any` are written in Python, look up
what they call, and ask an array's class first. Where arrays can be sent, a probe sends them, and a hidden test
compares.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_ancestors: Any = vars(type)["__mro__"].__get__
_shares_memory: Any = getattr(np.shares_memory, "_implementation", np.shares_memory)


def is_instance(value: Any, kind: type) -> bool:
    """Return whether `value` is of `kind`, a class of the submission's or NumPy's.

    `isinstance` would ask the class of `kind`, and what the value itself says that its class is.
    """
    return any(one is kind for one in _ancestors(type(value)))


def are_equal(one: Any, other: Any) -> bool:
    """Return whether two arrays, or what NumPy can read as such, have one shape and the same numbers."""
    left, right = np.asarray(one), np.asarray(other)
    return left.shape == right.shape and not differ_anywhere(left, right)


def differ_anywhere(one: Any, other: Any) -> bool:
    """Return whether any entry of `one` is another than that of `other`, an array or a number.

    Arrays that NumPy cannot broadcast to one shape differ.
    """
    one, other = np.asarray(one), np.asarray(other)
    if any(a != b and 1 not in (a, b) for a, b in zip(reversed(one.shape), reversed(other.shape), strict=False)):
        return True
    return bool(np.logical_or.reduce(np.not_equal(one, other), axis=None))


def count_rows(rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return for each row of `wanted` (n, k) how many of `rows` (m, k) hold the same numbers, (n,).

    It takes no longer and no more memory than the two are large, whoever has made them.
    """
    found = [np.add.reduce(np.logical_and.reduce(np.equal(rows, row), axis=1)) for row in wanted]
    return np.array(found, dtype=np.int64)


def share_memory(one: Any, other: Any) -> bool:
    """Return whether two arrays have any memory in common."""
    return bool(_shares_memory(np.asarray(one), np.asarray(other)))
