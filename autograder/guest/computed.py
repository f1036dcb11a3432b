"""Where a source computes the code or the names that it runs: what nobody can read of it.

Looked for are the ways that lead to code: to run a text, to load a module by a computed name, to make functions of
bytes, and to get at the names of all of these without writing them. What ordinary programs do with the same names, to
compile a regular expression or to ask an object for an attribute, is none of them.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from .scopes import Scopes

#: Import what a name says; run the code that a text holds.
IMPORTERS: Final = {
    "__import__", "importlib.__import__", "importlib.import_module", "importlib.util.find_spec",
    "importlib.find_loader", "pkgutil.resolve_name", "pkgutil.get_loader", "pkgutil.find_loader", "runpy.run_module",
}  # fmt: skip
RUNNERS: Final = {"exec", "eval", "compile"}
#: Those of the importers that only ask whether a module is there: what they return must be loaded by other means.
FINDERS: Final = {"importlib.util.find_spec", "importlib.find_loader", "pkgutil.get_loader", "pkgutil.find_loader"}
#: Make code of bytes or of another file, however readable what they are called with is.
_MAKERS: Final = {
    "marshal.load", "marshal.loads", "pickle.loads", "_pickle.loads", "cPickle.loads", "types.FunctionType",
    "types.LambdaType", "types.CodeType", "runpy.run_path", "importlib.util.spec_from_file_location",
    "importlib.util.module_from_spec", "importlib.machinery.SourceFileLoader", "importlib.machinery.ModuleSpec",
    "code.InteractiveInterpreter", "code.InteractiveConsole", "code.compile_command", "codeop.compile_command",
    "codeop.Compile", "_imp.create_dynamic", "zipimport.zipimporter", "typing.ForwardRef", "inspect.getmodule",
    "inspect.getclosurevars", "gc.get_objects", "gc.get_referrers", "gc.get_referents", "pydoc.locate",
    "pydoc.resolve", "pydoc.safeimport", "logging.config.BaseConfigurator", "logging.config.DictConfigurator",
    "logging.config._resolve", "unittest.mock._importer", "unittest.mock._get_target", "unittest.mock._dot_lookup",
    "dataclasses._create_fn", "dataclasses._FuncBuilder", "importlib.metadata.EntryPoint", "site.addpackage",
    "site.addsitedir", "rlcompleter.Completer", "typing._eval_type", "collections._eval", "idlelib.run.Executive",
    "test.support.run_code",
}  # fmt: skip
_MAKERS_METHODS: Final = ("logging.config.BaseConfigurator.", "logging.config.DictConfigurator.")
_FACTORY: Final = "()"  # the key under which a configuration names what is called
#: Take a text to run, or a function to call.
_TEXT_RUNNERS: Final = {
    "timeit.timeit", "timeit.repeat", "timeit.Timer", "cProfile.run", "cProfile.runctx", "profile.run",
    "profile.runctx", "pdb.run", "pdb.runctx", "pdb.runeval", "numpy.testing.measure", "numpy.testing.rundocs",
}  # fmt: skip
#: Methods that run a text, whatever has them; and the modules of which `run` does, too.
_RUNNING_METHODS: Final = {"runctx", "runeval", "runsource", "runcode", "get_field", "loadTestsFromName"}
_DEBUGGERS: Final = {"cProfile", "profile", "bdb", "trace"}
#: Parts of the import system that make code: everything below them.
_MACHINERY: Final = (
    "importlib.abc.", "importlib.machinery.", "importlib._bootstrap", "_frozen_importlib", "ctypes.pythonapi",
    "ctypes.PyDLL", "sys.meta_path", "sys.path_hooks",
)  # fmt: skip
_EVALUATES_ANNOTATIONS: Final = {"typing.get_type_hints", "inspect.get_annotations", "inspect.signature"}
_PICKLED_IN_MEMORY: Final = {"pickle.load", "pickle.Unpickler", "_pickle.load", "_pickle.Unpickler"}
_READS_ATTRIBUTES: Final = {"operator.attrgetter", "operator.methodcaller"}
#: Modules of which a computed attribute may be anything that runs code.
_POWERFUL: Final = {"builtins", "importlib", "marshal", "runpy", "pkgutil", "types", "__builtins__"}
_INNER: Final = {
    "__builtins__", "__globals__", "f_builtins", "f_globals", "__loader__", "exec_module", "load_module",
    "__closure__", "cell_contents",
}  # fmt: skip
#: What leads from a function to its module, or to all classes, and from an honest object to honest ones.
_WAYS: Final = {"__self__", "__subclasses__"}
_UPWARDS: Final = {"__base__", "__bases__", "__mro__", "mro"}
_MODES: Final = {"exec", "eval", "single"}
_BUILTIN_NAMES: Final = frozenset(dir(builtins))
_HARMLESS_OF_MODULES: Final = {"get", "keys", "pop", "__contains__", "setdefault"}
_NAMESPACES: Final = {"globals", "locals", "vars"}
_MAIN: Final = "__name__"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Read = Callable[[ast.AST | None], str]


def find_own_names(tree: ast.AST, bound: Mapping[str, int]) -> frozenset[str]:
    """Return which of the names that run code a file gives to a function of its own for good, at its top level.

    bound: how often each name is bound in it.
    """
    made = {node.name for node in getattr(tree, "body", ()) if isinstance(node, Function)}
    return frozenset(name for name in made & (RUNNERS | IMPORTERS) if bound[name] == 1)


def may_run_as_main(nodes: Sequence[ast.AST], bound: Collection[str]) -> bool:
    """Return whether a module may set its own `__name__`, so that what a main block guards runs all the same.

    The name of a function or class of its own it may set: decorators do. nodes: all of it. bound: the names it binds.
    """
    if _MAIN in bound:
        return True
    own = {node.name for node in nodes if isinstance(node, (Function, ast.ClassDef))}
    own |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr == _MAIN and not isinstance(node.ctx, ast.Load):
            if not (isinstance(node.value, ast.Name) and node.value.id in own):
                return True
        elif isinstance(node, ast.keyword) and node.arg == _MAIN:
            return True
        elif isinstance(node, (ast.Subscript, ast.Dict)):
            keys = node.keys if isinstance(node, ast.Dict) else [node.slice]
            if any(key is not None and _spelled(key) == _MAIN for key in keys):
                return True
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "setattr",
            "__setattr__",
            "setdefault",
            "__setitem__",
        ):
            if _MAIN in map(_spelled, node.args):
                return True
        elif isinstance(node, (ast.Global, ast.Nonlocal)) and _MAIN in node.names:
            return True
    return False


def _spelled(node: ast.expr) -> str:
    """Return the texts in an expression, put together in their order."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return "".join(str(part.value) for part in sorted(parts, key=lambda part: (part.lineno, part.col_offset)))


