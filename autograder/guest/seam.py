"""What a homework brings beside a submission: the modules `homework.api` and `homework.probes`.

The zygote loads them from the assignment's folder under that name, and so does the grader for the reference. `api`
holds `PACKAGE`, the package that students hand in, `open_api(world, names)`, the first argument of every probe, and
`working_neighbours(names, probe)`, which modules must work for other tests' sake.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Final

#: Probes of the toolkit's own, which every homework has.
OWN_PROBES: Final = frozenset({"isolation", "modules", "references"})


def api() -> ModuleType:
    """Return the homework's `api`."""
    return import_module("homework.api")


def find_probe(name: str) -> Callable[..., Any]:
    """Return the probe `module.function`, of the toolkit or of the homework."""
    module, _, function = name.rpartition(".")
    package = f"{__package__}.probes" if module in OWN_PROBES else "homework.probes"
    probe: Callable[..., Any] = getattr(import_module(f"{package}.{module}"), function)
    return probe
