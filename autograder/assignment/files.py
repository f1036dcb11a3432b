"""The Python files of the template and of the reference."""

from __future__ import annotations

from pathlib import Path

from autograder.assignment.homework import load_homework


def read_sources(folder: Path) -> dict[str, bytes]:
    """Return the Python files of the template or the reference by posix path from `folder`, tests left out."""
    paths = [*folder.glob("*.py"), *(folder / load_homework(folder.parent).package).glob("*.py")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(paths)}
