"""What probes share: weights put into a student's layer, and small Diffables, losses and optimizers of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from guest.blame import UnusableError


def dense(beras: Any, w: np.ndarray, b: np.ndarray) -> Any:
    """Return the submission's dense layer with weights w (in, out) and bias b (out entries) in its own arrays."""
    try:
        layer = beras.dense(*w.shape)
        usable = all(np.issubdtype(np.asarray(weight).dtype, np.floating) for weight in (layer.w, layer.b))
        usable = usable and (np.shape(layer.b) in (b.shape, b.shape[1:]) or _can_be_called(beras, layer, w.shape))
    except Exception:
        usable = False
    if not usable:
        # First weights that are still to be written, are integers or fit no output cost their own tests: here others
        # take over.
        layer = _dense_with_zeros(beras, w.shape)
    fill(layer.w, w)
    fill(layer.b, b)
    return layer


def _can_be_called(beras: Any, layer: Any, sizes: tuple[int, ...]) -> bool:
    """Return whether a layer of these sizes, (in, out), gives an output of the right shape. Raises what it raises."""
    samples = max(sizes) + 1  # as many as neither size: nothing fits by chance
    output: tuple[int, ...] = np.shape(layer(beras.tensor(np.ones((samples, sizes[0])))))
    return output == (samples, sizes[1])


def _dense_with_zeros(beras: Any, shape: tuple[int, ...]) -> Any:
    """Return a Dense whose first weights are the probe's own. Raises what its constructor raises all the same."""

    def zeros(_initializer: Any = None, *_sizes: Any, **_: Any) -> tuple[Any, Any]:
        return beras.variable(np.zeros(shape)), beras.variable(np.zeros((1, shape[1])))

    class Dense(beras.dense):  # type: ignore[misc]
        _initialize_weight = staticmethod(zeros)

    return Dense(*shape)


def row_type(beras: Any, otherwise: Any) -> Any:
    """Return the type of the rows that the submission's OneHotEncoder gives; `otherwise` where it gives no numbers."""
    try:
        encoder = beras.given("onehot").OneHotEncoder()
        encoder.fit(np.arange(3))
        dtype = np.asarray(encoder(np.arange(3))).dtype
    except Exception:  # it costs its own tests
        return otherwise
    return dtype if dtype.kind in "biuf" else otherwise


def fill(target: Any, values: np.ndarray) -> None:
    """Write `values` into the array `target`, whatever its shape for as many entries."""
    target[...] = np.reshape(values, np.shape(target))


def copies(gradients: Any) -> Any:
    """Return `gradients` as they are now, whatever becomes of their arrays."""
    if isinstance(gradients, list | tuple):
        return [copies(gradient) for gradient in gradients]
    return None if gradients is None else np.array(gradients)


def linear(beras: Any) -> type:
    """Return a Diffable without bias, y = x @ w, that answers all four questions itself."""
    core = beras.given("core")

    @beras.lists_weights
    class Linear(core.Diffable):  # type: ignore[misc, name-defined]
        def __init__(self, w: np.ndarray) -> None:
            super().__init__()
            self.w = beras.variable(w)

        @property
        def weights(self) -> list[Any]:
            return [self.w]

        def call(self, x: Any) -> Any:
            return x @ self.w

        forward = call

        def get_input_gradients(self) -> list[Any]:
            return [np.asarray(self.w)]

        def get_weight_gradients(self) -> list[Any]:
            return [np.asarray(self.inputs[0])[:, :, None]]

        def compose_input_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803  the handout's name
            if starts_here(J):
                return self.get_input_gradients()
            return [np.asarray(upstream) @ np.asarray(self.w).T for upstream in J]

        def compose_weight_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
            if starts_here(J):
                return self.get_weight_gradients()
            return [np.asarray(self.inputs[0]).T @ np.asarray(upstream) for upstream in J]

    return Linear


def affine(beras: Any) -> type:
    """Return a Diffable with two weights, y = x @ w + b, that answers all four questions itself."""

    @beras.lists_weights
    class Affine(linear(beras)):  # type: ignore[misc]
        def __init__(self, w: np.ndarray, b: np.ndarray) -> None:
            super().__init__(w)
            self.b = beras.variable(b)

        @property
        def weights(self) -> list[Any]:
            return [self.w, self.b]

        def call(self, x: Any) -> Any:
            return x @ self.w + self.b

        forward = call

        def get_weight_gradients(self) -> list[Any]:
            return [*super().get_weight_gradients(), np.ones(np.shape(self.b))]

        def compose_weight_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
            if starts_here(J):
                return self.get_weight_gradients()
            by_bias = [np.sum(upstream, axis=0).reshape(np.shape(self.b)) for upstream in J]
            return [*super().compose_weight_gradients(J), *by_bias]

    return Affine


