"""How slow this machine is at the moment, so that a slow container does not fail a student. Not a benchmark."""

from __future__ import annotations

import time
from typing import Final

import numpy as np

#: Seconds that the work below takes on one core of the server (AMD EPYC, 2025) that budgets are set on.
USUAL_SECONDS: Final = 0.25
_PRODUCTS, _ADDITIONS = 300, 3_000_000


def slowness() -> float:
    """Wall-clock seconds of a fixed piece of work, divided by the usual ones; 1 on a machine that is no slower.

    The work is a training's: matrix products and a Python loop. A container spends its share of a processor within a
    tenth of a second. The work takes longer, so half a core shows as half a core.
    """
    a, b = np.ones((256, 784), np.float32), np.ones((784, 120), np.float32)
    begun = time.perf_counter()
    for _ in range(_PRODUCTS):
        a @ b
    total = 0
    for number in range(_ADDITIONS):
        total += number
    return max(1.0, (time.perf_counter() - begun) / USUAL_SECONDS)
