"""Where a source looks into the functions that called it: the grader's questions, and its own layers, are there.

No homework needs that. To ask a frame for its line, or for the name of its function, as logs do, is none of it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final

#: From a frame to what it was called by, and to what it holds.
_OF_A_FRAME: Final = frozenset({"f_back", "f_locals"})
_LIBRARYS_OWN: Final = "getargvalues"  # of `inspect`
_READING: Final = frozenset({"getattr", "attrgetter", "methodcaller"})  # attributes, by their names


def find_callers(nodes: Sequence[ast.AST], text: Callable[[ast.AST | None], str]) -> int:
    """Return the first line that looks into a caller; 0 where there is none.

    text: returns the text that an expression of literals stands for, or nothing.
    """
    return next((getattr(node, "lineno", 0) for node in nodes if _looks(node, text)), 0)


def _looks(node: ast.AST, text: Callable[[ast.AST | None], str]) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in _OF_A_FRAME or node.attr == _LIBRARYS_OWN
    if isinstance(node, ast.ImportFrom):
        return any(entry.name == _LIBRARYS_OWN for entry in node.names)
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _READING:
        return any(not _OF_A_FRAME.isdisjoint(text(given).split(".")) for given in node.args)
    return False
