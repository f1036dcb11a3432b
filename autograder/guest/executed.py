"""Notes code that a submission runs and that stands in none of its files, by an audit hook (PEP 578).

What reading the files cannot find is found here: whatever way leads to it, code is run by `exec` or `eval`, or made
into a function. Libraries run code of their own making for honest programs, too, for a named tuple or a data class.
The hook ignores code if every word of its names and strings is a name in the submission's files, or stands in the
library that runs it; comments and prose do not count. It gives a hint and no proof: the hook runs in the submission's
process, which can silence it.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import numpy as np

from . import blame

#: What such a note says was asked for: no library is called so.
COMPUTED: Final = "<code that is in no file>"

_WORD: Final = re.compile(r"[^\W\d_]+")  # the parts of names: libraries put prefixes before a submission's
_MOST_NOTED: Final = 10
_MOST_LOOKS: Final = 500
_IMPORT: Final = "<frozen importlib._bootstrap"
_LIBRARIES: Final = tuple(
    {f"{folder}/" for folder in (Path(os.__file__).parent, Path(np.__file__).parent.parent)} | {"<frozen ", "<__array_"}
)
_EVENTS: Final = frozenset({"exec", "function.__new__", "object.__setattr__"})
#: Modules that make code of nothing but names, which they check.
_CAREFUL: Final = frozenset({"dataclasses", "collections"})


class Executed:
    """`begin` says whose files are meant. `noted`: the line by what is noted and file."""

    def __init__(self) -> None:
        self.noted: dict[tuple[str, str], int] = {}
        self._sources: Mapping[str, bytes] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._looks = 0

    def install(self) -> None:
        """Add the hook to this process, for good."""
        sys.addaudithook(self._hook)

    def begin(self, sources: Mapping[str, bytes]) -> None:
        """Note what runs from here on while code of `sources` waits for it."""
        self._sources, self._looks = sources, 0

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _EVENTS or not self._sources:
            return
        code = arguments[0]
        if event == "object.__setattr__":
            code = arguments[2] if arguments[1] == "__code__" else None
        if isinstance(code, CodeType) and self._looks < _MOST_LOOKS and not self._is_of_a_file(code):
            self._looks += 1
            try:
                self._look(code, sys._getframe(1))  # noqa: SLF001  there is no other way to who runs it
            except Exception as error:  # what a hook raises is the submission's then
                if blame.is_raised_in(error, __file__):
                    blame.faults.report("the look at what code runs", error)

    def _is_of_a_file(self, code: CodeType) -> bool:
        name = code.co_filename
        return name in self._sources or name.startswith(("handout/", *_LIBRARIES))

    def _look(self, code: CodeType, caller: FrameType | None) -> None:
        frame = caller
        while frame is not None and frame.f_code.co_filename not in self._sources:
            if frame is not caller and frame.f_code.co_filename.startswith(_IMPORT):
                return  # a library is being loaded
            frame = frame.f_back
        if caller is None or frame is None or len(self.noted) >= _MOST_NOTED:
            return
        if frame is not caller and caller.f_globals.get("__name__") in _CAREFUL:
            return
        known = self._own_words()
        if frame is not caller:
            known |= self._library_words(caller.f_code.co_filename)
        if not set(_words_of(code)) <= known:
            self.noted.setdefault((COMPUTED, frame.f_code.co_filename), frame.f_lineno)

    def _own_words(self) -> frozenset[str]:
        if "" not in self._words:
            self._words[""] = frozenset(word for source in self._sources.values() for word in _words_in(source))
        return self._words[""]

    def _library_words(self, file: str) -> frozenset[str]:
        if file not in self._words:
            try:
                text = Path(file).read_text(encoding="utf-8", errors="replace")
            except OSError:
                text = ""
            self._words[file] = frozenset(_WORD.findall(text))
        return self._words[file]


def _words_in(source: bytes) -> Iterator[str]:
    """Yield the words of a file that are names, or stand in a text that is Python; those of comments say nothing."""
    try:
        waiting = [ast.parse(source)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield from _WORD.findall(source.decode("utf-8", "replace"))
        return
    idle = {id(node.value) for node in ast.walk(waiting[0]) if isinstance(node, ast.Expr)}
    while waiting:
        tree = waiting.pop()
        for node in ast.walk(tree):
            for _, value in ast.iter_fields(node):
                for name in value if isinstance(value, list) else [value]:
                    if isinstance(name, str) and not isinstance(node, ast.Constant):
                        yield from _WORD.findall(name)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in idle:
                with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                    waiting.append(ast.parse(node.value))


def _words_of(code: CodeType) -> Iterator[str]:
    """Yield the words of the names and texts that `code` uses, and those of the functions in it."""
    for name in (*code.co_names, *code.co_freevars):
        yield from _WORD.findall(name)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _WORD.findall(constant.co_name.replace("<lambda>", "").replace("<listcomp>", ""))
            yield from _words_of(constant)
        elif isinstance(constant, str):
            yield from _WORD.findall(constant)


executed = Executed()
