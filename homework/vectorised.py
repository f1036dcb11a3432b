"""The handout's `compose_*` without its loop over samples: the same numbers, many times faster, for training.

Used only where a submission's `Diffable` composes as the handout's does. That is tried on small arrays at first, and on
every layer's first real batch of each size. What the submission's own layers override stays theirs. What is not
recognised goes to the submission's own method, and so does everything once anything here differs or fails: nothing of
this module ever raises into a submission.

Most of a training's time and memory then goes into a layer's local weight gradient, where that is spelled out for
every output, (B, in, out). Such a layer is asked on the whole first batch, a few samples at a time, and on a few
samples of random later ones. As long as it answers with its input, the same for every output, the array is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from operator import attrgetter
from typing import Any

import numpy as np
from guest import blame

from . import composition_trials, weight_gradients
from .weight_gradients import WeightGradients, Weights

_OWN_FILES = (__file__, composition_trials.__file__, weight_gradients.__file__)

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_ROUNDINGS = 16  # beside one for each term of a sum: what two ways of adding up may differ by
# What dtype the sums have, by those of the local and of the upstream gradient: editions of the handout differ.
_Kind = Callable[[Any, Any], Any]
_KINDS: tuple[_Kind, ...] = (np.result_type, lambda local, _: local)
_INPUT, _WEIGHT = "input", "weight"
#: What is computed here raises nothing that a submission has NumPy raise: a bound that is rounded to 0 is no mistake.
_QUIETLY = np.errstate(all="ignore")


@dataclass
class _Method:
    """One of the two compose methods: the submission's own, and what is known of its results.

    made: the class of the arrays that it returns. compared: the layers, by id, and the batches that it agreed on.
    """

    name: str
    own: Any
    kind: _Kind
    weights: Weights
    made: type | None = None
    compared: set[tuple[Any, ...]] = field(default_factory=set)


@dataclass
class Composition:
    """Whose compose methods a training runs, and what of them is left out."""

    problem: str = ""  # why they are the submission's own; "" where they are vectorised
    layers: dict[int, WeightGradients] = field(default_factory=dict)  # by the id of the layer, which it keeps alive

    @property
    def told(self) -> str:
        """What was done, in a few words for the staff."""
        if self.problem:
            return f"the submission's own compose methods: {self.problem}"
        skipped = [gradients.skips for gradients in self.layers.values() if gradients.spelled_out]
        return f"vectorised; {sum(skipped)} of {len(skipped)} (B, in, out) left out" if skipped else "vectorised"

    def replace(self, method: _Method) -> Any:
        """Return a method of Diffable that composes as `method` does."""

        def compose(layer: Any, *arguments: Any, **options: Any) -> Any:
            passes_on = method.own  # what it raises is the submission's: see `blame`
            done = self.attempt(method, layer, arguments, options)
            return passes_on(layer, *arguments, **options) if done is None else done[0]

        compose.__name__ = f"compose_{method.name}_gradients"
        compose.__doc__ = getattr(method.own, "__doc__", None)
        return compose

    def attempt(
        self, method: _Method, layer: Any, arguments: tuple[Any, ...], options: Mapping[str, Any]
    ) -> tuple[Any] | None:
        """Return what `method` returns, in a tuple; None where its own code must be asked. Raises nothing."""
        if self.problem:
            return None
        try:
            upstreams = _upstreams(arguments, options)
            return None if upstreams is None else self._result(method, layer, upstreams)
        except (FloatingPointError, Warning):
            return None  # the submission made NumPy raise these: its own code meets them, or does not
        except Exception as error:
            # What its own code raised here it raises again where it is asked.
            if blame.is_raised_in(error, *_OWN_FILES):
                self.problem = f"the vectorised ones raised {type(error).__name__}"
                blame.faults.report("the vectorised composition", error)
            return None

    def _result(self, method: _Method, layer: Any, upstreams: list[np.ndarray]) -> tuple[Any] | None:
        gradients = self.layers.get(id(layer))
        if gradients is None:
            gradients = self.layers[id(layer)] = WeightGradients(layer, method.weights)
        targets, locals_ = _question(method, layer, gradients)
        composed = _compose(method, targets, locals_, upstreams)
        if composed is None:
            return None
        batch = (
            id(layer),
            *((one.shape, one.dtype) for one in upstreams),
            *((np.shape(one), np.asarray(one).dtype) for one in layer.inputs),
        )
        if batch in method.compared:
            return (composed,)
        samples = gradients.samples_to_compare(locals_) if method.name == _WEIGHT else None
        if samples is None:
            own = method.own(layer, upstreams)
            difference = _difference(method, own, composed, targets, locals_, upstreams)
        else:
            with gradients.only(slice(0, samples)):
                few = [upstream[:samples] for upstream in upstreams]
                targets, locals_ = method.weights(layer), layer.get_weight_gradients()
                fast = _compose(method, targets, locals_, few)
                own = method.own(layer, few)
                difference = "" if fast is None else _difference(method, own, fast, targets, locals_, few)
        if difference:
            self.problem = f"{difference} in a batch of {len(upstreams[0])}"
            return None
        method.compared.add(batch)
        return (composed,)


def accelerate(core: Any, weights: str = "weights") -> Composition:
    """Replace Diffable's two compose methods by vectorised ones where they are equal; says what was done.

    weights: the attribute that lists a layer's weights.
    """
    problem = ""
    try:
        diffable = core.Diffable
        own = {_INPUT: diffable.compose_input_gradients, _WEIGHT: diffable.compose_weight_gradients}
    except Exception as error:
        return Composition(f"looking for them raised {type(error).__name__}")
    for kinds in product(_KINDS, _KINDS):
        methods = [_Method(name, own[name], kind, attrgetter(weights)) for name, kind in zip(own, kinds, strict=True)]
        try:
            problem = _difference_in_trials(core, methods)
        except Exception as error:  # a submission's core may do anything when it is tried
            problem = f"a trial raised {type(error).__name__}"
            if blame.is_raised_in(error, *_OWN_FILES):
                blame.faults.report("the trial of the vectorised composition", error)
        if not problem:
            composition = Composition()
            diffable.compose_input_gradients, diffable.compose_weight_gradients = map(composition.replace, methods)
            return composition
    return Composition(problem)


def _upstreams(arguments: tuple[Any, ...], options: Mapping[str, Any]) -> list[np.ndarray] | None:
    """Return the upstream gradients, (B, out) each, of a call of a compose method; None for anything else."""
    if len(arguments) + len(options) != 1 or set(options) - {"J"}:
        return None
    given = (*arguments, *options.values())[0]
    if not isinstance(given, (list, tuple, np.ndarray)) or len(given) == 0:
        return None
    if not all(isinstance(one, np.ndarray) and one.ndim == 2 and one.dtype in _FLOATS for one in given):
        return None
    return [np.asarray(one) for one in given]


def _question(method: _Method, layer: Any, gradients: WeightGradients) -> tuple[Any, Any]:
    """Return what the gradients are wanted by, and the local gradients by them."""
    if method.name == _INPUT:
        return layer.inputs, layer.get_input_gradients()
    known = gradients.without_asking()
    return method.weights(layer), layer.get_weight_gradients() if known is None else known


@_QUIETLY
def _compose(method: _Method, targets: Any, locals_: Any, upstreams: list[np.ndarray]) -> list[np.ndarray] | None:
    """Return one gradient for each upstream and target (an input or a weight), or None where one is not recognised."""
    if len(targets) != len(locals_):
        return None
    composed = []
    for upstream in upstreams:
        for target, local in zip(targets, locals_, strict=True):
            if not isinstance(local, np.ndarray) or local.dtype not in _FLOATS:
                return None
            dtype = method.kind(local.dtype, upstream.dtype)
            gradient = _products(method, np.asarray(local), upstream, np.shape(target))
            if gradient is None or dtype not in _FLOATS:
                return None
            gradient = gradient.astype(dtype, copy=False)
            composed.append(gradient if method.made in (None, np.ndarray) else gradient.view(method.made))
    return composed


def _products(method: _Method, local: np.ndarray, upstream: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    return (_by_input if method.name == _INPUT else _by_weight)(local, upstream, shape)


def _by_input(local: np.ndarray, upstream: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """With local (in, out) or (B, in, out) and upstream (B, out): dLoss/dx (B, in), or None for other shapes."""
    if len(shape) != 2 or len(upstream) != shape[0]:
        return None
    if local.shape == (shape[1], upstream.shape[1]):
        return np.asarray(upstream @ local.T)
    if local.shape == (*shape, upstream.shape[1]):
        # Softmax's (B, n, n): `optimize` would only cost a copy, and a stack of small products more.
        return np.asarray(np.einsum("bio,bo->bi", local, upstream))
    return None


def _by_weight(local: np.ndarray, upstream: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return the gradient of a weight (in, out) or bias from its local one, or None where the shapes are others."""
    batch, out = upstream.shape
    if local.ndim == 3 and len(shape) == 2 and shape[1] == out and local.shape[:2] == (batch, shape[0]):
        if local.shape[2] == 1 or (local.shape[2] == out and local.strides[2] == 0):
            # One value for all outputs: the sum over samples is a matrix product.
            return np.asarray(local[:, :, 0].T @ upstream)
        return np.asarray(np.einsum("bio,bo->io", local, upstream)) if local.shape[2] == out else None
    if local.shape == (batch, 1, out) and shape == (out,):
        return np.asarray(np.einsum("bo,bo->o", local[:, 0], upstream))
    if local.ndim <= 2 and local.shape in ((), (1,), (out,), (1, 1), (1, out)) and shape in ((out,), (1, out)):
        total = upstream.sum(axis=0, dtype=np.result_type(local.dtype, upstream.dtype))
        return np.asarray((local.reshape(-1) * total).reshape(shape))
    return None


