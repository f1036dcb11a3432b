"""Every regular expression of the project's code, as its calls of `re` have it, and how it is searched."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("autograder", "homework")
# Where each function of `re` has its flags.
_FLAGS = {
    "compile": 1,
    "search": 2,
    "match": 2,
    "fullmatch": 2,
    "findall": 2,
    "finditer": 2,
    "split": 3,
    "sub": 4,
    "subn": 4,
}


@dataclass(frozen=True)
class Pattern:
    """A regular expression. module: its file, from the root; name: of the constant that it is, or of its function.

    pattern: None where only the running program knows it. restarts, whole: as for `Expression`.
    """

    module: str
    line: int
    name: str
    source: str
    pattern: str | bytes | None
    flags: int
    restarts: bool
    whole: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.name}: {self.source}"


class _Unknown(str):
    """What only the running program knows, in the middle of an expression: taken for a word."""

    __slots__ = ()

    def __new__(cls) -> _Unknown:
        return super().__new__(cls, "word")

    def __getattr__(self, name: str) -> _Unknown:
        return self

    def __getitem__(self, key: Any) -> _Unknown:  # type: ignore[override]
        return self

    def __call__(self, *_args: Any, **_kwargs: Any) -> _Unknown:
        return self


class _Names(dict[str, Any]):
    """The names of a function: what it assigns to them, as far as that is known; then the module's own."""

    def __init__(self, module: dict[str, Any], function: ast.AST | None) -> None:
        super().__init__()
        self.module, self.assigned = module, {}
        for node in ast.walk(function) if function else ():
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.assigned[node.targets[0].id] = node.value

    def __missing__(self, name: str) -> Any:
        if (assigned := self.assigned.pop(name, None)) is not None:
            self[name] = _value(assigned, self)
            return self[name]
        if name in self.module or hasattr(builtins, name):
            raise KeyError(name)
        return _Unknown()


def collect() -> list[Pattern]:
    """Return the expressions in every module of the project."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return [one for module, text in texts.items() if "import re\n" in text for one in _of_module(module, texts)]


def _of_module(module: str, texts: Mapping[str, str]) -> Iterator[Pattern]:
    namespace = vars(importlib.import_module(module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")))
    nodes = list(ast.walk(ast.parse(texts[module])))
    names = {
        id(node.value): target.id
        for node in nodes
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        and isinstance(target := node.targets[0] if isinstance(node, ast.Assign) else node.target, ast.Name)
    }
    chained = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
    functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    around = {id(inner): function for function in functions for inner in ast.walk(function)}  # the innermost comes last
    own = _uses(nodes)
    for call in nodes:
        if not (function := _function(call)) or not isinstance(call, ast.Call):
            continue
        known = _Names(namespace, around.get(id(call)))
        name = names.get(id(call), "")
        methods = {function}
        if function == "compile":
            methods = own.get(name, {""}) if name else {chained.get(id(call), "")}
            methods = methods if not name or name.startswith("_") or id(call) in around else _uses_anywhere(name, texts)
        at = _FLAGS[function]
        flags = next((one.value for one in call.keywords if one.arg == "flags"), None)
        flags = call.args[at] if flags is None and len(call.args) > at else flags
        for restarts, whole in sorted({(one not in ("match", "fullmatch"), one == "fullmatch") for one in methods}):
            yield Pattern(
                module,
                call.lineno,
                around[id(call)].name if id(call) in around else name,
                ast.unparse(call.args[0]),
                _value(call.args[0], known),
                0 if flags is None else int(_evaluate(flags, known)),
                restarts,
                whole,
            )


def _uses(nodes: Iterable[ast.AST]) -> dict[str, set[str]]:
    """Return the methods that are called of each name; "" where a name is handed on."""
    found: dict[str, set[str]] = {}
    called = set[int]()
    for node in nodes:  # a call comes before what is called
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            # From a place in the text on: from many, perhaps.
            method = "search" if node.func.attr == "match" and len(node.args) > 1 else node.func.attr
            found.setdefault(node.func.value.id, set()).add(method)
            called.add(id(node.func.value))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in called:
            found.setdefault(node.id, set()).add("")
    return found


def _uses_anywhere(name: str, texts: Mapping[str, str]) -> set[str]:
    used = re.compile(rf"\b{name}\.(\w+)\(")
    return {method for text in texts.values() if name in text for method in used.findall(text)} or {""}


def _function(node: ast.AST) -> str:
    """Return the function of `re` that a node calls with an expression; "" where it calls none."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        return node.func.attr if node.func.value.id == "re" and node.func.attr in _FLAGS else ""
    return ""


def _value(node: ast.expr, names: _Names) -> Any:
    """Return an expression with words in the places that only the running program knows; None where it is all of it."""
    if isinstance(node, ast.JoinedStr):
        pieces = [piece if isinstance(piece, ast.Constant) else ast.JoinedStr([piece]) for piece in node.values]
        return "".join(str(_evaluate(piece, names)) for piece in pieces)
    value = _evaluate(node, names)
    return None if type(value) is _Unknown else value


def _evaluate(node: ast.expr, names: _Names) -> Any:
    code = compile(ast.fix_missing_locations(ast.Expression(node)), "<pattern>", "eval")
    try:
        return eval(code, names.module, names)
    except (LookupError, TypeError, AttributeError, NameError, ValueError):
        return _Unknown()
