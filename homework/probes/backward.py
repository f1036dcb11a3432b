"""Questions about `Diffable.backward`, on the probe's own Diffables: no student's layer is needed.

Shapes: x (B, in), w (in, out), truth (B, out).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import comparisons, parts


def registers(beras: Any, values: np.ndarray) -> dict[str, Any]:
    """Return what a Diffable keeps of a call, and whether its output has its way back."""
    core = beras.core
    layer, x = parts.squared(beras)(), core.Tensor(values)
    output = layer(x)
    return {
        "output": output,
        "keeps its input": isinstance(layer.inputs, list) and layer.inputs[0] is x,
        "keeps its output": isinstance(layer.outputs, list) and layer.outputs[0] is output,
        "way back": getattr(output.backward, "__self__", None) is layer,
    }


def one_layer(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, loss: str) -> dict[str, Any]:
    """Return the gradient that `backward` leaves in a single layer under the loss `half_squares` or `summed_logs`."""
    layer, loss_fn = parts.linear(beras)(w), getattr(parts, loss)(beras)()
    loss_fn(layer(beras.tensor(x)), beras.tensor(truth)).backward()
    return {"gradient": layer.w.grad}


def visited(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, loss: str) -> dict[str, Any]:
    """Return which of three layers are asked for a gradient by their input, and by their weights, and how often.

    It tells ways back apart that leave no gradient in `one_layer`, each for a reason of its own.
    """
    layers = [parts.linear(beras)(w), parts.squared(beras)(), getattr(parts, loss)(beras)()]
    asked: dict[str, list[int]] = {"input": [0, 0, 0], "weight": [0, 0, 0]}

    def noted(number: int, of: str, method: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            asked[of][number] += 1
            return method(*arguments, **options)

        return call

    for number, layer in enumerate(layers):
        for of in asked:
            name = f"compose_{of}_gradients"
            setattr(layer, name, noted(number, of, getattr(layer, name)))
    layers[2](layers[1](layers[0](beras.tensor(x))), beras.tensor(truth)).backward()
    return {"asked by input": np.array(asked["input"]), "asked by weight": np.array(asked["weight"])}


def frozen(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return the gradient by the bias b (1, out) of a layer whose w requires none, and whether w has one.

    Zeros are as good as none: they move nothing.
    """
    layer = parts.affine(beras)(w, b)
    beras.freeze(layer.w)
    parts.half_squares(beras)()(layer(beras.tensor(x)), beras.tensor(truth)).backward()
    held = layer.w.grad
    return {
        "gradient": layer.b.grad,
        "frozen weights have a gradient": held is not None and comparisons.differ_anywhere(held, 0),
    }


