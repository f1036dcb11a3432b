"""Wheats and chaffs: the reference with one method written another way, right (wheat) or wrong (chaff).

They are declared in `reference/wheats/` and `reference/chaffs/`, one function each, which takes the method's place
in the reference's source. A chaff's docstring is the sentence that a student who made the mistake should read.
"""

from __future__ import annotations

import ast
import dis
import importlib.util
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any, Final, TypeVar

from autograder.base.errors import AssignmentError

F = TypeVar("F", bound=Callable[..., Any])
_MARK: Final = "__variant__"


@dataclass(frozen=True)
class Variant:
    """One method of the reference, written another way.

    target: `Class.method`, or a function's name. source: the new definition, under the target's own name.
    costs: for a chaff the points that must go, by test number; empty for a wheat.
    trains: whether the models still pass the training check with it; None where that is unknown.
    editions: those in which it makes sense; empty for all.
    costs_in: the costs in an edition whose tests see more of it, or less, by the edition's name.
    elsewhere: those of its costs that only other editions ask for. own_place: the edition that its costs would have to
    be declared for, since `costs` are in another's points; "" where `costs` are the place.
    """

    name: str
    target: str
    source: str
    sentence: str
    file: str
    line: int
    costs: Mapping[str, float] = field(default_factory=dict)
    trains: bool | None = None
    editions: tuple[str, ...] = ()
    costs_in: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    elsewhere: Mapping[str, float] = field(default_factory=dict)
    own_place: str = ""

    @property
    def where(self) -> str:
        """File and line of its declaration."""
        return f"{self.file}:{self.line}"


def chaff(
    target: str,
    *,
    costs: Mapping[str, float],
    costs_in: Mapping[str, Mapping[str, float]] | None = None,
    trains: bool | None = None,
    editions: Iterable[str] = (),
) -> Callable[[F], F]:
    """Declare a mistake: the method of the reference that it replaces, and the points that it costs.

    costs_in: all that it costs in an edition whose tests see more of it, or less, by the edition's name.
    trains: whether the models still pass the training check with it; None where that is unknown.
    editions: those in which it is a mistake, by default all.
    """
    return _mark_with(target, costs, costs_in or {}, trains, editions)


def wheat(target: str, *, editions: Iterable[str] = ()) -> Callable[[F], F]:
    """Declare another right answer: the method of the reference that it replaces.

    editions: those in which it is right, by default all.
    """
    return _mark_with(target, {}, {}, True, editions)


def _mark_with(
    target: str,
    costs: Mapping[str, float],
    costs_in: Mapping[str, Mapping[str, float]],
    trains: bool | None,
    editions: Iterable[str],
) -> Callable[[F], F]:
    def mark(function: F) -> F:
        setattr(function, _MARK, (target, dict(costs), dict(costs_in), trains, tuple(editions)))
        return function

    return mark


def load(folder: Path) -> dict[str, Variant]:
    """Return every variant declared in the modules of `folder`, by name.

    Raises AssignmentError where a module cannot be imported or a name is declared twice, in it or in two.
    """
    variants: dict[str, Variant] = {}
    for path in sorted(folder.glob("*.py")):
        for variant in _load_file(path):
            if variant.name in variants:
                raise AssignmentError(
                    f"{variant.where}: {variant.name} is declared at {variants[variant.name].where} already."
                )
            variants[variant.name] = variant
    return variants


def check_names(path: Path) -> None:
    """Raise AssignmentError where a module defines a function twice: the second takes the first's place, in silence."""
    try:
        body = ast.parse(path.read_bytes()).body
    except SyntaxError:
        return  # told where it is loaded
    lines: dict[str, int] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            if node.name in lines:
                taken = f"is defined at line {lines[node.name]} already: rename one."
                raise AssignmentError(f"{path}:{node.lineno}: {node.name} {taken}")
            lines[node.name] = node.lineno


