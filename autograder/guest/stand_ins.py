"""Inert stand-ins for libraries that a submission may import and grading does without.

What the homework names has its own answer (`STAND_INS` of its `api`). Everything else accepts any use and does
nothing, so that a plot, a version check or a table at import time costs nobody a point. What a method takes from a
stand-in and computes with is written down: there it is the cause of a wrong answer.
"""

from __future__ import annotations

import ast
import builtins
import dis
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from types import FrameType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from .progress import LOOPS

#: What handouts import. Others are named in `assignment.toml`.
PACKAGES: Final = ("tensorflow", "keras", "matplotlib", "wandb", "sklearn", "tqdm", "seaborn", "IPython")
MOST_INERT_USES: Final = 20

_USES: Final = 10_000  # of stand-ins as conditions and items: a loop that waits for one ends after that many
_VERSIONS: Final = {
    "tensorflow": "2.16.1", "keras": "3.3.3", "matplotlib": "3.9.0", "sklearn": "1.5.0", "pandas": "2.2.2",
    "scipy": "1.13.0", "PIL": "10.3.0", "seaborn": "0.13.2", "torch": "2.3.0",
}  # fmt: skip
_TEXTS: Final = ("__name__", "__qualname__", "__doc__", "__file__", "__author__", "__license__")
_CATCHING: Final = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}

Place = tuple[str, int]  # a file of the submission and a line
Note = Callable[[str], None]


def _forget(_: str) -> None:
    """Nobody asked to know."""


@dataclass
class Record:
    """What is known of a submission's use of stand-ins.

    sources: the submission's own files. note: called with the dotted name of everything that is asked for.
    inert_uses: the line by dotted name and file of every result that a method computed with.
    """

    sources: Mapping[str, bytes] = field(default_factory=dict)
    note: Note = _forget
    inert_uses: dict[tuple[str, str], int] = field(default_factory=dict)
    uses: int = 0

    def still(self) -> bool:
        """Count one use as a condition or an item; False once there were more than any honest code makes."""
        self.uses += 1
        return self.uses <= _USES

    def place(self) -> Place | None:
        """Return the innermost line of the submission that runs now; None outside, and where a file is being loaded."""
        frames = list(self.frames())
        if not frames or any(_is_module(frame) for frame in frames):
            return None
        return frames[0].f_code.co_filename, frames[0].f_lineno

    def note_use(self, name: str, origin: Place | None) -> None:
        """Write down that the result of `name` is computed with; origin: the line that called it, where known."""
        if len(self.inert_uses) < MOST_INERT_USES and not any(_is_module(frame) for frame in self.frames()):
            place = origin or self.place()
            if place is not None:
                self.inert_uses.setdefault((name, place[0]), place[1])

    def find_wanted_names(self) -> list[str]:
        """Return what `from library import *` should bring: the names that the file uses and nothing else gives it."""
        frame = next(self.frames(), None)
        if frame is None:
            return []
        names = [node for node in ast.walk(self.tree(frame)) if isinstance(node, ast.Name)]
        loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        known = {*dir(builtins), *frame.f_globals}
        return sorted(loaded - stored - known)

    def tree(self, frame: FrameType) -> ast.Module:
        """Return the syntax of the file whose code `frame` runs: it was compiled, or would not run."""
        return ast.parse(self.sources[frame.f_code.co_filename])

    def frames(self) -> Iterator[FrameType]:
        """Yield what runs now of the submission's files, the innermost first."""
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  there is no other way to the line
        while frame is not None:
            if frame.f_code.co_filename in self.sources:
                yield frame
            frame = frame.f_back


def _is_module(frame: FrameType) -> bool:
    return frame.f_code.co_name == "<module>"


