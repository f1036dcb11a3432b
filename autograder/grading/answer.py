"""What a submission answered, beside what the reference answers, and the checks of one against the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Final

import numpy as np

from autograder.base.errors import GraderError
from autograder.feedback.comparison import Mismatch, as_array, compare, constant_factor, describe, misshapen
from autograder.feedback.diagnosis import Again, Evidence, Findings, Question, observe
from autograder.grading.answer_feedback import Feedback
from autograder.grading.public import NOTHING_PUBLIC, PublicRun

#: Relative: right answers of two questions that differ by less are no two answers.
_ALIKE: Final = 0.01


class Unsatisfied(AssertionError):
    """A submission does not do what a hidden test asks. `markdown` is what its author reads.

    diagnose: looks for the mistake. It is called only if the row is lost: a test may catch this and try another way.
    is_done: whether the submission tries to do it at all.
    comes_first: whether the author should fix this row first: a file does not load, or lacks a name.
    """

    def __init__(
        self,
        markdown: str,
        staff: Mapping[str, Any] | None = None,
        diagnose: Callable[[], Findings] = Findings,
        *,
        is_done: bool = True,
        comes_first: bool = False,
    ) -> None:
        super().__init__(markdown)
        self.markdown, self.diagnose, self.is_done, self.comes_first = markdown, diagnose, is_done, comes_first
        self.staff = dict(staff or {})


@dataclass(frozen=True)
class Answer:
    """The submission's answer to a question, and the reference's.

    public: asks both again with public inputs. Messages quote that answer, never this one.
    again: asks the submission with public inputs, for the diagnosis; see `diagnosis.Again`.
    """

    question: Question
    given: Mapping[str, Any]
    expected: Mapping[str, Any]
    feedback: Feedback
    public: PublicRun = NOTHING_PUBLIC
    again: Again = lambda _: None

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the submission was asked with."""
        return self.question.inputs

    def evidence(self, name: str) -> Evidence:
        """Return which known mistakes give this answer's wrong value `name`."""
        return self.feedback.evidence(self.question, self.given, self.expected, name, self.again)

    def __getitem__(self, name: str) -> Value:
        if name not in self.expected:
            raise GraderError(
                f"The probe {self.question.probe} answers nothing called {name!r}: "
                f"it answers {', '.join(self.expected)}."
            )
        return Value(self, name, self.given.get(name), self.expected[name], (name,))


