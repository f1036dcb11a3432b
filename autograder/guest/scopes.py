"""Which scope a name of a source belongs to, and how often it is bound there."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def bound_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that this node alone binds or deletes."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, ast.MatchAs | ast.MatchStar | ast.ExceptHandler):
        if node.name:
            yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def count_bindings(nodes: Iterable[ast.AST]) -> Counter[str]:
    """Return how often each name is bound or deleted by these nodes, in any scope."""
    return Counter(name for node in nodes for name in bound_names(node))


def find_bound(tree: ast.AST) -> frozenset[str]:
    """Return the names that a module's own statements bind, those of `from … import *` left out."""
    return frozenset(name for node in _walk_module(tree) for name in bound_names(node))


def find_defined(tree: ast.AST) -> frozenset[str]:
    """Return the names that a module makes itself: functions, classes, and what is written there as a value.

    What it imports, reads from elsewhere or computes may be another module's.
    """
    names: set[str] = set()
    for node in _walk_module(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and not any(
            isinstance(part, ast.Attribute | ast.Call | ast.NamedExpr) for part in ast.walk(node.value)
        ):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return frozenset(names)


def _walk_module(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a module, but for what stands within its functions and classes."""
    waiting = list(ast.iter_child_nodes(tree))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)


class Scopes:
    """The functions and classes that each node of the added trees stands in."""

    def __init__(self) -> None:
        self._trees: list[ast.AST] = []  # kept, for nodes are known by their ids
        self._chains: dict[int, tuple[int, ...]] = {}  # of each name: its scopes, the innermost last
        self._classes: set[int] = set()
        self._counts: Counter[tuple[int, str]] = Counter()

    def add(self, tree: ast.AST) -> None:
        """Take in another tree; code in a text may use the names of the file that runs it, and not the other way."""
        outer = (id(self._trees[0]),) if self._trees else ()
        self._trees.append(tree)
        waiting = [(tree, (*outer, id(tree)))]
        while waiting:
            node, chain = waiting.pop()
            for name in bound_names(node):
                self._counts[chain[-1], name] += 1
            if isinstance(node, ast.Global | ast.Nonlocal):  # it binds another scope's name
                self._counts.update((scope, name) for scope in chain for name in node.names)
            if isinstance(node, ast.Name):
                self._chains[id(node)] = chain
            if isinstance(node, ast.ClassDef):
                self._classes.add(id(node))
            inner = (*chain, id(node)) if isinstance(node, _SCOPES) else chain
            waiting += ((child, inner) for child in ast.iter_child_nodes(node))

    def find_home(self, node: ast.Name) -> int | None:
        """Return the scope that the name belongs to, where nothing but one place gives it its value; else None."""
        chain = self._chains.get(id(node), ())
        for scope in reversed(chain):
            if scope in self._classes and scope != chain[-1]:
                continue  # functions do not see the names of the class around them
            if count := self._counts[scope, node.id]:
                return scope if count == 1 else None
        return None
