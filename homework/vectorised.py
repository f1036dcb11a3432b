"""The handout's `compose_*` without its loop over samples: the same numbers, many times faster, for training.

Used only where a submission's `Diffable` composes as the handout's does, which is tried on the spot; what the
submission's own layers override stays theirs. What is not recognised goes to the submission's own method.

Most of a training's time and memory then goes into a layer's local weight gradient, where that is spelled out for
every output, (B, in, out). Such a layer is asked on the whole first batch, a few samples at a time, and on a few
samples of random later ones. As long as it answers with its input, the same for every output, the array is not made.
"""

from __future__ import annotations

import dis
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from types import CodeType
from typing import Any

import numpy as np

_TOLERANCE = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-12}
_PIECE_BYTES = 16 * 2**20  # of a local gradient, made at once to look at it
_CHECKED_EVERY = 8  # batches, on average
# What dtype the sums have, by those of the local and of the upstream gradient: editions of the handout differ.
_Kind = Callable[[Any, Any], Any]
_KINDS: tuple[_Kind, ...] = (np.result_type, lambda local, _: local)
_KEEPING = frozenset({"STORE_ATTR", "DELETE_ATTR", "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF"})


@dataclass
class Composition:
    """Whose compose methods a training runs, and what of them is left out."""

    problem: str = ""  # why they are the submission's own; "" where they are vectorised
    plans: dict[int, _Plan] = field(default_factory=dict)  # by the id of the layer, which the plan keeps alive

    @property
    def told(self) -> str:
        """What was done, in a few words for the staff."""
        if self.problem:
            return f"the submission's own compose methods: {self.problem}"
        skipped = [plan.skips for plan in self.plans.values() if plan.spelled_out]
        return f"vectorised; {sum(skipped)} of {len(skipped)} (B, in, out) left out" if skipped else "vectorised"


def accelerate(core: Any) -> Composition:
    """Replace Diffable's two compose methods by vectorised ones where they are equal; says what was done."""
    diffable = core.Diffable
    own = diffable.compose_input_gradients, diffable.compose_weight_gradients
    problem = ""
    for kinds in product(_KINDS, _KINDS):
        composition = Composition()
        fast = _methods(own, kinds, composition.plans)
        try:
            problem = _difference(core, own, fast)
        except Exception as error:  # a submission's core may do anything when it is tried
            problem = f"it raised {type(error).__name__}"
        composition.plans.clear()
        if not problem:
            diffable.compose_input_gradients, diffable.compose_weight_gradients = fast
            return composition
    return Composition(problem)


def _methods(own: tuple[Any, Any], kinds: tuple[_Kind, _Kind], plans: dict[int, _Plan]) -> tuple[Any, Any]:
    own_input, own_weight = own

    def compose_input_gradients(self: Any, J: Any = None) -> Any:  # noqa: N803  the handout's name
        if J is None or J[0] is None:
            return own_input(self, J)
        composed = _composed(_input, self.inputs, self.get_input_gradients(), J, kinds[0])
        return own_input(self, J) if composed is None else composed

    def compose_weight_gradients(self: Any, J: Any = None) -> Any:  # noqa: N803
        if J is None or J[0] is None:
            return own_weight(self, J)
        plan = plans.get(id(self))
        if plan is None:
            plan = plans[id(self)] = _Plan(self)
        locals_ = plan.without_asking() or self.get_weight_gradients()
        composed = _composed(_weight, self.weights, locals_, J, kinds[1])
        return own_weight(self, J) if composed is None else composed

    return compose_input_gradients, compose_weight_gradients


def _composed(compose: Any, targets: Any, locals_: Any, upstreams: Any, kind: _Kind) -> list[np.ndarray] | None:
    """One gradient for each upstream and target (an input or a weight), or None where one is not recognised."""
    if len(targets) != len(locals_):
        return None
    composed = []
    for upstream in map(np.asarray, upstreams):
        for target, local in zip(targets, map(np.asarray, locals_), strict=True):
            dtype = kind(local.dtype, upstream.dtype)
            recognised = upstream.ndim == 2 and np.dtype(dtype) in _TOLERANCE
            gradient = compose(local, upstream, np.shape(target)) if recognised else None
            if gradient is None:
                return None
            composed.append(gradient.astype(dtype, copy=False))
    return composed


