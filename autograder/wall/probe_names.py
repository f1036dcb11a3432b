"""The name by which a probe crosses the wall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.base.errors import GraderError


def probe_name(probe: Callable[..., Any]) -> str:
    """Return `module.function` for the function of a module of probes, the homework's or the toolkit's."""
    package, _, module = probe.__module__.rpartition(".")
    if package not in ("homework.probes", "autograder.guest.probes"):
        raise GraderError(f"{probe.__qualname__} of {probe.__module__} is no probe: probes live in homework/probes/.")
    return f"{module}.{probe.__name__}"
