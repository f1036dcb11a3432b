"""Follows a submission, line by line, while one of its methods computes a gradient, and counts what it looks at.

A derivative by finite differences is taken somewhere beside the point at which it is wanted: arrays that are
the inputs or weights moved a little, or as far to one side as to the other, or many evaluations of the layer's own
forward method or of what stands for it. Only counts leave.
"""

from __future__ import annotations

import sys
from collections import defaultdict
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
_DIGITS: Final = 5  # of a direction: two that agree so far are one
_ON_ONE_SIDE: Final = 3  # so many arrays along one line through a point are steps, even on one side of it
_CALLS: Final = 2  # so many calls with multiples of one array are an evaluation of something linear
_MOST_STEPS: Final = 4_000


class Watch:
    """`with Watch(...)`: follows every function of `files` that is called inside.

    points: the arrays that the gradient is wanted at, as the layer holds them. layer: whose attributes are looked at.
    forwards: the code of its forward methods. The results:
    evaluations: calls of those with arrays of the inputs' size · nudges: how many arrays equal a point save for a few
    entries, lie below it everywhere, or are complex · shifts: how many lie above it by the same amount everywhere ·
    numbers: different single numbers beside an entry of a point · sides: lines through a point that have arrays as far
    on one side of it as on the other, or several on one, at any distance, and numbers likewise; and functions that are
    called with the layer's own arrays at several points of one line · kept: whether nobody ended the watch.
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
        self._lines, self._calls = _Lines(_ON_ONE_SIDE), _Lines(_CALLS)
        self._scalars: set[float] = set()
        self._looks = 0
        self.evaluations, self.kept = 0, True

    @property
    def counts(self) -> list[int]:
        """Evaluations, nudges, shifts, numbers, sides, and 1 if the watch was kept."""
        found = (self._nudges, self._shifts, self._numbers)
        sides = self._lines.count_steps() + self._calls.count_steps() + self._count_numbers_aside()
        return [self.evaluations, *(len(entries) for entries in found), sides, int(self.kept)]

    def _count_numbers_aside(self) -> int:
        """Return how many entries of the points have numbers as far below as above; 0 where it is not half of them."""
        entries = np.concatenate([point.ravel() for point in self._points])
        numbers = np.array(sorted(self._scalars))
        if numbers.size < entries.size:
            return 0
        aside = 0
        for entry in entries:
            mirrored = 2 * entry - numbers
            places = np.clip(np.searchsorted(numbers, mirrored), 0, numbers.size - 1)
            near = np.abs(numbers[places] - mirrored) <= _ROUNDING[8]
            # Not the entry itself; nor 0 and its double.
            aside += bool(np.any(near & (numbers != entry) & (numbers != 0) & (mirrored != 0)))
        return aside if 2 * aside >= entries.size else 0

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
        self._note_call(frame)
        return self._on_line

    def _on_line(self, frame: FrameType, _event: str, _argument: object) -> Any:
        self._look(frame)
        return self._on_line

    def _is_whole(self, frame: FrameType) -> bool:
        size = self._points[0].size
        return any(isinstance(value, np.ndarray) and value.size >= size for value in frame.f_locals.values())

    def _note_call(self, frame: FrameType) -> None:
        """Note what a function of the submission's own is called at, beside the layer's own weights."""
        code = frame.f_code
        if code in self.forwards or code.co_name.startswith(
            "__"
        ):  # NumPy calls __array_finalize__ with what is empty yet
            return
        try:
            given = [frame.f_locals.get(name) for name in code.co_varnames[: code.co_argcount]]
            arrays = [one.view(np.ndarray) for one in given if isinstance(one, np.ndarray) and one.size > 2]
            weights = [array for array in arrays if self._is_held(array)]
            for array in arrays:
                if weights and array.dtype.kind == "f" and not any(array is weight for weight in weights):
                    values = array.ravel().astype(np.float64)
                    self._calls.add((id(code), array.shape), values, np.zeros_like(values), 0.0)
        except Exception:
            return  # as in `_look`

    def _is_held(self, array: np.ndarray) -> bool:
        """Return whether the layer has such an array, and it is none of the points."""
        held = any(
            one.shape == array.shape and np.array_equal(one, array) for one in _arrays(self.layer, type(self.layer))
        )
        return held and not any(point.shape == array.shape and np.array_equal(point, array) for point in self._points)

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
                self._see_number(float(values.reshape(())), point, rounding)
            elif values.size == point.size:
                self._compare(values.ravel() - point.ravel(), values, _ARRAY_MOVED, rounding)
                self._lines.add(id(point), values.ravel(), point.ravel(), rounding)
            elif values.ndim > point.ndim and values.shape[-point.ndim :] == point.shape:
                for one in values.reshape(-1, *point.shape):
                    self._compare(one - point, one, _ARRAY_MOVED, rounding)
                    self._lines.add(id(point), one.ravel(), point.ravel(), rounding)
            elif values.size == point.shape[-1] and values.size > 2:
                for number, row in enumerate(point.reshape(-1, values.size)):
                    self._compare(values.ravel() - row, values, _ROW_MOVED, rounding)
                    self._lines.add((id(point), number), values.ravel(), row, rounding)

    def _see_number(self, number: float, point: np.ndarray, rounding: float) -> None:
        if rounding < np.min(np.abs(point - number)) <= _NUMBER_MOVED:
            self._numbers.add(number.hex().encode())
        if len(self._scalars) < _MOST_STEPS and np.isfinite(number):
            self._scalars.add(number)

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


class _Lines:
    """Arrays by the lines through a point that they lie on; fewest: how many on one side of it are steps."""

    def __init__(self, fewest: int) -> None:
        self._fewest = fewest
        self._steps: dict[tuple[Any, bytes], set[float]] = defaultdict(set)
        self._count = 0

    def add(self, origin: Any, values: np.ndarray, point: np.ndarray, rounding: float) -> None:
        """Take in `values`, seen from `point`; what is a multiple of the point itself says nothing."""
        step = values - point
        size = float(np.abs(step).max())
        if not rounding < size < np.inf or self._count >= _MOST_STEPS or values.size < 2:
            return
        way, sign = _direction(step)
        if np.any(point) and way == _direction(point)[0]:
            return
        self._count += 1
        self._steps[origin, way].add(float(f"{sign * size:.{_DIGITS}e}"))

    def count_steps(self) -> int:
        """Return on how many lines the arrays are those of a difference quotient."""
        return sum(
            any(-step in steps for step in steps)
            or max(sum(step > 0 for step in steps), sum(step < 0 for step in steps)) >= self._fewest
            for steps in self._steps.values()
        )


def _direction(step: np.ndarray) -> tuple[bytes, int]:
    """Return a direction without its sign, and the sign."""
    largest = step[np.argmax(np.abs(step))]
    scaled = np.round(step / largest, _DIGITS) + 0.0  # no -0.0
    return scaled.tobytes(), 1 if largest > 0 else -1


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
