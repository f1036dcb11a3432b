"""The journal of a graded class: a line for each grading, in the order in which they ended; written and read here."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError

FILE_NAME: Final = "journal.jsonl"
GRADED, FAILED = "graded", "failed"


@dataclass(frozen=True)
class Line:
    """One grading.

    id: the submission's. key: what the grading is known by. status: GRADED, or FAILED through the grader's fault.
    attempts: how many it took. at: when it ended, in UTC. digest: of the submission's content.
    score, points: what it came to before lateness, and by test.
    seconds, machine, lost, failed, unusable: as in a `Reply`; None where that is not known.
    """

    id: str
    key: str = ""
    status: str = ""
    attempts: int = 1
    at: str = ""
    seconds: float | None = None
    machine: str | None = None
    lost: str | None = None
    failed: str | None = None
    unusable: str | None = None
    digest: str | None = None
    score: float | None = None
    points: Mapping[str, float] | None = field(default=None)

    def to_json(self) -> str:
        """Return the line as the file has it, without what is not known."""
        return json.dumps(
            {name: value for name, value in asdict(self).items() if value is not None}, ensure_ascii=False
        )

    @classmethod
    def read(cls, text: bytes) -> Line | None:
        """Return the line that `to_json` wrote; None for one that a crash has torn. What is damaged is left out."""
        try:
            found = json.loads(text)
        except ValueError:
            return None
        if not isinstance(found, dict) or not isinstance(found.get("id"), str):
            return None
        kinds: dict[str, Any] = {"attempts": int, "seconds": (int, float), "score": (int, float), "points": dict}
        known = {
            name: found[name] for name in cls.__dataclass_fields__ if isinstance(found.get(name), kinds.get(name, str))
        }
        return cls(**known)


class Journal:
    """The file, open to be added to. It keeps a second batch out of the folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE_NAME
        self._descriptor = os.open(self.file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise AssignmentError(
                f"Another batch is at work in {folder}: wait for it, or name another --out."
            ) from error
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            os.write(self._descriptor, b"\n")  # a line torn by a crash is left behind, and never continued

    def lines(self) -> list[Line]:
        """Return what is recorded, oldest first; a torn line is passed over."""
        return list(_parse(self.file.read_bytes().splitlines()))

    def append(self, line: Line) -> None:
        """Record a grading; it is on the disk itself when this returns."""
        text = line.to_json().encode() + b"\n"
        written = os.write(self._descriptor, text)
        if written != len(text):
            raise OSError(28, "no space left for the journal", str(self.file))
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Let the next batch in."""
        os.close(self._descriptor)


def read_lines(folder: Path) -> list[Line]:
    """Return what is recorded in a class's folder, oldest first; nothing where there is no journal."""
    try:
        content = (folder / FILE_NAME).read_bytes()
    except OSError:
        return []
    return list(_parse(content.splitlines()))


def _parse(lines: Iterable[bytes]) -> Iterator[Line]:
    for text in lines:
        line = Line.read(text)
        if line is not None:
            yield line


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        return
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
