"""Training: a submission's own model and fit, one epoch at a time, its predictions sent after each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from types import CodeType, FrameType, FunctionType
from typing import Any, Final

import numpy as np

from .. import vectorised
from . import comparisons, parts

_PREDICTED_AT_ONCE = 500
_LARGEST_BATCH = 2000
#: What of a submission a training runs: a layer, the tape or `backward`, a loss, an optimizer.
PARTS: Final = ("layers", "gradient_tape", "losses", "optimizers")
_BACKWARD: Final = "backward"


def train(
    beras: Any,
    components: str,
    images: np.ndarray,
    labels: np.ndarray,
    test_images: np.ndarray,
    most_epochs: int,
    accelerated: bool = True,
) -> Iterator[dict[str, Any]]:
    """Train what assignment.py's function `components` returns.

    images (N, 784) and test_images (M, 784) float32 from 0 to 1, labels (N,) integers, from which one-hot rows are made
    in the type that the submission's encoder gives. After every epoch:
    the predictions (M, 10) for the test images, the loss that `fit` reported (NaN where it did not), how many
    samples it trained on (0 where that cannot be seen), which of PARTS have run in training, and whether predictions
    changed though no listed weight did.
    accelerated: with vectorised composition, the count of samples and the look at PARTS; without, nothing of the
    grader's takes part.
    """
    composition = (
        vectorised.accelerate(beras.given("core"), beras.edition["weights"])
        if accelerated
        else vectorised.Composition("as asked")
    )
    made = beras.components(components)
    epochs = min(int(made.epochs), most_epochs)
    inputs, truth = _tensor(beras, images), _rows(beras, labels)
    tests = _tensor(beras, test_images)
    seen = _Seen(made.model if accelerated else None)
    used = _Used(beras) if accelerated else None
    watched = _Weights(beras, made.model) if accelerated else None
    yield {
        "epochs": epochs,
        "batch size": int(made.batch_size),
        "samples": len(inputs),
        "cross-entropy": np.array(_has_cross_entropy(made.model)),
    }
    for _ in range(epochs):
        seen.samples = 0
        with used or nullcontext():
            history = made.model.fit(inputs, truth, epochs=1, batch_size=int(made.batch_size))
        samples = seen.samples
        _end_training(made.model, inputs[: int(made.batch_size)], truth[: int(made.batch_size)])
        yield {
            "loss": _reported_loss(history),
            "predictions": _predictions(made.model, tests),
            "samples": samples,
            "used": used.parts if used else None,
            "unchanged": np.array(watched.are_unchanged()) if watched else None,
            "composition": composition.told,
        }


def tried(beras: Any, components: str) -> dict[str, Any]:
    """Return whether a short `fit` on images of noise leaves every weight of what `components` returns as it was.

    False too where that cannot be seen: a model that hides its weights, a batch that is larger than a trial.
    """
    made = beras.components(components)
    batch = int(made.batch_size)
    before = _weights(beras, made.model)
    if not before or not 0 < batch <= _LARGEST_BATCH:
        return {"unchanged": False}
    rng = np.random.Generator(np.random.PCG64(0))
    count = 2 * batch + 7  # divided by no usual batch size
    images, labels = rng.uniform(size=(count, 784)).astype(np.float32), np.arange(count) % 10
    inputs, truth = _tensor(beras, images), _rows(beras, labels)
    made.model.fit(inputs, truth, epochs=1, batch_size=batch)
    after = _weights(beras, made.model)
    same = len(before) == len(after) and all(map(comparisons.are_equal, before, after))
    return {"unchanged": same}


def _weights(beras: Any, model: Any) -> list[np.ndarray]:
    try:
        return [np.array(weight, dtype=np.float64, subok=False) for weight in beras.weights(model)]
    except Exception:  # what is wrong with it, the rows about the model say
        return []


def _has_cross_entropy(model: Any) -> bool:
    """Return whether a model keeps a cross-entropy, under whatever name; False where that cannot be seen."""
    with suppress(Exception):  # an object may answer anything, and only a hint depends on it
        return any("crossentropy" in type(value).__name__.lower().replace("_", "") for value in vars(model).values())
    return False


class _Weights:
    """Sees whether a model's listed weights, or those of its layers, are as they were an epoch ago.

    Where no weights can be listed, nothing is said: the rows about the model say that.
    """

    def __init__(self, beras: Any, model: Any) -> None:
        self._beras, self._model = beras, model
        self._before = self._sums()

    def _sums(self) -> list[tuple[Any, ...]]:
        weights = _weights(self._beras, self._model)
        with np.errstate(all="ignore"):
            # Not the weights themselves: a model may be large, and any change shows in these.
            return [
                (one.shape, *(np.add.reduce(power, axis=None) for power in (one, np.abs(one), one * one)))
                for one in weights
            ]

    def are_unchanged(self) -> bool:
        """Return whether nothing changed since the question before."""
        before, self._before = self._before, self._sums()
        return bool(before) and before == self._before


class _Seen:
    """Counts the samples that a model's `batch_step` trains on, where `fit` calls it as the handout's does."""

    def __init__(self, model: Any) -> None:
        self.samples = 0
        own: Any = getattr(model, "batch_step", None)

        def batch_step(*inputs: Any, **options: Any) -> Any:
            passes_on = own  # what it raises is the submission's: see `blame`
            with suppress(Exception):  # a batch may be anything; then it is not counted
                given = [*inputs, *(value for name, value in options.items() if name != "training")]
                if options.get("training", inputs[2] if len(inputs) > 2 else True):
                    self.samples += len(given[0])
            return passes_on(*inputs, **options)

        if callable(own) and hasattr(model, "__dict__"):
            vars(model)["batch_step"] = batch_step


class _Used:
    """Sees which of a submission's PARTS run while this is entered. Once all have, nothing is watched any more.

    A part runs when a function or a method that its module has does; to make an object is not enough.
    """

    def __init__(self, beras: Any) -> None:
        self.parts = np.zeros(len(PARTS), bool)
        core = set(map(id, vars(beras.given("core")).values()))
        self._part_of: dict[CodeType, int] = {}
        for number, name in enumerate(PARTS):
            if name == "gradient_tape" and beras.backward:
                # There it is a method of what all layers are; a layer may have one of its own.
                for module in (beras.given("core"), beras.given("layers")):
                    self._part_of |= dict.fromkeys(_backwards(module), number)
                continue
            for value in vars(beras.given(name)).values():
                if id(value) not in core:
                    self._part_of |= dict.fromkeys(set(_codes(value, core)) - self._part_of.keys(), number)

    def __enter__(self) -> None:
        if not self._are_all_seen():
            sys.setprofile(self._called)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _are_all_seen(self) -> bool:
        return bool(np.logical_and.reduce(self.parts))

    def _called(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in self._part_of:
            self.parts[self._part_of[frame.f_code]] = True
            if self._are_all_seen():
                sys.setprofile(None)


def _codes(value: Any, core: set[int]) -> Iterator[CodeType]:
    """Yield the code of a function, or of all methods of a class but those that make and enter it, or are core's."""
    if isinstance(value, type):
        for owner in value.__mro__:
            methods = {} if id(owner) in core else vars(owner)
            for name, method in methods.items():
                if name not in ("__init__", "__enter__", "__exit__") and not isinstance(method, type):
                    yield from _codes(method, core)
    elif isinstance(value, staticmethod | classmethod):
        yield from _codes(value.__func__, core)
    elif isinstance(value, property):
        yield from _codes(value.fget, core)
    elif isinstance(value, FunctionType):
        yield value.__code__


