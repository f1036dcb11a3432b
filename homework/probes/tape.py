"""Questions about the GradientTape, on the probe's own Diffables: no student's layer is needed.

Shapes: x (B, in), w (in, out), truth (B, out).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import comparisons, parts


def one_layer(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, loss: str) -> dict[str, Any]:
    """Return the gradient by the weights of a single layer under the loss `half_squares` or `summed_logs`."""
    layer, loss_fn = parts.linear(beras)(w), getattr(parts, loss)(beras)()
    with beras.gradient_tape.GradientTape() as tape:
        target = loss_fn(layer(beras.tensor(x)), beras.tensor(truth))
    return {"gradients": tape.gradient(target, [layer.w])}


def visited(beras: Any, x: np.ndarray, w: np.ndarray, truth: np.ndarray, loss: str) -> dict[str, Any]:
    """Return which of the tensors get a gradient, and which of the layers are asked for one by their input.

    It tells tapes apart that have no gradient for the weights of `one_layer`, each for a reason of its own.
    """
    layers = [parts.linear(beras)(w), parts.squared(beras)(), getattr(parts, loss)(beras)()]
    asked = [False for _ in layers]

    def noted(number: int, method: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            asked[number] = True
            return method(*arguments, **options)

        return call

    for number, layer in enumerate(layers):
        for name in ("get_input_gradients", "compose_input_gradients"):
            setattr(layer, name, noted(number, getattr(layer, name)))
    with beras.gradient_tape.GradientTape() as tape:
        tensor = beras.tensor(x)
        product = layers[0](tensor)
        output = layers[1](product)
        target = layers[2](output, beras.tensor(truth))
    gradients = [tape.gradient(target, [source]) for source in (layers[0].w, tensor, product, output)]
    return {"found": [not _is_missing(gradient) for gradient in gradients], "asked": asked}


def _is_missing(gradients: Any) -> bool:
    """Return whether a tape's answer for one source holds no gradient: None, or nothing but zeros."""
    return all(gradient is None or not comparisons.differ_anywhere(gradient, 0) for gradient in gradients)


def frozen(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return the gradient by the bias b (1, out) of a layer whose w is not trainable."""
    layer, loss_fn = parts.affine(beras)(w, b), parts.half_squares(beras)()
    beras.freeze(layer.w)
    with beras.gradient_tape.GradientTape() as tape:
        target = loss_fn(layer(beras.tensor(x)), beras.tensor(truth))
    return {"gradients": tape.gradient(target, [layer.b])}


def before_a_frozen_layer(
    beras: Any, x: np.ndarray, w: np.ndarray, w_after: np.ndarray, b_after: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """Return the gradient by the weights of a layer before another, and again with all weights of that one frozen."""
    answer = {}
    for trainable, name in ((True, "gradients"), (False, "gradients with the next layer frozen")):
        layer, after = parts.linear(beras)(w), parts.affine(beras)(w_after, b_after)
        for weight in after.weights:
            beras.set_flag(weight, trainable)
        with beras.gradient_tape.GradientTape() as tape:
            target = parts.half_squares(beras)()(after(layer(beras.tensor(x))), beras.tensor(truth))
        answer[name] = tape.gradient(target, [layer.w])
    return answer


def two_weights(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return the gradients by both weights of a layer that another one follows, the second weight first."""
    layer, after = parts.affine(beras)(w, b), parts.squared(beras)()
    with beras.gradient_tape.GradientTape() as tape:
        target = parts.half_squares(beras)()(after(layer(beras.tensor(x))), beras.tensor(truth))
    return {"gradients": tape.gradient(target, [layer.b, layer.w])}


def chain(
    beras: Any, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, w3: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """Return the gradients by all weights of five layers in a row, in the order of the layers."""
    target, tape, weights = _run_chain(beras, x, [w1, w2, w3], truth)
    return {"gradients": tape.gradient(target, weights)}


def chain_in_another_order(
    beras: Any, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, w3: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """Return the same gradients, asked for in the order 3, 1, 2; and of the first alone."""
    target, tape, weights = _run_chain(beras, x, [w1, w2, w3], truth)
    return {"gradients": tape.gradient(target, [weights[2], weights[0], weights[1]])}


def some_sources(
    beras: Any, x: np.ndarray, w1: np.ndarray, w2: np.ndarray, w3: np.ndarray, truth: np.ndarray
) -> dict[str, Any]:
    """Return the gradient of the second weights alone."""
    target, tape, weights = _run_chain(beras, x, [w1, w2, w3], truth)
    return {"gradients": tape.gradient(target, [weights[1]])}


def second_tape(beras: Any, x: list[np.ndarray], w: np.ndarray, truth: list[np.ndarray]) -> dict[str, Any]:
    """Return the gradients by one layer's weights from two tapes, one after the other, as in training.

    x and truth: a batch for each tape.
    """
    layer, loss = parts.linear(beras)(w), parts.half_squares(beras)()
    answer = {}
    for number, (samples, labels) in enumerate(zip(x, truth, strict=True), 1):
        with beras.gradient_tape.GradientTape() as tape:
            target = loss(layer(beras.tensor(samples)), beras.tensor(labels))
        answer[f"gradients of tape {number}"] = tape.gradient(target, [layer.w])
    return answer


def beside(beras: Any, x: np.ndarray, w: np.ndarray, w_beside: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return the gradient by one layer's weights from a tape that also holds layers which lead to no target.

    They use what the layer makes, and the samples; one is called before the loss, and one after it. None where that
    raises an exception.
    """
    linear = parts.linear(beras)
    layer, first, second = linear(w), linear(w_beside), linear(w)
    with beras.gradient_tape.GradientTape() as tape:
        samples = beras.tensor(x)
        output = layer(samples)
        first(output)
        target = parts.half_squares(beras)()(output, beras.tensor(truth))
        second(samples)
    try:
        return {"gradients": tape.gradient(target, [layer.w])}
    except Exception:  # a layer that is no part of the way cannot take what it is given
        return {"gradients": None}


def outside(beras: Any, x: np.ndarray, w: np.ndarray) -> dict[str, Any]:
    """Return what the tape has recorded after its block, before and after another call of a layer."""
    core = beras.given("core")
    inside, after = parts.linear(beras)(w), parts.linear(beras)(w)
    with beras.gradient_tape.GradientTape() as tape:
        inside(beras.tensor(x))
        recording = core.Diffable.gradient_tape is not None
    layers = list(tape.previous_layers.values())
    after(beras.tensor(x))
    return {
        "recording inside": recording,
        "recording afterwards": core.Diffable.gradient_tape is not None,
        "recorded inside": any(layer is inside for layer in layers),
        "recorded afterwards": any(layer is after for layer in tape.previous_layers.values()),
    }


def _run_chain(beras: Any, x: np.ndarray, weights: list[np.ndarray], truth: np.ndarray) -> tuple[Any, Any, list[Any]]:
    linear, squared = parts.linear(beras), parts.squared(beras)
    first, second, third = (linear(w) for w in weights)
    layers = [first, squared(), second, squared(), third]
    loss = parts.half_squares(beras)()
    with beras.gradient_tape.GradientTape() as tape:
        value = beras.tensor(x)
        for layer in layers:
            value = layer(value)
        target = loss(value, beras.tensor(truth))
    return target, tape, [first.w, second.w, third.w]
