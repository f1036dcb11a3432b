"""Where a source looks into the functions that called it: the grader's questions, and its own layers, are there.

No homework needs that. To ask a frame for its line, or for the name of its function, as logs do, is none of it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final

#: From a frame to what it was called by, and to what it holds.
_OF_A_FRAME: Final = frozenset({"f_back", "f_locals"})
_OF_A_LIBRARY: Final = frozenset({"inspect.getargvalues"})
_READS_ATTRIBUTES: Final = frozenset({"getattr", "operator.attrgetter", "operator.methodcaller"})


def find_callers(
    nodes: Sequence[ast.AST], name: Callable[[ast.AST | None], str], text: Callable[[ast.AST | None], str]
) -> int:
    """Return the first line that looks into a caller; 0 where there is none.

    name: returns the dotted name that an expression stands for. text: the text. Each returns nothing where it is none.
    """
    for node in nodes:
        if isinstance(node, ast.Attribute):
            found = node.attr in _OF_A_FRAME or name(node) in _OF_A_LIBRARY
        elif isinstance(node, ast.Name):
            found = name(node) in _OF_A_LIBRARY
        elif isinstance(node, ast.Call):
            function = name(node.func).removeprefix("builtins.") or getattr(node.func, "id", "")
            words = (word for given in node.args for word in text(given).split("."))
            found = function in _READS_ATTRIBUTES and not _OF_A_FRAME.isdisjoint(words)
        else:
            continue
        if found:
            return getattr(node, "lineno", 0)
    return 0