def before_a_frozen_layer(
    beras: Any, x: np.ndarray, w: np.ndarray, w_after: np.ndarray, b_after: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """Return the gradient by the weights of a layer before another, and again with all of that one frozen."""
    answer = {}
    for frozen, name in ((False, "gradient"), (True, "gradient with the next layer frozen")):
        layer, after = parts.linear(beras)(w), parts.affine(beras)(w_after, b_after)
        for weight in after.weights if frozen else ():
            beras.freeze(weight)
        parts.half_squares(beras)()(after(layer(beras.tensor(x))), beras.tensor(truth)).backward()
        answer[name] = layer.w.grad
    return answer


def after_a_frozen_layer(
    beras: Any, x: np.ndarray, w_before: np.ndarray, w: np.ndarray, w_after: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """Return the gradient of a layer between a frozen one and another.

    NumPy gives what it computes the flag of what it is computed from: all tensors behind a frozen layer are frozen.
    """
    before, layer, after = (parts.linear(beras)(weights) for weights in (w_before, w, w_after))
    beras.freeze(before.w)
    frozen = before(np.array(x))
    beras.freeze(frozen)
    parts.half_squares(beras)()(after(layer(frozen)), beras.tensor(truth)).backward()
    return {"gradient": layer.w.grad}


def two_weights(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return the gradients by both weights of a layer that another one follows."""
    layer, after = parts.affine(beras)(w, b), parts.squared(beras)()
    parts.half_squares(beras)()(after(layer(beras.tensor(x))), beras.tensor(truth)).backward()
    return {"gradient of the weights": layer.w.grad, "gradient of the bias": layer.b.grad}


def chain(
    beras: Any, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, w3: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """Return the gradients that are left in the weights of five layers in a row."""
    linear, squared = parts.linear(beras), parts.squared(beras)
    weighted = [linear(w) for w in (w1, w2, w3)]
    value = beras.tensor(x)
    for layer in (weighted[0], squared(), weighted[1], squared(), weighted[2]):
        value = layer(value)
    parts.half_squares(beras)()(value, beras.tensor(truth)).backward()
    return {f"gradient of layer {number}": layer.w.grad for number, layer in enumerate(weighted, 1)}


def second_batch(beras: Any, x: list[np.ndarray], w: np.ndarray, truth: list[np.ndarray]) -> dict[str, Any]:
    """Return the gradients of one layer's weights after each of two batches, cleared in between, as in training."""
    layer, loss = parts.linear(beras)(w), parts.half_squares(beras)()
    answer = {}
    for number, (samples, labels) in enumerate(zip(x, truth, strict=True), 1):
        layer.w.grad = None
        loss(layer(beras.tensor(samples)), beras.tensor(labels)).backward()
        answer[f"gradient of batch {number}"] = layer.w.grad
    return answer


def accumulated(beras: Any, x: list[np.ndarray], w: np.ndarray, truth: list[np.ndarray]) -> dict[str, Any]:
    """Return the gradient after a batch, and after another one that nothing was cleared before."""
    layer, loss = parts.linear(beras)(w), parts.half_squares(beras)()
    answer = {}
    for samples, labels, when in zip(x, truth, ("after one batch", "after two"), strict=True):
        loss(layer(beras.tensor(samples)), beras.tensor(labels)).backward()
        answer[f"gradient {when}"] = np.array(layer.w.grad)
    return answer


def handed_on(beras: Any, x: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return what the layer before a loss gets as its upstream gradient: an array, or a list of one."""
    got: list[np.ndarray] = []

    class Catcher(parts.squared(beras)):  # type: ignore[misc]
        def compose_input_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803  the handout's name
            got.append(np.array(J, dtype=np.float64))
            return [np.zeros(np.shape(self.inputs[0]))]

        def compose_weight_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
            got.append(np.array(J, dtype=np.float64))
            return []

    # A way back may leave out what reaches no parameter: there is one before the catcher.
    class First(parts.linear(beras)):  # type: ignore[misc]
        def compose_input_gradients(self, _: Any = None) -> list[Any]:
            return [np.zeros(np.shape(self.inputs[0]))]

        def compose_weight_gradients(self, _: Any = None) -> list[Any]:
            return [np.zeros(np.shape(self.w))]

    first = First(np.eye(x.shape[1]))
    parts.half_squares(beras)()(Catcher()(first(beras.tensor(x))), beras.tensor(truth)).backward()
    return {"gradient": got[0].reshape(x.shape) if got and got[0].size == x.size else (got[0] if got else None)}


def given(beras: Any, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, upstream: np.ndarray) -> dict[str, Any]:
    """Return the gradients of two layers whose output is no loss, and those for an upstream gradient of zeros.

    `backward` is given dLoss/dy, as an array or in a list.
    """
    answer = {}
    for above, where in ((upstream, ""), (np.zeros_like(upstream), " by zeros")):
        first, second = (parts.linear(beras)(w) for w in (w1, w2))
        output = second(first(beras.tensor(x)))
        try:
            output.backward(np.array(above))
        except Exception:
            for layer in (first, second):
                layer.w.grad = None
            output.backward([np.array(above)])
        for layer, name in ((first, "first"), (second, "second")):
            answer[f"gradient of the {name} layer{where}"] = layer.w.grad
    return answer


def shared(beras: Any, x: np.ndarray, w: np.ndarray, w1: np.ndarray, w2: np.ndarray) -> dict[str, Any]:
    """Return the gradients of a layer whose output two layers use, and of those two.

    The loss is the sum over both outputs.
    x (B, in), w (in, n), w1 and w2 (n, out).
    """
    linear = parts.linear(beras)

    class Total(parts.half_squares(beras)):  # type: ignore[misc]
        def call(self, one: Any, other: Any) -> Any:
            return np.sum(one) + np.sum(other)

        forward = call

        def get_input_gradients(self) -> list[Any]:
            return [np.ones(np.shape(entry)) for entry in self.inputs]

    first, left, right = linear(w), linear(w1), linear(w2)
    middle = first(beras.tensor(x))
    Total()(left(middle), right(middle)).backward()
    return {
        "gradient of the layer that two use": first.w.grad,
        "gradient of the one": left.w.grad,
        "gradient of the other": right.w.grad,
    }


def untouched(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return what a layer's compose methods returned, after a second batch has gone the same way back.

    And whether the array that was its weights' gradient after the first batch has changed.
    """
    composed: list[np.ndarray] = []

    class Kept(parts.linear(beras)):  # type: ignore[misc]
        def compose_weight_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803  the handout's name
            found: list[Any] = super().compose_weight_gradients(J)
            composed.extend(found)
            return found

    layer, loss = Kept(w), parts.half_squares(beras)()
    loss(layer(beras.tensor(x)), beras.tensor(truth)).backward()
    held = layer.w.grad
    kept = parts.copies(held)
    loss(layer(beras.tensor(x)), beras.tensor(truth)).backward()
    return {
        "gradient that was composed first": composed[0] if composed else None,
        "gradient of the first batch changes": held is not None and comparisons.differ_anywhere(held, kept),
    }
