"""Where a gradient method, or what it uses, takes a derivative by differences, read from the syntax tree.

Recognised are quotients, (f(x + h) - f(x)) / h and f(x + ih).imag / h, also as a product with 1 / h; differences of
one expression at two places; sums with weights that cancel; and what NumPy has to differentiate or to fit numbers.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

Function = ast.FunctionDef | ast.AsyncFunctionDef
Read = Callable[[ast.AST | None], str]

#: What a method is called that hands gradients over, beside …_gradients.
_GRADIENTS: Final = {"gradient", "backward"}
#: NumPy's own: whole modules end with a dot.
_OF_NUMPY: Final = {
    "numpy.gradient", "numpy.diff", "numpy.ediff1d", "numpy.polyfit", "numpy.polyder", "numpy.poly1d",
}  # fmt: skip
_MODULES: Final = ("numpy.fft.", "numpy.polynomial.")
_WEIGHING: Final = {"dot", "tensordot", "inner", "vdot", "matmul", "einsum", "convolve", "correlate"}
_ARRAYS: Final = {"array", "asarray"}
_DEEP: Final = 3  # so far inside of two like expressions lies where they differ
_MOST_NODES: Final = 400  # of an expression that is compared
_MOST_RESOLVED: Final = 20
_LARGEST: Final = 1e15


def find_differences(nodes: Sequence[ast.AST], name: Read) -> int:
    """Return the first line that takes a derivative by differences; 0 where there is none.

    name: returns the dotted name that an expression stands for, or nothing.
    """
    functions: dict[str, list[Function]] = defaultdict(list)
    for node in nodes:
        if isinstance(node, Function):
            functions[node.name].append(node)
    inner = {id(part) for node in nodes if isinstance(node, (Function, ast.Lambda)) for part in ast.walk(node)}
    outer = _values(node for node in nodes if id(node) not in inner)
    waiting = [name for name in functions if name.endswith("_gradients") or name in _GRADIENTS]
    seen = set(waiting)
    while waiting:
        for function in functions[waiting.pop()]:
            parts = list(ast.walk(function))
            if line := _Reading(parts, {**outer, **_values(parts)}, name).line():
                return line
            for node in parts:
                used = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
                if used in functions and used not in seen:
                    seen.add(used)
                    waiting.append(used)
    return 0


def _values(nodes: Iterator[ast.AST] | Sequence[ast.AST]) -> dict[str, ast.expr]:
    """Return the values of names that are assigned once."""
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
            if isinstance(target, ast.Name):
                found[target.id].append(value)
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                for one, part in zip(target.elts, value.elts, strict=True):
                    if isinstance(one, ast.Name):
                        found[one.id].append(part)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] += [node.value, node.value]  # more than one
    return {name: values[0] for name, values in found.items() if len(values) == 1}


class _Reading:
    """Looks at one function."""

    def __init__(self, nodes: Sequence[ast.AST], values: dict[str, ast.expr], name: Read) -> None:
        self.nodes, self.values, self.name = nodes, values, name
        self.steps = {step for node in nodes for operand in _find_added(node) if (step := self._step(operand))}

    def line(self) -> int:
        """Return the line of what is recognised; else 0."""
        for node in self.nodes:
            if isinstance(node, ast.expr) and (
                self._is_quotient(node) or self._is_of_numpy(node) or self._is_weighed(node) or self._is_twice(node)
            ):
                return node.lineno
        return 0

    def _resolve(self, node: ast.expr) -> ast.expr:
        for _ in range(_MOST_RESOLVED):
            if not isinstance(node, ast.Name) or node.id not in self.values:
                break
            node = self.values[node.id]
        return node

    def _is_quotient(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return self._is_difference(node.left) and self._is_step(self._step(node.right))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return any(
                self._is_difference(one) and self._is_step(self._inverse(other))
                for one, other in ((node.left, node.right), (node.right, node.left))
            )
        if isinstance(node, ast.Call) and len(node.args) >= 2:
            function, (one, other) = self.name(node.func), node.args[:2]
            if function in ("numpy.divide", "numpy.true_divide"):
                return self._is_difference(one) and self._is_step(self._step(other))
            if function == "numpy.multiply":
                return any(
                    self._is_difference(left) and self._is_step(self._inverse(right))
                    for left, right in ((one, other), (other, one))
                )
        return False

    def _is_step(self, divisor: str | float | None) -> bool:
        if divisor is None:
            return False
        if divisor in self.steps:
            return True
        return isinstance(divisor, float) and any(
            isinstance(step, float) and step <= 0.1 and any(abs(divisor / step - many) < 1e-9 for many in (1, 2))
            for step in self.steps
        )

    def _step(self, node: ast.expr) -> str | float | None:
        """Return `h` for `h`, `2 * h` and `h * 2`; a small number for itself; None for anything else."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            if isinstance(node.left, ast.Constant):
                return self._step(node.right)
            return self._step(node.left) if isinstance(node.right, ast.Constant) else None
        number = _number(self._resolve(node))
        if number is not None:
            return number if 0 < number <= 0.2 else None
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return f"{node.value.id}.{node.attr}"
        return None

    def _inverse(self, node: ast.expr) -> str | float | None:
        """Return the step of which a factor is the inverse: of `500`, `1 / h`, `0.5 / h` and `h ** -1`."""
        node = self._resolve(node)
        number = _number(node)
        if number is not None:
            return 1 / number if number >= 5 else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _number(node.left) is not None:
            return self._step(node.right)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _number(node.right) == -1:
            return self._step(node.left)
        return None

    def _is_difference(self, node: ast.expr) -> bool:
        node = self._resolve(node)
        for _ in range(_MOST_RESOLVED):  # x = f(x) leads to itself
            if not isinstance(node, ast.Call) or not node.args:
                break
            if getattr(node.func, "attr", "") in ("subtract", "imag"):
                return True
            node = self._resolve(node.args[0])
        if isinstance(node, ast.Attribute):
            return node.attr == "imag"
        return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)

    def _is_of_numpy(self, node: ast.expr) -> bool:
        full = self.name(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""
        return isinstance(getattr(node, "ctx", None), ast.Load) and (full in _OF_NUMPY or full.startswith(_MODULES))

    def _is_weighed(self, node: ast.expr) -> bool:
        """Return whether numbers that cancel are the weights of a sum."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            given = [node.left, node.right]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _WEIGHING:
            given = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else ())]
            given = given[:1] if self.name(node.func) == "numpy.tensordot" else given
        else:
            return False
        return any(self._cancels(one) for one in given)

    def _cancels(self, node: ast.expr) -> bool:
        node = self._resolve(node)
        for _ in range(_MOST_RESOLVED):
            if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)) and _number(node.right):
                node = node.left
            elif isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", "") in _ARRAYS:
                node = self._resolve(node.args[0])
        if not isinstance(node, (ast.List, ast.Tuple)) or not 2 <= len(node.elts) <= _MOST_RESOLVED:
            return False
        numbers = [_number(self._resolve(entry)) for entry in node.elts]
        known = [number for number in numbers if number is not None]
        return len(known) == len(numbers) and any(known) and abs(sum(known)) < 1e-9 * max(map(abs, known))

    def _is_twice(self, node: ast.expr) -> bool:
        """Return whether one expression is taken from itself, with something else deep inside it: E(a) - E(b)."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            left, right = node.left, node.right
        elif isinstance(node, ast.Call) and self.name(node.func) == "numpy.subtract" and len(node.args) == 2:
            left, right = node.args
        else:
            return False
        left, right = self._resolve(left), self._resolve(right)
        if type(left) is not type(right) or _is_large(left) or _is_large(right):
            return False
        holes = list(_holes(left, right, 0))
        if not holes or len({(ast.dump(one), ast.dump(other)) for one, other, _ in holes}) > 1:
            return False
        one, other, depth = holes[0]
        if not _names(one) & _names(other):
            return False
        cancels = isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add) and depth >= _DEEP - 1
        return cancels or depth >= _DEEP


