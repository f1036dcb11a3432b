"""Grading the grader: every wheat must keep all its points, every chaff lose exactly those that it declares.

Each variant goes the whole way of a submission (`grading.grade`), in fresh interpreters side by side.
"""

from __future__ import annotations

import importlib.util
import math
import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from . import editions, grading, variants
from .assignment import Assignment
from .errors import AssignmentError, GraderError
from .plugin import asked_weight, sort_key
from .submission import from_files
from .variants import Variant

WHEAT, CHAFF = "wheat", "chaff"
_CLOSE: Final = 1e-6
_TRAINING: Final = "training"


@dataclass(frozen=True)
class Verdict:
    """What became of one variant. `lost`: points by test number. `told`: how many failed rows quote its sentence."""

    variant: Variant
    kind: str
    lost: Mapping[str, float]
    told: int = 0
    seconds: float = 0.0
    problem: str = ""

    @property
    def survived(self) -> bool:
        """Whether a chaff kept all its points."""
        return self.kind == CHAFF and not self.lost

    @property
    def differences(self) -> dict[str, tuple[float, float]]:
        """By test: the points that were declared and those that went, where they differ."""
        numbers = sorted({*self.variant.costs, *self.lost}, key=sort_key)
        pairs = {number: (self.variant.costs.get(number, 0.0), self.lost.get(number, 0.0)) for number in numbers}
        return {number: (a, b) for number, (a, b) in pairs.items() if abs(a - b) > _CLOSE}

    @property
    def right(self) -> bool:
        """Whether all went as declared."""
        return not self.differences and not self.survived and not self.problem


@dataclass(frozen=True)
class AuditReport:
    """All verdicts, and the tests by number with their names."""

    verdicts: tuple[Verdict, ...]
    tests: Mapping[str, str]
    seconds: float = 0.0

    @property
    def survivors(self) -> tuple[Verdict, ...]:
        """Chaffs that no test catches."""
        return tuple(verdict for verdict in self.verdicts if verdict.survived)

    @property
    def losses(self) -> tuple[Verdict, ...]:
        """Wheats that lose points."""
        return tuple(verdict for verdict in self.verdicts if verdict.kind == WHEAT and verdict.lost)

    @property
    def wrong(self) -> tuple[Verdict, ...]:
        """Every variant whose verdict is not the declared one."""
        return tuple(verdict for verdict in self.verdicts if not verdict.right)

    @property
    def passed(self) -> bool:
        """Whether every verdict is the declared one."""
        return not self.wrong

    @property
    def matrix(self) -> dict[str, tuple[str, ...]]:
        """By test: the chaffs that it catches."""
        return {
            number: tuple(v.variant.name for v in self.verdicts if v.kind == CHAFF and number in v.lost)
            for number in self.tests
        }

    @property
    def redundant(self) -> tuple[str, ...]:
        """Tests that catch no chaff which another test does not catch too."""
        counts = Counter(name for names in self.matrix.values() for name in names)
        return tuple(n for n, names in self.matrix.items() if all(counts[name] > 1 for name in names))

    @property
    def diagnosed(self) -> float:
        """The share of the chaffs that were told their own sentence."""
        chaffs = [verdict for verdict in self.verdicts if verdict.kind == CHAFF]
        return sum(verdict.told > 0 for verdict in chaffs) / len(chaffs) if chaffs else math.nan

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON takes it."""
        return {
            "passed": self.passed,
            "seconds": round(self.seconds, 1),
            "wheats": sum(verdict.kind == WHEAT for verdict in self.verdicts),
            "chaffs": sum(verdict.kind == CHAFF for verdict in self.verdicts),
            "diagnosed": None if math.isnan(self.diagnosed) else round(self.diagnosed, 4),
            "survivors": [verdict.variant.name for verdict in self.survivors],
            "wheats that lose": {verdict.variant.name: dict(verdict.lost) for verdict in self.losses},
            "wrong": {v.variant.name: v.problem or {n: list(p) for n, p in v.differences.items()} for v in self.wrong},
            "redundant tests": list(self.redundant),
            "matrix": {number: list(names) for number, names in self.matrix.items()},
        }

    def table(self) -> Table:
        """For the terminal: each test with the chaffs that it catches, then what is not as declared."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("test", "catches", "alone", ""):
            table.add_column(name, justify="right" if name in ("catches", "alone") else "left", overflow="fold")
        matrix = self.matrix
        counts = Counter(name for names in matrix.values() for name in names)
        for number, names in matrix.items():
            alone = sum(counts[name] == 1 for name in names)
            table.add_row(f"{number} {self.tests[number]}", str(len(names)), str(alone or ""), "")
        for verdict in self.wrong:
            table.add_row(f"[red]{verdict.variant.name}[/]", "", "", f"{_finding(verdict)} {verdict.variant.where}")
        return table


def _finding(verdict: Verdict) -> str:
    if verdict.problem:
        return f"could not be graded: {verdict.problem}"
    if verdict.survived:
        return "survives: no test catches it."
    lines = [f"{number}: {a:g} declared, {b:g} lost" for number, (a, b) in verdict.differences.items()]
    return f"{'loses points' if verdict.kind == WHEAT else 'costs differ'}: {'; '.join(lines)}."


