"""Stand-ins for tqdm and its kind: they loop over what they get, and show nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

_MODULES: Final = ("tqdm", "tqdm.std", "tqdm.auto", "tqdm.autonotebook", "tqdm.notebook", "tqdm.rich")


def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing for `set_postfix`, `set_description`, `refresh`, `close`: no bar is shown."""


class _Bars(type):
    """The class of the bars, which has methods of its own that show things: `tqdm.pandas()`."""

    def __getattr__(cls, name: str) -> Any:
        return _answer(name)


def _answer(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _nothing


class Bar(metaclass=_Bars):
    """As `tqdm.tqdm`: an iterable that counts, and takes every call that would show something."""

    def __init__(self, iterable: Any = None, desc: Any = None, total: Any = None, *_: Any, **__: Any) -> None:
        self.iterable, self.desc, self.total = iterable, desc, total
        self.n: float = 0
        size = getattr(iterable, "__len__", None)
        if total is None and size is not None:
            self.total = size()

    def __iter__(self) -> Iterator[Any]:
        for entry in () if self.iterable is None else self.iterable:
            yield entry
            self.n += 1

    def __len__(self) -> int:
        """Return the number of entries. Raises TypeError where none is known."""
        return int(self.total)

    def __bool__(self) -> bool:
        return self.total is None or self.total > 0

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def __getattr__(self, name: str) -> Any:
        """Return a method that should show something, and does nothing."""
        return _answer(name)

    def update(self, n: float = 1) -> None:
        """Count."""
        self.n += n

    @staticmethod
    def write(text: Any, *_: Any, **options: Any) -> None:
        """Print a line."""
        print(text, end=options.get("end", "\n"))


def _range(*bounds: Any, **options: Any) -> Bar:
    return Bar(range(*bounds), **options)


def _enumerate(iterable: Iterable[Any], start: int = 0, **_: Any) -> Iterator[tuple[int, Any]]:
    return enumerate(iterable, start)


#: By full name.
LOOPS: Final[dict[str, Any]] = {
    **{f"{module}.{name}": Bar for module in _MODULES for name in ("tqdm", "tqdm_notebook")},
    **{f"{module}.{name}": _range for module in _MODULES for name in ("trange", "tnrange")},
    "rich.progress.track": Bar,
    "numba.prange": range,
    "tqdm.contrib.tenumerate": _enumerate,
    "tqdm.contrib.tzip": lambda *iterables, **_: zip(*iterables, strict=False),
    "tqdm.contrib.tmap": lambda function, *iterables, **_: map(function, *iterables),
}

__all__ = ["LOOPS", "Bar"]
