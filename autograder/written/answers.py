"""Answers that can be computed: results given as a formula, a number, a shape or a choice, and functions."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from autograder.feedback.comparison import as_array, shape_text
from autograder.guest.probes import written as probes
from autograder.wall.exchange import Ending, Outcome, Request, WorkerLimits
from autograder.wall.probe_names import probe_name
from autograder.wall.sandbox import Sandbox
from autograder.written import expressions
from autograder.written.documents import Section
from autograder.written.questions import Code, Field, Limits, Question

_TRIALS: Final = 8
# Lengths tried for each symbol of a shape, in pairwise different combinations, so that no transpose hides.
_SIZES: Final = ((7, 3, 11), (5, 2, 3), (4, 9, 6), (13, 8, 5))
_MEMORY: Final = 1024 * 2**20


@dataclass(frozen=True)
class Verdict:
    """What came of one computed answer. right None: it could not be read, and a person decides."""

    label: str
    right: bool | None
    points: float
    text: str

    @property
    def earned(self) -> float:
        """The points that are sure."""
        return self.points if self.right else 0.0


def check_fields(question: Question, given: Mapping[str, str], seed: int) -> list[Verdict]:
    """A verdict for every field of the question; `seed` draws the values that formulas are tried with."""
    return [_check_field(field, given.get(field.name, ""), seed) for field in question.fields]


def _check_field(field: Field, given: str, seed: int) -> Verdict:
    if not given:
        text = f"no result stands behind `{field.name}:`. If it stands elsewhere in the answer, a person will find it."
        return Verdict(field.name, None, field.points, text)
    checks: dict[str, Callable[[Field, str, int], tuple[bool | None, str]]] = {
        "formula": _formula,
        "number": _number,
        "shape": _shape,
        "choice": _choice,
    }
    try:
        right, text = checks[field.kind](field, given, seed)
    except expressions.UnreadableError as error:
        expected = {"formula": "a formula in " + ", ".join(field.symbols), "number": "a number", "shape": "a shape"}[
            field.kind
        ]
        return Verdict(field.name, None, field.points, f"could not be read as {expected} ({error}); a person decides.")
    return Verdict(field.name, right, field.points, text)


def _formula(field: Field, given: str, seed: int) -> tuple[bool, str]:
    expected = expressions.parse(field.expect, field.symbols)
    answer = expressions.parse(given, field.symbols)
    rng = random.Random(seed)
    for _ in range(_TRIALS):
        values = {symbol: rng.uniform(0.1, 0.9) for symbol in field.symbols}
        if not expressions.same_value(answer, expected, values):
            return False, "it does not give the same values as the right formula."
    return True, "right."


def _number(field: Field, given: str, _: int) -> tuple[bool, str]:
    try:
        answer = expressions.parse(given)
    except expressions.UnreadableError:
        numbers = re.findall(r"(?<![\w.])[-−+]?\d+(?:\.\d+)?(?![\w.]*\d)", given)
        if len(set(numbers)) != 1:
            raise
        answer = expressions.parse(numbers[0])
    if expressions.same_value(answer, expressions.parse(field.expect), {}):
        return True, "right."
    return False, "it is another number."


def _shape(field: Field, given: str, _: int) -> tuple[bool, str]:
    answer = expressions.parse_shape(given, field.symbols)
    for accepted in field.accept:
        wanted = expressions.parse_shape(accepted, field.symbols)
        if len(wanted) == len(answer) and all(
            expressions.same_value(ours, theirs, dict(zip(field.symbols, sizes, strict=False)))
            for sizes in _SIZES
            for ours, theirs in zip(answer, wanted, strict=True)
        ):
            return True, "right."
    sizes = dict(zip(field.symbols, _SIZES[0], strict=False))
    try:
        lengths = ", ".join(f"{length.value(sizes):g}" for length in answer)
    except (ArithmeticError, ValueError):
        raise expressions.UnreadableError("its lengths are no numbers") from None
    with_sizes = ", ".join(f"{symbol} = {size}" for symbol, size in sizes.items())
    return False, f"for {with_sizes} it is ({lengths}), which is not what Beras returns."


def _choice(field: Field, given: str, _: int) -> tuple[bool | None, str]:
    text = re.sub(r"[\W_]+", " ", given).strip().lower()
    accepted, rejected = (
        any(re.search(rf"\b{re.sub(r'[^a-z0-9]+', ' ', word.lower())}", text) for word in words)
        for words in (field.accept, field.reject)
    )
    if accepted and not rejected:
        return True, "right."
    if rejected and not accepted:
        return False, "it is another one."
    return None, "the answer was not recognised; a person decides."


def unrunnable(section: Section, kind: str) -> str:
    """Why an answer's function is left to a person, in a document of that kind; empty where it can be run."""
    if kind == "pdf":
        return "a PDF does not keep code as it was written, so it was not run: a person reads it."
    if not section.code.strip() and (section.text or section.pictures):
        return "no code was found that could be run: write it into the code cell. A person reads what is there."
    return ""


def left_open(question: Question, section: Section, kind: str) -> list[Verdict]:
    """The verdicts that only a person can give, as far as that shows without running anything."""
    verdicts = [verdict for verdict in check_fields(question, section.fields, seed=0) if verdict.right is None]
    if question.code is not None and (text := unrunnable(section, kind)):
        verdicts.append(Verdict(f"{question.code.function}()", None, question.code.points, text))
    return verdicts


