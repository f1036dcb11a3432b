"""Grading the grader: every wheat must keep all its points, every chaff lose exactly those that it declares.

The tests must also notice nearly all mutants of the reference, which a program makes. Each variant goes the whole way
of a submission (`grading.grade`), in fresh interpreters side by side.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.util
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import zip_longest
from types import ModuleType
from typing import Any, TypeVar

from autograder.assignment import editions, variants
from autograder.assignment.config import Assignment
from autograder.assignment.homework import Homework
from autograder.assignment.variants import Variant
from autograder.audit import examination, mutants, selection
from autograder.audit.findings import AuditReport
from autograder.audit.mutants import Mutant
from autograder.audit.solutions import TRAINING, Solution
from autograder.audit.verdicts import (
    CHAFF,
    CLOSE,
    WHEAT,
    MutantVerdict,
    SolutionVerdict,
    TrainingVerdict,
    Verdict,
)
from autograder.base.errors import AssignmentError
from autograder.base.machine import usable_processors
from autograder.grading.hidden_tests import HiddenTest
from autograder.grading.loading import FILES, load_hidden_tests, read_hidden_tests
from autograder.guest.loader import World
from autograder.results.report import EXTRA

AnyVerdict = Verdict | MutantVerdict | TrainingVerdict | SolutionVerdict
T = TypeVar("T")


def collect(assignment: Assignment, only: Collection[str] = ()) -> list[tuple[str, Variant]]:
    """Return all wheats and chaffs, checked as far as can be without grading; only: those that are checked, by name.

    Raises AssignmentError, naming file and line of all that are wrong. Wrong is a target, test number or edition that
    does not exist, and a source that cannot be loaded. So is a source that uses a name that is nowhere, a cost above a
    test's weight, and a chaff without costs or sentence.
    """
    for path in sorted(assignment.hidden_tests.rglob(FILES)):
        variants.check_names(path)
    asked = _read_points(load_hidden_tests(assignment), assignment)
    elsewhere = asked.elsewhere

    def find_place(variant: Variant) -> str:
        """Return the edition whose `costs_in` its costs belong into, "" where they are in the points of `costs`."""
        numbers = variant.costs.keys() - elsewhere
        otherwise = any(asked.of_base.get(number) != asked.weights.get(number) for number in numbers)
        own = assignment.edition.name if otherwise and assignment.edition.name != assignment.base.name else ""
        return assignment.edition.find_mark(variant.costs_in) or own

    sources = editions.reference(assignment)
    found = [
        (
            kind,
            replace(
                variant,
                costs=asked.settle(variant),
                elsewhere={number: points for number, points in variant.costs.items() if number in elsewhere},
                own_place=find_place(variant),
            ),
        )
        for kind in (WHEAT, CHAFF)
        for variant in editions.load_variants(assignment, f"{kind}s").values()
        if not variant.costs or set(variant.costs) - elsewhere  # a mistake in what this edition does not ask for
    ]
    names: dict[str, Variant] = {}
    problems = []
    for kind, variant in found:
        if variant.name in names:
            problems.append(f"{variant.where}: {variant.name} is declared at {names[variant.name].where} already.")
        names[variant.name] = variant
        if only and variant.name not in only:
            continue  # another one's costs are no reason not to try this one
        try:
            _check(kind, variant, sources, asked.weights)
            _check_editions(variant, assignment)
        except AssignmentError as error:
            problems.append(str(error))
    if problems:
        raise AssignmentError("\n".join(problems))
    return found


def costs_here(variant: Variant, assignment: Assignment) -> dict[str, float]:
    """Return what a chaff costs in the assignment's edition; tests that the edition does not ask are left out."""
    asked = _read_points(read_hidden_tests(assignment), assignment)
    return {number: points for number, points in asked.settle(variant).items() if number in asked.weights}


