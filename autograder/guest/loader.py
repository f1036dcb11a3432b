"""A submission's modules, each loaded on its own from memory under a synthetic package.

A neighbour that is missing or broken is replaced by the handout's own version of it (the student
template's), so that it costs nobody but itself. Nothing is read from, or written to, the disk.
"""

from __future__ import annotations

import builtins
import re
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.machinery import ModuleSpec
from types import ModuleType, TracebackType
from typing import Any

from . import seam, stand_ins
from .compiled import compile_file, read_code
from .forbidden import Refusal
from .own_init import OwnInit
from .searched import list_searched
from .unfinished import Unfinished, complete_classes


@dataclass(frozen=True)
class Location:
    """Where in a submission's own files an exception arose; line 0 where there is none."""

    file: str
    line: int
    function: str = ""


_LONGEST_CYCLE = 20  # calls by which a function comes back to itself, at most


class ModuleNotLoadedError(Exception):
    """A module that a probe needs could not be loaded; `__cause__` is what its code raised, if it ran."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(reason)
        self.file, self.reason = file, reason


class NameMissingError(AttributeError):
    """A module was loaded, and does not define what the handout asks for."""

    def __init__(self, file: str, name: str) -> None:
        super().__init__(f"{file} defines no {name}")
        self.file = file


class World:
    """One submission's modules, as `package.layers`, `assignment`, … inside `with world.importing():`.

    sources: the submission's Python files by posix path from its root (`package/layers.py`).
    given: the handout's own versions, for neighbours that are missing or broken.
    replaced: modules that a probe brings instead of the submission's, by name (`package.layers`).
    unloadable: files that are known to end or hang their process, with how: they are not run again.
    works: by module, a test of the student's version. If it returns False, the handout's version runs on top of it.
    forbidden: libraries and their parts that do the homework's job; `refusal` writes down who asks for one.
    inert: libraries that a course allows and grading does without. Both kinds have stand-ins, as the handout's own.
    code: compiled files of the submission, by path. A file whose code is missing or unreadable is compiled here.
    notices: whether `unfinished` looks out for what is still to be written.
    inert_uses: what the submission took from a stand-in and computed with: dotted name and file, with the line.
    own_getattr: by module, its own `__getattr__`; None if it defines none.
    """

    def __init__(
        self,
        sources: Mapping[str, bytes],
        given: Mapping[str, bytes],
        replaced: Mapping[str, ModuleType] | None = None,
        unloadable: Mapping[str, str] | None = None,
        works: Mapping[str, Callable[[ModuleType], bool]] | None = None,
        forbidden: Collection[str] = (),
        inert: Collection[str] = (),
        code: Mapping[str, bytes] | None = None,
        *,
        notices: bool = True,
    ) -> None:
        self._code, self._notices = code or {}, notices
        self.package: str = seam.api().PACKAGE
        self.sources, self.given = dict(sources), dict(given)
        self.replaced, self.unloadable, self.works = dict(replaced or {}), dict(unloadable or {}), dict(works or {})
        self.refusal = Refusal(forbidden, self.sources)
        self.unfinished = Unfinished(self.given)
        whole = {name for name in forbidden if "." not in name}
        self._standins = stand_ins.Finder(
            self.refusal.note, self.sources, {*inert, *whole}, getattr(seam.api(), "STAND_INS", {})
        )
        self.inert_uses = self._standins.record.inert_uses
        self.failures: dict[str, ModuleNotLoadedError] = {}
        self._by_name = {_module_name(path): path for path in (*self.given, *self.sources)}
        self._folders = {self.package, *_folder_names((*self.given, *self.sources))}
        self._modules: dict[str, ModuleType] = {}
        self._found: set[str] = set()  # under every name that was imported
        self.own_getattr: dict[str, Any] = {}
        self._loading: list[str] = []
        init = self._by_name.get(self.package, "")
        self._own_init = OwnInit(self.sources.get(init, b""), self.given.get(init, b""))

    @contextmanager
    def importing(self) -> Iterator[World]:
        """While it lasts, `import package.…` finds this world's modules; afterwards all is as it was."""
        before = self._foreign()
        for name in before:
            del sys.modules[name]
        sys.modules.update(self._modules)
        sys.meta_path[:0] = [self, self.refusal, self._standins]
        try:
            yield self
        finally:
            ours = (self, self.refusal, self._standins)
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in ours]
            for name in (*self._modules, *self._found, *self._standins.found):
                sys.modules.pop(name, None)
            sys.modules.update(before)

    def _foreign(self) -> dict[str, ModuleType]:
        """Return what others have loaded under this world's names."""
        lasts = {name.rpartition(".")[2] for name in (*self._by_name, *self._folders)}
        if not any(
            name in sys.modules and self._owns(name) for name in (self.package, *self._standins.packages, *lasts)
        ):
            return {}  # nearly always; to look at every name there is costs a forked process a copy of all of them
        return {name: module for name, module in sys.modules.items() if self._owns(name)}

    def module(self, name: str) -> ModuleType:
        """Return the submission's own module `name`; never the handout's version in its stead.

        Raises ModuleNotLoadedError where it is missing or cannot be loaded.
        """
        path = self._by_name.get(name)
        if name not in self.replaced and (path is None or path not in self.sources):
            raise ModuleNotLoadedError(name.replace(".", "/") + ".py", "the file is not in the submission")
        __import__(name)
        if name in self.failures:
            raise self.failures[name]
        return sys.modules[name]

    @property
    def loaded(self) -> frozenset[str]:
        """The files that have been loaded so far."""
        return frozenset(self._by_name[name] for name in self._modules if name in self._by_name)

    # The import system's side (PEP 451).

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Answer for the package, its modules, and the submission's own top-level modules."""
        canonical = self._canonical(name)
        if canonical is None:
            return None
        if not self._knows(canonical):
            return None
        first, dot, _ = canonical.partition(".")
        if dot and first != self.package and (_is_library(first) or first in self._standins.packages):
            return None
        if "." not in canonical and canonical != self.package and _is_library(canonical):
            # A submission's random.py never stands in for the library's, which NumPy needs. Its statistics.py does, as
            # at home, in files of its own: nobody else has asked for the library's by then. A mere folder never does.
            own = canonical in self._by_name and canonical not in sys.builtin_module_names
            if not own or _importing_file() not in self.sources:
                return None
        self._found.add(name)
        return ModuleSpec(name, self, is_package=canonical in self._folders)  # type: ignore[arg-type]

    def get_source(self, name: str) -> str | None:
        """Return the text of a module, for `inspect` and for tracebacks, which look into no file."""
        path = self._by_name.get(self._canonical(name) or "", "")
        text = self.sources.get(path, self.given.get(path))
        return None if text is None else text.decode("utf-8", "replace")

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return a replaced or aliased module as it is; otherwise a new one."""
        canonical = self._canonical(spec.name) or spec.name
        if canonical in self.replaced:
            return self.replaced[canonical]
        if canonical != spec.name:  # `from core import Tensor`, or the package's name with capitals
            __import__(canonical)
            return sys.modules[canonical]
        self._load_what_comes_first(canonical)
        return self._modules.get(canonical)  # what came first may have loaded it

    def exec_module(self, module: ModuleType) -> None:
        """Run the submission's version; where that fails, the handout's."""
        spec: Any = module.__spec__
        name = module.__name__
        if spec is None or spec.loader is not self or name in self._modules or name in self.replaced:
            return
        self._modules[name] = module
        try:
            self._execute(name, module)
        except BaseException:
            # As Python does: files that import each other may fail now, and load once the other is there.
            del self._modules[name]
            raise

    def _execute(self, name: str, module: ModuleType) -> None:
        self.failures.pop(name, None)
        if name == self.package:
            vars(module)["__getattr__"] = self._search
            if self._own_init.has_effects(name, self._is_students):
                self._run_own_init(module)
            return
        if name not in self._by_name:
            return  # a folder without __init__.py
        path = self._by_name[name]
        if path in self.unloadable:
            self.failures[name] = ModuleNotLoadedError(path, self.unloadable[path])
            if path not in self.given:
                raise self.failures[name]
        elif path in self.sources:
            try:
                self._run(self.sources[path], path, module)
                complete_classes(module, self.given.get(path, b""))
            except BaseException as error:
                not_loaded = ModuleNotLoadedError(path, "loading it failed")
                not_loaded.__cause__ = error
            else:
                self.own_getattr[name] = vars(module).get("__getattr__")
                vars(module)["__getattr__"] = partial(self._missing_attribute, name, path)
                with self.unfinished.ignoring():
                    works = name not in self.works or path not in self.given or self.works[name](module)
                if not works:  # on top of it: what the submission has put there besides the handout's stays
                    self._run(self.given[path], f"handout/{path}", module)
                return
            self.failures[name] = not_loaded
            if path not in self.given:
                raise not_loaded
            for attribute in [key for key in vars(module) if not key.startswith("__")]:
                delattr(module, attribute)
        self._run(self.given[path], f"handout/{path}", module)

    def _load_what_comes_first(self, name: str) -> None:
        """Load what the handout's version of a file of the package imports of it, before the file itself.

        At home assignment.py loads the files in that order, and a question may ask for any of them first. For files
        that import each other the order matters.
        """
        given = self.given.get(self._by_name.get(name, ""), b"") if "." in name and name not in self._modules else b""
        for other in _imported(given, self.package):
            if self._knows(other) and other not in self._modules:
                with suppress(Exception):  # then the file itself, or a question about the other, says it
                    __import__(other)

    def _run(self, source: bytes, path: str, module: ModuleType) -> None:
        module.__file__ = path
        code = (read_code(self._code[path]) if path in self._code else None) or compile_file(source, path)
        if path in self.sources and self._notices:
            self.unfinished.watch(code, path)
        vars(module)["__builtins__"] = vars(builtins)  # those of everybody, not this module's: see `own_names`
        exec(code, module.__dict__)  # noqa: S102  this is what the worker is for

    def _missing_attribute(self, name: str, path: str, attribute: str) -> Any:
        """Return what the module's own `__getattr__` gives, or the handout's version of what is not written yet."""
        if callable(own := self.own_getattr[name]):
            with suppress(AttributeError):
                return own(attribute)
        if attribute.startswith("__") or path not in self.given:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        stub_name = f"_given_{name}"
        stub = self._modules.get(stub_name)
        if stub is None:
            stub = self._modules[stub_name] = ModuleType(stub_name)
            self._run(self.given[path], f"handout/{path}", stub)
        try:
            return vars(stub)[attribute]
        except KeyError:
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}") from None

    def _search(self, attribute: str) -> Any:
        """Return what a full `__init__.py` would give for `from package import Name` or `package.module`.

        The submission's own one is run for what nothing else gives at once.
        """
        if attribute.startswith("__") and attribute != "__all__":
            raise AttributeError(attribute)
        if self._knows(f"{self.package}.{attribute}"):
            __import__(f"{self.package}.{attribute}")
            return sys.modules[f"{self.package}.{attribute}"]
        package = vars(sys.modules[self.package])
        self._run_own_init(sys.modules[self.package])
        if attribute in package:
            return package[attribute]
        with suppress(AttributeError):
            return self._own_init.find(attribute)
        if attribute == "__all__" and self._own_init.source:
            return [name for name in package if not name.startswith("_")]
        for name in list_searched(attribute, self.package, self._by_name, self.sources, self.given):
            if name not in self._loading:
                self._loading.append(name)
                try:
                    __import__(name)
                finally:
                    self._loading.pop()
                if attribute in vars(sys.modules[name]):
                    return vars(sys.modules[name])[attribute]
        raise AttributeError(f"module {self.package!r} has no attribute {attribute!r}")

    def _run_own_init(self, package: ModuleType) -> None:
        """Run the submission's own `__init__.py` in its package, once."""
        path = self._by_name.get(self.package, "")
        if self._own_init.source and path not in self.unloadable:
            self._own_init.run(package, lambda: self._run(self.sources[path], path, package))

    def _is_students(self, name: str) -> bool:
        """Return whether a module is a file that the handout has none of."""
        path = self._by_name.get(self._canonical(name) or "", "")
        return path in self.sources and path not in self.given

    def _canonical(self, name: str) -> str | None:
        """Return the name that this world has for what is imported as `name`; None for what is none of its modules."""
        first, dot, rest = name.partition(".")
        if first.lower() == self.package:
            return self.package + dot + rest
        own = f"{self.package}.{name}"
        if (
            not self._knows(name)
            and self._knows(own)
            and not _is_library(first)
            and first not in self._standins.packages
        ):
            return own
        return name if not dot or self._knows(name) else None

    def _knows(self, name: str) -> bool:
        return name in self._by_name or name in self._folders or name in self.replaced

    def _owns(self, name: str) -> bool:
        if name in self._modules or name.partition(".")[0] in self._standins.packages:
            return True
        canonical = self._canonical(name)
        return canonical is not None and (
            canonical.partition(".")[0] == self.package or (self._knows(canonical) and not _is_library(canonical))
        )

    def locate(self, error: BaseException) -> Location | None:
        """Return the innermost line of the submission's own code in `error`'s traceback (or of its syntax error)."""
        if isinstance(error, SyntaxError) and error.filename in self.sources:
            return Location(error.filename or "", error.lineno or 0)
        own = [Location(*frame) for frame in _frames(error.__traceback__) if frame[0] in self.sources]
        if isinstance(error, RecursionError):
            # Where it broke off is chance: of the functions that called each other, one that is not the handout's.
            cycle = own[-_LONGEST_CYCLE:]
            own = [place for place in cycle if self.sources[place.file] != self.given.get(place.file)] or cycle
        return own[-1] if own else None


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    for frame, line in traceback.walk_tb(trace):
        yield frame.f_code.co_filename, line, getattr(frame.f_code, "co_qualname", frame.f_code.co_name)


