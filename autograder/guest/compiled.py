"""The code of a submission's files: compiled once, and handed to all its workers."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from types import CodeType

from .source import complete_main


@lru_cache(maxsize=64)
def compile_file(source: bytes, path: str) -> CodeType:
    """Return the code of one file: the grader runs the reference's anew for every question, workers the handout's.

    A main block without a body, as handouts have it, counts as one that does nothing.
    """
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except SyntaxError:
        whole = complete_main(source)
        if whole == source:
            raise
        return compile(whole, path, "exec", dont_inherit=True)


def compile_all(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the code of files by path, as other workers of the same submission may be handed it; none of them is run.

    What is no Python, or what Python's compiler cannot cope with, is left out: loading it raises the error.
    """
    code = {}
    for path, source in sources.items():
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            code[path] = marshal.dumps(compile_file(source, path))
    return code


def read_code(code: bytes) -> CodeType | None:
    """Return what `compile_all` made of a file; None where this interpreter cannot read it."""
    try:
        read = marshal.loads(code)  # noqa: S302  behind the wall, as bytes of the submission whose process this is
    except (EOFError, ValueError, TypeError):
        return None
    return read if isinstance(read, CodeType) else None
