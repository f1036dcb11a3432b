"""What of the file system a worker may read."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

_PACKAGES: Final = ("site-packages", "dist-packages")


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