@lru_cache(maxsize=64)
def _folder_names(paths: tuple[str, ...]) -> frozenset[str]:
    """Return the dotted names of all folders that hold Python files."""
    folders = (path.split("/")[:-1] for path in paths)
    return frozenset(".".join(parts[:depth]) for parts in folders for depth in range(1, len(parts) + 1))


@lru_cache(maxsize=64)
def _imported(source: bytes, package: str) -> tuple[str, ...]:
    """Return the modules of `package` that a file of the handout's imports, in its order."""
    found = re.findall(rf"^(?:from|import)[ \t]+({package}\.\w+)", source.decode("utf-8", "replace"), re.MULTILINE)
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=512)
def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _importing_file() -> str:
    """Return the file whose import statement, or call of importlib, the import system is answering."""
    frame = sys._getframe(1)  # noqa: SLF001  there is no other way to the line
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith((__name__, "importlib")):
        frame = frame.f_back
    return frame.f_code.co_filename


def _is_library(name: str) -> bool:
    if name in sys.stdlib_module_names or name in ("numpy", "guest", "autograder"):
        return True
    return name in sys.builtin_module_names or (
        name in sys.modules
        and getattr(sys.modules[name], "__spec__", None) is not None
        and not isinstance(sys.modules[name].__spec__.loader, World)  # type: ignore[union-attr]
    )
