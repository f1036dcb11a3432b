"""Methods that are still to be written, noticed while they run: what a stencil's stub returns is no answer.

Handouts mark what is to do with `raise NotImplementedError`, `return NotImplementedError`, `pass` or `...`. The first
alone ends a question. The others give a value that fails somewhere else, with a message about that.
"""

from __future__ import annotations

import dis
import re
import sys
from abc import ABCMeta, update_abstractmethods
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType, ModuleType
from typing import Any, NoReturn

MOST_NOTED = 4
_LONGEST_EMPTY = 16  # bytes of code: most functions need no closer look
#: Python's own protocol returns NotImplemented from special methods; these few are the homework's all the same.
_SPECIAL = ("__new__", "__init__", "__call__", "__enter__", "__exit__")
_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "COPY_FREE_VARS", "MAKE_CELL", "CACHE"}


@dataclass(frozen=True)
class Stub:
    """A method that ran and is still to be written. how: `error`, `constant`, `ellipsis` or `empty`."""

    file: str
    line: int
    function: str
    how: str


class Unfinished:
    """Notices which of a submission's functions return what a stub returns.

    given: the handout's files: a function without a body counts where the handout has one of its name, in any file,
    since a layer may have begun to override what it inherits. A special method counts where the handout's class of that
    name has it, too: many a class of a student's own needs an `__init__` that does nothing.
    """

    def __init__(self, given: Mapping[str, bytes]) -> None:
        self._given = given
        self._suspects: dict[int, tuple[CodeType, str, str]] = {}  # with their files and the names that they go by
        self.noted: dict[Stub, None] = {}

    def watch(self, code: CodeType, path: str, owner: str = "") -> None:
        """Look out for the functions of the module `code`, which is the submission's file `path`.

        owner: the class whose body `code` is instead, with a dot behind it.
        """
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                name = owner + constant.co_name
                if _may_be_a_stub(constant):
                    self._suspects[id(constant)] = constant, path, name
                self.watch(constant, path, f"{name}.")

    @contextmanager
    def noticing(self) -> Iterator[None]:
        """While it lasts, every return of a suspect is looked at."""
        sys.setprofile(self._notice)
        try:
            yield
        finally:
            sys.setprofile(None)

    @contextmanager
    def ignoring(self) -> Iterator[None]:
        """While it lasts, no return is looked at: what the grader tries in passing is not what was asked."""
        noticing = sys.getprofile()
        sys.setprofile(None)
        try:
            yield
        finally:
            sys.setprofile(noticing)

    def _notice(self, frame: FrameType, event: str, value: Any) -> None:
        if event != "return" or id(frame.f_code) not in self._suspects or len(self.noted) >= MOST_NOTED:
            return
        code, path, name = self._suspects[id(frame.f_code)]
        how = _marker(value) or ("empty" if _is_empty(code) and self._is_to_do(name, path) else "")
        if how:
            shown = getattr(code, "co_qualname", code.co_name)
            self.noted[Stub(path, code.co_firstlineno, shown, how)] = None

    def _is_to_do(self, name: str, path: str) -> bool:
        owner, _, last = name.rpartition(".")
        pattern = re.compile(rb"def\s+%s\b" % re.escape(last).encode())
        if last.startswith("__"):
            return pattern.search(_find_class(owner, self._given.get(path, b""))) is not None
        return any(pattern.search(content) for content in self._given.values())


def complete_classes(module: ModuleType, given: bytes) -> None:
    """Let Python make objects of classes that lack a method which the handout's class of that name has.

    Who deletes a stub, or puts it behind a `#`, loses that method's points, as who leaves it does, and no other's: the
    base class, whose method is abstract, would refuse to make any object. The method that is missing raises what Python
    says of such a class.

    given: the handout's file of this module.
    """
    for owner in [value for value in vars(module).values() if isinstance(value, ABCMeta)]:
        if owner.__module__ != module.__name__ or not owner.__abstractmethods__:
            continue
        stub_text = _find_class(owner.__name__, given)
        for method in sorted(owner.__abstractmethods__ - vars(owner).keys()):
            if re.search(rb"def\s+%s\b" % re.escape(method).encode(), stub_text):
                setattr(owner, method, _missing(owner.__name__, method))
        update_abstractmethods(owner)  # type: ignore[arg-type]


def _missing(owner: str, method: str) -> Callable[..., NoReturn]:
    def missing(*_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            f"Can't instantiate abstract class {owner} without an implementation for abstract method '{method}'"
        )

    return missing


def _find_class(name: str, content: bytes) -> bytes:
    """Return the text of a class at the top of a file of the handout; nothing where there is none of that name."""
    found = re.search(rb"^class\s+%s\b" % re.escape(name).encode(), content, re.MULTILINE)
    return re.split(rb"^class\s", content[found.end() :], maxsplit=1, flags=re.MULTILINE)[0] if found else b""


def _may_be_a_stub(code: CodeType) -> bool:
    name = code.co_name
    if not name.isidentifier() or (name.startswith("__") and name.endswith("__") and name not in _SPECIAL):
        return False
    named = "NotImplementedError" in code.co_names or "NotImplemented" in code.co_names
    return named or Ellipsis in code.co_consts or _is_empty(code)


def _is_empty(code: CodeType) -> bool:
    """Return whether a function's body is a docstring, `pass`, `...` or `return None`, and nothing else."""
    if len(code.co_code) > _LONGEST_EMPTY:
        return False
    instructions = list(dis.get_instructions(code))
    if any(instruction.opname not in _NOTHING for instruction in instructions):
        return False
    returned = [i.argval for i in instructions if i.opname in ("LOAD_CONST", "RETURN_CONST")]
    return returned == [None]


def _marker(value: Any) -> str:
    if value is NotImplementedError or type(value) is NotImplementedError:
        return "error"
    if value is NotImplemented:
        return "constant"
    return "ellipsis" if value is Ellipsis else ""


__all__ = ["MOST_NOTED", "Stub", "Unfinished", "complete_classes"]
