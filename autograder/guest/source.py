"""What a source file refers to, read from its syntax tree: nothing of it is run.

Python's parser can be made to need more time, memory or stack than there is, so this runs where that costs
nobody anything: in a worker of its own, in which nothing of the submission is loaded.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .callers import find_callers
from .computed import FINDERS, IMPORTERS, RUNNERS, find_computed, find_own_names, may_run_as_main
from .differences import find_differences
from .engines import OPERATORS, is_engine
from .scopes import Scopes, count_bindings, find_bound, find_defined

MOST_BYTES = 2**20  # of one file
_MOST_NAMES = 4000
_LONGEST_NAME = 200
_DEEPEST = 4  # code in a text in code

_BUILTINS = {"__import__", "getattr", "exec", "eval", "compile"}
_INTERCEPTORS = {"__array_ufunc__", "__array_function__"}
_TAPE_MARKS = {
    "_backward", "backward", "_prev", "_children", "_parents", "grad_fn", "_grad_fn", "vjp", "vjps", "_ctx",
    "requires_grad", "dual", "tangent", "deriv", "derivative", "partials",
}  # fmt: skip
_MAKERS = {"defvjp", "defjvp", "make_vjp", "make_jvp", "backward_pass", "value_and_grad", "vspace", "primitive"}

AUTODIFF, DIFFERENCES, CALLERS = "autodiff", "differences", "callers"  # the marks

Function = ast.FunctionDef | ast.AsyncFunctionDef

#: `if __name__ == "__main__":` over comments and nothing else, as handouts have it: no Python until it has a body.
_EMPTY_MAIN = re.compile(
    rb"""^(if[ \t]+__name__[ \t]*==[ \t]*(["'])__main__\2[ \t]*:)(?=[ \t]*(?:\#[^\n]*|\r)?(?:\n|\Z)"""
    rb"""(?:[ \t]*(?:\#[^\n]*|\r)?\n)*(?:[ \t]*(?:\#[^\n]*)?\Z|[^\s\#]))""",
    re.MULTILINE,
)


def parse(source: bytes) -> ast.Module:
    """Return the syntax tree of a file as it is loaded. Raises SyntaxError or ValueError where it is no Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse(complete_main(source))


def complete_main(source: bytes) -> bytes:
    """Return `source` with `pass` as the body of a main block that holds only comments; every line keeps its number."""
    return _EMPTY_MAIN.sub(rb"\1 pass", source)


@dataclass
class Facts:
    """Of one file, each with its first line. names: dotted names of what is imported and used of it.

    used: those of them that more is done with than to import them.
    binds, defines: the names that its own statements bind at its top level, and of these what it makes itself.
    marks: what looks like automatic differentiation, like finite differences, or into the functions that call it.
    opaque: the line where a name or code is computed, so that nobody knows what it does; 0 if there is none.
    crowded: whether there are more names than anybody needs, and some were passed over.
    opens_main_blocks: whether it may set a module's `__name__`, its own or that of another file of the submission.
    """

    names: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    binds: list[str] = field(default_factory=list)
    defines: list[str] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    opaque: int = 0
    crowded: bool = False
    opens_main_blocks: bool = False


def inspect(source: bytes, package: str, *, main_runs: bool = False) -> Facts:
    """Return the facts of one file; package: what its relative imports start from (the package, or nothing).

    main_runs: whether another file may have its main block run, see `Facts.opens_main_blocks`.
    Raises SyntaxError or ValueError where it is no Python, and RecursionError or MemoryError where it is too entangled.
    """
    facts = Facts()
    tree = parse(source)
    _Reader(facts, package, main_runs=main_runs).read(tree, 0, 0)
    facts.binds, facts.defines = _bounded(find_bound(tree)), _bounded(find_defined(tree))
    return facts


def _bounded(names: Iterable[str]) -> list[str]:
    """Return not too many names; none that is so long that a noted one, which is cut, could be taken for it."""
    return sorted(name for name in names if len(name) < _LONGEST_NAME // 2)[:_MOST_NAMES]


class _Reader:
    """Collects the facts of one syntax tree, and of the code in its texts."""

    def __init__(self, facts: Facts, package: str, *, main_runs: bool) -> None:
        self.facts, self.package, self.main_runs = facts, package, main_runs
        self.aliases: dict[str, str] = {}
        self.texts: dict[tuple[int | None, str], str] = {}  # by scope and name, of what is bound once
        self.loaded: set[str] = set()
        self.scopes = Scopes()
        self.own: frozenset[str] = frozenset()

    def read(self, tree: ast.AST, line: int, depth: int) -> None:
        """Take in `tree`; line: where it stands, if it stands in a text."""
        everything = list(ast.walk(tree))
        bound = count_bindings(everything)
        opens = may_run_as_main(everything, bound)
        self.facts.opens_main_blocks |= opens and not depth
        nodes = everything if self.main_runs or opens else list(_run_nodes(tree))
        self.scopes.add(tree)
        self.own = self.own if depth else find_own_names(tree, bound)
        self.loaded |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        for node in nodes:
            at = line or getattr(node, "lineno", 0)
            if isinstance(node, ast.Import):
                self._import(node, at)
            elif isinstance(node, ast.ImportFrom):
                self._import_from(node, at)
            elif isinstance(node, ast.Assign):
                self._assign(node)
        for node in nodes:
            at = line or getattr(node, "lineno", 0)
            if isinstance(node, ast.Attribute):
                self._note(self._name(node), at)
            elif isinstance(node, ast.Call):
                self._call(node, at, depth)
            elif isinstance(node, ast.Subscript) and self._name(node.value) == "sys.modules":
                self._note(self._text(node.slice), at)
            elif isinstance(node, ast.ClassDef) and _records_operations(node):
                self.facts.marks.setdefault(AUTODIFF, at)
        for node in find_computed(nodes, self._name, self._text, self.own, self.scopes):
            self._cannot_follow(line or getattr(node, "lineno", 0))
        made = [node for node in nodes if isinstance(node, Function) and node.name in _MAKERS]
        if len({node.name for node in made}) > 1:
            self.facts.marks.setdefault(AUTODIFF, line or made[0].lineno)
        self._mark(DIFFERENCES, find_differences(nodes, self._name), line)
        self._mark(CALLERS, find_callers(nodes, self._text), line)

    def _mark(self, mark: str, found: int, line: int) -> None:
        if found:
            self.facts.marks.setdefault(mark, line or found)

    def _cannot_follow(self, line: int) -> None:
        self.facts.opaque = self.facts.opaque or line

    def _note(self, name: str, line: int, *, used: bool = True) -> None:
        self.facts.crowded = self.facts.crowded or len(self.facts.names) >= _MOST_NAMES
        if name and not self.facts.crowded:
            self.facts.names.setdefault(name[:_LONGEST_NAME], line)
            if used:
                self.facts.used.add(name[:_LONGEST_NAME])

    def _import(self, node: ast.Import, line: int) -> None:
        for entry in node.names:
            first = entry.name.partition(".")[0]
            self._note(entry.name, line, used=(entry.asname or first) in self.loaded)
            self.aliases[entry.asname or first] = entry.name if entry.asname else first

    def _import_from(self, node: ast.ImportFrom, line: int) -> None:
        above = self.package.split(".") if self.package else []
        above = above[: len(above) - node.level + 1] if node.level else []
        origin = ".".join([*above, *filter(None, [node.module])])
        bound = [entry.asname or entry.name for entry in node.names]
        self._note(origin, line, used="*" in bound or not self.loaded.isdisjoint(bound))
        for entry in node.names:
            if entry.name == "*":
                self._note(f"{origin}.*", line)  # whatever it holds
            else:
                full = f"{origin}.{entry.name}" if origin else entry.name
                self._note(full, line, used=(entry.asname or entry.name) in self.loaded)
                self.aliases[entry.asname or entry.name] = full

    def _assign(self, node: ast.Assign) -> None:
        name, text = self._name(node.value), self._text(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name):
                if name:
                    self.aliases.setdefault(target.id, name)
                home = self.scopes.find_home(target)
                if text and home is not None:
                    self.texts[home, target.id] = text

    def _call(self, node: ast.Call, line: int, depth: int) -> None:
        function = self._name(node.func).removeprefix("builtins.")
        self._note(self._name(node), line)  # getattr(tensorflow, "GradientTape")
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1:
            owner = self._name(node.args[0])
            if owner and not self._text(node.args[1]):
                self._note(f"{owner}.*", line)
        if (
            isinstance(node.func, ast.Name)
            and node.func.id in RUNNERS | {"__import__"}
            and node.func.id not in self.own
        ):
            function = node.func.id  # whatever else the file calls so, somewhere
        if function not in IMPORTERS | RUNNERS or function in self.own:
            return
        given = node.args[0] if node.args else next((entry.value for entry in node.keywords), None)
        if isinstance(given, ast.Call) and self._name(given.func).removeprefix("builtins.") == "compile":
            return  # that call is read itself
        text = self._text(given)
        if function in IMPORTERS and text:
            self._note((self.package + text if text.startswith(".") else text).replace(":", "."), line)
        elif not text or depth >= _DEEPEST or len(text) >= MOST_BYTES:
            if function not in FINDERS:
                self._cannot_follow(line)
        else:
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError):
                return  # code that cannot run asks for nothing
            self.read(tree, line, depth + 1)

    def _name(self, node: ast.AST | None) -> str:
        """Return `tensorflow.keras.layers` for `tf.keras.layers`; nothing for what does not start at an import."""
        ends: list[str] = []
        while True:
            if isinstance(node, ast.Attribute):
                ends.append(node.attr)
                node = node.value
                continue
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr"):
                break
            text = self._text(node.args[1]) if len(node.args) > 1 else ""
            if not text:
                break
            ends.append(text)
            node = node.args[0]
        start = ""
        if isinstance(node, ast.Name):
            start = self.aliases.get(node.id) or (node.id if node.id in _BUILTINS else "")
        elif isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)) and node.args:
            function = self._name(node.func).removeprefix("builtins.")
            if function in IMPORTERS:
                start = self._text(node.args[0])
                start = start.partition(".")[0] if function.endswith("__import__") else start
        return ".".join([start, *reversed(ends)]) if start else ""

    def _text(self, node: ast.AST | None, depth: int = 0) -> str:
        """Return the text that an expression of literals stands for, or nothing."""
        if depth > 50:
            return ""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else ""
        if isinstance(node, ast.Name):
            return self.texts.get((self.scopes.find_home(node), node.id), "")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._text(node.left, depth + 1), self._text(node.right, depth + 1)
            return left + right if left and right and len(left) + len(right) < MOST_BYTES else ""
        if isinstance(node, ast.JoinedStr):
            parts = [self._text(part, depth + 1) for part in node.values]
            return "".join(parts) if all(parts) else ""
        if isinstance(node, ast.FormattedValue):
            return self._text(node.value, depth + 1)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            backwards = node.slice.lower is None and node.slice.upper is None and _number(node.slice.step) == -1
            return self._text(node.value, depth + 1)[::-1] if backwards else ""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
            listed = node.args[0]
            if node.func.attr == "join" and isinstance(listed, (ast.List, ast.Tuple)):
                glue, parts = self._text(node.func.value, depth + 1), [self._text(e, depth + 1) for e in listed.elts]
                return glue.join(parts) if all(parts) else ""
        return ""


def _run_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node in the order of the source, except what `if __name__ == "__main__"` guards: it never runs."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        children: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, ast.If) and _asks_for_main(node.test):
            children = node.orelse
        waiting.extend(reversed(list(children)))


def _asks_for_main(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )


def _records_operations(node: ast.ClassDef) -> bool:
    """Return whether a class overloads arithmetic and keeps what a derivative needs, as dual numbers do."""
    defined = {child.name for child in node.body if isinstance(child, Function)}
    for child in node.body:
        if isinstance(child, ast.Assign):
            defined.update(target.id for target in child.targets if isinstance(target, ast.Name))
    if len(defined & OPERATORS) < 2 and not defined & _INTERCEPTORS:
        return False
    stored = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    return bool((defined | stored) & _TAPE_MARKS) or is_engine(node)


def _number(node: ast.AST | None) -> float | None:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, sign = node.operand, -1
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return sign * float(node.value)
    return None
