"""The one loader of hidden tests: for grading, the audit, staff's pytest and benchmarks."""

from __future__ import annotations

import difflib
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
_FORMS: Final = "give a number, a component or part of a name"
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
    except SyntaxError as error:
        place = f"{error.filename or path}:{error.lineno}" if error.lineno else f"{error.filename or path}"
        raise AssignmentError(f"The hidden tests cannot be loaded: {place}: {error.msg}") from error
    except BaseException as error:
        # What comes before the file's own first line is Python's and the grader's, and tells an author nothing.
        own = error.__traceback__
        while own is not None and own.tb_frame.f_code.co_filename != str(path):
            own = own.tb_next
        trace = "".join(traceback.format_exception(error.with_traceback(own or error.__traceback__))).strip()
        raise AssignmentError(f"The hidden tests cannot be loaded: {trace[-1500:]}") from error
    return module


def choose(
    tests: Sequence[HiddenTest],
    assignment: Assignment,
    only: str | Sequence[str] | None = None,
    skip: Collection[str] = (),
) -> list[HiddenTest]:
    """Return the tests that `assignment.edition` asks, and of these the chosen ones.

    only: numbers, tags or parts of names, one a line; or numbers, in the order in which to run them.
    skip: numbers or tags of tests to leave out, if there are any; `check_choice` says which mean none.
    Raises AssignmentError where a line of `only` means no test of any edition, or all of them together leave none.
    """
    asked = [own for test in tests if (own := test.for_edition(assignment))]
    if only is not None and not isinstance(only, str):
        by_number = {test.number: test for test in asked}
        return [by_number[number] for number in only if number in by_number]
    check_choice(tests, only, ())
    chosen = [test for test in asked if _is_chosen(test, (only or "").lower().splitlines(), frozenset(skip))]
    if not chosen and (only is not None or skip):
        said = " and ".join(
            [f"--only {word}" for word in (only or "").splitlines()] + [f"--skip {word}" for word in sorted(skip)]
        )
        raise AssignmentError(f"Nothing is left to run with {said}: {_FORMS}.")
    return chosen


def check_choice(tests: Sequence[HiddenTest], only: str | None, skip: Collection[str]) -> None:
    """Raise AssignmentError where a line of `only`, or one of `skip`, means none of `tests`."""
    for word in (only or "").splitlines():
        if not any(_is_meant(test, word.lower()) for test in tests):
            raise AssignmentError(f"No hidden test is called {word!r}{_suggest(word, tests) or f': {_FORMS}.'}")
    for word in skip:
        if not any(word in _labels(test) for test in tests):
            raise AssignmentError(
                f"--skip {word} leaves out no test{_suggest(word, tests) or ': give a number or a tag.'}"
            )


def _suggest(word: str, tests: Sequence[HiddenTest]) -> str:
    close = difflib.get_close_matches(word, sorted({label for test in tests for label in _labels(test)}), 1)
    return f". Did you mean {close[0]!r}?" if close else ""


def _labels(test: HiddenTest) -> set[str]:
    return {test.number, *test.tags}


def _is_meant(test: HiddenTest, word: str) -> bool:
    return word in _labels(test) or word in test.node.lower() or word in test.name.lower()


def _is_chosen(test: HiddenTest, wanted: Sequence[str], skipped: frozenset[str]) -> bool:
    if skipped & _labels(test):
        return False
    return not wanted or any(_is_meant(test, word) for word in wanted)