def collect(assignment: Assignment) -> list[tuple[str, Variant]]:
    """All wheats and chaffs, checked as far as can be without grading.

    Raises AssignmentError, naming file and line, for a target that is not there, a source that does not compile,
    a test number that does not exist, costs above a test's weight, or a chaff without costs or sentence.
    """
    weights = test_weights(assignment)
    elsewhere = {str(getattr(function, "__number__")) for function in _tests(assignment)} - set(weights)  # noqa: B009
    sources = editions.reference(assignment)
    found = [
        (kind, replace(variant, costs={n: points for n, points in variant.costs.items() if n not in elsewhere}))
        for kind in (WHEAT, CHAFF)
        for variant in editions.declared(assignment, f"{kind}s").values()
        if not variant.costs or set(variant.costs) - elsewhere  # a mistake in what this edition does not ask for
    ]
    names: dict[str, Variant] = {}
    for kind, variant in found:
        if variant.name in names:
            taken = names[variant.name].where
            raise AssignmentError(f"{variant.where}: {variant.name} is declared at {taken} already.")
        names[variant.name] = variant
        _check(kind, variant, sources, weights)
    return found


def _check(kind: str, variant: Variant, sources: Mapping[str, bytes], weights: Mapping[str, float]) -> None:
    for path, content in variants.render(sources, [variant]).items():
        try:
            compile(content, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            raise AssignmentError(f"{variant.where}: {variant.name} does not compile: {error.msg}.") from error
    for number, points in variant.costs.items():
        if number not in weights:
            raise AssignmentError(f"{variant.where}: {variant.name} costs points of {number}: there is no such test.")
        if not 0 < points <= weights[number] + _CLOSE:
            raise AssignmentError(
                f"{variant.where}: {variant.name} costs {points:g} points of {number}; expected more than 0 and "
                f"at most its weight, {weights[number]:g}."
            )
    if kind == CHAFF and not variant.costs:
        raise AssignmentError(f"{variant.where}: {variant.name} costs nothing; declare which tests must catch it.")
    if kind == CHAFF and not variant.sentence:
        raise AssignmentError(f"{variant.where}: {variant.name} has no docstring; it is what a student should read.")


def test_weights(assignment: Assignment) -> dict[str, float]:
    """The weights by number of the hidden tests that the assignment's edition asks."""
    return {
        str(getattr(function, "__number__")): weight  # noqa: B009
        for function in _tests(assignment)
        if (weight := asked_weight(function, assignment.edition)) is not None
    }


def _tests(assignment: Assignment) -> Iterator[Callable[..., None]]:
    """The hidden tests of all editions."""
    for path in sorted(assignment.hidden_tests.glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(f"_audited_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise AssignmentError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from error
        yield from (function for function in vars(module).values() if hasattr(function, "__number__"))


def audit(
    assignment: Assignment,
    *,
    jobs: int | None = None,
    sample: int | None = None,
    training: bool = False,
    progress: Callable[[Verdict, int], None] = lambda _verdict, _total: None,
) -> AuditReport:
    """Grade every wheat and chaff and compare what they lose with what they declare.

    jobs: interpreters side by side, by default one a core. sample: about so many variants, evenly from every
    target, the same ones each time. training: with the training tests, which take minutes a variant.
    progress: called with every verdict and the number of variants. Raises AssignmentError as `collect` does.
    """
    begun = time.monotonic()
    chosen = collect(assignment)
    if sample is not None:
        chosen = sampled(chosen, sample)
    jobs = min(jobs or os.cpu_count() or 1, len(chosen)) or 1
    skip = () if training else (_TRAINING,)
    verdicts: dict[str, Verdict] = {}
    names: dict[str, str] = {}
    with _single_threaded(), ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        pending = [pool.submit(examine, assignment, kind, variant, skip) for kind, variant in chosen]
        try:
            for future in as_completed(pending):
                verdict, tests = future.result()
                verdicts[verdict.variant.name] = verdict
                names.update(tests)
                progress(verdict, len(chosen))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return AuditReport(
        tuple(verdicts[variant.name] for _, variant in chosen),
        {number: names[number] for number in sorted(names, key=sort_key)},
        time.monotonic() - begun,
    )


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


def sampled(chosen: Sequence[tuple[str, Variant]], count: int) -> list[tuple[str, Variant]]:
    """`count` of them, but at least one chaff of every class: a chaff of each, then a wheat of each, and so on."""
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


def examine(assignment: Assignment, kind: str, variant: Variant, skip: Sequence[str]) -> tuple[Verdict, dict[str, str]]:
    """Grade one variant; runs in an interpreter of the pool. Returns its verdict and the tests' names by number."""
    begun = time.monotonic()
    assignment = replace(assignment, recognised=False)
    submission = from_files(variants.render(editions.reference(assignment), [variant]), assignment.edition)
    with tempfile.TemporaryDirectory(prefix="beras-audit-") as folder:
        try:
            report = grading.grade(submission, Path(folder, "results.json"), assignment, skip=skip)
        except GraderError as error:
            return Verdict(variant, kind, {}, problem=str(error)[:300]), {}
    rows = [test for test in report.tests if test.score is not None]
    lost = {t.number: (t.max_score or 0) - (t.score or 0) for t in rows if (t.max_score or 0) - (t.score or 0) > _CLOSE}
    faults = [test.number for test in rows if "grader_error" in test.staff]
    told = sum(bool(variant.sentence) and variant.sentence in test.output for test in rows if test.number in lost)
    problem = f"the grader failed in {', '.join(faults)}" if faults else ""
    verdict = Verdict(variant, kind, lost, told, time.monotonic() - begun, problem)
    return verdict, {test.number: test.name for test in rows}