def find_computed(
    nodes: Sequence[ast.AST], name: Read, text: Read, own: Collection[str], scopes: Scopes
) -> Iterator[ast.AST]:
    """Yield the nodes that get at code in a way that cannot be followed; calls that run a text are not among them.

    name: returns the dotted name that an expression stands for. text: the text. Each returns nothing where it is
    none. own: names that are the file's own functions.
    """
    followed = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    followed |= {id(node.value) for node in nodes if isinstance(node, ast.Assign) and _renames(node, scopes)}
    inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    inner |= {
        id(node.args[0]) for node in nodes if isinstance(node, ast.Call) and _asks_for_known_attribute(node, text)
    }
    file = _File(nodes, name, text)
    for node in nodes:
        if file.runs_unread(node):
            yield node
        if isinstance(node, ast.Name):
            found = _of_name(node, name, own, id(node) in followed, id(node) in inner)
        elif isinstance(node, ast.Attribute):
            found = _of_attribute(node, name, id(node) in followed)
        elif isinstance(node, ast.Call):
            found = _of_call(node, name, text)
        elif isinstance(node, ast.Subscript):
            found = _of_subscript(node, name, text)
        else:
            continue
        if found:
            yield node


class _File:
    """What a file does with the library that may run code, where the call alone does not tell."""

    def __init__(self, nodes: Sequence[ast.AST], name: Read, text: Read) -> None:
        self.name, self.text = name, text
        functions = {node.name for node in nodes if isinstance(node, Function)}
        self.functions = functions | {
            target.id
            for node in nodes
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
        self.parents = {id(node.value): node.attr for node in attributes}
        self.known_modules = {id(node.value) for node in nodes if isinstance(node, ast.Subscript)}
        self.known_modules |= {id(side) for node in nodes if isinstance(node, ast.Compare) for side in node.comparators}
        self.known_modules |= {id(node.value) for node in attributes if node.attr in _HARMLESS_OF_MODULES}
        imported = {entry.name for node in nodes if isinstance(node, ast.Import) for entry in node.names}
        imported |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
        self.debugs = not imported.isdisjoint(_DEBUGGERS)
        self.in_memory = any(isinstance(node, ast.Call) and name(node.func) == "io.BytesIO" for node in nodes)
        self.makes_annotations = any(node.attr == "__annotations__" for node in attributes) or any(
            isinstance(part, ast.Constant) and isinstance(part.value, str) and "(" in part.value
            for node in nodes
            if (annotation := getattr(node, "annotation", None) or getattr(node, "returns", None)) is not None
            for part in ast.walk(annotation)
        )

    def runs_unread(self, node: ast.AST) -> bool:
        """Return whether `node` runs, or leads to, what no source shows."""
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            full = self.name(node)
            if full.startswith(_MACHINERY):
                return True
            if full == "sys.modules" and id(node) not in self.known_modules:
                return True
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            return self._is_way(node)
        return isinstance(node, ast.Call) and self._runs_text(node)

    def _is_way(self, node: ast.Attribute) -> bool:
        if node.attr in _RUNNING_METHODS:
            return True
        if node.attr in ("exec", "__import__"):
            return not self.name(node)  # what starts at an import is read as the call that it is
        if node.attr not in _WAYS:
            return False
        of_builtin = not isinstance(node.value, (ast.Name, ast.Attribute)) or (
            isinstance(node.value, ast.Name) and node.value.id in _BUILTIN_NAMES
        )
        of_builtin |= any(getattr(part, "attr", "") in _UPWARDS for part in ast.walk(node.value))
        return of_builtin or self.parents.get(id(node)) in RUNNERS | _INNER | {"__import__", "__dict__"}

    def _runs_text(self, node: ast.Call) -> bool:
        function = self.name(node.func).removeprefix("builtins.")
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        given = [*node.args, *(entry.value for entry in node.keywords)]
        texts = [self.text(argument) for argument in given]
        if function in _TEXT_RUNNERS or (method == "run" and self.debugs):
            first = [*node.args[:2], *(word.value for word in node.keywords if word.arg in ("stmt", "setup", "cmd"))]
            return any(not self._is_plain(argument) for argument in first)
        if method == "compile" and not function and not _MODES.isdisjoint(texts):
            return True
        if method == "eval" and not function and given and not isinstance(node.func.value, ast.Call):  # type: ignore[attr-defined]
            return any(isinstance(part, ast.Call) for argument in given for part in ast.walk(argument))
        if method in ("get", "pop", "__getitem__", "setdefault"):
            of_modules = self.name(node.func).startswith("sys.modules.")
            wanted = texts[0] if texts else ""
            return wanted in ("exec", "__import__") or (of_modules and (wanted in _POWERFUL or not wanted))
        if function in _EVALUATES_ANNOTATIONS:
            asks = function == "typing.get_type_hints" or any(word.arg == "eval_str" for word in node.keywords)
            return asks and self.makes_annotations
        if function in ("numpy.load", "numpy.lib.format.read_array"):
            return self.in_memory and any(
                word.arg == "allow_pickle" and getattr(word.value, "value", True) is not False for word in node.keywords
            )
        return self._makes_function(node.func)

    def _is_plain(self, argument: ast.expr) -> bool:
        """Return whether what is run stands in the file: a function, a number, or a text that can be read."""
        if isinstance(argument, ast.Name):
            return argument.id in self.functions or bool(self.text(argument))
        return isinstance(argument, (ast.Lambda, ast.Constant, ast.Attribute)) or bool(self.text(argument))

    def _makes_function(self, kind: ast.expr) -> bool:
        """Return whether what is called is the type of a function."""
        of: ast.expr | None = None
        if isinstance(kind, ast.Attribute) and kind.attr == "__class__":
            of = kind.value
        elif isinstance(kind, ast.Call) and isinstance(kind.func, ast.Name) and kind.func.id == "type" and kind.args:
            of = kind.args[0]
        return isinstance(of, ast.Lambda) or (isinstance(of, ast.Name) and of.id in self.functions)


def _renames(node: ast.Assign, scopes: Scopes) -> bool:
    """Return whether another name stands for the value from here on, and for nothing else."""
    return all(isinstance(target, ast.Name) and scopes.find_home(target) is not None for target in node.targets)


def _asks_for_known_attribute(node: ast.Call, text: Read) -> bool:
    if not (isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr")):
        return False
    return len(node.args) > 1 and bool(text(node.args[1])) and text(node.args[1]) not in _INNER | {"__dict__"}


def _of_name(node: ast.Name, name: Read, own: Collection[str], is_followed: bool, is_inner: bool) -> bool:
    if not isinstance(node.ctx, ast.Load) or node.id in own:
        return False
    if node.id == "__builtins__":
        return True
    if node.id in RUNNERS | {"__import__"}:
        return not is_followed
    full = name(node).removeprefix("builtins.")
    return (full in IMPORTERS | RUNNERS and not is_followed) or (full in ("builtins", "marshal") and not is_inner)


def _of_attribute(node: ast.Attribute, name: Read, is_followed: bool) -> bool:
    if node.attr in _INNER:
        return True
    if node.attr == "__code__" and not isinstance(node.ctx, ast.Load):
        return True
    full = name(node)
    first, _, rest = full.partition(".")
    if first in _POWERFUL and rest.startswith("__dict__"):
        return True
    return isinstance(node.ctx, ast.Load) and full.removeprefix("builtins.") in IMPORTERS | RUNNERS and not is_followed


def _of_call(node: ast.Call, name: Read, text: Read) -> bool:
    function = name(node.func).removeprefix("builtins.")
    if function in _READS_ATTRIBUTES:
        return any(_is_inner(text(argument)) or text(argument) in RUNNERS for argument in node.args)
    if function in _MAKERS or function.startswith(_MAKERS_METHODS):
        return True
    if function == "pkgutil.resolve_name":  # what it finds in one of these, another name may call
        return text(node.args[0] if node.args else None).replace(":", ".").partition(".")[0] in _POWERFUL
    if function == "logging.config.dictConfig":
        return any(getattr(part, "value", "") == _FACTORY for one in node.args for part in ast.walk(one))
    if function in _PICKLED_IN_MEMORY:
        return any(isinstance(argument, ast.Call) and name(argument.func) == "io.BytesIO" for argument in node.args)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "replace":
        return isinstance(node.func.value, ast.Attribute) and node.func.value.attr == "__code__"
    if function == "getattr" or (isinstance(node.func, ast.Name) and node.func.id == "getattr"):
        if len(node.args) < 2:
            return False
        wanted = text(node.args[1])
        of_builtin = isinstance(node.args[0], ast.Name) and node.args[0].id in _BUILTIN_NAMES
        return (
            (wanted in _WAYS and of_builtin)
            or not _INNER.isdisjoint(wanted.split("."))
            or (not wanted and name(node.args[0]) in _POWERFUL)
        )
    if isinstance(node.func, ast.Name) and node.func.id == "vars":
        return any(name(argument) in _POWERFUL for argument in node.args)
    return False


def _is_inner(wanted: str) -> bool:
    return not (_INNER | _WAYS).isdisjoint(wanted.split("."))


def _of_subscript(node: ast.Subscript, name: Read, text: Read) -> bool:
    wanted = text(node.slice)
    if isinstance(node.ctx, ast.Load) and wanted in ("exec", "__import__"):
        return True
    if name(node.value) == "sys.modules":
        is_own = isinstance(node.slice, ast.Name) and node.slice.id == _MAIN
        return isinstance(node.ctx, ast.Load) and (wanted in _POWERFUL or not (wanted or is_own))
    return wanted in RUNNERS | IMPORTERS | _INNER and (
        isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and node.value.func.id in _NAMESPACES
    )
