"""NumPy's and Python's own functions as they are before anything of a submission runs, for what runs beside it.

A submission shares its process with the probes, and may replace `np.array_equal` or `builtins.all`. What asks and
answers there looks its names up in copies, for which a submission has no name.
"""

from __future__ import annotations

import builtins
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any, Final

_OWN: Final = ("guest", "homework")
_BUILTINS: Final = dict(vars(builtins))


class _Loader(SourceFileLoader):
    """Loads a module whose functions look up built-ins in the copy."""

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = _BUILTINS
        super().exec_module(module)


class _Finder:
    """Finds what runs beside a submission as Python would, and has `_Loader` load it."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if path is None or name.partition(".")[0] not in _OWN:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


_finder: Final = _Finder()


def keep_builtins() -> None:
    """From now on load all that runs beside a submission with built-ins of its own."""
    sys.meta_path.insert(0, _finder)


def keep_numpy() -> None:
    """Give every module that runs beside a submission a NumPy of its own; all of them are loaded, and no more will be.

    The functions are NumPy's. Those that are written in Python call others of NumPy, which a submission can replace
    deep inside of it: what decides something is made of functions in C, see the homework's `comparisons`.
    """
    sys.meta_path.remove(_finder)
    numpy = sys.modules["numpy"]
    copy = _copy(numpy)
    for name, value in vars(numpy).items():
        if isinstance(value, ModuleType) and value.__name__ == f"numpy.{name}":
            setattr(copy, name, _copy(value))
    for module in [module for name, module in sys.modules.items() if name.partition(".")[0] in _OWN]:
        for name in [name for name, value in vars(module).items() if value is numpy]:
            setattr(module, name, copy)


def _copy(module: ModuleType) -> ModuleType:
    copy = ModuleType(module.__name__)
    vars(copy).update(vars(module))
    return copy