def check_code(code: Code, source: str, whole: str, limits: Limits, sandbox: Sandbox | None, seed: int) -> Verdict:
    """Run an answer's function in the sandbox and compare what it does.

    whole: all code of the document, for helpers defined elsewhere in it.
    """
    label = f"{code.function}()"
    if not source.strip() or sandbox is None:
        return Verdict(label, False, code.points, f"the function `{code.function}` has not been written.")
    cases = _update_cases(seed)
    outcome = _run(code, source, cases, limits, sandbox)
    missing = outcome.failure is not None and outcome.failure.kind == "NameError"
    if missing and whole.strip() != source.strip():
        again = _run(code, f"{whole}\n\n{source}", cases, limits, sandbox)
        outcome = again if again.ending is Ending.ANSWERED else outcome
    if outcome.ending is not Ending.ANSWERED:
        return Verdict(label, False, code.points, _failure(outcome, code))
    text = CHECKS[code.check](cases, outcome.answer.get("stepped"))
    return Verdict(label, not text, code.points, text or "right, in every case tried.")


def _run(code: Code, source: str, cases: list[_Case], limits: Limits, sandbox: Sandbox) -> Outcome:
    inputs = {
        "function": code.function,
        "weights": [case.w for case in cases],
        "inputs": [case.x for case in cases],
        "classes": [case.c for case in cases],
        "rates": [case.alpha for case in cases],
    }
    request = Request(
        probe=probe_name(probes.steps),
        inputs=inputs,
        sources={"beras/answer.py": source.lstrip("\n").encode("utf-8", "replace")},
        given={},
        edition={},
        seed=1,
        public=True,
    )
    return sandbox.run(request, WorkerLimits(limits.code_seconds, _MEMORY, 2**22))


def _failure(outcome: Outcome, code: Code) -> str:
    failure = outcome.failure
    if outcome.ending is not Ending.RAISED or failure is None:
        return f"running it did not end well: it {outcome.ending.value}."
    if failure.stage == "name":
        return f"there is no function `{code.function}` in the answer's code."
    line = f" in line {failure.line} of the cell" if failure.line else ""
    kind = failure.kind if failure.kind.isidentifier() else "an exception"
    return f"it raised `{kind}`{line}: {failure.text[:300]!r}."


@dataclass(frozen=True)
class _Case:
    """One step of the update rule: weights (n, m), input (n,), the class, the learning rate."""

    w: np.ndarray
    x: np.ndarray
    c: int
    alpha: float


def _update_cases(seed: int) -> list[_Case]:
    rng = np.random.Generator(np.random.PCG64(seed))
    shapes = ((4, 3), (5, 2), (2, 6), (1, 3))
    return [
        _Case(rng.normal(size=(n, m)), rng.uniform(0.2, 1.5, n) * rng.choice([-1, 1], n), int(rng.integers(m)), alpha)
        for (n, m), alpha in zip(shapes, (0.1, 0.5, 1.0, 0.03), strict=True)
    ]


def cross_entropy(w: np.ndarray, x: np.ndarray, c: int) -> float:
    """The loss -log P_c of a linear layer with softmax: weights (n, m), one input (n,), its class."""
    z = x @ w
    shifted = z - z.max()
    return float(np.log(np.exp(shifted).sum()) - shifted[c])


def finite_differences(w: np.ndarray, x: np.ndarray, c: int, step: float = 1e-5) -> np.ndarray:
    """dL/dw (n, m) of `cross_entropy` by central differences."""
    gradient = np.zeros_like(w)
    for index in np.ndindex(*w.shape):
        there = w.copy()
        there[index] += step
        back = w.copy()
        back[index] -= step
        gradient[index] = (cross_entropy(there, x, c) - cross_entropy(back, x, c)) / (2 * step)
    return gradient


def _update_rule(cases: list[_Case], given: object) -> str:
    """What is wrong with the steps taken, or nothing: both cases of the rule against finite differences of the loss."""
    if not isinstance(given, list) or len(given) != len(cases):
        return "it did not return an array for every case."
    for case, entry in zip(cases, given, strict=True):
        array = as_array(entry)
        if array is None or array.dtype.kind not in "fi":
            return "it does not return an array of numbers: return the new weights."
        if array.shape != case.w.shape:
            ours, theirs = shape_text(case.w.shape), shape_text(array.shape)
            return f"for weights of shape {ours} it returns an array of shape {theirs}: return the new weights."
    for case, entry in zip(cases, given, strict=True):
        gradient = finite_differences(case.w, case.x, case.c)
        taken = (case.w - np.asarray(entry, dtype=np.float64)) / case.alpha
        close = np.isclose(taken, gradient, rtol=1e-4, atol=2e-5)
        if close.all():
            continue
        if np.allclose(taken, -gradient, rtol=1e-4, atol=2e-5):
            return "it goes up the gradient: the step is subtracted."
        if np.allclose(taken * case.alpha, gradient, rtol=1e-4, atol=2e-5) or np.allclose(
            np.asarray(entry), gradient, rtol=1e-4, atol=2e-5
        ):
            return "it leaves out the learning rate, or returns the gradient instead of the new weights."
        right_class = close[:, case.c].all()
        others = np.delete(close, case.c, axis=1).all()
        if others and not right_class:
            return "the case j = c differs from the finite differences of the loss; the other case is right."
        if right_class and not others:
            return "the case j ≠ c differs from the finite differences of the loss; the case j = c is right."
        return "both cases differ from the finite differences of the loss."
    return ""


#: What `check` in written.toml may name.
CHECKS: Final[Mapping[str, Callable[[list[_Case], object], str]]] = {"update_rule": _update_rule}