@dataclass(frozen=True)
class _Points:
    """The points of the tests in this edition, and of those that others ask.

    weights: of this edition. of_base: of the reference's. elsewhere: the tests that only other editions ask. settle:
    returns a variant's costs in this edition's points.
    """

    weights: Mapping[str, float]
    of_base: Mapping[str, float]
    elsewhere: frozenset[str]
    settle: Callable[[Variant], dict[str, float]]


def _read_points(tests: Sequence[HiddenTest], assignment: Assignment) -> _Points:
    weights = _weights(tests, assignment)
    declared = {
        edition.name: _weights(tests, replace(assignment, edition=edition)) for edition in assignment.editions.values()
    }
    elsewhere = {
        number for asked in declared.values() for number, points in asked.items() if points and not weights.get(number)
    }

    def settle(variant: Variant) -> dict[str, float]:
        """Return its costs in this edition's points: they are declared in those of another, where that one asks."""
        edition = assignment.edition.find_mark(variant.costs_in) or assignment.base.name
        asking = [
            declared.get(edition, {}),
            *declared.values(),
        ]  # one that does not ask declares for the first that does
        whole = {number: next((asked[number] for asked in asking if asked.get(number)), 0) for number in variant.costs}
        return {
            number: points * weights[number] / whole[number] if whole[number] and number in weights else points
            for number, points in variant.costs.items()
            if number not in elsewhere
        }

    return _Points(weights, declared.get(assignment.base.name, weights), frozenset(elsewhere), settle)


