"""Of which forward each gradient is the derivative, and how its difference quotient is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

#: A power of two, so that inputs that are multiples of 1/1024 stay exact in single precision too.
_STEP: Final = 2.0**-10


@dataclass(frozen=True)
class Gradient:
    """The gradient of the forward probe of module `topic` by its input `by`.

    kind: "jacobian" (B, in, out), one a sample; "slope" (B, n), its diagonal; "weight" (B, in, out), of y[b, o] by
    w[i, o]. Or "composed", shaped as the input: of the loss, which is the output times `upstream`, summed up.
    """

    topic: str
    by: str
    kind: str

    @property
    def owner(self) -> str:
        """What to call the forward: a loss is one, whatever its class is called."""
        return "your loss" if self.topic == "losses" else ""

    def questions(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return what to ask `differences.moved`, for the inputs of the probe that answered with the gradient."""
        forward = {name: value for name, value in inputs.items() if name != "upstream"}
        return {"topic": self.topic, "varied": self.by, "step": _STEP, **forward}

    def quotient(self, answer: Any, inputs: Mapping[str, Any]) -> np.ndarray | None:
        """Return the quotient from the answer of `differences.moved`; None where its outputs have other shapes."""
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
