"""What a homework brings beside a submission: the modules `homework.api` and `homework.probes`.

The zygote loads them from the assignment's folder under that name, and so does the grader for the reference. `api`
holds `PACKAGE`, the package that students hand in, `open_api(world, names)`, the first argument of every probe, and
`working_neighbours(names, probe)`, which modules must work for other tests' sake. It may hold `STAND_INS`,
what answers in the place of a library's function, by full name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, Final

#: Probes of the toolkit's own, which every homework has.
OWN_PROBES: Final = frozenset({"isolation", "modules", "references"})


_API: Final = "homework.api"
#: The modules of both packages, where they can no longer be imported.
_hidden: dict[str, ModuleType] = {}
#: The probe that this process is asked for, by name.
_asked: dict[str, Callable[..., Any]] = {}


def hide() -> None:
    """Take this package and the homework's out of `sys.modules`, for good: a worker does so before it loads anything.

    So a submission cannot import the probes' own layers, some of which solve the task.
    """
    for name in [name for name in sys.modules if name.partition(".")[0] in (__package__, "homework")]:
        _hidden[name] = sys.modules.pop(name)
    for name in [name for name in vars(sys.modules["__main__"]) if not name.startswith("__")]:
        delattr(sys.modules["__main__"], name)


def keep_for(probe: str) -> None:
    """Hold the one probe that a worker is asked for, until `find_probe` hands it out, and forget all other modules.

    What a submission may find of this module leads to no other probe's parts by their names.
    """
    _asked[probe] = find_probe(probe)
    kept = api()
    _hidden.clear()
    _hidden[_API] = kept


def _module(name: str) -> ModuleType:
    return _hidden.get(name) or import_module(name)


def api() -> ModuleType:
    """Return the homework's `api`."""
    return _module(_API)


def find_probe(name: str) -> Callable[..., Any]:
    """Return the probe `module.function`, of the toolkit or of the homework; one that is kept, once."""
    if name in _asked:
        return _asked.pop(name)
    module, _, function = name.rpartition(".")
    package = f"{__package__}.probes" if module in OWN_PROBES else "homework.probes"
    probe: Callable[..., Any] = getattr(_module(f"{package}.{module}"), function)
    return probe