def _check(kind: str, variant: Variant, sources: Mapping[str, bytes], weights: Mapping[str, float]) -> None:
    rendered = variants.render(sources, [variant])
    for path, content in rendered.items():
        if content == sources[path]:
            continue
        try:
            compile(content, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            raise AssignmentError(f"{variant.where}: {variant.name} does not compile: {error.msg}.") from error
        known = {**vars(builtins), **vars(_load(variant, rendered, path))}
        for name in variants.find_globals(variant):
            if name not in known:
                raise AssignmentError(f"{variant.where}: {variant.name} uses {name}, and {path} has no such name.")
    for number, points in variant.costs.items():
        if number not in weights:
            raise AssignmentError(f"{variant.where}: {variant.name} costs points of {number}: there is no such test.")
        if not 0 < points <= weights[number] + CLOSE:
            raise AssignmentError(
                f"{variant.where}: {variant.name} costs {points:g} points of {number}; expected more than 0 and "
                f'at most its weight, {weights[number]:g}. If it must lose the whole test, write "{number}": '
                f"{weights[number]:g}."
            )
    if kind == CHAFF and not variant.costs:
        raise AssignmentError(f"{variant.where}: {variant.name} costs nothing; declare which tests must catch it.")
    if kind == CHAFF and not variant.sentence:
        raise AssignmentError(f"{variant.where}: {variant.name} has no docstring; it is what a student should read.")


def _check_editions(variant: Variant, assignment: Assignment) -> None:
    known = [*assignment.editions, assignment.base.name]
    for name in variant.costs_in:
        if name not in known:
            raise AssignmentError(
                f"{variant.where}: {variant.name} has costs_in {name!r}: there is no such edition, only "
                f"{', '.join(dict.fromkeys(known))}."
            )


def _load(variant: Variant, rendered: Mapping[str, bytes], path: str) -> ModuleType:
    world = World(rendered, {}, notices=False)
    try:
        with world.importing():
            return world.module(path.removesuffix(".py").replace("/", "."))
    except Exception as error:
        cause = error.__cause__ or error
        raise AssignmentError(
            f"{variant.where}: with {variant.name} in it, {path} cannot be loaded: {type(cause).__name__}: {cause}"
        ) from error


def test_weights(assignment: Assignment) -> dict[str, float]:
    """Return the weights by number of the hidden tests that the assignment's edition asks."""
    return _weights(load_hidden_tests(assignment), assignment)


def count_weights(assignment: Assignment) -> dict[str, float]:
    """Return the weights by number without extra credit, whether or not they sum to the assignment's points."""
    return _weights((test for test in read_hidden_tests(assignment) if EXTRA not in test.tags), assignment)


def weights_to_hold(assignment: Assignment) -> dict[str, float]:
    """Return the weights of the tests that a chaff must fail: all save training and tests worth nothing."""
    held = [test for test in read_hidden_tests(assignment) if TRAINING not in test.tags]
    return {number: points for number, points in _weights(held, assignment).items() if points}


def _weights(tests: Iterable[HiddenTest], assignment: Assignment) -> dict[str, float]:
    return {own.number: own.weight for test in tests if (own := test.for_edition(assignment))}


def audit(
    assignment: Assignment,
    *,
    jobs: int | None = None,
    sample: int | None = None,
    only: Collection[str] = (),
    components: Collection[str] = (),
    mutate: bool | None = None,
    train: bool = False,
    whole: Sequence[Solution] = (),
    progress: Callable[[AnyVerdict, int], None] = lambda _verdict, _total: None,
) -> AuditReport:
    """Grade every wheat, chaff and mutant, and compare what they lose with what they should.

    jobs: interpreters side by side, by default one for each processor that it may use. sample: about so many variants,
    and as many mutants, of every component, the same ones each time. only, components: what `selection.select` takes,
    and no mutants.
    mutate: with mutants, by default where they can be made. train: with the trainings of wheats and chaffs, too.
    whole: whole submissions, right and wrong ones, each graded in its own edition, training included.
    progress: called with every verdict and the number of all. Raises AssignmentError as `collect` and
    `mutants.make` do, before anything is graded.
    """
    begun = time.monotonic()
    selected = selection.select(only, components, assignment, whole) if only or components else None
    chosen = collect(assignment, selected.names if selected else ())
    mutate = can_mutate() if mutate is None else mutate
    made = mutants.make(assignment) if mutate and not selected and mutants.are_made(assignment) else []
    if selected:
        chosen = [entry for entry in chosen if entry[1].name in selected.names]
        whole = [solution for solution in whole if {solution.name, solution.title} & selected.names]
        there = {variant.name for _, variant in chosen} | {n for one in whole for n in (one.name, one.title)}
        selected.refuse_empty(there, assignment.edition.name)
    if sample is not None:
        chosen = sample_variants(chosen, sample)
        made = sample_mutants(made, sample, assignment.homework)
        whole = sample_solutions(whole)
    trained = _choose_trained(assignment, chosen) if train else []
    if sample is not None:
        trained = [entry for entry in trained if entry[0] == WHEAT]
    survey = examination.survey(assignment)
    jobs = jobs or usable_processors()
    context = multiprocessing.get_context("spawn")
    graded: list[Verdict | None] = [None] * len(chosen)
    tried: list[MutantVerdict | None] = [None] * len(made)
    trainings: list[TrainingVerdict | None] = [None] * len(trained)
    solved: list[SolutionVerdict | None] = [None] * len(whole)
    with (
        _single_threaded(),
        ProcessPoolExecutor(jobs, context, initializer=examination.begin, initargs=(assignment, survey)) as pool,
    ):
        pending: dict[Future[Any], tuple[list[Any], int]] = {}
        try:
            with _interrupts_held_back():
                # Chaffs and wheats come first: they take a second each, and a changed test shows in them. Of the rest,
                # those that come, or may come, to training take longest, and begin first.
                for index, (kind, variant) in enumerate(chosen):
                    pending[pool.submit(examination.variant, kind, variant)] = (graded, index)
                for index, solution in enumerate(whole):
                    pending[pool.submit(examination.solution, solution)] = (solved, index)
                for index, (kind, variant) in enumerate(trained):
                    pending[pool.submit(examination.training, kind, variant)] = (trainings, index)
                for index in sorted(
                    range(len(made)),
                    key=lambda index: not mutants.is_trained(made[index].function, assignment.homework),
                ):
                    pending[pool.submit(examination.mutant, made[index])] = (tried, index)
            for future in as_completed(pending):
                verdicts, index = pending[future]
                verdicts[index] = future.result()
                progress(verdicts[index], len(pending))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for interpreter in multiprocessing.active_children():
                interpreter.terminate()  # each ends its sandboxes; one that trains would be waited for
            raise
    held = {number: points for number, points in test_weights(assignment).items() if number in survey.names}
    return AuditReport(
        verdicts=_without_none(graded),
        tests=survey.names,
        seconds=time.monotonic() - begun,
        mutants=_without_none(tried),
        weights=held if sample is None and not selected else {},
        trainings=_without_none(trainings),
        solutions=_without_none(solved),
        left_out=mutants.rules(assignment.homework),
    )


def _choose_trained(assignment: Assignment, chosen: Sequence[tuple[str, Variant]]) -> list[tuple[str, Variant]]:
    """Return those of `chosen` that change a file which training runs."""
    sources = editions.reference(assignment)

    def changed_files(variant: Variant) -> set[str]:
        rendered = variants.render(sources, [variant])
        return {path for path in rendered if rendered[path] != sources[path]}

    return [entry for entry in chosen if changed_files(entry[1]) & assignment.homework.trained_files]


def sample_solutions(whole: Sequence[Solution]) -> list[Solution]:
    """Return the first right and the first wrong one of every edition."""
    first: dict[tuple[str, bool], Solution] = {}
    for solution in whole:
        first.setdefault((solution.edition, solution.mistake is None), solution)
    return list(first.values())


def can_mutate() -> bool:
    """Return whether mutmut, which makes the mutants, is installed: grading does without."""
    return importlib.util.find_spec("mutmut") is not None


def _without_none(verdicts: Sequence[T | None]) -> tuple[T, ...]:
    return tuple(verdict for verdict in verdicts if verdict is not None)


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back while it lasts; interpreters that start meanwhile hold it back until they have begun."""
    if not hasattr(signal, "pthread_sigmask") or threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    # The mask is for the interpreters; here another thread may take the signal, and it is still the main one's.
    handler = signal.signal(signal.SIGINT, lambda number, _frame: held.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if held:
        raise KeyboardInterrupt


class _single_threaded:  # noqa: N801  reads as what it is: with _single_threaded()
    """While it lasts, new interpreters start with one BLAS thread each."""

    def __enter__(self) -> None:
        self.before = os.environ.get("OPENBLAS_NUM_THREADS")
        os.environ["OPENBLAS_NUM_THREADS"] = "1"

    def __exit__(self, *_: object) -> None:
        if self.before is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = self.before


def sample_variants(chosen: Sequence[tuple[str, Variant]], count: int) -> list[tuple[str, Variant]]:
    """Return `count` variants, or more: at least one chaff of every class.

    The order: a chaff of each class, then a wheat of each, and so on.
    """
    groups: dict[str, list[tuple[str, Variant]]] = {}
    for wanted in (CHAFF, WHEAT):
        for kind, variant in chosen:
            if kind == wanted:
                groups.setdefault(variant.target.partition(".")[0], []).append((kind, variant))
    for group in groups.values():
        chaffs, wheats = ([entry for entry in group if entry[0] == kind] for kind in (CHAFF, WHEAT))
        group[:] = [entry for pair in zip_longest(chaffs, wheats) for entry in pair if entry is not None]
    turns = zip_longest(*groups.values())
    ordered = [entry for turn in turns for entry in turn if entry is not None]
    return ordered[: max(count, len(groups))]


def sample_mutants(made: Sequence[Mutant], count: int, homework: Homework) -> list[Mutant]:
    """Return `count` of the mutants, evenly from all.

    Mutants of models that only training can tell from the reference are left out.
    """
    quick = [mutant for mutant in made if not mutants.is_trained(mutant.function, homework)]
    return quick[:: max(1, -(-len(quick) // count))]