@dataclass(frozen=True)
class Value:
    """One named part of an answer."""

    answer: Answer
    name: str
    given: Any
    expected: Any
    path: tuple[Any, ...]  # the name, and the indices after it

    def __getitem__(self, index: int) -> Value:
        """Return the entry `index` of a value that must be a list."""
        self._require(partial(_has_entry, index))
        label, path = f"{self.name}[{index}]", (*self.path, index)
        return Value(self.answer, label, _entries(self.given, self.expected)[index], self.expected[index], path)

    @property
    def array(self) -> np.ndarray:
        """The submission's array, finite and numeric. Raises Unsatisfied where there is none."""
        self._require(_is_an_array)
        return np.asarray(as_array(self.given))

    @property
    def number(self) -> float:
        """The submission's single number, whatever its shape: (), (1,), (1, 1)."""
        array = self.array
        self._require(_is_a_number)
        return float(array.reshape(()))

    def agrees(
        self, *shapes: tuple[int, ...], floating: bool = False, rtol: float | None = None, atol: float | None = None
    ) -> None:
        """Compare with the reference's. shapes: all that are right, (B, in, 1) beside (B, in, out) for instance.

        Raises Unsatisfied with what differs, and how.
        """

        def agrees(given: Any, right: Any) -> Mismatch | None:
            expected = as_array(right)
            if expected is None:
                raise GraderError(
                    f"The reference answers {self.answer.question.probe} with no array for {self.name!r}."
                )
            return compare(given, expected, shapes, floating=floating, rtol=rtol, atol=atol)

        self._require(agrees)

    def is_shaped(self, *shapes: tuple[int, ...]) -> np.ndarray:
        """Return the submission's array, where it has one of `shapes`; its values are the test's own business."""
        self._require(partial(_has_shape, shapes))
        return self.array

    @cached_property
    def _again(self) -> tuple[Any, Any] | None:
        """This value for inputs that are no secret: the submission's and the reference's."""
        values = self.answer.public.values
        if values is None:
            return None
        given, expected = values[0].get(self.path[0]), values[1][self.path[0]]
        for index in self.path[1:]:
            if _has_entry(index, given, expected) is not None:
                return None
            given, expected = _entries(given, expected)[index], expected[index]
        return given, expected

    def is_the_same_again(self) -> bool:
        """Return whether the answer may be quoted: it is the same for inputs that are no secret."""
        return self._again is not None and np.array_equal(self._again[0], self.given)

    def _require(self, check: Callable[[Any, Any], Mismatch | None]) -> None:
        """Raise Unsatisfied where `check` of the submission's value and the reference's finds a mismatch."""
        mismatch = check(self.given, self.expected)
        if mismatch is not None:
            again = check(*self._again) if self._again is not None else None
            if again is not None and again.single and again.near is None and mismatch.single:
                again = replace(again, factor=self._factor())
            raise self._make_unsatisfied(mismatch, again or mismatch.without_inputs())

    def _factor(self) -> float | None:
        """Return the factor of a single number, if it is the same where other inputs make another number right."""
        assert self._again is not None
        arrays = [as_array(value) for value in (self.given, self._again[0], self.expected, self._again[1])]
        given, public, *right = (float("nan") if one is None else float(one.reshape(())) for one in arrays)
        if abs(right[0] - right[1]) <= _ALIKE * abs(right[1]):
            return None
        return constant_factor(np.array([given, public]), np.array(right))

    def fails(self, sentence: str) -> Unsatisfied:
        """Return what to raise where the test itself has found the value wrong, with a sentence for its author."""
        answer = self.answer
        if stub := self._stub():
            return Unsatisfied(stub)
        text = answer.feedback.sentence(sentence, self.name, answer.inputs)
        staff = {"aspect": "structure", "value": self.name} if self.given is None else {}
        return Unsatisfied(text, staff, diagnose=lambda: Findings(answer.evidence(self.name)))

    def _stub(self) -> str:
        """Return what to say where something that was needed for this value is still to be written; or nothing."""
        answer = self.answer
        return answer.feedback.still_to_do(answer.public.unfinished)

    def _make_unsatisfied(self, mismatch: Mismatch, shown: Mismatch) -> Unsatisfied:
        answer = self.answer
        if stub := self._stub():
            return Unsatisfied(stub, {"aspect": mismatch.aspect, "value": self.name})
        text = answer.feedback.mismatch(shown, self.name, answer.inputs, answer.public.printed)
        staff = {"aspect": mismatch.aspect, "factor": mismatch.factor, "value": self.name}

        def diagnose() -> Findings:
            evidence, public = answer.evidence(self.name), answer.public
            # Where the public answer is right, nothing of it can explain what is wrong with this one.
            if public.values is None or self._again is None or not shown.quotable or shown.aspect != mismatch.aspect:
                return Findings(evidence)
            observed = observe(*public.values, self.name)
            own = ""
            if mismatch.aspect == "value":
                own = answer.feedback.own_forward(public.question, self.name, *self._again)
            return Findings(evidence, observed, own)

        return Unsatisfied(text, staff, diagnose)


def _entries(given: Any, expected: Any) -> Any:
    """Return `given` as a list, where it is one or as good as one.

    An array with one axis more iterates like the list of its entries, and is used like it by every caller.
    """
    if isinstance(given, np.ndarray) and given.ndim == np.ndim(expected[0]) + 1 and len(given) == len(expected):
        return list(given)
    return given


def _has_entry(index: int, given: Any, expected: Any) -> Mismatch | None:
    entries = _entries(given, expected) if isinstance(expected, list) else given
    if isinstance(entries, list) and index < len(entries):
        return None
    length = len(expected)
    return Mismatch("structure", describe(given), f"a list of {length} {'array' if length == 1 else 'arrays'}")


def _is_an_array(given: Any, _expected: Any) -> Mismatch | None:
    array = as_array(given)
    if array is None:
        return Mismatch("structure", describe(given), "an array of numbers")
    if not np.isfinite(array).all():
        return Mismatch("finiteness", "NaN or infinity", "finite numbers")
    return None


def _is_a_number(given: Any, expected: Any) -> Mismatch | None:
    array = as_array(given)
    if array is None:
        return _is_an_array(given, expected)
    return None if array.size == 1 else misshapen(array, [()])


def _has_shape(shapes: tuple[tuple[int, ...], ...], given: Any, expected: Any) -> Mismatch | None:
    array = as_array(given)
    if array is None:
        return _is_an_array(given, expected)
    if array.shape in shapes:
        return None
    return misshapen(array, shapes)
