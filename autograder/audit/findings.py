"""The audit's findings: whether the grader stands the test, by what became of all that was graded."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.audit.verdicts import CHAFF, WHEAT, MutantVerdict, SolutionVerdict, TrainingVerdict, Verdict

#: The shares of the mutants, those that leave a right answer not counted, that must be caught.
MUTATION_SCORE, COMPONENT_SCORE = 0.95, 0.90


@dataclass(frozen=True)
class AuditReport:
    """All verdicts, and the tests by number with their names.

    weights: of the tests that some chaff must fail; empty where not all chaffs were graded. left_out: what no mutant
    changes, with the reason.
    """

    verdicts: tuple[Verdict, ...]
    tests: Mapping[str, str]
    seconds: float = 0.0
    mutants: tuple[MutantVerdict, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    trainings: tuple[TrainingVerdict, ...] = ()
    solutions: tuple[SolutionVerdict, ...] = ()

    @property
    def astray(self) -> tuple[TrainingVerdict | SolutionVerdict, ...]:
        """Trainings and whole submissions that did not go as declared."""
        every: tuple[TrainingVerdict | SolutionVerdict, ...] = (*self.trainings, *self.solutions)
        return tuple(verdict for verdict in every if verdict.finding)

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
    def components(self) -> dict[str, tuple[int, int]]:
        """By component: how many mutants were caught, and how many there are that are mistakes."""
        counted = [verdict for verdict in self.mutants if verdict.counts]
        names = dict.fromkeys(verdict.mutant.component for verdict in counted)
        caught = Counter(verdict.mutant.component for verdict in counted if verdict.caught)
        every = Counter(verdict.mutant.component for verdict in counted)
        return {name: (caught[name], every[name]) for name in names}

    @property
    def mutation_score(self) -> float:
        """The share of the mutants that were caught, of those that are mistakes."""
        caught, every = (
            (sum(counts) for counts in zip(*self.components.values(), strict=True)) if self.mutants else (0, 0)
        )
        return caught / every if every else math.nan

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """What is wrong about the mutants, a sentence each."""
        found = [f"{v.mutant.name}: could not be graded: {v.problem}" for v in self.mutants if v.problem]
        found += [
            f"{v.mutant.name}: {v.caught} fails it, and reference/mutants.toml says that it is right: {v.mutant.reason}"
            for v in self.mutants
            if v.wronged
        ]
        found += [
            f"{name}: {caught} of {every} mutants are caught; at least {COMPONENT_SCORE:.0%} should be."
            for name, (caught, every) in self.components.items()
            if caught < COMPONENT_SCORE * every
        ]
        if self.mutation_score < MUTATION_SCORE:
            found.append(
                f"{self.mutation_score:.1%} of all mutants are caught; at least {MUTATION_SCORE:.0%} should be."
            )
        return tuple(found)

    @property
    def unheld(self) -> tuple[str, ...]:
        """One sentence for each test that no chaff fails: such a test may compare nothing at all."""
        matrix = self.matrix
        return tuple(
            f"{number} {self.tests[number]}: worth {weight:g}, and no chaff fails it. Add one to reference/chaffs/."
            for number, weight in self.weights.items()
            if weight and not matrix[number]
        )

    @property
    def passed(self) -> bool:
        """Whether every verdict is the declared one, a chaff fails every test, and enough mutants are caught."""
        return not self.wrong and not self.unheld and not self.shortfalls and not self.astray

    def findings(self, root: Path) -> Iterator[str]:
        """Yield a line for everything wrong with variants and tests; paths are relative to `root`."""
        tried: tuple[Verdict | TrainingVerdict, ...] = (*self.wrong, *(one for one in self.trainings if one.finding))
        for verdict in tried:
            place = _from(root, Path(verdict.variant.file))
            yield f"{place}:{verdict.variant.line}: {verdict.variant.name} {verdict.finding}"
            if verdict.read and verdict.kind == WHEAT:
                yield f"  its author would read: {verdict.read}"
        for found in self.solutions:
            if found.finding:
                yield f"{_from(root, found.solution.folder)}: {found.solution.title} {found.finding}"
                if found.read:
                    yield f"  its author would read: {found.read}"
        yield from self.unheld

    @property
    def summary(self) -> str:
        """All in one sentence."""
        counts = [
            (sum(verdict.kind == CHAFF for verdict in self.verdicts), "chaff"),
            (sum(verdict.kind == WHEAT for verdict in self.verdicts), "wheat"),
            (len(self.mutants), "mutant"),
            (len(self.trainings), "training"),
            (len(self.solutions), "solution"),
        ]
        told = ", ".join(f"{count} {name}{'s' * (count != 1)}" for count, name in counts if count)
        wrong = len(self.wrong) + len(self.unheld) + len(self.shortfalls) + len(self.astray)
        return f"{told}: {f'{wrong} not as declared' if wrong else 'all as declared'}, in {self.seconds:.0f} s."

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
            "diagnosed": _share(self.diagnosed),
            "survivors": [verdict.variant.name for verdict in self.survivors],
            "wheats that lose": {verdict.variant.name: dict(verdict.lost) for verdict in self.losses},
            "wrong": {v.variant.name: v.problem or {n: list(p) for n, p in v.differences.items()} for v in self.wrong},
            "redundant tests": list(self.redundant),
            "tests that no chaff fails": list(self.unheld),
            "matrix": {number: list(names) for number, names in self.matrix.items()},
            "mutants": self._mutants_as_json(),
            "trainings": {v.variant.name: _as_data(v) for v in self.trainings},
            "solutions": {v.solution.title: _as_data(v) for v in self.solutions},
        }

    def _mutants_as_json(self) -> dict[str, Any]:
        return {
            "score": _share(self.mutation_score),
            "components": {name: list(counts) for name, counts in self.components.items()},
            "caught by": dict(Counter(verdict.caught for verdict in self.mutants if verdict.caught)),
            "survivors": [
                {"file": v.mutant.file, "line": v.mutant.line, "function": v.mutant.function, "diff": v.mutant.diff}
                for v in self.mutants
                if v.survived
            ],
            "accepted": {v.mutant.name: v.mutant.reason for v in self.mutants if not v.counts},
            "left out": dict(self.left_out),
            "shortfalls": list(self.shortfalls),
        }


def _from(root: Path, place: Path) -> Path:
    return place.relative_to(root) if place.is_relative_to(root) else place


def _as_data(verdict: TrainingVerdict | SolutionVerdict) -> dict[str, Any]:
    told = {"told": dict(verdict.told)} if isinstance(verdict, SolutionVerdict) else {}
    return {"lost": dict(verdict.lost), **told, "finding": verdict.finding, "seconds": round(verdict.seconds, 1)}


def _share(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
