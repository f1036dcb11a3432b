"""What the text of a file imports, however the imports are written; the text need not be valid Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autograder.base.searching import text_to_search

_MOST_NAMES: Final = 1000  # in one import
_SPACES: Final = re.compile(r"[ \t]+")
# In a text without comments in which each space is one: names on one line, or within parentheses on several; modules;
# and a module that a call names.
_FROM: Final = re.compile(r"(?:^|[;:]) ?from ?([.\w]+) import ?(?:\(([^()]*)\)|([^\n;]*))", re.MULTILINE)
_IMPORT: Final = re.compile(r"(?:^|[;:]) ?import ([^\n;]*)", re.MULTILINE)
_CALL: Final = re.compile(r"import(?:_module|__) ?\( ?[\"']([.\w]+)[\"']")


@dataclass(frozen=True)
class Import:
    """One imported module. `from ..a.b import c, d`: 2 dots, the module "a.b", and the names "c" and "d"."""

    dots: int
    module: str
    names: tuple[str, ...] = ()


def read_imports(content: bytes) -> Iterator[Import]:
    """Yield what a file imports: `from … import …` first, then `import …`, then calls of `import_module`."""
    lines = "\n".join(line.partition("#")[0] for line in text_to_search(content).split("\n"))
    plain = _SPACES.sub(" ", lines.replace("\\\n", " "))
    for found in _FROM.finditer(plain):
        module, wrapped, on_one_line = found.groups("")
        yield _import(module, tuple(_first_words(wrapped or on_one_line)))
    for found in _IMPORT.finditer(plain):
        yield from map(_import, _first_words(found.group(1)))
    for found in _CALL.finditer(plain):
        yield _import(found.group(1))


def _import(module: str, names: tuple[str, ...] = ()) -> Import:
    bare = module.lstrip(".")
    return Import(len(module) - len(bare), bare, names)


def _first_words(listed: str) -> Iterator[str]:
    """Yield the first word of each part between commas: of `a as b, c` it is a and c."""
    for part in listed.split(",", _MOST_NAMES)[:_MOST_NAMES]:
        if words := part.split():
            yield words[0]
