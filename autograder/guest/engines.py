"""Whether a class is an engine of automatic differentiation, by what it does: whatever its names are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

Function = ast.FunctionDef | ast.AsyncFunctionDef

OPERATORS: Final = {
    "__add__", "__radd__", "__sub__", "__mul__", "__rmul__", "__matmul__", "__truediv__", "__pow__", "__neg__",
}  # fmt: skip
_HOLDERS: Final = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Starred)


def is_engine(node: ast.ClassDef) -> bool:
    """Return whether a class records its operations, or carries a derivative along.

    Two operators at least keep their operands for later, in what they return or in a function that knows them; or a
    product is made by the rule for a product's derivative.
    """
    methods = [child for child in node.body if isinstance(child, Function) and child.name in OPERATORS]
    recording = [method for method in methods if _keeps_operands(method)]
    return len({method.name for method in recording}) > 1 or any(
        _has_product_rule(method) for method in methods if method.name == "__mul__"
    )


def _keeps_operands(method: Function) -> bool:
    operand = _operand(method)
    if not operand:
        return False
    for part in ast.walk(method):
        if isinstance(part, ast.Call):
            is_own_function = isinstance(part.func, ast.Attribute) and part.func.attr in ("append", "add", "extend")
            if (_makes_object(part) or is_own_function) and any(_holds(given, operand) for given in _given(part)):
                return True
        elif isinstance(part, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) and part is not method:
            parameters = {argument.arg for argument in part.args.args}
            if operand not in parameters and _reads(part, operand):
                return True
    return False


def _operand(method: Function) -> str:
    return method.args.args[0].arg if method.args.args else ""


def _makes_object(call: ast.Call) -> bool:
    """Return whether a class is called, as its name is written, or the object's own class."""
    function = call.func
    if isinstance(function, ast.Call):
        return isinstance(function.func, ast.Name) and function.func.id == "type"
    name = getattr(function, "attr", getattr(function, "id", ""))
    return name == "__class__" or name[:1].isupper()


def _given(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    yield from (word.value for word in call.keywords)


def _holds(node: ast.AST, operand: str) -> bool:
    """Return whether the object itself is given on, and no value of it."""
    if isinstance(node, ast.Name):
        return node.id == operand
    return isinstance(node, _HOLDERS) and any(_holds(child, operand) for child in ast.iter_child_nodes(node))


def _reads(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


def _has_product_rule(method: Function) -> bool:
    """Return whether an object is made of a * b, and of a * db + da * b."""
    operand = _operand(method)
    for part in ast.walk(method):
        if isinstance(part, ast.Call) and _makes_object(part):
            given = list(_given(part))
            fields = [_fields(one, operand) for one in given]
            rules = [fields_ for one in given if (fields_ := _rule(one, operand)) is not None]
            if any(own == {mine} for mine, _other in rules for own in fields if len(own) == 1):
                return True
    return False


def _rule(node: ast.expr, operand: str) -> tuple[str, str] | None:
    """Return the two fields of a sum of two products, each of another field of the operand."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return None
    first, second = _fields(node.left, operand), _fields(node.right, operand)
    both = [*first, *second]
    if len(first) == len(second) == 1 and first != second:
        others = [
            {part.attr for part in ast.walk(side) if isinstance(part, ast.Attribute)}
            for side in (node.left, node.right)
        ]
        if set(both) <= others[0] and set(both) <= others[1]:
            return both[0], both[1]
    return None


def _fields(node: ast.expr, operand: str) -> set[str]:
    """Return the fields of the operand that a product is of; none where it is no product."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
        return set()
    return {
        side.attr
        for side in (node.left, node.right)
        if isinstance(side, ast.Attribute) and isinstance(side.value, ast.Name) and side.value.id == operand
    }
