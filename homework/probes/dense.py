"""Questions about a Dense layer. Shapes: x (B, in), w (in, out), b (1, out), upstream (B, out)."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import comparisons, parts


def forward(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Return the layer's output."""
    return {"output": parts.dense(beras, w, b)(beras.tensor(x))}


def local_gradients(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Return the gradients before any upstream is composed."""
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    return _by_weight(layer.get_weight_gradients())


def local_input_gradients(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Return the list that get_input_gradients returns."""
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    return {"gradients": layer.get_input_gradients()}


def composed_input(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, upstream: np.ndarray) -> dict[str, Any]:
    """dLoss/dx for one upstream gradient."""
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    return {"gradients": layer.compose_input_gradients([upstream])}


def composed_weights(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, upstream: np.ndarray) -> dict[str, Any]:
    """dLoss/dw and dLoss/db for one upstream gradient, and the weights that they belong to.

    Also whether each of the weights is an array that the layer computes with, and the same one each time.
    """
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    composed = _by_weight(layer.compose_weight_gradients([upstream]))
    listed, again = beras.weights(layer), beras.weights(layer)
    return {
        **composed,
        "list of weights": listed,
        "weights are the layer's own": [
            comparisons.is_instance(one, np.ndarray) and comparisons.share_memory(one, own)
            for one, own in zip(listed, (layer.w, layer.b), strict=False)
        ],
        "weights are the same each time": [one is other for one, other in zip(listed[:2], again, strict=False)],
    }


def called_again(
    beras: Any,
    first: np.ndarray,
    other: np.ndarray,
    last: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    another_w: np.ndarray,
    upstream: np.ndarray,
) -> dict[str, Any]:
    """Return what a layer answers for its last call, beside what a new layer answers.

    first and other have one shape, so that a buffer would be used again; last and upstream have another batch size.
    Before the last call the layer's weights change. Another layer, with another_w, is made before it and called after.
    """
    new = parts.dense(beras, w, b)
    answer = {"output of a new layer": new(beras.tensor(last))}
    answer |= _composed(new, upstream, "of a new layer")

    layer = parts.dense(beras, w - 1, b + 1)
    output = layer(beras.tensor(first))
    before = np.array(output)
    gradients = [*layer.compose_input_gradients([before]), *layer.compose_weight_gradients([before])]
    answer["list of gradients, as it was returned,"] = parts.copies(gradients)
    layer(beras.tensor(other))
    layer.compose_input_gradients([before + 1])
    layer.compose_weight_gradients([before + 1])
    answer["list of gradients, afterwards,"] = gradients
    answer["output of the first call"] = before
    answer["output of the first call, after the next one"] = output
    parts.fill(layer.w, w)
    parts.fill(layer.b, b)
    another = parts.dense(beras, another_w, b[:, : another_w.shape[1]])
    answer["output of the last call"] = layer(beras.tensor(last))
    another(beras.tensor(first[:, : len(another_w)]))
    return answer | _composed(layer, upstream, "after the last call")


def local_again(beras: Any, first: np.ndarray, last: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Return a layer's local gradients for its last call, of another batch size, beside those of a new layer.

    Before the last call the layer's weights change.
    """
    new = parts.dense(beras, w, b)
    new(beras.tensor(last))
    answer = {"local gradients of a new layer": parts.copies(_local(new))}
    layer = parts.dense(beras, w - 1, b + 1)  # now, for two layers may share their weights by mistake
    layer(beras.tensor(first))
    _local(layer)
    parts.fill(layer.w, w)
    parts.fill(layer.b, b)
    layer(beras.tensor(last))
    return answer | {"local gradients after the last call": _local(layer)}


def _local(layer: Any) -> list[Any]:
    return [*layer.get_input_gradients(), *layer.get_weight_gradients()]


def untouched(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, upstream: np.ndarray) -> dict[str, Any]:
    """Return the arrays that a layer was given, its weights and its output, after all its methods have run."""
    layer, given, above = parts.dense(beras, w, b), beras.tensor(x), np.array(upstream)
    output = layer(given)
    before = np.array(output)
    layer.get_input_gradients()
    layer.get_weight_gradients()
    layer.compose_input_gradients([above])
    layer.compose_weight_gradients([above])
    return {
        "input, afterwards,": given,
        "upstream gradient, afterwards,": above,
        "output, as it was returned,": before,
        "output, afterwards,": output,
        "weights, afterwards,": layer.w,
        "bias, afterwards,": parts.flat(layer.b),
    }


def of_every_size(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray, upstream: np.ndarray) -> dict[str, Any]:
    """Output and composed gradients of a layer, and the output of `x` times four, rounded to whole numbers, int64."""
    layer = parts.dense(beras, w, b)
    answer = {"output": layer(beras.tensor(x)), **_composed(layer, upstream, "")}
    whole = np.rint(4 * x).astype(np.int64)
    return answer | {"output of whole numbers": parts.dense(beras, w, b)(beras.tensor(whole))}


def composed_with_nothing(beras: Any, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """Return what compose methods return without an upstream gradient, [None] and None, and for a frozen w."""
    layer = parts.dense(beras, w, b)
    _call(beras, layer, x)
    answer: dict[str, Any] = {}
    for nothing, name in (([None], "a list of None"), (None, "None")):
        answer |= _by_weight(layer.compose_weight_gradients(nothing), f" for {name}")
        answer[f"input gradients for {name}"] = layer.compose_input_gradients(nothing)
    answer["weights have a trainable flag"] = [beras.can_freeze(weight) for weight in (layer.w, layer.b)]
    if all(answer["weights have a trainable flag"]):
        beras.freeze(layer.w)
    upstream = np.ones((len(x), w.shape[1]))
    answer["gradients, w frozen,"] = list(layer.compose_weight_gradients([upstream]))
    return answer


def _composed(layer: Any, upstream: np.ndarray, when: str) -> dict[str, Any]:
    found = _by_weight(layer.compose_weight_gradients([np.array(upstream)]), f" {when}".rstrip())
    return {f"input gradients {when}".rstrip(): layer.compose_input_gradients([np.array(upstream)]), **found}


def _by_weight(gradients: Any, when: str = "") -> dict[str, Any]:
    """Return the gradients by the weights and by the bias, None for one that is not in the list; and how many it has.

    What is no list is unpacked as it is, and raises what that raises.
    """
    entries = list(gradients) if isinstance(gradients, list | tuple) else gradients
    if isinstance(entries, list) and len(entries) < 2:
        entries += [None] * (2 - len(entries))
    dw, db = entries
    return {f"weight gradient{when}": dw, f"bias gradient{when}": db, f"number of gradients{when}": _count(gradients)}


def _count(gradients: Any) -> np.ndarray:
    return np.array(sum(gradient is not None for gradient in gradients))


def _call(beras: Any, layer: Any, x: np.ndarray) -> None:
    """Call the layer; where its forward method fails, only give it the inputs that its gradients are taken at."""
    try:
        layer(beras.tensor(x))
    except Exception:
        layer.inputs = [beras.tensor(x)]


def unknown(beras: Any, initializer: str) -> dict[str, Any]:
    """Return whether `_initialize_weight` takes a name that is no initializer's."""
    try:
        beras.dense._initialize_weight(initializer, 3, 2)  # noqa: SLF001  students write it
    except Exception:
        return {"accepted": False}
    return {"accepted": True}


def initialised(beras: Any, initializer: str, input_size: int, output_size: int) -> dict[str, Any]:
    """Return the weights and bias that a new layer starts with."""
    layer = beras.dense(input_size, output_size, initializer=initializer)
    return {"weights": layer.w, "bias": layer.b}


def initialised_twice(beras: Any, initializer: str, input_size: int, output_size: int) -> dict[str, Any]:
    """Return as `initialised`, and the weights of a second layer that is made as the first.

    Also whether the second shares or repeats the first one's arrays; a hidden test compares the weights itself.
    """
    layer, other = (beras.dense(input_size, output_size, initializer=initializer) for _ in range(2))
    pairs = [(np.asarray(layer.w), np.asarray(other.w)), (np.asarray(layer.b), np.asarray(other.b))]
    return {
        "weights": layer.w,
        "bias": layer.b,
        "weights of a second layer": other.w,
        "arrays are shared by two layers": any(comparisons.share_memory(*pair) for pair in pairs),
        "weights are the same in two layers": comparisons.are_equal(*pairs[0]),
    }
