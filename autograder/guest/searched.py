"""Which modules may have a name that the homework's package itself lacks, as in `from package import Name`.

The loader searches them, and the rules read what it can come to run: what both go by is here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from .scopes import find_bound, find_defined
from .source import parse


def list_searched(
    attribute: str, package: str, by_name: Mapping[str, str], sources: Mapping[str, bytes], given: Mapping[str, bytes]
) -> Iterator[str]:
    """Yield modules of the package to search for `attribute`, one after another: first those that the handout has.

    by_name: paths by module. sources, given: the submission's files and the handout's.
    Others are searched only for what none of the handout's defines in its text, and of these only what `__init__.py`
    imports where that binds it. So what merely lies in the folder, such as a test of the student's own, is not run.
    """
    inside = sorted(name for name in by_name if name.startswith(f"{package}."))
    handouts = [name for name in inside if by_name[name] in given]
    yield from handouts

    def text_of(name: str) -> bytes:
        return sources.get(by_name[name], given.get(by_name[name], b""))

    if any(attribute in _read_names(text_of(name), find_defined) for name in handouts):
        return
    others = [name for name in inside if by_name[name] not in given]
    if package in by_name and attribute in _read_names(text_of(package), find_bound):
        imported = _read_imports(text_of(package), package)
        others = [name for name in others if name in imported]
    yield from others


@lru_cache(maxsize=64)
def _read_names(source: bytes, find: Callable[[ast.AST], frozenset[str]]) -> frozenset[str]:
    try:
        return find(parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()


def _read_imports(source: bytes, package: str) -> frozenset[str]:
    """Return the dotted names of what the package's `__init__.py` imports, each as a module of the package, too."""
    names: set[str] = set()
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, (package if node.level else "", node.module)))
            names.update((base, *(f"{base}.{alias.name}" for alias in node.names)))
    return frozenset(names | {f"{package}.{name}" for name in names})