def _backwards(module: Any) -> Iterator[CodeType]:
    """Yield the code of every `backward` of a module's classes."""
    for kind in vars(module).values():
        method = vars(kind).get(_BACKWARD) if isinstance(kind, type) else None
        if isinstance(method, FunctionType):
            yield method.__code__


def _rows(beras: Any, labels: np.ndarray) -> Any:
    """Return the one-hot rows of `labels`, of the type that the submission's own encoder gives its losses.

    The columns are in our order: its own may be any, and whether it is right is not asked here.
    """
    return _tensor(beras, np.eye(10, dtype=parts.row_type(beras, np.float32))[labels])


def _tensor(beras: Any, array: np.ndarray) -> Any:
    """Return a Tensor over `array`'s own memory: the data is far too large to be copied for fun."""
    return array.view(beras.given("core").Tensor)


def _end_training(model: Any, inputs: Any, truth: Any) -> None:
    """Have a model take a step without training, as its author's own evaluation does before it predicts.

    Layers of a student's own may do something in training alone, as dropout does, and know of it by that step.
    """
    with suppress(Exception):  # it costs its own tests
        model.batch_step(inputs, truth, training=False)


def _predictions(model: Any, inputs: Any) -> np.ndarray:
    pieces = [
        _shortened(model(inputs[start : start + _PREDICTED_AT_ONCE]))
        for start in range(0, len(inputs), _PREDICTED_AT_ONCE)
    ]
    return np.concatenate(pieces)


def _shortened(predictions: Any) -> np.ndarray:
    """Return predictions in single precision, whatever the submission has NumPy do where a small one becomes 0."""
    with np.errstate(all="ignore"):
        return np.asarray(predictions, dtype=np.float32)


def _reported_loss(history: Any) -> float:
    """Return the last epoch's loss in whatever `fit` returned: a number, a list of numbers, or lists of lists."""
    try:
        value = history["loss"] if isinstance(history, dict) else getattr(history, "history")["loss"]  # noqa: B009
        flat = np.ravel(np.asarray(value, dtype=np.float64))
        return float(flat.mean())
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        return float("nan")