class Inert:
    """A value that accepts every use and does nothing.

    Called, indexed, computed with, unpacked: what comes of it is inert too. It equals everything, is true, is a zero
    where a number is needed and a blank image where NumPy needs an array.
    """

    _name: str
    _record: Record
    _origin: Place | None

    def __init__(self, name: str, record: Record, origin: Place | None = None) -> None:
        vars(self).update(_name=name, _record=record, _origin=origin)

    def _next(self) -> Inert:
        return Inert(self._name, self._record, self._origin)

    def _use(self, *_: Any, **__: Any) -> Inert:
        self._record.note_use(self._name, self._origin)
        return self._next()

    def __getattr__(self, name: str) -> Any:
        """Return an inert value under a longer name, or a text where Python asks about the library itself."""
        if name.startswith("__") and name.endswith("__"):
            return _text(self._name, name)
        if self._origin is not None:
            return self._next()  # of a result: `tf.math.log(x).numpy`
        full = f"{self._name}.{name}"
        self._record.note(full)
        return Inert(full, self._record)

    def __setattr__(self, *_: Any) -> None:
        """Nothing is kept."""

    __delattr__ = __setitem__ = __delitem__ = __setattr__

    def __call__(self, *args: Any, **_: Any) -> Any:
        """Do nothing."""
        # A decorator must give back what it decorates.
        if len(args) == 1 and isinstance(args[0], (FunctionType, MethodType, type)):
            return args[0]
        return Inert(self._name, self._record, self._origin or self._record.place())

    def __getitem__(self, _: Any) -> Inert:
        return self._next()

    def __iter__(self) -> Iterator[Inert]:
        return iter([self._next() for _ in range(_count_unpacked(sys._getframe(1)))])  # noqa: SLF001

    def __next__(self) -> Inert:
        if not self._record.still():
            raise StopIteration
        return self._next()

    def __reversed__(self) -> Iterator[Inert]:
        return iter([self._next(), self._next()])

    def __len__(self) -> int:
        return 2

    def __length_hint__(self) -> int:
        return 2

    def __contains__(self, _: Any) -> bool:
        return True

    def __enter__(self) -> Inert:
        return self._next()

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def __bool__(self) -> bool:
        return self._record.still()

    def __eq__(self, _: object) -> bool:
        return self._record.still()

    def __ne__(self, _: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = object.__hash__

    # Numbers.

    def __float__(self) -> float:
        self._use()
        return 0.0

    def __int__(self) -> int:
        self._use()
        return 0

    __index__ = __trunc__ = __floor__ = __ceil__ = __int__

    def __complex__(self) -> complex:
        return complex(float(self))

    def __divmod__(self, _: Any) -> tuple[Inert, Inert]:
        return self._use(), self._next()

    __rdivmod__ = __divmod__

    # NumPy: without these it takes a stand-in for a sequence of sequences, and unfolds that without end.

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        self._use()
        return np.zeros((28, 28), dtype=dtype)

    def __array_ufunc__(self, *_: Any, **__: Any) -> Inert:
        return self._use()

    def __array_function__(self, *_: Any, **__: Any) -> Inert:
        return self._use()

    # What Python asks of things that are not even used.

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, Inert)

    def __subclasscheck__(self, _: type) -> bool:
        return False

    def __mro_entries__(self, _: tuple[Any, ...]) -> tuple[type, ...]:
        return (_base(self._record),)

    def __copy__(self) -> Inert:
        return self._next()

    def __deepcopy__(self, _: Any) -> Inert:
        return self._next()

    def __reduce__(self) -> tuple[Any, ...]:
        return str, (repr(self),)

    def __format__(self, _: str) -> str:
        return repr(self)

    def __fspath__(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"<stand-in for {self._name}>"


for _operator in (
    *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "or", "xor"),
    *("neg", "pos", "abs", "invert", "round"),
):
    for _form in ("", "r", "i"):
        setattr(Inert, f"__{_form}{_operator}__", Inert._use)  # noqa: SLF001


