"""Follows a submission, line by line, while one of its methods computes a gradient, and counts what it looks at.

A derivative by finite differences is taken somewhere beside the point at which it is wanted: arrays that are
the inputs or weights moved a little, or many evaluations of the layer's own forward method. Only counts leave.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from types import CodeType, FrameType
from typing import Any, Final

import numpy as np

from . import blame

_ARRAY_MOVED: Final = 0.05  # at most so far from the point, every entry
_ROW_MOVED: Final = 0.01
_NUMBER_MOVED: Final = 2e-3
_ROUNDING: Final = {2: 1e-2, 4: 2e-6, 8: 1e-11}  # by bytes of a real number
_MOST_LOOKS: Final = 20_000
_LONGEST_LIST: Final = 16


class Watch:
    """`with Watch(...)`: follows every function of `files` that is called inside.

    points: the arrays that the gradient is wanted at, as the layer holds them. layer: whose attributes are looked at.
    forwards: the code of its forward methods. The results:
    evaluations: calls of those with arrays of the inputs' size · nudges: different arrays that are a point but for
    a few entries, or less than it everywhere, or complex · shifts: those that are more by the same everywhere ·
    numbers: different single numbers beside an entry of a point · kept: whether nobody ended the watch.
    """

    def __init__(
        self, files: Collection[str], points: Sequence[np.ndarray], layer: Any, forwards: Collection[CodeType]
    ) -> None:
        self.files, self.layer, self.forwards = files, layer, frozenset(forwards)
        self._live = list(points)
        self._points = [np.array(point, dtype=np.float64, subok=False) for point in points]
        self._largest = max(point.size for point in self._points) ** 2  # every entry's step in one array
        self._seen: set[bytes] = set()
        self._nudges: set[bytes] = set()
        self._shifts: set[bytes] = set()
        self._numbers: set[bytes] = set()
        self._looks = 0
        self.evaluations, self.kept = 0, True

    @property
    def counts(self) -> list[int]:
        """Evaluations, nudges, shifts, numbers, and 1 if the watch was kept."""
        found = (self._nudges, self._shifts, self._numbers)
        return [self.evaluations, *(len(entries) for entries in found), int(self.kept)]

    def __enter__(self) -> Watch:
        self._tracer = self._on_call
        sys.settrace(self._tracer)
        return self

    def __exit__(self, *_: object) -> None:
        self.kept = sys.gettrace() is self._tracer
        sys.settrace(None)

    def _on_call(self, frame: FrameType, _event: str, _argument: object) -> Any:
        if frame.f_code.co_filename not in self.files or self._looks > _MOST_LOOKS:
            return None
        try:
            self.evaluations += frame.f_code in self.forwards and self._is_whole(frame)
        except Exception as error:  # a tracer that raises is taken away, and what it raises is the submission's then
            if blame.is_raised_in(error, __file__):
                blame.faults.report("the watch over gradients", error)
        self._look(frame)
        return self._on_line

    def _on_line(self, frame: FrameType, _event: str, _argument: object) -> Any:
        self._look(frame)
        return self._on_line

    def _is_whole(self, frame: FrameType) -> bool:
        size = self._points[0].size
        return any(isinstance(value, np.ndarray) and value.size >= size for value in frame.f_locals.values())

    def _look(self, frame: FrameType) -> None:
        self._looks += 1
        if self._looks > _MOST_LOOKS:
            return
        try:
            for value in (*self._live, *frame.f_locals.values(), self.layer):
                for entry in _arrays(value, type(self.layer)):
                    self._see(entry)
        except Exception:
            return  # a submission's own array class may fail in any way; it is no finite difference

    def _see(self, array: np.ndarray) -> None:
        if array.dtype.kind not in "fc" or not 0 < array.size <= self._largest:
            return
        seen = array.tobytes() + str(array.shape).encode()
        if seen in self._seen:
            return  # most lines change nothing
        self._seen.add(seen)
        if array.dtype.kind == "c":
            if np.any(array.imag) and self._is_beside(array.real):
                self._nudges.add(array.tobytes())
            return
        rounding = _ROUNDING.get(array.dtype.itemsize, 1e-11)
        values = array.astype(np.float64)
        for point in self._points:
            if values.size == 1:
                distance = np.abs(point - values.reshape(()))
                if rounding < np.min(distance) <= _NUMBER_MOVED:
                    self._numbers.add(values.tobytes())
            elif values.size == point.size:
                self._compare(values.ravel() - point.ravel(), values, _ARRAY_MOVED, rounding)
            elif values.ndim > point.ndim and values.shape[-point.ndim :] == point.shape:
                for one in values.reshape(-1, *point.shape):
                    self._compare(one - point, one, _ARRAY_MOVED, rounding)
            elif values.size == point.shape[-1] and values.size > 2:
                for row in point.reshape(-1, values.size):
                    self._compare(values.ravel() - row, values, _ROW_MOVED, rounding)

    def _is_beside(self, values: np.ndarray) -> bool:
        return any(
            values.size in (1, point.size, point.shape[-1])
            and (np.abs(point - values.ravel()[0]) <= _ARRAY_MOVED).any()
            for point in self._points
        )

    def _compare(self, difference: np.ndarray, values: np.ndarray, most: float, rounding: float) -> None:
        size = np.abs(difference)
        if not rounding < size.max() <= most:
            return
        # More by the same everywhere is what keeps a logarithm or a quotient away from zero, too.
        alike = difference.min() > 0 and np.ptp(difference) <= 1e-3 * size.max()
        (self._shifts if alike else self._nudges).add(values.tobytes())


class _Nothing:
    """No value is one: attributes of attributes are not looked at."""


def _arrays(value: Any, kind: type) -> Iterator[np.ndarray]:
    """Yield the arrays that `value` is or holds: in a short list, or as attributes of an object of `kind`."""
    if isinstance(value, kind):
        for held in vars(value).values():
            yield from _arrays(held, _Nothing)
    elif isinstance(value, np.ndarray):
        yield value.view(np.ndarray)
    elif isinstance(value, (float, complex, np.generic)):
        yield np.asarray(value)
    elif isinstance(value, (list, tuple)) and len(value) <= _LONGEST_LIST:
        for entry in value:
            if isinstance(entry, np.ndarray):
                yield entry.view(np.ndarray)
