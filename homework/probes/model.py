"""Questions about Model and SequentialModel, on the probe's own layers, loss, metric, optimizer and tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from guest.loader import ModuleNotLoadedError, NameMissingError

from . import comparisons, parts


def sequential(beras: Any, x: np.ndarray, w1: np.ndarray, w2: np.ndarray) -> dict[str, Any]:
    """Return what a model of three layers computes, and which of its layers a tape sees."""
    linear, squared = parts.on_its_own(beras, parts.linear), parts.on_its_own(beras, parts.squared)
    layers = [linear(w1), squared(), linear(w2)]
    model = beras.make_model(layers)
    if beras.backward:
        # There is no tape to be seen by: a tensor knows where it comes from.
        return {"output": model(beras.tensor(x)), "layers are recorded": [True for _ in layers]}
    core, tape = beras.given("core"), SimpleNamespace(previous_layers={})
    core.Diffable.gradient_tape = tape
    try:
        output = model(beras.tensor(x))
    finally:
        core.Diffable.gradient_tape = None
    seen = list(tape.previous_layers.values())
    return {"output": output, "layers are recorded": [any(layer is one for one in seen) for layer in layers]}


def weights(beras: Any, w1: np.ndarray, b1: np.ndarray, w2: np.ndarray) -> dict[str, Any]:
    """Return the weights of a model of three layers that was never called, before and after the first is frozen.

    The first layer has two weights, the second none, the third one.
    """
    affine, squared = parts.on_its_own(beras, parts.affine), parts.on_its_own(beras, parts.squared)
    first, second = affine(w1, b1), parts.on_its_own(beras, parts.linear)(w2)
    model = beras.make_model([first, squared(), second])
    answer = {"weights": beras.weights(model)}
    beras.freeze(first.w)
    return answer | {"weights, the first frozen,": beras.weights(model)}


def batch_step(
    beras: Any,
    x: np.ndarray,
    w: np.ndarray,
    truth: np.ndarray,
    gradient: np.ndarray,
    training: bool,
    own_tape: bool,
) -> dict[str, Any]:
    """Return one batch: the metrics that come back, and the weights afterwards; and after the same batch once more.

    own_tape: the submission's own tape works under it; otherwise one that answers with `gradient`, and with twice that
    for the second time.
    """
    tape = _canned_tape(beras, gradient)
    if not own_tape:
        _replace_tape(beras, tape)
    layer = parts.on_its_own(beras, parts.linear)(w)
    calls = _count_calls(layer)
    model = beras.make_model([layer])
    model.compile(_descent(beras, [layer.w]), parts.on_its_own(beras, parts.tilted_squares)(), _Agreement())
    metrics = model.batch_step(beras.tensor(x), beras.tensor(truth), training=training)
    answer = {
        "what comes back": np.array(_kind(metrics)),
        "loss": _reported(metrics, "loss"),
        "accuracy": _reported(metrics, "acc", "accuracy", "categorical_accuracy"),
        "weights": np.array(layer.w),
        "layer is called": bool(calls),
    }
    vars(tape)["scale"] = 2.0
    model.batch_step(beras.tensor(x), beras.tensor(truth), training=training)
    return answer | {"weights after a second step": layer.w}


#: What a batch step may return, in the order that `_kind` counts in.
KINDS = ("a dict", "nothing", "a list", "a tuple", "an array or a number", "something else")


def _kind(metrics: Any) -> int:
    """Return which of KINDS the metrics of a batch are; beside predictions, the metrics alone count."""
    if isinstance(metrics, dict) or (isinstance(metrics, tuple) and metrics and isinstance(metrics[0], dict)):
        return 0
    if metrics is None:
        return 1
    kinds: tuple[Any, ...] = (list, tuple, (np.ndarray, np.generic, float, int))
    return next((number for number, kind in enumerate(kinds, 2) if isinstance(metrics, kind)), len(KINDS) - 1)


def _count_calls(layer: Any) -> list[None]:
    """Return a list that grows with every call of the probe's own layer."""
    calls: list[None] = []
    own = layer.call

    def call(x: Any) -> Any:
        calls.append(None)
        return own(x)

    vars(layer).update(call=call, forward=call)
    return calls


