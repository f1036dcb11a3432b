"""The same mistake in other words: a function's source rewritten as another student might have written it.

Locals get other names, operators and methods become NumPy calls or the other way round, comprehensions become
loops, loops over pairs count, and results go through a variable. What is computed stays the same, to rounding.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator


def disguised(source: str) -> str:
    """Return `source`, one function definition, in other words."""
    tree = ast.parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    _Rewriter().visit(tree)
    _Renamer(_locals(function)).visit(tree)
    if "np." in ast.unparse(ast.fix_missing_locations(tree)) and "np." not in source:
        function.body.insert(0, ast.parse("import numpy as np").body[0])  # its module may have no such name
    return ast.unparse(tree) + "\n"


def restyled(source: str, given: str, rng: random.Random) -> str:
    """Return `source`, a file, as one student among many would have written it: half of what can be said otherwise is.

    given: the file of the template; a function that is the same there stays as it is.
    """
    tree, kept = ast.parse(source), {ast.unparse(function) for function in _functions(ast.parse(given))}
    for function in _functions(tree):
        if ast.unparse(function) not in kept:
            _Rewriter(rng).visit(function)
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def renamed(source: str) -> str:
    """Return `source`, a file, with other names for every local: what a copier does who does not know what it says."""
    tree = ast.parse(source)
    for function in _functions(tree):
        _Renamer(_locals(function)).visit(function)
    return ast.unparse(tree) + "\n"


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    bodies: list[Iterable[ast.stmt]] = [tree.body]
    bodies += [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    for body in bodies:
        yield from (node for node in body if isinstance(node, ast.FunctionDef))


def _locals(function: ast.FunctionDef) -> dict[str, str]:
    """Return a new name for every local that is no parameter: those may be given by name."""
    parameters = {entry.arg for entry in ast.walk(function) if isinstance(entry, ast.arg)}
    inner = {entry.name for entry in ast.walk(function) if isinstance(entry, ast.FunctionDef)}
    stored = [
        entry.id for entry in ast.walk(function) if isinstance(entry, ast.Name) and isinstance(entry.ctx, ast.Store)
    ]
    names = dict.fromkeys(name for name in stored if name not in parameters | inner)
    return {name: f"{name[0]}_{number}" for number, name in enumerate(names, 1)}


class _Renamer(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Return another name."""
        node.id = self.names.get(node.id, node.id)
        return node


class _Rewriter(ast.NodeTransformer):
    """Rewrites whatever it knows another way for; with `rng`, half of it."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self.rng, self.count = rng, 0

    def _stays(self) -> bool:
        return self.rng is not None and self.rng.random() < 0.5

    def _fresh(self) -> str:
        self.count += 1
        return f"value_{self.count}"

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Return `a @ b` and its like as calls."""
        self.generic_visit(node)
        if self._stays():
            return node
        if isinstance(node.op, ast.MatMult):
            return _numpy("matmul", node.left, node.right)
        if isinstance(node.op, ast.Div):
            return _numpy("divide", node.left, node.right)
        if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant) and node.right.value == 2:
            return _numpy("square", node.left)
        if isinstance(node.op, ast.Sub) and not isinstance(node.left, ast.Constant):
            return ast.BinOp(ast.UnaryOp(ast.USub(), node.right), ast.Add(), node.left)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Return `x.T` and `np.newaxis`."""
        self.generic_visit(node)
        if self._stays():
            return node
        if node.attr == "newaxis":
            return ast.Constant(None)
        if node.attr == "T":
            return _numpy("transpose", node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return `np.sum(x)` as a method, `x.sum()` as a function, roots and exponentials as powers."""
        self.generic_visit(node)
        if self._stays():
            return node
        function = node.func
        if not isinstance(function, ast.Attribute):
            return node
        of_numpy = isinstance(function.value, ast.Name) and function.value.id == "np"
        name = function.attr
        if name in ("sum", "mean", "max") and of_numpy and node.args:
            array = _numpy("asarray", node.args[0])
            return ast.Call(ast.Attribute(array, name, ast.Load()), node.args[1:], node.keywords)
        if name in ("sum", "mean", "max") and not of_numpy:
            return ast.Call(_of_numpy(name), [function.value, *node.args], node.keywords)
        if name == "sqrt" and of_numpy:
            return ast.BinOp(node.args[0], ast.Pow(), ast.Constant(0.5))
        if name == "exp" and of_numpy:
            return _numpy("power", _of_numpy("e"), node.args[0])
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """Return `p[...] -= g` in full; a name, or an entry of a list, would be bound to another array."""
        self.generic_visit(node)
        if self._stays():
            return node
        target = node.target
        if not isinstance(target, ast.Subscript):
            return node
        everything = isinstance(target.slice, ast.Constant) and target.slice.value is Ellipsis
        if not (everything or isinstance(target.slice, ast.Slice)):
            return node
        value = ast.Subscript(target.value, target.slice, ast.Load())
        return ast.Assign([target], ast.BinOp(value, node.op, node.value))

    def visit_Return(self, node: ast.Return) -> ast.AST | list[ast.AST]:
        """Return a result through a variable, a comprehension as a loop."""
        self.generic_visit(node)
        if self._stays():
            return node
        if node.value is None:
            return node
        name = self._fresh()
        back = ast.Return(ast.Name(name, ast.Load()))
        if isinstance(node.value, ast.ListComp) and len(node.value.generators) == 1:
            return [
                ast.Assign([ast.Name(name, ast.Store())], ast.List([], ast.Load())),
                _looped(name, node.value),
                back,
            ]
        return [ast.Assign([ast.Name(name, ast.Store())], node.value), back]

    def visit_For(self, node: ast.For) -> ast.AST:
        """Return `for a, b in zip(x, y)` by counting."""
        self.generic_visit(node)
        if self._stays():
            return node
        call = node.iter
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "zip"):
            return node
        if not all(isinstance(entry, ast.Name) for entry in call.args) or len(call.args) < 2:
            return node
        index = self._fresh()
        entries = [ast.Subscript(entry, ast.Name(index, ast.Load()), ast.Load()) for entry in call.args]
        lengths = [ast.Call(ast.Name("len", ast.Load()), [entry], []) for entry in call.args]
        shortest = ast.Call(ast.Name("min", ast.Load()), lengths, [])
        node.iter = ast.Call(ast.Name("range", ast.Load()), [shortest], [])
        node.body.insert(0, ast.Assign([node.target], ast.Tuple(entries, ast.Load())))  # type: ignore[arg-type]
        node.target = ast.Name(index, ast.Store())
        return node


def _numpy(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_of_numpy(name), list(arguments), [])


def _of_numpy(name: str) -> ast.Attribute:
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def _looped(name: str, node: ast.ListComp) -> ast.For:
    (generator,) = node.generators
    append = ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load())
    body: list[ast.stmt] = [ast.Expr(ast.Call(append, [node.elt], []))]
    for condition in reversed(generator.ifs):
        body = [ast.If(condition, body, [])]
    return ast.For(generator.target, generator.iter, body, [])