def _base(record: Record) -> type:
    """Return a class for those that inherit from a stand-in: `class Stop(keras.callbacks.Callback)`."""

    class StandInBase:
        def __init__(self, *_: Any, **__: Any) -> None:
            """Accept whatever the library's own class would."""

        def __init_subclass__(cls, **_: Any) -> None:
            """Likewise."""

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return Inert(f"{type(self).__name__}.{name}", record)

    return StandInBase


def _text(library: str, name: str) -> str:
    """Return what a library says of itself. Raises AttributeError for what Python asks of an object's kind."""
    if name == "__version__":
        return _VERSIONS.get(library.partition(".")[0], "1.0.0")
    if name in _TEXTS:
        return library.rpartition(".")[2]
    raise AttributeError(name)


def _count_unpacked(frame: FrameType) -> int:
    """Return how many values the code of `frame` is about to unpack: `figure, (left, right) = plt.subplots(1, 2)`."""
    code, at = frame.f_code.co_code, frame.f_lasti
    operation = dis.opname[code[at]]
    if operation == "UNPACK_SEQUENCE":
        return code[at + 1]
    if operation == "UNPACK_EX":  # before the star, and after it
        extended = at >= 2 and dis.opname[code[at - 2]] == "EXTENDED_ARG"
        return code[at + 1] + (code[at - 1] if extended else 0)
    return 2


class StandIn(ModuleType):
    """A module whose every attribute is `Inert`, or what `real` holds under the full name."""

    def __init__(self, name: str, real: dict[str, Any], record: Record, found: set[str]) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self._real, self._record, self._found = real, record, found
        found.add(name)

    def __getattr__(self, name: str) -> Any:
        """Return a real attribute, a child module, or an inert value."""
        full = f"{self.__name__}.{name}"
        if full in self._real:
            return self._real[full]
        if name == "__all__":
            return self._record.find_wanted_names()
        if name.startswith("__") and name.endswith("__"):
            return _text(self.__name__, name)
        if any(key.startswith(full + ".") for key in self._real) or full in sys.modules:
            return sys.modules.get(full) or self._child(full)
        self._record.note(full)
        return Inert(full, self._record)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """`import tensorflow.keras.Model as Model` is no Python, and yet some call what they imported as a module."""
        return Inert(self.__name__, self._record)(*args, **options)

    def _child(self, full: str) -> StandIn:
        child = sys.modules[full] = StandIn(full, self._real, self._record, self._found)
        return child


class Finder:
    """Finds the stand-ins, before anything that is really installed.

    sources: the submission's files. libraries: those beyond the handout's that have a stand-in. One of them is not
    found by an import that is ready to do without: `try: import pandas`, `except ImportError: …`.
    real: by full name, what a homework has in the place of a stand-in.
    """

    def __init__(
        self,
        note: Note = _forget,
        sources: Mapping[str, bytes] | None = None,
        libraries: Collection[str] = (),
        real: Mapping[str, Any] | None = None,
    ) -> None:
        self.record = Record(sources or {}, note)
        self.packages = frozenset({*PACKAGES, *libraries})
        self.found: set[str] = set()  # the stand-ins that were asked for

        self._real: dict[str, Any] = {**LOOPS, **(real or {})}

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return the import system's question (PEP 451)."""
        library = name.partition(".")[0]
        if library not in self.packages:
            return None
        if library not in PACKAGES and library not in sys.modules and self._can_do_without():
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stand-in itself."""
        return StandIn(spec.name, self._real, self.record, self.found)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: a stand-in has no code."""

    def _can_do_without(self) -> bool:
        """Return whether the submission's line that imports stands in a `try` that catches an ImportError."""
        frame = next(self.record.frames(), None)
        return frame is not None and any(
            _covers(node, frame.f_lineno) and any(_catches(handler.type) for handler in node.handlers)
            for node in ast.walk(self.record.tree(frame))
            if isinstance(node, ast.Try)
        )


def _covers(node: ast.Try, line: int) -> bool:
    return node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0)


def _catches(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(entry is None or (isinstance(entry, ast.Name) and entry.id in _CATCHING) for entry in kinds)
