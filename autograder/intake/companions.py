"""The files of a submission's own that belong beside the required ones: where those were moved, they go along."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from autograder.base.imports import read_imports


def move_along(
    placed: dict[str, bytes], elsewhere: dict[str, bytes], moved: Mapping[str, str], required: Collection[str]
) -> dict[str, str]:
    """Bring into `placed` what its files import from a folder into which required files were moved.

    Who uploads files one by one loses their folders. Of those with names that the course knows, it is known where they
    belong; of the others, where imports look for them.

    placed: the files by path; what goes along is found among them, or in `elsewhere`, and taken from there.
    moved: by required path, the one at which it was handed in.
    Returns the new path by the old one.
    """
    places = sorted({(_folder(new), _folder(old)) for new, old in moved.items() if _folder(new) != _folder(old)})
    along: dict[str, str] = {}
    waiting = list(placed) if places else []
    files = {**elsewhere, **placed}
    folders = {path[: end.start() + 1] for path in files for end in re.finditer("/", path)}
    packages = [f"{belongs}__init__" for belongs, _ in places if belongs]  # every import of their modules runs these
    looked_for: set[str] = set()
    while waiting:
        path = waiting.pop()
        for module in (*packages, *_imported(path, files[path])):
            if module in looked_for:
                continue
            looked_for.add(module)
            for old, new in _companions(module, places, files, folders):
                if old not in required and new not in files:
                    files[new] = placed[new] = files.pop(old)
                    placed.pop(old, None)
                    elsewhere.pop(old, None)
                    along[old] = new
                    waiting = [other for other in waiting if other != old] + [new]
    return along


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _companions(
    module: str, places: list[tuple[str, str]], files: Mapping[str, bytes], folders: Collection[str]
) -> list[tuple[str, str]]:
    """Return the old and the new path of each file of `module`, a path without its ending, that has to move.

    places: the folders that required files belong in, each with the one that they lay in.
    """
    for belongs, lies in places:
        # Some editions write the package with capitals, and their files do so in imports.
        rest = module[len(belongs) :] if module.lower().startswith(belongs) else ""
        if not rest or f"{belongs}{rest}.py" in files or f"{belongs}{rest}/__init__.py" in files:
            continue
        if f"{lies}{rest}.py" in files:
            return [(f"{lies}{rest}.py", f"{belongs}{rest}.py")]
        if f"{lies}{rest}/" in folders:
            inside = [path for path in files if path.startswith(f"{lies}{rest}/")]
            return [(path, belongs + path.removeprefix(lies)) for path in inside]
    return []


def _imported(path: str, content: bytes) -> Iterator[str]:
    """Yield what a file may import, as paths without an ending: packages before what is in them, names as modules."""
    for module in _named(path, content):
        yield from (module[: end.start()] for end in re.finditer("/", module))
        yield module


def _named(path: str, content: bytes) -> Iterator[str]:
    above = PurePosixPath(path).parents
    for found in read_imports(content):
        if found.dots > len(above):
            continue
        start = f"{above[found.dots - 1].as_posix()}/".removeprefix("./") if found.dots else ""
        whole = start + found.module.replace(".", "/")
        if found.module:
            yield whole
        yield from (f"{whole}/{name}" if found.module else f"{start}{name}" for name in found.names)
