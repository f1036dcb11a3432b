"""Questions about Model and SequentialModel, on the probe's own layers, loss, metric, optimizer and tape."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
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
    """What evaluate returns over several batches, and the weights afterwards."""
    core = beras.given("core")
    loss_class = parts.half_squares(beras)

    class Counting(beras.model.Model):  # type: ignore[misc]
        """A model whose batches can be told apart."""

        def __init__(self, layers: list[Any]) -> None:
            super().__init__(layers)
            self.trained = False

        def call(self, inputs: Any) -> Any:
            return self.layers[0](inputs)

        forward = call

        def batch_step(self, x: Any, y: Any, training: bool = True) -> Any:
            self.trained = self.trained or bool(training)
            output = self(x)
            return {"loss": loss_class()(output, y), "acc": _agreement(output, y)}

    layer = parts.linear(beras)(w)
    model = Counting([layer])
    model.compile(_Descent(), loss_class(), _agreement)
    metrics = model.evaluate(core.Tensor(x), core.Tensor(truth), batch_size)
    return {
        "loss": parts.single(parts.metric(metrics, "loss")),
        "accuracy": parts.single(parts.metric(metrics, "acc", "accuracy", "categorical_accuracy")),
        "trained": model.trained,
    }


def fitted(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, batch_size: int) -> dict[str, Any]:
    """What two epochs of fit hand to batch_step, by the sum of each batch, and the mean loss that it reports."""
    core = beras.given("core")

    class Noting(beras.model.Model):  # type: ignore[misc]
        """A model that notes what its steps are given."""

        def __init__(self, layers: list[Any]) -> None:
            super().__init__(layers)
            self.steps: list[list[float]] = []

        def call(self, inputs: Any) -> Any:
            return self.layers[0](inputs)

        forward = call

        def batch_step(self, x: Any, y: Any, training: bool = False) -> Any:
            self.steps.append([float(np.sum(x)), float(np.sum(y)), float(bool(training))])
            return {"loss": float(np.sum(x)) + len(self.steps), "acc": 0.5}

    model = Noting([parts.linear(beras)(w)])
    model.compile(_Descent(), parts.half_squares(beras)(), _agreement)
    with redirect_stdout(StringIO()):  # it tells how it goes
        history = model.fit(core.Tensor(x), core.Tensor(truth), epochs=2, batch_size=batch_size)
    return {"steps": np.array(model.steps), "loss": parts.single(parts.metric(history, "loss"))}


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