def evaluated(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, batch_size: int) -> dict[str, Any]:
    """Return what evaluate returns over several batches, whether it trained, and how many samples it has seen.

    And whether the weight of the model, which is frozen before, is trainable afterwards.
    """
    core = beras.given("core")
    weights: list[Any] = []

    def run(model: Any) -> Any:
        weights[:] = [model.our_weight()]
        beras.set_flag(weights[0], False)
        return model.evaluate(core.Tensor(x), core.Tensor(truth), batch_size)

    metrics, batches = _in_its_form(beras, w, run)
    loss, accuracy = parts.metrics_of(metrics, len(x), batch_size)
    return {
        "loss": loss,
        "accuracy": accuracy,
        "trained": any(training for _, _, training in batches),
        "frozen weight is trainable": bool(beras.flag(weights[0])),
        "number of samples": sum(len(inputs) for inputs, _, _ in batches),
    }


def evaluated_as_written(
    beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, batch_size: int, own_tape: bool
) -> dict[str, Any]:
    """Return what the submission's SequentialModel evaluates to, on its own batch_step; and its weights afterwards.

    Then what a second evaluation gives, of the first batch alone. own_tape: as in `batch_step`.
    """
    if not own_tape:
        _replace_tape(beras, _canned_tape(beras, np.zeros_like(w)))
    core, layer = beras.given("core"), parts.on_its_own(beras, parts.linear)(w)
    model = beras.make_model([layer])
    model.compile(_descent(beras, [layer.w]), parts.on_its_own(beras, parts.mean_squares)(), _Agreement())
    answer = {}
    for samples, when in ((len(x), ""), (batch_size, " of a second evaluation")):
        metrics = model.evaluate(core.Tensor(x[:samples]), core.Tensor(truth[:samples]), batch_size)
        answer[f"loss{when}"], answer[f"accuracy{when}"] = parts.metrics_of(metrics, samples, batch_size)
    return answer | {"weights": layer.w}


def frozen(
    beras: Any,
    x: np.ndarray,
    w1: np.ndarray,
    w2: np.ndarray,
    w3: np.ndarray,
    truth: np.ndarray,
    gradient: np.ndarray,
    own_tape: bool,
) -> dict[str, Any]:
    """Return the weights of the first two of three layers, the second of them frozen, after a step of training.

    Also how many steps the optimizer took. own_tape: the submission's own tape and BasicOptimizer work under it;
    otherwise the probe's, whose tape answers the first layer's weights with `gradient`. Where each parameter holds its
    own gradient there is no tape to choose.
    """
    if not own_tape:
        _replace_tape(beras, _canned_tape(beras, gradient, otherwise=1.0))
    layers = [parts.on_its_own(beras, parts.linear)(w) for w in (w1, w2, w3)]
    weights = [layer.w for layer in layers]
    beras.freeze(weights[1])
    model = beras.make_model(layers)
    optimizer = _own_descent(beras, weights) if own_tape else _descent(beras, weights)
    steps = _count_steps(optimizer, beras.edition["update"])
    model.compile(optimizer, parts.on_its_own(beras, parts.half_squares)(), _Agreement())
    model.batch_step(beras.tensor(x), beras.tensor(truth), training=True)
    return {"weights": weights[0], "frozen weights": weights[1], "steps of the optimizer": np.array(sum(steps))}


def _count_steps(optimizer: Any, name: str) -> list[int]:
    """Return a list that gets a 1 with every step of an optimizer that changes anything; `name` is its method.

    It holds a 1 already where the steps cannot be counted.
    """
    steps: list[int] = []
    own = getattr(optimizer, name)

    def step(*inputs: Any, **options: Any) -> Any:
        given = [*inputs, *options.values()]
        steps.append(0 if given and hasattr(given[0], "__len__") and len(given[0]) == 0 else 1)
        return own(*inputs, **options)

    try:
        vars(optimizer)[name] = step
    except TypeError:
        steps.append(1)
    return steps


