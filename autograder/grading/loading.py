"""The one loader of hidden tests: for grading, the audit, staff's pytest and benchmarks."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError
from autograder.base.numbers import sort_key
from autograder.grading.hidden_tests import ARGUMENTS, HiddenTest, check_tests, hidden_test

FILES: Final = "test_*.py"
_PACKAGE: Final = "hidden_tests"  # in sys.modules, before the names of the modules


def load_hidden_tests(assignment: Assignment) -> list[HiddenTest]:
    """Load the hidden tests of all editions, checked, in the order of their numbers.

    The files are read anew by every call. Raises AssignmentError where one cannot be loaded, or a test is declared
    wrongly.
    """
    tests = read_hidden_tests(assignment)
    check_tests(tests, assignment)
    return tests


def read_hidden_tests(assignment: Assignment) -> list[HiddenTest]:
    """Load them unchecked: an edition may lack some yet."""
    tests = [test for path in sorted(assignment.hidden_tests.rglob(FILES)) for test in load_file(path, assignment)]
    return sorted(tests, key=lambda test: sort_key(test.number))


def load_file(path: Path, assignment: Assignment) -> list[HiddenTest]:
    """Load the hidden tests of one file, in the order in which they stand there."""
    homework = assignment.homework
    node = path.relative_to(assignment.hidden_tests).as_posix()
    available = (*ARGUMENTS, *homework.fixtures)
    return [
        hidden_test(function, f"{node}::{name}", homework.components, available)
        for name, function in _functions(_module(path), node)
    ]


def _functions(module: ModuleType, node: str) -> Iterator[tuple[str, Callable[..., None]]]:
    for name, value in vars(module).items():
        if inspect.isclass(value) and value.__module__ == module.__name__:
            if any(method.startswith("test") for method in vars(value)):
                raise AssignmentError(f"{node}: the class {name} holds tests; a hidden test is a function.")
        elif inspect.isfunction(value):
            if name.startswith("test"):
                yield name, value
            elif hasattr(value, "__number__"):
                raise AssignmentError(
                    f"{node}: {name} is numbered and would not be run; a hidden test is called test_…."
                )


def _module(path: Path) -> ModuleType:
    name = f"{_PACKAGE}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise AssignmentError(f"{path} cannot be loaded as a module of Python.")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        trace = "".join(traceback.format_exception(error)).strip()
        raise AssignmentError(f"The hidden tests cannot be loaded: {trace[-1500:]}") from error
    return module


def choose(
    tests: Sequence[HiddenTest],
    assignment: Assignment,
    only: str | Sequence[str] | None = None,
    skip: Collection[str] = (),
) -> list[HiddenTest]:
    """Return the tests that `assignment.edition` asks, and of these the chosen ones.

    only: a number, a tag, or part of a name; or numbers, in the order in which to run them.
    skip: numbers or tags of tests to leave out.
    Raises AssignmentError where `only` or `skip` leaves none.
    """
    asked = [own for test in tests if (own := test.for_edition(assignment))]
    if only is not None and not isinstance(only, str):
        by_number = {test.number: test for test in asked}
        return [by_number[number] for number in only if number in by_number]
    chosen = [test for test in asked if _is_chosen(test, (only or "").lower(), frozenset(skip))]
    if not chosen and (only is not None or skip):
        raise AssignmentError(f"No hidden test is called {only!r}: give a number, a component or part of a name.")
    return chosen


def _is_chosen(test: HiddenTest, wanted: str, skipped: frozenset[str]) -> bool:
    labels = {test.number, *test.tags}
    if skipped & labels:
        return False
    return not wanted or wanted in labels or wanted in test.node.lower() or wanted in test.name.lower()
