"""The list of the files that grade: an upload holds them, a cluster gets them, and a result depends on them.

The homework's lie in its own folder, the toolkit's in the toolkit's; they are two folders where `--assignment` names
another homework. Together they make one project, in which the homework is the project's own. One list for all three, so
that what grades on Gradescope is what grades on a machine of a cluster.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from autograder.assignment.config import FILE_NAME, ROOT
from autograder.base.errors import AssignmentError

#: What grades, of the toolkit and of the homework; folders with all that lies under them, save `_LEFT_OUT`.
TOOLKIT: Final = ("autograder",)
HOMEWORK: Final = (FILE_NAME, "homework", "reference", "student_template", "tests/hidden")
# Wheats grade the grader and nobody else; the conceptual solution and scaffolds are for other machines.
# Public tests are there: grading must know what was handed out from what somebody brought along.
_LEFT_OUT: Final = (
    *("reference/wheats/", "reference/conceptual/"),
    *("autograder/assignment/scaffolds/", "homework/scaffolds/"),
)
_SUFFIXES: Final = (".py", ".npz", ".toml", ".txt", ".sh", ".json", "")
#: Where every file goes along: what probes and hidden tests may read of their own.
_WHOLE: Final = ("homework/", "tests/hidden/")
#: The packages of `autograder/` that decide a result: a change to any other grades nobody again.
DECIDING: Final = ("assignment", "base", "feedback", "grading", "guest", "intake", "results", "wall")


def project(root: Path, toolkit: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Yield the files that grade the homework in the folder `root`, by their names in a project of its own.

    toolkit: the folder that the toolkit lies in. Raises AssignmentError where a part is missing.
    """
    yield from files(toolkit, TOOLKIT)
    yield from files(root, HOMEWORK)


def files(root: Path, parts: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Yield the files of `parts` by their names in the project. Raises AssignmentError where a part is missing."""
    for part in parts:
        place = root / part
        if place.is_file():
            yield part, place
            continue
        if not place.is_dir():
            raise AssignmentError(f"{place} is missing: nothing can be graded without it.")
        for path in sorted(place.rglob("*")):
            name = path.relative_to(root).as_posix()
            wanted = path.suffix in _SUFFIXES or name.startswith(_WHOLE)
            if wanted and path.is_file() and not _is_unwanted(name):
                yield name, path


def _is_unwanted(name: str) -> bool:
    parts = name.split("/")
    return name.startswith(_LEFT_OUT) or any(part.startswith(".") or part == "__pycache__" for part in parts)


def digest(root: Path, toolkit: Path = ROOT) -> str:
    """Return a digest of all files that influence a grade of the programming part, save `assignment.toml`.

    Only some settings there influence a grade; the caller adds those.
    """
    found = hashlib.sha256()
    for name, path in sorted(project(root, toolkit)):
        top, _, rest = name.partition("/")
        if name == FILE_NAME or (top == "autograder" and rest.partition("/")[0] not in DECIDING):
            continue
        content = path.read_bytes()
        found.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest()