def fitted(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, epochs: int, batch_size: int) -> dict[str, Any]:
    """Return what fit hands over to batch_step: the inputs and labels of every batch that it trains on.

    Beside, what `count_samples` makes of them, and the mean loss that fit reports, None if none. x: rows that differ.
    """
    core = beras.given("core")
    history, seen = _in_its_form(
        beras,
        w,
        lambda model: model.fit(core.Tensor(x), core.Tensor(truth), epochs=epochs, batch_size=batch_size),
    )
    batches = [(inputs, labels) for inputs, labels, training in seen if training]
    return {
        "inputs of the batches": [inputs for inputs, _ in batches],
        "labels of the batches": [labels for _, labels in batches],
        "loss": _reported(history, "loss"),
        **count_samples(x, truth, batches),
    }


def count_samples(x: np.ndarray, truth: np.ndarray, batches: Sequence[tuple[Any, Any]]) -> dict[str, np.ndarray]:
    """Return how often each row of x is in `batches` with its truth, and with whatever truth; the batches' sizes.

    x (n, in), truth (n, out). batches: inputs and labels, of any shape. A hidden test counts what it was sent; what is
    counted beside a submission tells no more than which mistake it looks like.
    """
    samples = np.concatenate([x, truth], axis=1)
    with_label, with_any = np.zeros(len(x), np.int64), np.zeros(len(x), np.int64)
    for inputs, labels in batches:
        if not inputs.ndim or not labels.ndim or inputs.shape[1:] != x.shape[1:]:
            continue
        pair = inputs[: len(labels)], labels[: len(inputs)]
        with_any += comparisons.count_rows(pair[0], x)
        if labels.shape[1:] == truth.shape[1:]:
            with_label += comparisons.count_rows(np.concatenate(pair, axis=1), samples)
    return {
        "number of times that each sample was trained on": with_label,
        "number of times, whatever its label,": with_any,
        "batch sizes": np.array([len(inputs) if inputs.ndim else 0 for inputs, _ in batches]),
    }


def history(
    beras: Any, samples: list[np.ndarray], w: np.ndarray, losses: np.ndarray, epochs: int, batch_size: int
) -> dict[str, Any]:
    """Return the losses in the history that fit returns, and those of the batches that it trained on, in their order.

    losses: what the batches have, one after another; as many as it takes.
    """
    seen: list[float] = []

    def run(model: Any) -> Any:
        seen.clear()
        own = model.batch_step

        def batch_step(x: Any, y: Any, training: bool = True) -> Any:
            returned = own(x, y, training)
            if training:
                seen.append(float(losses[len(seen) % len(losses)]))
                returned["loss"] = np.array(seen[-1])
            return returned

        vars(model)["batch_step"] = batch_step
        return model.fit(core.Tensor(x), core.Tensor(truth), epochs=epochs, batch_size=batch_size)

    core, (x, truth) = beras.given("core"), samples
    returned, _ = _in_its_form(beras, w, run)
    return {"losses of the history": _listed(returned, "loss"), "losses of the batches": np.array(seen)}


def _listed(history: Any, name: str) -> np.ndarray | None:
    """Return the entries of a history's `name`; None where it is no list of numbers, for what `fit` returns is free."""
    try:
        values = history[name] if isinstance(history, dict) else vars(history)["history"][name]
        flat = np.array([np.squeeze(np.asarray(value, dtype=np.float64)) for value in values])
    except (KeyError, TypeError, ValueError):
        return None
    return flat if flat.ndim == 1 else None


def fitted_to(beras: Any, samples: list[np.ndarray], w: np.ndarray, epochs: int, batch_size: int) -> dict[str, Any]:
    """Return as `fitted`; samples: inputs and truth that were drawn together."""
    x, truth = samples
    return fitted(beras, x, w, truth, epochs, batch_size)


Batch = tuple[np.ndarray, np.ndarray, bool]  # inputs, truth, and whether it was trained on


