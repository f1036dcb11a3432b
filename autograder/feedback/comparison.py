"""Whether an answer agrees with the reference's: shape, then dtype, then finiteness, then value.

Works on plain arrays of the grader's own making. Says what differs and how, never what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from autograder.guest.wire import Text

#: Relative and absolute tolerance by the kind of what is expected; the absolute one times its largest entry.
#: The submission's own dtype has no say: an answer may come from single precision and look like double, and a cast
#: must not excuse a mistake. So this is far more than single precision needs, and far less than 1 %.
TOLERANCES: Final = {"f": (2e-4, 2e-5), "i": (1e-6, 1e-8), "b": (0.0, 0.0)}
_DESCRIPTION: Final = re.compile(
    "an? (str|dict|set|frozenset|complex|function|method|generator|module|object|type|range|slice|map|zip|filter|"
    "property|ellipsis|NotImplementedType|[A-Z]\\w{0,40})"
    "|a list nested too deeply|an array of dtype (object|complex64|complex128)|an array that holds None( alone)?"
    r"|a value that NumPy cannot read \((TypeError|ValueError|OverflowError)\)"
)
_SHOWN_AXIS: Final = 100_000
_SHOWN_RANK: Final = 8
_SAME_FACTOR: Final = 1e-3
#: A factor nearer to one than this would be shown as 1.
_NO_FACTOR: Final = 2e-3
#: Of the largest value: a difference up to which its size is said.
_NEAR: Final = 0.01
#: Units in the last place of the largest value that a few operations may lose by rounding.
_ROUNDING: Final = 8
_ROUND: Final = 2**6  # a number with so few binary digits is round
_TELLING: Final = 3  # values that are not


@dataclass(frozen=True)
class Mismatch:
    """How an answer differs. `aspect` is structure, shape, dtype, finiteness or value.

    factor: the number by which every entry of the answer is too large, if there is one. single: whether the answer is
    one number. near: the largest error divided by the largest expected value, if that is at most 1 %. precision:
    "float16" or "float32", if all values fit that type and its rounding explains the error. remedy: what most likely
    makes the shape right, in brackets. quotable: whether `returned`, `share`, `worst`, `factor`, `near` and `remedy`
    may be shown.
    """

    aspect: str
    returned: str
    wanted: str = ""
    share: float = 1.0
    worst: tuple[int, ...] = ()
    factor: float | None = None
    single: bool = False
    near: float | None = None
    precision: str = ""
    remedy: str = ""
    quotable: bool = True

    def without_inputs(self) -> Mismatch:
        """Return the mismatch without what could carry a hidden input: shapes, places, factors."""
        return replace(self, quotable=False, worst=(), factor=None, near=None, precision="", remedy="")


def describe(value: Any) -> str:
    """Return what a value is, for people: `an array of shape (7, 5)`, `a list of 2 arrays of shape (3,)`, `None`."""
    if value is None:
        return "None"
    if isinstance(value, Text):
        # Whatever text the submission likes: only what the encoder itself says of a value is quoted.
        return value.text if _DESCRIPTION.fullmatch(value.text) else "a text or another value that is no array"
    if isinstance(value, list):
        return _describe_list(value)
    if isinstance(value, np.ndarray):
        return f"an array of shape {shape_text(value.shape)}" if value.ndim else "a single number"
    return f"a {type(value).__name__}"


def _describe_list(value: list[Any]) -> str:
    kinds = {entry.shape if isinstance(entry, np.ndarray) else type(entry) for entry in value}
    (kind,) = kinds if len(kinds) == 1 else (None,)
    one, many, of_what = "entry", "entries", ""
    if isinstance(kind, tuple):
        one, many = ("array", "arrays") if kind else ("number", "numbers")
        of_what = f" of shape {shape_text(kind)}" if kind else ""
    elif kind is list:
        one, many = "list", "lists"
        of_what = f", which is {describe(value[0])}" if len(value) == 1 else ""
    missing = sum(entry is None for entry in value)
    if missing:
        of_what = ", all of them None" if 1 < missing == len(value) else ", None" if len(value) == 1 else ""
        of_what = of_what or f", {missing} of them None"
    return f"a list of {len(value)} {one if len(value) == 1 else many}{of_what}"


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape as Python writes it; axes of absurd length are cut, for a shape can smuggle numbers."""
    axes = [str(axis) if 0 <= axis <= _SHOWN_AXIS else "…" for axis in shape[:_SHOWN_RANK]]
    axes += ["…"] if len(shape) > _SHOWN_RANK else []
    return f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(axes)})"


def _full_text(shapes: Sequence[tuple[int, ...]]) -> str:
    """Return shapes of the grader's own, which are shown in full: so none reads like another one that is cut."""
    return " or ".join(str(tuple(int(axis) for axis in shape)) for shape in shapes)


