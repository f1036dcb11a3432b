"""What of the file system a worker may read."""

from __future__ import annotations

import os
import pkgutil
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from autograder.guest.zygote import NUMPYS_REST

#: Parts of the standard library that are programs, or tests of it: nothing that a homework imports.
_PROGRAMS: Final = frozenset(
    ("test", "idlelib", "turtledemo", "lib2to3", "ensurepip", "venv", "distutils", "pydoc_data", "_pyrepl", "this")
)
_PACKAGES: Final = ("site-packages", "dist-packages")


@cache
def importable_modules() -> tuple[str, ...]:
    """Return the modules that this process could import and a worker must be able to: the library's, NumPy's rest.

    A package stands before its modules. Of NumPy only what the zygote loads where a worker cannot read the rest.
    """
    # As a worker has it: packages are not for submissions, whatever is installed here.
    path = [folder for folder in sys.path if folder and not any(name in folder for name in _PACKAGES)]
    known = sorted(sys.stdlib_module_names - _PROGRAMS, key=lambda name: (name.startswith("_"), name))
    return (*(found for name in known for found in _modules(name, path)), *filter(find_spec, NUMPYS_REST))


def _modules(name: str, path: list[str]) -> Iterator[str]:
    """Yield a module whose file this process may read, and the modules in it."""
    spec = PathFinder.find_spec(name, path)
    if spec is None or not os.access(spec.origin or "", os.R_OK):
        return  # built in, of another platform, or not in this build
    yield name
    inside = list(spec.submodule_search_locations or [])
    for module in pkgutil.iter_modules(inside):
        if module.name not in ("test", "tests", "__main__"):  # the last would run
            yield from _modules(f"{name}.{module.name}", inside)


def readable_paths() -> tuple[str, ...]:
    """Return what a worker may read: the standard library, NumPy, shared libraries and time zones. Nothing of ours.

    No folder of packages is among them: a library that the homework forbids may be installed there.
    """
    # The interpreter's own folders: those of a virtual environment would bring pytest and the decorators along.
    base = sysconfig.get_paths(
        vars={
            "base": sys.base_prefix,
            "platbase": sys.base_exec_prefix,
            "installed_base": sys.base_prefix,
            "installed_platbase": sys.base_exec_prefix,
        }
    )
    numpy_folder = Path(np.__file__).resolve().parent
    candidates = [
        *_without_packages(Path(base["stdlib"])),
        *_without_packages(Path(base["platstdlib"])),
        *_shared_libraries(),
        numpy_folder,
        numpy_folder.parent / "numpy.libs",
        *map(Path, ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo")),
        *map(Path, ("/dev/null", "/dev/urandom", "/dev/zero")),
    ]
    return tuple(dict.fromkeys(os.path.realpath(path) for path in candidates if path.exists()))


def _without_packages(library: Path) -> list[Path]:
    """Return the folder of the standard library, or, where packages are installed in it, all else that it holds."""
    if not any((library / name).exists() for name in _PACKAGES):
        return [library]
    return sorted(path for path in library.iterdir() if path.name not in _PACKAGES)


def _shared_libraries() -> Iterator[Path]:
    """Yield the folders that hold shared libraries alone; where Python's lie among other things, each library."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    folders = [Path(start) for start in ("/lib", "/usr/lib", "/lib64", "/usr/lib64")]
    own = [folder / multiarch for folder in folders if multiarch and (folder / multiarch).is_dir()]
    yield from own
    for folder in dict.fromkeys((*folders, Path(sys.base_prefix, "lib"), Path(sys.base_exec_prefix, "lib"))):
        yield from sorted(path for path in folder.glob("*.so*") if path.is_file())
