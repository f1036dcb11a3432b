"""Comparisons whose result a probe sends, made of nothing that a submission beside it could replace.

They call functions in C alone, and on plain arrays: NumPy's own `array_equal` and `any` are written in Python, look up
what they call, and ask an array's class first. Where arrays can be sent, a probe sends them, and a
hidden test compares.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_shares_memory: Any = getattr(np.shares_memory, "_implementation", np.shares_memory)


def are_equal(one: Any, other: Any) -> bool:
    """Return whether two arrays, or what NumPy can read as such, have one shape and the same numbers."""
    left, right = np.asarray(one), np.asarray(other)
    return left.shape == right.shape and not differ_anywhere(left, right)


def differ_anywhere(one: Any, other: Any) -> bool:
    """Return whether any entry of `one` is another than that of `other`, an array or a number."""
    return bool(np.logical_or.reduce(np.not_equal(np.asarray(one), np.asarray(other)), axis=None))


def share_memory(one: Any, other: Any) -> bool:
    """Return whether two arrays have any memory in common."""
    return bool(_shares_memory(np.asarray(one), np.asarray(other)))