def as_array(value: Any) -> np.ndarray | None:
    """Return the array in `value`; a flat or regular list of arrays is stacked; None where there is none."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, list) and value:
        entries = [as_array(entry) for entry in value]
        if all(entry is not None for entry in entries) and len({e.shape for e in entries if e is not None}) == 1:
            return np.stack([entry for entry in entries if entry is not None])
    return None


def compare(
    value: Any,
    expected: np.ndarray,
    shapes: Sequence[tuple[int, ...]] = (),
    *,
    floating: bool = False,
    rtol: float | None = None,
    atol: float | None = None,
) -> Mismatch | None:
    """Return None where `value` agrees with `expected`.

    shapes: the shapes that are right, compared after broadcasting; by default only `expected`'s.
    floating: whether integers are wrong. rtol, atol: tolerances in the place of TOLERANCES.
    """
    shapes = tuple(shapes) or (expected.shape,)
    wanted = _full_text(shapes)
    array = as_array(value)
    if array is None:
        return Mismatch("structure", describe(value), f"an array of shape {wanted}")
    if array.shape not in shapes:
        if isinstance(value, list):
            return _misshapen_list(value, array, shapes)
        return misshapen(array, shapes)
    if floating and array.dtype.kind != "f":
        return Mismatch("dtype", str(array.dtype), "floating-point numbers")
    try:
        array, expected = np.broadcast_arrays(array, expected)
    except ValueError as error:
        raise ValueError(f"the test allows {wanted}, which does not go with {expected.shape}") from error
    found = _compare_values(array, expected, rtol, atol)
    if found is not None and found.worst and isinstance(value, list) and len(value) == 1:
        return replace(found, worst=found.worst[1:])  # of its only array: the list is no axis of it
    return found


def misshapen(array: np.ndarray, shapes: Sequence[tuple[int, ...]], remedy: str = "") -> Mismatch:
    """Return the mismatch of an array that has none of `shapes`, which are the grader's own and shown in full."""
    return Mismatch("shape", shape_text(array.shape), _full_text(shapes), remedy=remedy)


def _misshapen_list(value: list[Any], array: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> Mismatch:
    """Return what is wrong with a list whose entries, `array`, have none of `shapes` together.

    If a list is right, its only array is compared by itself: the list is no axis of it. If an entry has a shape that is
    right for the whole, the list itself is wrong.
    """
    inner = [shape[1:] for shape in shapes if shape[:1] == (1,)] if len(value) == 1 else []
    if not inner and _innermost(value).shape in shapes:
        return Mismatch("structure", describe(value), f"an array of shape {_full_text(shapes)}")
    if len(value) > 1:
        return misshapen(array, shapes)
    entry, inner = array[0], inner or list(shapes)
    remedy = ""
    if entry.shape[:1] == (1,) and entry.shape[1:] in inner:
        remedy = " (one axis of length 1 too many: `self.inputs` is a list, so take `self.inputs[0]`)"
    return misshapen(entry, inner, remedy)


def _innermost(value: Any) -> Any:
    """Return the first array that is no list of arrays."""
    while isinstance(value, list):
        value = value[0]
    return value


def _compare_values(array: np.ndarray, expected: np.ndarray, rtol: float | None, atol: float | None) -> Mismatch | None:
    finite = np.isfinite(array)
    if not finite.all() and np.isfinite(expected).all():
        kinds = [name for name, found in (("NaN", np.isnan(array)), ("infinity", np.isinf(array))) if found.any()]
        return Mismatch("finiteness", " and ".join(kinds), "finite numbers", float(1 - finite.mean()), _first(~finite))
    by_kind = TOLERANCES[expected.dtype.kind]
    relative = by_kind[0] if rtol is None else rtol
    answer, right = array.astype(np.float64), expected.astype(np.float64)
    scale = float(np.max(np.abs(right), initial=0.0))
    absolute = by_kind[1] * max(scale, 1e-30) if atol is None else atol
    error = np.abs(answer - right)
    wrong = ~(error <= absolute + relative * np.abs(right))
    if not wrong.any():
        return None
    off = float(np.max(error)) / scale if scale else np.inf
    worst = np.unravel_index(int(np.argmax(np.where(wrong, error, -1))), error.shape) if error.shape else ()
    return Mismatch(
        "value",
        "",
        share=float(wrong.mean()),
        worst=tuple(int(axis) for axis in worst),
        factor=constant_factor(answer, right),
        single=answer.size == 1,
        near=off if 0 < off <= _NEAR else None,
        precision=_precision(answer, right, off),
    )


def _precision(array: np.ndarray, right: np.ndarray, off: float) -> str:
    """Return the short type that the values are of, in a longer one by now, if its rounding can be as much as `off`.

    A few round numbers are of every type, and say nothing.
    """
    fraction, _ = np.frexp(array)
    if np.unique(array[fraction * _ROUND != np.rint(fraction * _ROUND)]).size < _TELLING:
        return ""
    for short in (np.float16, np.float32):
        with np.errstate(over="ignore"):
            are_of_it, fits = np.array_equal(array.astype(short), array), np.array_equal(right.astype(short), right)
        if are_of_it and not fits and off <= _ROUNDING * np.finfo(short).eps:
            return np.dtype(short).name
    return ""


def constant_factor(answer: np.ndarray, right: np.ndarray, tolerance: float = _SAME_FACTOR) -> float | None:
    """Return the number that every entry of `right` is multiplied by in `answer`, of the same shape, if there is one.

    tolerance: relative, of the entries' own factors. A factor of one is none.
    """
    scale = float(np.max(np.abs(right), initial=0.0))
    telling = np.abs(right) > 1e-3 * scale
    if scale == 0 or telling.sum() < 2:
        return None
    ratios = answer[telling] / right[telling]
    factor = float(np.median(ratios))
    # Ratios of numbers near the end of their range overflow: then nothing is the same for all.
    if not 1e-12 <= abs(factor) < np.inf or abs(factor - 1) < max(tolerance, _NO_FACTOR):
        return None
    wanted = factor * right
    off = np.abs(answer - wanted) > tolerance * np.abs(wanted) + TOLERANCES["f"][1] * abs(factor) * scale
    return None if off.any() else factor


def _first(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(axis) for axis in np.argwhere(mask)[0]) if mask.ndim else ()
