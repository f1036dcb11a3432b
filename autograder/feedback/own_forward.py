"""Whether a gradient agrees with the submission's own forward, by central differences.

The forward runs in the sandbox, at inputs that are moved a little; the quotient and the verdict are made here.
Of which forward a probe's answer is the gradient stands in `GRADIENTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from autograder.feedback.comparison import constant_factor
from autograder.guest.probes import differences as probes

PROBE: Final = probes.moved
#: A power of two, so that inputs that are multiples of 1/1024 stay exact in single precision too.
_STEP: Final = 2.0**-10
#: Relative to the largest entry. A forward in single precision gives quotients to within a thousandth.
_TOLERANCE: Final = 5e-3


@dataclass(frozen=True)
class Gradient:
    """The gradient of the forward probe of module `topic` by its input `by`.

    kind: "jacobian" (B, in, out) one a sample, "slope" (B, n) its diagonal, "weight" (B, in, out) of y[b, o] by
    w[i, o], or "composed": of the loss, the output times `upstream` summed up, shaped as the input.
    """

    topic: str
    by: str
    kind: str

    def questions(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """What to ask `PROBE`, for the inputs of the probe that answered with the gradient."""
        forward = {name: value for name, value in inputs.items() if name != "upstream"}
        return {"topic": self.topic, "varied": self.by, "step": _STEP, **forward}

    def quotient(self, answer: Any, inputs: Mapping[str, Any]) -> np.ndarray | None:
        """The difference quotient from the answer of `PROBE`; None where outputs are not shaped as they should be."""
        varied = np.asarray(inputs[self.by])
        up, down = (answer.get(name) for name in ("up", "down"))
        if not isinstance(up, np.ndarray) or not isinstance(down, np.ndarray) or up.shape != down.shape:
            return None
        output = up.shape[1:]
        upstream = np.asarray(inputs.get("upstream", 1.0))
        if self.topic == "losses":
            wanted = output if np.prod(output, dtype=int) == 1 else ()
        else:
            batch = len(inputs["x"])
            wanted = (batch, inputs["w"].shape[1]) if "w" in inputs else inputs["x"].shape
        if len(up) != varied.size or output != wanted or not (np.isfinite(up).all() and np.isfinite(down).all()):
            return None
        full = ((up - down) / (2 * _STEP)).reshape(varied.shape + output)
        result: np.ndarray
        if self.kind == "composed":
            result = (full * upstream).reshape(*varied.shape, -1).sum(axis=-1)
        elif self.kind == "weight":
            result = np.einsum("iobo->bio", full)
        else:
            result = np.einsum("bibo->bio", full)
            if self.kind == "slope":
                result = np.einsum("bnn->bn", result)
        return result


#: By probe and the name of a value in its answer.
GRADIENTS: Final = {
    ("dense.local_input_gradients", "gradients[0]"): Gradient("dense", "x", "jacobian"),
    ("dense.local_gradients", "weight gradient"): Gradient("dense", "w", "weight"),
    ("dense.local_gradients", "bias gradient"): Gradient("dense", "b", "weight"),
    ("dense.composed_input", "gradients[0]"): Gradient("dense", "x", "composed"),
    ("dense.composed_weights", "weight gradient"): Gradient("dense", "w", "composed"),
    ("dense.composed_weights", "bias gradient"): Gradient("dense", "b", "composed"),
    ("activations.local_gradients", "gradients"): Gradient("activations", "x", "slope"),
    ("activations.local_gradients", "gradients[0]"): Gradient("activations", "x", "jacobian"),
    ("activations.composed", "gradients"): Gradient("activations", "x", "composed"),
    ("activations.composed", "gradients[0]"): Gradient("activations", "x", "composed"),
    ("losses.gradients", "gradients[0]"): Gradient("losses", "prediction", "composed"),
}

_WORDS: Final = {
    -1.0: "the negative of", 0.5: "half of", 1 / 3: "a third of", 0.25: "a quarter of", 0.2: "a fifth of",
    1 / 6: "a sixth of", 1 / 7: "a seventh of", 0.125: "an eighth of", 1 / 9: "a ninth of", 0.1: "a tenth of",
}  # fmt: skip


def judged(given: np.ndarray, quotient: np.ndarray, expected: np.ndarray, forward: str) -> str:
    """What the differences of the submission's own `forward` say of the gradient that it returned, in a sentence.

    Nothing where the shapes do not go together, or where gradient, forward and `expected` differ too little to tell.
    """
    gradient, right = _like(given, quotient), _like(expected, quotient)
    if gradient is None or right is None or not np.isfinite(gradient).all():
        return ""
    name = "your loss" if forward.startswith(("MeanSquaredError", "CategoricalCross")) else f"`{forward}`"
    if _close(gradient, quotient):
        if _close(right, quotient):
            return ""
        return f"It does agree with your own forward, by finite differences: it is {name} that differs. Start there."
    factor = constant_factor(quotient, gradient, _TOLERANCE)
    amount = "something else than" if factor is None or not np.any(quotient) else _times(factor)
    return (
        f"Your own forward disagrees with it as well: finite differences of {name} give {amount} what this method "
        "returns."
    )


def _like(array: np.ndarray, quotient: np.ndarray) -> np.ndarray | None:
    """`array` as the quotient is shaped, if it broadcasts to that: axes of length 1 in front are nobody's."""
    while array.ndim > quotient.ndim and len(array) == 1:
        array = array[0]
    try:
        return np.broadcast_to(array.astype(np.float64), quotient.shape)
    except ValueError:
        return None


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    scale = max(float(np.abs(array).max(initial=0.0)) for array in (one, other))
    return bool(np.abs(one - other).max(initial=0.0) <= _TOLERANCE * scale)


def _times(factor: float) -> str:
    for value, words in _WORDS.items():
        if abs(factor - value) < _TOLERANCE * abs(value):
            return words
    return f"{factor:.3g} times"