def _input(local: np.ndarray, upstream: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """With local (in, out) or (B, in, out) and upstream (B, out): dLoss/dx (B, in), or None for other shapes."""
    if len(shape) != 2 or len(upstream) != shape[0]:
        return None
    if local.shape == (shape[1], upstream.shape[1]):
        return np.asarray(upstream @ local.T)
    if local.shape == (*shape, upstream.shape[1]):
        # Softmax's (B, n, n): `optimize` would only cost a copy, and a stack of small products more.
        return np.asarray(np.einsum("bio,bo->bi", local, upstream))
    return None


def _weight(local: np.ndarray, upstream: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """The gradient of a weight (in, out) or bias from its local one, or None where the shapes are others."""
    batch, out = upstream.shape
    if local.ndim == 3 and len(shape) == 2 and shape[1] == out and local.shape[:2] == (batch, shape[0]):
        if local.shape[2] == 1 or local.strides[2] == 0:
            # One value for all outputs: the sum over samples is a matrix product.
            return np.asarray(local[:, :, 0].T @ upstream)
        return np.asarray(np.einsum("bio,bo->io", local, upstream)) if local.shape[2] == out else None
    if local.shape == (batch, 1, out) and shape == (out,):
        return np.asarray(np.einsum("bo,bo->o", local[:, 0], upstream))
    if local.ndim <= 2 and local.size in (1, out) and int(np.prod(shape)) == out:
        total = upstream.sum(axis=0, dtype=np.result_type(local.dtype, upstream.dtype))
        return np.asarray((local.reshape(-1) * total).reshape(shape))
    return None


class _Plan:
    """One layer, and whether its local weight gradients are known without asking for them."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.spelled_out = self.skips = False
        # Each local gradient as it is for every sample; None for the one that is the input.
        self._known: list[np.ndarray | None] = []
        self._dtype: np.dtype[Any] = np.dtype(np.float64)  # of the one that is the input
        self._random = random.Random(166)  # a stream of its own: the submission's is not touched
        self._looked = False

    def without_asking(self) -> list[np.ndarray] | None:
        """The local weight gradients of the last batch, or None: then the layer must be asked."""
        if not self._looked:
            self._looked = True
            self.skips = self._begin()
        elif self.skips and self._random.randrange(_CHECKED_EVERY) == 0:
            start = self._random.randrange(len(self.layer.inputs[0]))
            self.skips = self._agrees(slice(start, start + self._at_once()))
        if not self.skips:
            return None
        x = np.asarray(self.layer.inputs[0], dtype=self._dtype)[:, :, None]
        return [x if known is None else known for known in self._known]

    def _begin(self) -> bool:
        """Look at the whole first batch, a few samples at a time; True where asking can be left out from now on."""
        layer = self.layer
        if len(layer.inputs) != 1 or np.ndim(layer.inputs[0]) != 2 or not _keeps_nothing(type(layer)):
            return False
        size, shapes = len(layer.inputs[0]), [np.shape(weight) for weight in layer.weights]
        first = self._asked(slice(0, 1))
        if first is None or len(first) != len(shapes):
            return False
        for local, shape in zip(first, shapes, strict=True):
            if local.shape == (1, *shape) and len(shape) == 2 and min(shape) > 1 and local.strides[2] != 0:
                self.spelled_out, self._dtype = True, local.dtype
                self._known.append(None)
            else:
                self._known.append(np.array(local[0] if local.ndim == 3 else local))
        step = self._at_once()
        return self.spelled_out and all(self._agrees(slice(start, start + step)) for start in range(0, size, step))

    def _at_once(self) -> int:
        """How many samples' local gradients are made at once."""
        entries = max(int(np.prod(np.shape(weight))) for weight in self.layer.weights)
        return max(2, _PIECE_BYTES // (8 * entries))

    def _agrees(self, samples: slice) -> bool:
        """Whether the layer answers for `samples` with its input for every output, and with what is known else."""
        x, asked = np.asarray(self.layer.inputs[0]), self._asked(samples)
        if x.ndim != 2 or asked is None or len(asked) != len(self._known):
            return False
        x = x[samples]
        for local, known in zip(asked, self._known, strict=True):
            if known is None:
                agrees = local.ndim == 3 and local.dtype == self._dtype and local.shape[:2] == x.shape
                agrees = agrees and local.shape[2] > 1 and bool((local == x[:, :, None]).all())
            else:
                rows = local if local.ndim == 3 else local[None]
                agrees = len(rows) in (1, len(x)) and (rows.shape[1:], rows.dtype) == (known.shape, known.dtype)
                agrees = agrees and bool((rows == known).all())
            if not agrees:
                return False
        return True

    def _asked(self, samples: slice) -> list[np.ndarray] | None:
        """What the layer answers as if the batch had been `samples`; None where that cannot be tried."""
        layer = self.layer
        whole = layer.inputs, layer.outputs
        try:
            layer.inputs, layer.outputs = ([array[samples] for array in arrays] for arrays in whole)
            return [np.asarray(local) for local in layer.get_weight_gradients()]
        except Exception:  # then it is asked in full, and what it raises there is its own
            return None
        finally:
            layer.inputs, layer.outputs = whole


def _keeps_nothing(layer: Any) -> bool:
    """Whether get_weight_gradients sets no attribute and draws no random number: one call more or less is the same."""
    function = getattr(layer.get_weight_gradients, "__code__", None)
    codes = [function] if isinstance(function, CodeType) else []
    for code in codes:
        if "random" in code.co_names or any(step.opname in _KEEPING for step in dis.get_instructions(code)):
            return False
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return bool(codes)


def _difference(core: Any, own: tuple[Any, Any], fast: tuple[Any, Any]) -> str:
    """How the submission's compose methods differ from the vectorised ones, on every kind of array; "" if nowhere."""
    for layer, upstreams in _trials(core):
        for name, slow_method, fast_method in zip(("input", "weight"), own, fast, strict=True):
            slow, quick = slow_method(layer, upstreams), fast_method(layer, upstreams)
            if not isinstance(slow, list) or len(slow) != len(quick):
                return f"{name} gradients of another form"
            for one, other in zip(slow, quick, strict=True):
                left, right = np.asarray(one), np.asarray(other)
                if left.shape != right.shape or left.dtype != right.dtype or right.dtype not in _TOLERANCE:
                    return f"{name} gradients of another shape or dtype"
                if not np.allclose(left, right, rtol=_TOLERANCE[right.dtype], atol=_TOLERANCE[right.dtype]):
                    return f"other {name} gradients"
    return ""


def _trials(core: Any) -> Iterator[tuple[Any, Any]]:
    """Layers with every kind of local gradient, and upstream gradients for them."""
    rng = np.random.Generator(np.random.PCG64(166))
    batch, size, out = 4, 3, 2

    class Fixed(core.Diffable):  # type: ignore[misc]
        def __init__(self, by_input: Any, by_weight: Any, weights: Any) -> None:
            super().__init__()
            self.by_input, self.by_weight, self.all_weights = by_input, by_weight, weights

        @property
        def weights(self) -> Any:
            return self.all_weights

        def call(self, x: Any) -> Any:
            return x[:, :1]

        forward = call

        def get_input_gradients(self) -> Any:
            return [self.by_input]

        def get_weight_gradients(self) -> Any:
            return self.by_weight

    class SpelledOut(Fixed):
        def get_weight_gradients(self) -> Any:
            return [np.repeat(self.inputs[0][:, :, None], out, axis=2), self.by_weight[1]]

    kinds = (np.float64, np.float32)
    for by_local, by_upstream in ((one, other) for one in kinds for other in kinds):

        def draw(*shape: int, dtype: type = by_local) -> Any:
            return core.Tensor(np.asarray(rng.normal(size=shape)).astype(dtype))

        shapes: list[tuple[int, ...]] = [(), (1,), (out,), (1, out), (batch, 1, out)]
        for bias, shape in ((local, shape) for local in shapes for shape in ((out,), (1, out))):
            weights = [draw(size, out), draw(*shape)]
            for make, by_input, by_weight in (
                (Fixed, draw(size, out), draw(batch, size, 1)),
                (Fixed, draw(batch, size, out), draw(batch, size, out)),
                (SpelledOut, draw(size, out), draw(1)),
            ):
                layer = make(by_input, [by_weight, draw(*bias)], weights)
                layer(draw(batch, size))
                first, second = (draw(batch, out, dtype=by_upstream) for _ in range(2))
                yield layer, [first]
                yield layer, [first, second]
