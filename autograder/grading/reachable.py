"""Which files of a submission grading can come to run, by what they refer to: the rules are for these.

A student's own test that compares with TensorFlow breaks no rule.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from autograder.assignment import template
from autograder.grading.run import Run
from autograder.grading.vendored import is_as_given


@dataclass(frozen=True)
class References:
    """What one file refers to, as a worker read it.

    used: those of the names that more is done with than to import them.
    binds, defines: the names that its own statements bind, and of these what it makes itself.
    opaque: the line where the file computes a name or code; else 0.
    opens_main_blocks: whether it may have the main blocks of all files run.
    """

    names: Mapping[str, int] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    defines: frozenset[str] = frozenset()
    marks: Mapping[str, int] = field(default_factory=dict)
    opaque: int = 0
    opens_main_blocks: bool = False
    problem: str = ""


def find_reachable(read: Mapping[str, References], run: Run) -> list[str]:
    """Return the required files of those that were read, and what they import, one from another."""
    package, required = run.assignment.homework.package, run.assignment.edition.required
    by_module = {_module_of(path): path for path in read}
    known = {_module_of(path) for path in (*read, *required)}
    waiting = [path for path in read if path in required]
    reached = set(waiting)
    while waiting:
        references = read[waiting.pop()]
        if references.opaque or references.problem:
            given = template.handed_out(run.assignment)  # what it imports is unknown, and may be any file of theirs
            return sorted(
                path
                for path in read
                if path in required or not is_as_given(run.submission.files[path], given.get(path))
            )
        for name in references.names:
            paths = [by_module.get(module, "") for module in _modules(name, package)]
            asked = _find_asked_of_package(name, package, known)
            paths += _list_searched(asked, read, run) if asked else []
            for path in paths:
                if path and path not in reached:
                    reached.add(path)
                    waiting.append(path)
    return sorted(reached)


def _list_searched(asked: str, read: Mapping[str, References], run: Run) -> list[str]:
    """Return the files that the loader may run for what the package itself lacks, as `guest/searched.py` has it.

    The loader finds a name that `__init__.py` binds there, or in the files that it imports, which are reached anyhow.
    """
    package = run.assignment.homework.package
    inside = [path for path in read if path.startswith(f"{package}/")]
    handouts = [path for path in inside if path in run.handout]
    init = read.get(f"{package}/__init__.py", References())
    # A module that is called as the package may stand in the place of its `__init__.py`.
    is_bound = asked in init.binds and f"{package}.py" not in read
    return handouts if is_bound or any(asked in read[path].defines for path in handouts) else inside


def _module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _find_asked_of_package(name: str, package: str, known: Collection[str]) -> str:
    """Return what the dotted `name` asks of the package itself, where that is none of its modules; else nothing."""
    first, _, rest = name.partition(".")
    inner = rest.partition(".")[0]
    if first.lower() != package or inner.startswith("__"):
        return ""
    return "" if any(f"{module}.".startswith(f"{package}.{inner}.") for module in known) else inner


def _modules(name: str, package: str) -> Iterator[str]:
    """Yield the modules of a submission that the dotted `name` may load: itself, and all that it lies in."""
    parts = name.split(".")
    parts = [package, *parts[1:]] if parts[0].lower() == package else parts
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length])
        yield ".".join([package, *parts[:length]])
