"""Questions about functions of the written part: each answer's code is the submission's one module, beras/answer.py."""

from __future__ import annotations

from typing import Any

import numpy as np


def steps(
    beras: Any, function: str, weights: list[Any], inputs: list[Any], classes: list[Any], rates: list[Any]
) -> Any:
    """Return what `function(w, x, c, alpha)` makes of each of several cases: what it returns, or changed `w` into.

    weights: (n, m) each; inputs: (n,) each; classes: integers; rates: numbers.
    """
    step = getattr(beras.answer, function)
    # The cell that imports NumPy may be another one.
    vars(beras.given("answer")).setdefault("np", np)
    results = []
    for w, x, c, alpha in zip(weights, inputs, classes, rates, strict=True):
        mine = np.array(w)
        returned = step(mine, np.array(x), int(c), float(alpha))
        results.append(np.asarray(mine if returned is None else returned))
    return {"stepped": results}
