"""What became of each wheat, chaff, mutant and solution: what it lost, and whether that is as declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from autograder.assignment.variants import Variant
from autograder.audit.mutants import Mutant
from autograder.audit.solutions import Solution
from autograder.base.numbers import sort_key

WHEAT, CHAFF = "wheat", "chaff"
CLOSE: Final = 1e-6


@dataclass(frozen=True)
class Verdict:
    """What became of one variant.

    lost: points by test number. told: how many failed rows quote its sentence. read: what the first of them says.
    named: by test number, the sentence of the mistake that was found in the row.
    """

    variant: Variant
    kind: str
    lost: Mapping[str, float]
    told: int = 0
    seconds: float = 0.0
    problem: str = ""
    read: str = ""
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def misnamed(self) -> dict[str, str]:
        """By test: the sentences of other mistakes than its own, which are false."""
        return {number: sentence for number, sentence in self.named.items() if sentence != self.variant.sentence}

    @property
    def title(self) -> str:
        """What was graded."""
        return f"{self.kind} {self.variant.name}"

    @property
    def survived(self) -> bool:
        """Whether a chaff kept all its points."""
        return self.kind == CHAFF and not self.lost

    @property
    def differences(self) -> dict[str, tuple[float, float]]:
        """By test: the points that were declared and those that went, where they differ."""
        numbers = sorted({*self.variant.costs, *self.lost}, key=sort_key)
        pairs = {number: (self.variant.costs.get(number, 0.0), self.lost.get(number, 0.0)) for number in numbers}
        return {number: (a, b) for number, (a, b) in pairs.items() if abs(a - b) > CLOSE}

    @property
    def right(self) -> bool:
        """Whether all went as declared."""
        return not self.differences and not self.survived and not self.problem

    @property
    def finding(self) -> str:
        """What is not as declared, for a verdict that is not right."""
        if self.problem:
            return f"could not be graded: {self.problem}"
        if self.survived:
            return "survives: no test catches it."
        lines = [f"{number}: {a:g} declared, {b:g} lost" for number, (a, b) in self.differences.items()]
        if self.kind == WHEAT:
            return f"loses points: {'; '.join(lines)}."
        differ = f"costs differ: {'; '.join(lines)}. If what was lost is right, write"
        if place := self.variant.own_place:
            return f'{differ} costs_in={{"{place}": {_literal(self.lost)}}}: other editions have costs of their own.'
        costs = _literal({**self.variant.elsewhere, **self.lost})
        return f"{differ} costs={costs}, or costs_in={{EDITION: {{…}}}} if this edition alone loses that."


def _literal(costs: Mapping[str, float]) -> str:
    entries = ", ".join(f'"{number}": {costs[number]:g}' for number in sorted(costs, key=sort_key))
    return f"{{{entries}}}"


def _points(lost: Mapping[str, float]) -> str:
    return ", ".join(f"{number}: {lost[number]:g}" for number in sorted(lost, key=sort_key))


def _told(told: Mapping[str, str]) -> str:
    return ", ".join(f"{chaff} in {number}" for number, chaff in told.items())


@dataclass(frozen=True)
class TrainingVerdict:
    """What became of the training with one variant. lost: points by test number."""

    variant: Variant
    kind: str
    lost: Mapping[str, float]
    seconds: float = 0.0
    problem: str = ""
    read: str = ""

    @property
    def title(self) -> str:
        """What was trained."""
        return f"training of {self.kind} {self.variant.name}"

    @property
    def finding(self) -> str:
        """The difference from the declaration; "" if there is none, as for a chaff that declares nothing."""
        if self.problem:
            return f"could not be trained: {self.problem}"
        if self.lost and (self.kind == WHEAT or self.variant.trains):
            return f"does not train: {_points(self.lost)} lost."
        if not self.lost and self.kind == CHAFF and self.variant.trains is False:
            return "trains, and is declared not to."
        return ""


@dataclass(frozen=True)
class SolutionVerdict:
    """What became of one whole submission, training included.

    components: of the tests that it lost points in. told: by test number, the chaff that its row names.
    """

    solution: Solution
    lost: Mapping[str, float]
    components: Mapping[str, str]
    seconds: float = 0.0
    problem: str = ""
    read: str = ""
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What was graded."""
        return f"solution {self.solution.title}"

    @property
    def finding(self) -> str:
        """What is not as it should be; "" where all is."""
        if self.problem:
            return f"could not be graded: {self.problem}"
        mistake, hit = self.solution.mistake, frozenset(self.components.values())
        if mistake is None:
            if self.told:
                return f"is right, and is told of a mistake: {_told(self.told)}."
            return f"loses points: {_points(self.lost)}." if self.lost else ""
        if not mistake.graded:
            return f"loses points, and is declared not to be graded: {_points(self.lost)}." if self.lost else ""
        if mistake.component not in hit:
            return f"loses nothing in {mistake.component}, where its mistake is."
        if astray := sorted(hit - mistake.allowed):
            elsewhere = {n: points for n, points in self.lost.items() if self.components.get(n) in astray}
            return f"loses points in {', '.join(astray)}, which it does not declare: {_points(elsewhere)}."
        if mistake.trains is False and "training" not in hit:
            return "trains, and is declared not to."
        if others := {number: chaff for number, chaff in self.told.items() if chaff not in mistake.named}:
            names = ", ".join(f'"{name}"' for name in dict.fromkeys((*mistake.named, *others.values())))
            return f"is told of another mistake: {_told(others)}. If that is true of it, write named = [{names}]."
        return ""


@dataclass(frozen=True)
class MutantVerdict:
    """What became of one mutant. `caught`: the number of the first test that noticed, or nothing."""

    mutant: Mutant
    caught: str = ""
    seconds: float = 0.0
    problem: str = ""

    @property
    def title(self) -> str:
        """What was graded."""
        return f"mutant {self.mutant.name}"

    @property
    def counts(self) -> bool:
        """Whether it is a mistake, and so should be caught."""
        return not self.mutant.reason

    @property
    def survived(self) -> bool:
        """Whether it is a mistake that no test noticed."""
        return self.counts and not self.caught

    @property
    def wronged(self) -> bool:
        """Whether it is listed as a right answer, and a test fails it all the same."""
        return not self.counts and bool(self.caught)
