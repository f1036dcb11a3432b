"""Run a probe over the reference or a chaff, files of ours, in this process and from a seed.

Nothing of a submission is ever run here.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any

import numpy as np

from autograder.guest import seam, wire, worker
from autograder.guest.loader import World


def answer(world: World, probe: str, inputs: bytes, names: Mapping[str, str], seed: int) -> Any:
    """Return what `probe` answers over the files of `world`, as it would come back over the wall.

    inputs: encoded as they cross the wall, so that the probe gets copies of its own.
    names: the edition's, see `Edition.names`.
    seed: for NumPy's global generator, which is seeded as it is for a submission, and put back afterwards.
    Raises whatever the probe raises.
    """
    state = np.random.get_state()  # noqa: NPY002  the generator that submissions use
    np.random.seed(seed % 2**32)  # noqa: NPY002
    try:
        # `fit` prints, and what a mistake computes makes NumPy warn: the terminal is for who grades.
        with world.importing(), np.errstate(all="ignore"), redirect_stdout(None), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = worker.run_probe(
                probe, seam.api().open_api(world, names), wire.decode(inputs, worker.REQUEST_BOUNDS)
            )
            return wire.decode(wire.encode(found))
    finally:
        np.random.set_state(state)  # noqa: NPY002