def squared(beras: Any) -> type:
    """Return an activation y = x²."""
    core = beras.given("core")

    @beras.lists_weights
    class Squared(core.Diffable):  # type: ignore[misc, name-defined]
        weights: list[Any] = []  # noqa: RUF012  a property of the class, as in the handout

        def call(self, x: Any) -> Any:
            return x * x

        forward = call

        def get_input_gradients(self) -> list[Any]:
            return [2 * np.asarray(self.inputs[0])]

        def get_weight_gradients(self) -> list[Any]:
            return []

        def compose_input_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
            if starts_here(J):
                return self.get_input_gradients()
            return [2 * np.asarray(self.inputs[0]) * np.asarray(upstream) for upstream in J]

        def compose_weight_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
            del J
            return []

    return Squared


def on_its_own(beras: Any, make: Callable[[Any], type]) -> Any:
    """Return what a function here makes, with a way back of its own where the submission's does not work yet.

    Questions about a model are not about `backward`. It is a way through a chain of these classes and through nothing
    else: the first input alone counts, no weight is left out, and what a call leaves is not added to what was there.
    """
    kind: Any = make(beras)
    if not beras.backward or beras.goes_back:
        return kind

    class OnItsOwn(kind):  # type: ignore[misc]
        def backward(self, grad: Any = None) -> None:
            before, along = self.inputs[0], self.compose_input_gradients([grad])[0]
            for weight, gradient in zip(self.weights, self.compose_weight_gradients([grad]), strict=True):
                weight.grad = gradient if beras.is_trained(weight) else None
            if hasattr(before, "backward"):
                before.backward(along)

    return OnItsOwn


def mean_squares(beras: Any) -> type:
    """Return a loss Σ(p − t)²/(2B): a mean over samples, so that batches may be put together before or after it."""

    def value(prediction: Any, truth: Any) -> Any:
        return 0.5 * np.sum((prediction - truth) ** 2) / len(prediction)

    return _loss(beras, value, lambda prediction, truth: (prediction - truth) / len(prediction))


def half_squares(beras: Any) -> type:
    """Return a loss Σ(p − t)²/2 of prediction and truth."""

    def value(prediction: Any, truth: Any) -> Any:
        return 0.5 * np.sum((prediction - truth) ** 2)

    return _loss(beras, value, lambda prediction, truth: prediction - truth)


def tilted_squares(beras: Any) -> type:
    """Return a loss Σ((p − t)²/2 + p/4) of prediction and truth, which must not change places."""

    def value(prediction: Any, truth: Any) -> Any:
        return 0.5 * np.sum((prediction - truth) ** 2) + 0.25 * np.sum(prediction)

    return _loss(beras, value, lambda prediction, truth: prediction - truth + 0.25)


def summed_logs(beras: Any) -> type:
    """Return a loss −Σ t log p of positive predictions and truth."""

    def value(prediction: Any, truth: Any) -> Any:
        return -np.sum(truth * np.log(prediction))

    return _loss(beras, value, lambda prediction, truth: -truth / prediction)


def _loss(beras: Any, value: Callable[..., Any], gradient: Callable[..., Any]) -> type:
    core = beras.given("core")

    @beras.lists_weights
    class Loss(core.Diffable):  # type: ignore[misc, name-defined]
        weights: list[Any] = []  # noqa: RUF012

        def call(self, y_pred: Any, y_true: Any) -> Any:  # the handout's names: they may be given by name
            return value(y_pred, y_true)

        forward = call

        def get_input_gradients(self) -> list[Any]:
            prediction, truth = (np.asarray(array) for array in self.inputs)
            return [gradient(prediction, truth), np.zeros_like(truth)]

        def get_weight_gradients(self) -> list[Any]:
            return []

        def compose_input_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
            if starts_here(J):
                return self.get_input_gradients()
            # The handout's compose, which losses inherit, raises here too: there is no Jacobian (n, 1) to multiply.
            shapes = " and ".join(str(np.shape(upstream)) for upstream in J)
            raise ValueError(
                f"a loss is where the chain rule starts: its upstream gradient is None or [None], not of shape {shapes}"
            )

        def compose_weight_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
            del J
            return []

    return Loss