def _in_its_form(beras: Any, w: np.ndarray, run: Callable[[Any], Any]) -> tuple[Any, list[Batch]]:
    """Return what `run` of a model returns, and the batches that the model got.

    Whether a batch step without training returns the metrics alone or with the predictions depends on the edition; code
    that takes the other form is as good where its author's own batch_step returns that, or has no form yet.
    """
    own = _own_form(beras, w)
    bare = beras.edition["evaluated"] == "metrics" if own is None else own
    batches: list[Batch] = []
    try:
        return run(_counting(beras, w, batches, bare=bare)), batches
    except Exception as told:
        if own is not None:
            raise
        batches.clear()
        try:
            return run(_counting(beras, w, batches, bare=not bare)), batches
        except Exception:
            raise told from told.__cause__


def _own_form(beras: Any, w: np.ndarray) -> bool | None:
    """Return whether the submission's batch_step without training returns metrics alone; None where neither form."""
    try:
        layer = parts.on_its_own(beras, parts.linear)(w)
        model = beras.make_model([layer])
        model.compile(_descent(beras, [layer.w]), parts.on_its_own(beras, parts.half_squares)(), _Agreement())
        x, y = np.ones((2, w.shape[0])), np.ones((2, w.shape[1]))
        returned = model.batch_step(beras.tensor(x), beras.tensor(y), training=False)
    except Exception:
        return None
    if isinstance(returned, tuple) and returned and isinstance(returned[0], dict):
        return False
    return True if isinstance(returned, dict) else None


def _counting(beras: Any, w: np.ndarray, batches: list[Batch], *, bare: bool) -> Any:
    """Return a model of one layer, compiled, that adds its batches to `batches`; bare: without predictions."""
    loss_class = parts.on_its_own(beras, parts.mean_squares)
    layer = parts.on_its_own(beras, parts.linear)(w)
    # Where the whole of a model is its SequentialModel's, `fit` and `evaluate` are found there too.
    owner: Any = beras.sequential if beras.backward else beras.model.Model

    class Counting(owner):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return layer(inputs)  # a model may keep its layers under a name of its own

        forward = call

        @staticmethod
        def our_weight() -> Any:
            return layer.w  # no attribute of the model: it may look for its layers among them

        def batch_step(self, x: Any, y: Any, training: bool = True) -> Any:
            batches.append((_numbers(x), _numbers(y), bool(training)))
            output = self(x)
            metrics = {"loss": loss_class()(output, y), "acc": _Agreement()(output, y)}
            return metrics if training or bare else (metrics, output)

    model = beras.make_model([layer], Counting)
    model.compile(_descent(beras, [layer.w]), loss_class(), _Agreement())
    return model


def _numbers(values: Any) -> np.ndarray:
    """Return a copy of an array, of numbers where it is an array of objects that can be read as such."""
    array = np.array(values)
    if array.dtype == object:
        with suppress(TypeError, ValueError):
            return array.astype(np.float64)
    return array


def _reported(metrics: Any, *names: str) -> float | None:
    """Return a metric of a batch; None where it is missing, which says nothing of the step itself."""
    try:
        return parts.single(parts.metric(metrics, *names))
    except (KeyError, TypeError):
        return None


class _Agreement:
    """A metric between 0 and 1 that every entry changes, and nothing but these two arrays gives by chance."""

    def call(self, probs: Any, labels: Any) -> float:  # the handout's names: they may be given by name
        return float(np.mean(1 / (1 + np.abs(np.asarray(probs) - np.asarray(labels)))))

    forward = __call__ = call


class _Descent:
    """Plain gradient descent, for whatever a batch_step hands over, or by the gradients that `parameters` hold."""

    learning_rate = 0.5

    def __init__(self, parameters: list[Any]) -> None:
        self.parameters = parameters

    def apply_gradients(self, trainable_params: Any, grads: Any) -> None:
        """P -= 0.5 g, in place."""
        for parameter, gradient in zip(trainable_params, grads, strict=False):
            parameter[...] = np.asarray(parameter) - self.learning_rate * np.asarray(gradient)

    def zero_grad(self) -> None:
        """Take the gradients away."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """P -= 0.5 p.grad, in place."""
        held = [parameter for parameter in self.parameters if parameter.grad is not None]
        _Descent.apply_gradients(self, held, [parameter.grad for parameter in held])


def _descent(beras: Any, parameters: list[Any]) -> Any:
    """Return a `_Descent` whose method goes by the edition's name for it."""
    made = _Descent(parameters)
    vars(made)[beras.edition["update"]] = made.step if beras.backward else made.apply_gradients
    return made