def find_globals(variant: Variant) -> list[str]:
    """Return the names that a variant's code looks up in its module, in their order."""
    codes: list[CodeType] = [compile(variant.source, variant.file, "exec", dont_inherit=True)]
    names: dict[str, None] = {}
    for code in codes:
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        names |= {i.argval: None for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    return list(names)


def _load_file(path: Path) -> Iterator[Variant]:
    check_names(path)
    spec = importlib.util.spec_from_file_location(f"_variants_{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise AssignmentError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
    for name, function in vars(module).items():
        if hasattr(function, _MARK) and function.__module__ == spec.name:
            target, costs, costs_in, trains, marked = getattr(function, _MARK)
            yield Variant(
                name=name,
                target=target,
                source=_render_source(function, target.rpartition(".")[2]),
                sentence=" ".join((function.__doc__ or "").split()),
                file=str(path),
                line=function.__code__.co_firstlineno,
                costs=costs,
                costs_in=costs_in,
                trains=trains,
                editions=marked,
            )


def _render_source(function: Callable[..., Any], name: str) -> str:
    """Return the function's source without decorators and docstring, called `name`, not indented."""
    source = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    lines = source.splitlines(keepends=True)[node.lineno - 1 :]
    if ast.get_docstring(node) is not None:
        first = node.body[0]
        del lines[first.lineno - node.lineno : (first.end_lineno or first.lineno) - node.lineno + 1]
    text = "".join(lines)
    return text.replace(f"def {function.__name__}(", f"def {name}(", 1)


def render(sources: Mapping[str, bytes], variants: Iterable[Variant]) -> dict[str, bytes]:
    """Return `sources` (the reference's files) with each variant in its place.

    A method of the reference under a comment line `# WITH name, other` goes where one of these is replaced. As in a
    student's solution, the handout's is inherited then. Raises AssignmentError where a target is not found.
    """
    rendered = {path: content.decode() for path, content in sources.items()}
    for variant in variants:
        path, node = find(rendered, variant.target, variant.where)
        rendered[path] = _replace_node(rendered[path], node, variant.source)
        owner, _, method = variant.target.rpartition(".")
        rendered[path] = _without_companions(rendered[path], owner, method)
    return {path: text.encode() for path, text in rendered.items()}


def without_companions(sources: Mapping[str, bytes], path: str, owner: str) -> dict[str, bytes]:
    """Return `sources` with class `owner` of file `path` on what it inherits, as students' layers mostly are."""
    return {**sources, path: _without_companions(sources[path].decode(), owner, r"\w+").encode()}


def find(rendered: Mapping[str, str], target: str, where: str) -> tuple[str, ast.FunctionDef]:
    """Return the file and the definition of `target` among texts by path. Raises AssignmentError, at `where`."""
    owner, _, method = target.rpartition(".")
    for path, text in rendered.items():
        if f"def {method}" not in text:
            continue  # most files: parsing them all would take most of an audit's checks
        body: list[ast.stmt] = ast.parse(text).body
        if owner:
            classes = [node for node in body if isinstance(node, ast.ClassDef) and node.name == owner]
            body = classes[0].body if classes else []
        for node in body:
            if isinstance(node, ast.FunctionDef) and node.name == method:
                return path, node
    raise AssignmentError(f"{where}: the reference has no {target}.")


def _replace_node(text: str, node: ast.FunctionDef, source: str) -> str:
    lines = text.splitlines(keepends=True)
    indented = textwrap.indent(source.rstrip("\n") + "\n", " " * node.col_offset)
    return "".join([*lines[: node.lineno - 1], indented, *lines[node.end_lineno :]])


def _without_companions(text: str, owner: str, method: str) -> str:
    """Return `text` without the methods of class `owner` that stand under `# WITH method`.

    method: a regular expression.
    """
    lines = text.splitlines(keepends=True)
    mark = "# WITH "
    marked = {
        number
        for number, line in enumerate(lines, 1)
        if line.strip().startswith(mark)
        and any(re.fullmatch(method, name) for name in line.strip().removeprefix(mark).split(", "))
    }
    if not marked or not owner:
        return text
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.ClassDef) and node.name == owner:
            for child in reversed(node.body):
                if isinstance(child, ast.FunctionDef) and child.lineno - 1 in marked:
                    del lines[child.lineno - 2 : child.end_lineno]
    return "".join(lines)
