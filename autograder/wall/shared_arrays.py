"""Arrays that workers map instead of receiving a copy: a training's images."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from autograder.guest import wire


@dataclass(frozen=True)
class Pieces:
    """An array too large to be held twice: `pieces` are its rows, some at a time, made while they are written."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    pieces: Iterable[np.ndarray]


class SharedFile:
    """Arrays in an anonymous file that workers map copy-on-write; closed with `close()`."""

    def __init__(self, arrays: Mapping[str, np.ndarray | Pieces]) -> None:
        layout = wire.SharedArrays()
        self.places = {name: layout.add(array.shape, array.dtype) for name, array in arrays.items()}
        with anonymous_file("arrays") as file:
            for name, array in arrays.items():
                file.seek(self.places[name].offset)
                for piece in array.pieces if isinstance(array, Pieces) else (array,):
                    file.write(np.ascontiguousarray(piece, array.dtype).data.cast("B"))
            file.flush()
            self._descriptor = _reopen_for_reading(file.fileno())

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Open the file anew for one worker: workers could pass each other data by a file offset that they share."""
        descriptor = _reopen_for_reading(self._descriptor)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)


def anonymous_file(name: str) -> IO[bytes]:
    """Return a file without a place on disk where the system has such: then no temporary folder is needed."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create(name, os.MFD_CLOEXEC), "w+b")
    return tempfile.TemporaryFile()


def _reopen_for_reading(descriptor: int) -> int:
    try:
        return os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return os.dup(descriptor)