def _own_descent(beras: Any, parameters: list[Any]) -> Any:
    """Return the submission's BasicOptimizer, with the rate of `_Descent`."""
    kind = beras.optimizers.BasicOptimizer
    return kind(parameters, _Descent.learning_rate) if beras.backward else kind(_Descent.learning_rate)


def _descent_on_own_optimizer(beras: Any, parameters: list[Any]) -> Any:
    """Return the probe's step in a class that is derived from the submission's Optimizer.

    If there is none, as when optimizers.py cannot be loaded, the probe's own class clears the gradients as well.
    """
    try:
        _ = beras.optimizers.Optimizer
    except (ModuleNotLoadedError, NameMissingError):
        return _Descent(parameters)

    class Descent(beras.optimizers.Optimizer):  # type: ignore[misc]
        # Whatever the submission's class calls what it holds.
        vars()[beras.edition["update"]] = lambda _: _Descent(parameters).step()

    return Descent(parameters, _Descent.learning_rate)


def _replace_tape(beras: Any, tape: ModuleType) -> None:
    """Put `tape` in the place of the submission's; where `backward` works there is none."""
    if not beras.backward:
        beras.replace("gradient_tape", tape)


def _canned_tape(beras: Any, gradient: np.ndarray, otherwise: float = 0.0) -> ModuleType:
    """Return a tape that records like any other and answers every source with `gradient`, `scale` times.

    otherwise: what fills the gradients of all other sources.
    """
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
                module.scale * gradient if np.shape(source) == gradient.shape else np.full(np.shape(source), otherwise)
                for source in sources
            ]

    module = ModuleType("beras.gradient_tape")
    vars(module).update(GradientTape=GradientTape, scale=1.0)
    return module


def two_steps(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, own_optimizer: bool) -> dict[str, Any]:
    """Return the weights after two steps of training with the same batch.

    own_optimizer: the submission's BasicOptimizer takes them; otherwise the probe's own step does, on the submission's
    Optimizer, if there is one: then what clears the gradients is the submission's either way.
    """
    layer = parts.on_its_own(beras, parts.linear)(w)
    model = beras.make_model([layer])
    make = _own_descent if own_optimizer else _descent_on_own_optimizer
    model.compile(make(beras, [layer.w]), parts.on_its_own(beras, parts.mean_squares)(), _Agreement())
    weights = []
    for _ in range(2):
        model.batch_step(beras.tensor(x), beras.tensor(truth), training=True)
        weights.append(np.array(layer.w))
    return {"weights after the first step": weights[0], "weights after the second step": weights[1]}


def owned(beras: Any) -> dict[str, Any]:
    """Return which share of the parameters of get_model's model get_optimizer gives to its optimizer.

    What is nested in lists counts as what is in them, and a model that makes copies of its parameters is compared by
    their values: both are mistakes of the model, and not of get_optimizer.
    """
    model = beras.assignment.get_model()
    optimizer, weights = beras.optimizer_of(model), _flat(beras.weights(model))
    held = _flat(list(getattr(optimizer, "parameters", getattr(optimizer, beras.edition["weights"], ()))))
    again = {id(weight) for weight in _flat(beras.weights(model))}
    same = {id(parameter) for parameter in held}

    def is_held(weight: Any) -> bool:
        return id(weight) in same or (
            id(weight) not in again and any(comparisons.are_equal(weight, one) for one in held)
        )

    held_by_it = [weight for weight in weights if is_held(weight)]
    share = len(held_by_it) / len(weights) if weights else float("nan")
    return {"share of its parameters that the optimizer has": share}


def _flat(weights: Any) -> list[Any]:
    """Return what a list holds, and the lists in it."""
    nested = isinstance(weights, list | tuple)
    return [one for inner in weights for one in _flat(inner)] if nested else [weights]
