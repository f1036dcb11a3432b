"""What a file defines, without running it: classes, methods and functions, and which are still to be written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MOST: Final = 2000  # definitions of one file
_LONGEST: Final = 200  # characters of a name or of its parameters
_MARKERS: Final = frozenset({"NotImplementedError", "NotImplemented"})


@dataclass(frozen=True)
class Definition:
    """A class, method or function. name: `Class.method`. parameters: as they are written; of a class its bases."""

    name: str
    parameters: str
    to_do: bool = False


def outline(content: bytes) -> list[Definition]:
    """Return the definitions of a file in their order. A handout's `???` counts as None.

    Raises SyntaxError or ValueError where it is no Python all the same.
    """
    try:
        tree = ast.parse(content)
    except SyntaxError:
        tree = ast.parse(content.replace(b"???", b"None"))
    return [definition for _, definition in zip(range(MOST), _definitions(tree.body, ""), strict=False)]


def _definitions(body: list[ast.stmt], owner: str) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            name = f"{owner}{node.name}"
            yield Definition(name[:_LONGEST], ", ".join(map(ast.unparse, node.bases))[:_LONGEST])
            yield from _definitions(node.body, f"{name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Definition(f"{owner}{node.name}"[:_LONGEST], ast.unparse(node.args)[:_LONGEST], _is_to_do(node))


def _is_to_do(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function is still to be written: its own body has the marker, or a None for `???`."""
    if any(
        isinstance(decorator, ast.Name) and decorator.id == "abstractmethod" for decorator in function.decorator_list
    ):
        return False
    for node in ast.walk(function):
        marker = node.exc if isinstance(node, ast.Raise) else node.value if isinstance(node, ast.Return) else None
        marker = marker.func if isinstance(marker, ast.Call) else marker
        if isinstance(marker, ast.Name) and marker.id in _MARKERS:
            return True
    return False


__all__ = ["MOST", "Definition", "outline"]