@_QUIETLY
def _difference(
    method: _Method, own: Any, fast: list[np.ndarray], targets: Any, locals_: Any, upstreams: list[np.ndarray]
) -> str:
    """Return how the submission's own result differs from the vectorised one beyond rounding; "" if it does not."""
    if type(own) is not list or len(own) != len(fast):
        return f"{method.name} gradients of another form"
    pairs = (
        (upstream, target, local) for upstream in upstreams for target, local in zip(targets, locals_, strict=True)
    )
    for one, other, (upstream, target, local) in zip(own, fast, pairs, strict=True):
        if type(one) is not type(other) or one.shape != other.shape or one.dtype != other.dtype:
            return f"{method.name} gradients of another shape or dtype"
        left, right, local = np.asarray(one), np.asarray(other), np.asarray(local)  # noqa: PLW2901  bare arrays
        terms = _products(method, np.abs(local), np.abs(upstream), np.shape(target))
        assert terms is not None
        # The rounding error of a sum is at most that of every term, and of every addition to it.
        coarsest = max(np.finfo(dtype).eps for dtype in (local.dtype, upstream.dtype, right.dtype))
        allowed = terms * coarsest * (_ROUNDINGS + len(upstream) + upstream.shape[1])
        if not (np.isfinite(left).all() and np.isfinite(allowed).all() and (np.abs(left - right) <= allowed).all()):
            return f"other {method.name} gradients"
    return ""


def _difference_in_trials(core: Any, methods: list[_Method]) -> str:
    """Return how the compose methods differ from the vectorised ones on every kind of array; "" if nowhere."""
    for layer, upstreams in composition_trials.make_trials(core):
        for method in methods:
            own = method.own(layer, upstreams)
            if method.made is None and type(own) is list and own and isinstance(own[0], np.ndarray):
                method.made = type(own[0])
            targets, locals_ = _question(method, layer, WeightGradients(layer, method.weights))
            bare = [np.asarray(upstream) for upstream in upstreams]
            fast = _compose(method, targets, locals_, bare)
            difference = _difference(method, own, fast, targets, locals_, bare) if fast is not None else "other shapes"
            if difference:
                return difference
    return ""
