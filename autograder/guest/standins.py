"""Inert stand-ins for the libraries that handouts import and grading does without.

`tensorflow.keras.datasets.mnist.load_data` answers with the probe's own images; everything else accepts
any call and does nothing, so that a plot or a progress bar at import time costs nobody a point.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np

PACKAGES = ("tensorflow", "keras", "matplotlib", "wandb", "sklearn", "tqdm", "seaborn", "IPython")

_FEW = 300
Images = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _few_images() -> Images:
    """Stripes, enough for a batch or two: what a module that loads MNIST, or trains, while it is imported gets."""
    images = np.tile(np.arange(28, dtype=np.uint8) * 9, (_FEW, 28, 1))
    images[:, 0, 0], images[:, 0, 1] = 0, 255
    labels = (np.arange(_FEW) % 10).astype(np.uint8)
    return (images, labels), (images.copy(), labels.copy())


_load_data: Callable[[], Images] = _few_images


def provide(load_data: Callable[[], Images]) -> None:
    """From now on `mnist.load_data()` answers with what `load_data` returns."""
    global _load_data  # noqa: PLW0603  one data set for one worker
    _load_data = load_data


Note = Callable[[str], None]


def _forget(_: str) -> None:
    """Nobody asked to know."""


class Inert:
    """A value that accepts everything and does nothing: called, indexed, entered, iterated, compared.

    note: called with the dotted name of everything that is asked of it.
    """

    def __init__(self, name: str = "stand-in", note: Note = _forget) -> None:
        self._name, self._note = name, note

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        full = f"{self._name}.{name}"
        self._note(full)
        return Inert(full, self._note)

    # NumPy would take it for a sequence that holds itself, and unfold it without an end.
    __array_ufunc__ = None

    def __array__(self, *_: Any, **__: Any) -> Any:
        """No array comes of it. Raises TypeError."""
        raise TypeError(f"{self._name} is a stand-in for a library that is not there, and holds no numbers")

    def __mro_entries__(self, _bases: tuple[Any, ...]) -> tuple[type, ...]:
        """The base of `class Own(keras.callbacks.Callback)`."""
        return (_Base,)

    def __call__(self, *args: Any, **_: Any) -> Any:
        """Do nothing."""
        # A decorator must give back what it decorates.
        return args[0] if len(args) == 1 and callable(args[0]) and not isinstance(args[0], Inert) else Inert(self._name)

    def __getitem__(self, _: Any) -> Inert:
        return self

    def __setitem__(self, _: Any, __: Any) -> None:
        """Nothing is kept."""

    def __iter__(self) -> Iterator[Inert]:
        # Two, because `figure, axes = plt.subplots()` is what most code unpacks.
        return iter((Inert(self._name), Inert(self._name)))

    def __len__(self) -> int:
        return 2

    def __enter__(self) -> Inert:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<stand-in for {self._name}>"


class _Base:
    """What a submission's class derives from where the library's class is a stand-in."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take anything."""

    def __init_subclass__(cls, **_: Any) -> None:
        """Take anything."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert(name)


class StandIn(ModuleType):
    """A module whose every attribute is `Inert`, or what `real` holds under the full name."""

    def __init__(self, name: str, real: dict[str, Any], note: Note, found: set[str]) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__version__ = "0.0"  # scripts print it
        self._real, self._note, self._found = real, note, found
        found.add(name)

    def __getattr__(self, name: str) -> Any:
        """A real attribute, a child module, or an inert value."""
        full = f"{self.__name__}.{name}"
        if full in self._real:
            return self._real[full]
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if any(key.startswith(full + ".") for key in self._real) or full in sys.modules:
            return sys.modules.get(full) or self._child(full)
        self._note(full)
        return Inert(full, self._note)

    def _child(self, full: str) -> StandIn:
        child = sys.modules[full] = StandIn(full, self._real, self._note, self._found)
        return child


def _progress(iterable: Any = (), *_: Any, **__: Any) -> Any:
    return iterable


class Finder:
    """Finds the stand-ins, before anything that is really installed."""

    def __init__(self, note: Note = _forget) -> None:
        self._note = note
        self.found: set[str] = set()  # the stand-ins that were asked for

        def load(*_: Any, **__: Any) -> Images:
            return _load_data()

        self._real: dict[str, Any] = {
            f"{package}.datasets.mnist.load_data": load
            for package in ("tensorflow.keras", "keras", "tensorflow.python.keras", "tensorflow._api.v2.keras")
        }
        self._real |= {
            "tqdm.tqdm": _progress,
            "tqdm.trange": lambda *bounds, **_: range(*bounds),
            "tqdm.auto.tqdm": _progress,
            "tqdm.notebook.tqdm": _progress,
        }

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """The import system's question (PEP 451)."""
        if name.partition(".")[0] not in PACKAGES:
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The stand-in itself."""
        return StandIn(spec.name, self._real, self._note, self.found)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""