def _is_large(node: ast.AST) -> bool:
    return next((True for number, _ in enumerate(ast.walk(node)) if number > _MOST_NODES), False)


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - {"np", "numpy"}


_Hole = tuple[ast.AST, ast.AST, int]


def _holes(left: ast.AST, right: ast.AST, depth: int) -> Iterator[_Hole]:
    """Yield where two trees differ: both parts, and how many operations and calls lie around them."""
    if isinstance(left, ast.Load) and isinstance(right, ast.Load):
        return
    children = list(zip_longest(ast.iter_child_nodes(left), ast.iter_child_nodes(right)))
    alike = (
        type(left) is type(right)
        and _own(left) == _own(right)
        and all(one is not None and other is not None for one, other in children)
    )
    operators = [(one, other) for one, other in children if isinstance(one, (ast.operator, ast.unaryop))]
    if isinstance(left, ast.Call) and isinstance(right, ast.Call):
        alike = alike and ast.dump(left.func) == ast.dump(right.func)
    if not alike or any(type(one) is not type(other) for one, other in operators):
        yield left, right, depth
        return
    deeper = depth + isinstance(left, (ast.BinOp, ast.UnaryOp, ast.Call))
    for one, other in children:
        yield from _holes(one, other, deeper)


def _own(node: ast.AST) -> list[object]:
    """Return what a node says that is no node."""
    return [
        value
        for field, value in ast.iter_fields(node)
        if isinstance(value, (str, int, float, complex, bytes, type(None))) and field not in ("type_comment", "kind")
    ]


def _number(node: ast.AST | None) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _number(node.operand) if isinstance(node.operand, ast.Constant) else None
        return None if number is None else -number
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and abs(node.value) < _LARGEST:
        return float(node.value)
    return None


def _find_added(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what is added somewhere, the factors of products among it: `h` of `x + h * direction`, and of `x += h`.

    Of what is taken away, the small numbers alone: `x - m` says little of `(x - m) / m`.
    """
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        added = [node.left, node.right]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        added = [side for side in (node.left, node.right) if isinstance(side, ast.Constant)]
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        added = [node.value]
    else:
        return
    for operand in added:
        yield operand
        if isinstance(operand, ast.BinOp) and isinstance(operand.op, ast.Mult):
            yield from (operand.left, operand.right)