def _noting_reads(kind: type, reads: set[str]) -> type:
    """Return a class like `kind` whose objects note in `reads` what is read of them."""

    class Noting(kind):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            reads.add(name)
            return super().__getattribute__(name)

    Noting.__name__, Noting.__qualname__ = kind.__name__, kind.__qualname__
    return Noting


def stepper(
    beras: Any, name: str, variables: list[Any], learning_rate: float, *, reads: set[str] | None = None, **options: Any
) -> Callable[[list[Any]], None]:
    """Return the submission's optimizer `name` of some variables: a function that takes one step by their gradients.

    reads: takes the names of the attributes that are read of the optimizer.
    """
    kind = getattr(beras.optimizers, name)
    if reads is not None:
        kind = _noting_reads(kind, reads)
    if not beras.backward:
        optimizer = kind(learning_rate, **options)

        def apply(gradients: list[Any]) -> None:
            beras.update_of(optimizer)(list(variables), list(gradients))

        return apply
    owner = kind(list(variables), learning_rate, **options)

    def step(gradients: list[Any]) -> None:
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.grad = gradient
        beras.update_of(owner)()

    return step


def way_back(beras: Any, run: Callable[[], Any], sources: list[Any]) -> Callable[[], list[Any]]:
    """Compute a loss, which `run` returns; a function that returns its gradients by `sources`, as the edition does."""
    if beras.backward:
        target = run()

        def go_back() -> list[Any]:
            target.backward()
            return [source.grad for source in sources]

        return go_back
    with beras.gradient_tape.GradientTape() as tape:
        target = run()
    return lambda: list(tape.gradient(target, sources))


def starts_here(J: Any) -> bool:  # noqa: N803
    """Return whether there is no upstream gradient: None or [None]."""
    return J is None or (not isinstance(J, np.ndarray) and (len(J) == 0 or J[0] is None))


def flat(value: Any) -> Any:
    """Return an array along one axis; None as it is, which is no array of anything."""
    return None if value is None else np.ravel(np.asarray(value))


def metrics_of(returned: Any, samples: int, batch_size: int) -> tuple[float, float]:
    """Return loss and accuracy of what a model's `evaluate` returns, alone or with predictions.

    Raises UnusableError, with what came instead, where it is no dict that holds them.
    """
    metrics = returned
    if isinstance(returned, tuple) and returned and isinstance(returned[0], dict):
        metrics = returned[0]
    if not hasattr(metrics, "keys"):
        raise UnusableError(f"`evaluate` should return a dict of numbers, and returns {_called(returned)}")
    if not metrics:
        raise UnusableError(
            f"`evaluate` returns an empty dict for {samples} samples in batches of {batch_size}: no batch counts in it"
        )
    found = []
    for name, keys in (("loss", ("loss",)), ("accuracy", ("acc", "accuracy", "categorical_accuracy"))):
        if not any(key in metrics for key in keys):
            listed = ", ".join(f"`{key}`" for key in metrics if isinstance(key, str) and key.isidentifier())
            holds = f": it holds {listed}" if listed else ""
            raise UnusableError(f"`evaluate` returns a dict without the {name}, which goes by `{keys[0]}`{holds}")
        value = metric(metrics, *keys)
        if value is None:
            raise UnusableError(f"`evaluate` returns a dict whose {name} is None")
        found.append(single(value))
    return found[0], found[1]


def _called(value: Any) -> str:
    if value is None:
        return "nothing: every way through it should end in a `return`"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)} entries"
    if isinstance(value, bool | int | float | np.generic) or np.shape(value) == ():
        return "one number"
    return "an array" if isinstance(value, np.ndarray) else "something else"


def single(value: Any) -> float:
    """Return the one number in a metric or loss of shape (), (1,) or (1, 1); the mean of a list of them."""
    return float(np.mean(np.asarray(value, dtype=np.float64)))


def metric(metrics: Any, *names: str) -> Any:
    """Return the first of `names` that the dict `metrics` holds; of a tuple (metrics, predictions), the dict's."""
    if isinstance(metrics, tuple):
        metrics = metrics[0]
    for name in names:
        if name in metrics:
            return metrics[name]
    raise KeyError(f"the metrics hold {', '.join(sorted(map(str, metrics)))}, not {' or '.join(names)}")
