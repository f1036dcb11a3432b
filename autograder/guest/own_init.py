"""The `__init__.py` that a student wrote for the homework's package: whether it does anything, and what it gives."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any


class OwnInit:
    """Runs it once at most; most hold nothing, or imports of all that there is, and need not be run.

    found: what its own `__getattr__` makes of a name.
    """

    def __init__(self, source: bytes, given: bytes) -> None:
        self.source, self._given = source.strip(), given.strip()
        self._ran = False
        self._found: Any = None

    def has_effects(self, package: str, is_students: Callable[[str], bool]) -> bool:
        """Return whether it does more than define names and import the homework's own modules.

        is_students: whether a module, by its name, is a file that only the student has: it may change the others.
        """
        if self.source in (b"", self._given):
            return False
        try:
            body = ast.parse(self.source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return any(
            any(map(is_students, _imported(statement, package)))
            if isinstance(statement, ast.Import | ast.ImportFrom)
            else not isinstance(statement, ast.FunctionDef | ast.ClassDef) and not _is_constant(statement)
            for statement in body
        )

    def run(self, package: ModuleType, execute: Callable[[], None]) -> None:
        """Have `execute` run it in `package`; one that fails costs nothing but what it alone defines."""
        if self._ran:
            return
        self._ran = True
        search = vars(package)["__getattr__"]
        with suppress(Exception):
            execute()
        own = vars(package).get("__getattr__")
        self._found = own if own != search else None
        vars(package)["__getattr__"] = search

    def find(self, attribute: str) -> Any:
        """Return what its own `__getattr__` makes of a name. Raises AttributeError where there is none."""
        if self._found is None:
            raise AttributeError(attribute)
        return self._found(attribute)


def _imported(statement: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    """Yield the names of the modules that it may load."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
        return
    base = ".".join(filter(None, (package if statement.level else "", statement.module)))
    yield base
    yield from (f"{base}.{alias.name}" for alias in statement.names)


def _is_constant(statement: ast.stmt) -> bool:
    """Return whether it is a docstring, `pass`, or gives a name a value that is written there: `__all__ = ["core"]`."""
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        value: ast.expr | None = statement.value
        named = all(isinstance(target, ast.Name) for target in targets)
    else:
        named, value = isinstance(statement, ast.Expr), getattr(statement, "value", None)
    literal = ast.Constant | ast.List | ast.Tuple | ast.expr_context
    return isinstance(statement, ast.Pass) or (
        named and (value is None or all(isinstance(node, literal) for node in ast.walk(value)))
    )
