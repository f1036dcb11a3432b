"""Questions about Model and SequentialModel, on the probe's own layers, loss, metric, optimizer and tape."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from . import parts


def sequential(beras: Any, x: np.ndarray, w1: np.ndarray, w2: np.ndarray) -> dict[str, Any]:
    """What a model of three layers computes."""
    linear, squared = parts.linear(beras), parts.squared(beras)
    model = beras.sequential([linear(w1), squared(), linear(w2)])
    return {"output": model(beras.tensor(x))}


def weights(beras: Any, w1: np.ndarray, w2: np.ndarray) -> dict[str, Any]:
    """The weights of a model of three layers that was never called."""
    linear, squared = parts.linear(beras), parts.squared(beras)
    return {"weights": list(beras.sequential([linear(w1), squared(), linear(w2)]).weights)}


def batch_step(
    beras: Any,
    x: np.ndarray,
    w: np.ndarray,
    truth: np.ndarray,
    gradient: np.ndarray,
    training: bool,
    own_tape: bool,
) -> dict[str, Any]:
    """One batch: the metrics that come back, and the weights afterwards.

    own_tape: the submission's own tape works under it; otherwise one that answers with `gradient`.
    """
    if not own_tape:
        beras.replace("gradient_tape", _canned_tape(beras, gradient))
    layer = parts.linear(beras)(w)
    model = beras.sequential([layer])
    model.compile(_Descent(), parts.half_squares(beras)(), _agreement)
    metrics = model.batch_step(beras.tensor(x), beras.tensor(truth), training=training)
    return {
        "loss": _reported(metrics, "loss"),
        "accuracy": _reported(metrics, "acc", "accuracy", "categorical_accuracy"),
        "weights": layer.w,
    }


def evaluated(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, batch_size: int) -> dict[str, Any]:
    """What evaluate returns over several batches, and whether it trained."""
    core = beras.given("core")
    model, metrics = _in_either_form(
        beras, w, lambda model: model.evaluate(core.Tensor(x), core.Tensor(truth), batch_size)
    )
    return {
        "loss": parts.single(parts.metric(metrics, "loss")),
        "accuracy": parts.single(parts.metric(metrics, "acc", "accuracy", "categorical_accuracy")),
        "trained": any(training for _, _, training in model.batches),
    }


def fitted(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, epochs: int, batch_size: int) -> dict[str, Any]:
    """What fit hands over to batch_step: how often each row of x with its truth, and the sizes of the batches.

    x: rows that differ. Also the mean loss that fit reports, None if it reports none.
    """
    core = beras.given("core")
    model, history = _in_either_form(
        beras,
        w,
        lambda model: model.fit(core.Tensor(x), core.Tensor(truth), epochs=epochs, batch_size=batch_size),
    )
    batches = [(inputs, labels) for inputs, labels, training in model.batches if training]
    pairs = [pair for inputs, labels in batches for pair in zip(inputs, labels, strict=False)]
    times = [
        sum(np.array_equal(row, own) and np.array_equal(label, right) for row, label in pairs)
        for own, right in zip(x, truth, strict=True)
    ]
    return {
        "number of times that each sample was trained on": np.array(times),
        "batch sizes": np.array([len(inputs) for inputs, _ in batches]),
        "loss": _reported(history, "loss"),
    }


def _in_either_form(beras: Any, w: np.ndarray, run: Callable[[Any], Any]) -> tuple[Any, Any]:
    """A model that keeps its batches, and what `run` of it returns.

    Whether a batch step without training returns the metrics alone or with the predictions depends on the edition;
    code that takes the other form, as its author's own batch_step may return it, is as good.
    """
    bare = beras.edition["evaluated"] == "metrics"
    model = _counting(beras, w, bare=bare)
    try:
        return model, run(model)
    except Exception as told:
        model = _counting(beras, w, bare=not bare)
        try:
            return model, run(model)
        except Exception:
            raise told from None


def _counting(beras: Any, w: np.ndarray, *, bare: bool) -> Any:
    """A model of one layer, compiled, that keeps the batches which it gets; bare: without predictions."""
    loss_class = parts.half_squares(beras)

    class Counting(beras.model.Model):  # type: ignore[misc]
        def __init__(self, layers: list[Any]) -> None:
            super().__init__(layers)
            self.batches: list[tuple[np.ndarray, np.ndarray, bool]] = []

        def call(self, inputs: Any) -> Any:
            return self.layers[0](inputs)

        forward = call

        def batch_step(self, x: Any, y: Any, training: bool = True) -> Any:
            self.batches.append((np.array(x), np.array(y), bool(training)))
            output = self(x)
            metrics = {"loss": loss_class()(output, y), "acc": _agreement(output, y)}
            return metrics if training or bare else (metrics, output)

    model = Counting([parts.linear(beras)(w)])
    model.compile(_Descent(), loss_class(), _agreement)
    return model


def _reported(metrics: Any, *names: str) -> float | None:
    """A metric of a batch; None where it is missing, which says nothing of the step itself."""
    try:
        return parts.single(parts.metric(metrics, *names))
    except (KeyError, TypeError):
        return None


def _agreement(prediction: Any, truth: Any) -> float:
    """A metric between 0 and 1 that every entry changes, and nothing but these two arrays gives by chance."""
    return float(np.mean(1 / (1 + np.abs(np.asarray(prediction) - np.asarray(truth)))))


class _Descent:
    """Plain gradient descent, for whatever a batch_step hands over."""

    learning_rate = 0.5

    def apply_gradients(self, trainable_params: Any, grads: Any) -> None:
        """P -= 0.5 g, in place."""
        for parameter, gradient in zip(trainable_params, grads, strict=False):
            parameter[...] = np.asarray(parameter) - self.learning_rate * np.asarray(gradient)


def _canned_tape(beras: Any, gradient: np.ndarray) -> ModuleType:
    """A tape that records like any other and answers every source of the right shape with `gradient`."""
    core = beras.given("core")

    class GradientTape:
        def __init__(self) -> None:
            self.previous_layers: dict[int, Any] = {}

        def __enter__(self) -> GradientTape:
            core.Diffable.gradient_tape = self
            return self

        def __exit__(self, *_: object) -> None:
            core.Diffable.gradient_tape = None

        def gradient(self, target: Any, sources: Any) -> list[Any]:
            if np.size(target) != 1 or id(target) not in self.previous_layers:
                raise ValueError("the target was not computed by a loss inside the tape")
            return [
                gradient if np.shape(source) == gradient.shape else np.zeros(np.shape(source)) for source in sources
            ]

    module = ModuleType("beras.gradient_tape")
    module.GradientTape = GradientTape  # type: ignore[attr-defined]
    return module
