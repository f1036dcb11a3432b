"""Name the mistake: compare a wrong answer with those of the chaffs to the same question.

The grader names a chaff only if everything agrees with it: the submission lost each test that it costs and that was
asked, each with the chaff's own answer, for other inputs too. If two different mistakes remain, it names neither. So it
collects the rows first, and names mistakes when all of them are known.

All of it runs on the grader's side of the wall, on answers that have crossed it: nothing of a submission is run here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from autograder.assignment import variants
from autograder.assignment.config import Assignment
from autograder.assignment.template import EditionFiles
from autograder.assignment.variants import Variant
from autograder.feedback import reference
from autograder.feedback.comparison import as_array
from autograder.guest import wire
from autograder.guest.loader import World

Probe = Callable[..., Any]
_TOLERANCE: Final = 2e-4
_TELLING: Final = 3  # different numbers that no other array holds by chance
# How much of an answer is that of a chaff.
_VALUE_BUT_FOR_AXES, _VALUE, _NEARLY_ALL, _ALL = 1, 2, 3, 4


@dataclass(frozen=True)
class Raised:
    """How a probe over a chaff failed: the exception's class, its text, and the function it arose in."""

    kind: str
    text: str
    function: str


@dataclass(frozen=True)
class Question:
    """What was asked: the test's number, a probe's name and inputs, and the seed that randomness starts from."""

    number: str
    probe: str
    inputs: Mapping[str, Any]
    seed: int


#: Asks the submission with public inputs: the same probe (for None), or another that takes the same inputs. Returns the
#: question and the answer; None for the answer if it gave none, and None for both if no time is left.
Again = Callable[[Probe | None], "tuple[Question, Any] | None"]


@dataclass(frozen=True)
class Evidence:
    """The known mistakes that a lost row speaks for and against, by the names of their chaffs.

    like: chaffs that give the submission's answer, and how much of it. unlike: chaffs that give another answer.
    """

    like: Mapping[str, int] = field(default_factory=dict)
    unlike: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Findings:
    """The grader's findings about one wrong answer; each sentence may be "".

    observed: a sentence on what `observe` sees, such as a transpose. own_forward: one on whether a gradient agrees with
    the submission's own forward method.
    """

    evidence: Evidence = field(default_factory=Evidence)
    observed: str = ""
    own_forward: str = ""


@dataclass
class Memory:
    """Answers of the reference and of chaffs, by who was asked what.

    shared: whether many gradings, which ask the same, use it; one alone asks nothing twice, and keeps nothing.
    files: by test, the reference's files that its probes have loaded: nothing else can change its outcome.
    """

    shared: bool = False
    answers: dict[bytes, Any] = field(default_factory=dict)
    files: dict[str, set[str]] = field(default_factory=dict)

    @staticmethod
    def key(who: str, probe: str, inputs: bytes, seed: int = 0) -> bytes:
        """Return the key of an answer. inputs: as they cross the wire."""
        return hashlib.sha256(b"\0".join((who.encode(), probe.encode(), str(seed).encode(), inputs))).digest()

    def keep(self, key: bytes, answer: Any) -> Any:
        """Return `answer`, kept where it is worth it."""
        if self.shared:
            self.answers[key] = answer
        return answer


@dataclass
class Diagnosis:
    """Collects what the rows of one run say, names the mistakes, and tells each of them once.

    files: the reference's files, and the chaffs that are put into them. goes_on: whether there is time to look further.
    passed: the tests that were passed. lost: what the others say.
    """

    files: EditionFiles
    memory: Memory = field(default_factory=Memory)
    goes_on: Callable[[], bool] = lambda: True
    passed: set[str] = field(default_factory=set)
    lost: dict[str, Evidence] = field(default_factory=dict)
    told: dict[str, list[tuple[str, frozenset[Hashable]]]] = field(default_factory=dict)

    @property
    def assignment(self) -> Assignment:
        """The assignment, in the edition that is graded."""
        return self.files.assignment

    @property
    def _chaffs(self) -> dict[str, Variant]:
        return self.files.chaffs

    def explain_answer(
        self, question: Question, given: Any, expected: Any, name: str, again: Again = lambda _: None
    ) -> Evidence:
        """Compare a wrong answer with those of the chaffs that cost this test, for other inputs too.

        given, expected: whole answers, by name. name: the value at issue, `gradients[0]` for a list's first entry.
        A chaff that gives the right value there is not the cause, whatever else it does. Nothing is found where the
        wrong value cannot be told from the right one, since both hold an entry beside which all others are rounding.
        """
        if isinstance(given, Mapping) and _same(_entry(given, name), _entry(expected, name), strict=True):
            return Evidence()
        found = {chaff.name: _likeness(given, answer, expected, name) for chaff, answer in self._answers(question)}
        like = {chaff: degree for chaff, degree in found.items() if degree}
        for probe in (None, *self.assignment.homework.follow_ups.get(question.probe, ())):
            asked = again(probe) if like else None
            if asked is None or not self.goes_on():
                like = {}  # what nothing confirms may be chance
                break
            other, answer = asked
            for chaff in list(like):
                theirs = self._ask(self._chaffs[chaff], other)
                alike = _agree(answer, theirs, name) if probe is None else _same(answer, theirs, strict=True)
                if not alike:
                    del like[chaff]
                    if answer is not None or not isinstance(theirs, Raised):  # else both fail, which tells nothing
                        found[chaff] = 0
        return Evidence(like, frozenset(chaff for chaff, degree in found.items() if not degree))

    def explain_failure(self, question: Question, raised: Raised) -> Evidence:
        """Compare an exception with what the probe raises over the chaffs that cost this test."""
        found = {chaff.name: answer == raised for chaff, answer in self._answers(question)}
        return Evidence(
            {chaff: _ALL for chaff, same in found.items() if same},
            frozenset(chaff for chaff, same in found.items() if not same),
        )

    def note_passed(self, row: str) -> None:
        """Take in that a row was passed."""
        self.passed.add(row)

    def note_lost(self, row: str, evidence: Evidence) -> None:
        """Take in what a lost row says of the mistakes."""
        self.lost[row] = evidence

    def cause(self, row: str) -> str:
        """Return the sentence of the mistake that every row agrees with and that explains the most of them; or nothing.

        Call it when all rows are known: one that comes later can refute a mistake.
        """
        sentences = {chaff.sentence for chaff in self._find_best(row)}
        return sentences.pop() if len(sentences) == 1 else ""

    def targets(self, row: str) -> frozenset[str]:
        """Return the methods and functions that the mistakes behind `cause` are in, as the reference calls them."""
        return frozenset(chaff.target for chaff in self._find_best(row))

    def _find_best(self, row: str) -> list[Variant]:
        like = self.lost.get(row, Evidence()).like
        weights = {chaff: (self._count_explained(chaff), like[chaff]) for chaff in like if not self._is_refuted(chaff)}
        best = max(weights.values(), default=None)
        return [self._chaffs[chaff] for chaff, weight in weights.items() if weight == best]

    def _is_refuted(self, chaff: str) -> bool:
        return not self.passed.isdisjoint(self._chaffs[chaff].costs) or any(
            chaff in evidence.unlike for evidence in self.lost.values()
        )

    def _count_explained(self, chaff: str) -> int:
        return sum(chaff in evidence.like for evidence in self.lost.values())

    def tell(self, sentence: str, row: str, at: frozenset[Hashable] = frozenset()) -> str:
        """Return the sentence the first time, and a reference to the first row in every later one.

        at: what of the submission it is said of. A row that shares none of it with the first gets the sentence again:
        to mend the one would leave the other as it is.
        Only for rows that are lost, and that their author can read: another could not be referred to.
        """
        if not sentence:
            return ""
        for first, places in self.told.get(sentence, []):
            if first == row:
                return sentence
            if places & at or not (places or at):
                return f"Most likely the same cause as in {first}."
        self.told.setdefault(sentence, []).append((row, at))
        return sentence

    def _answers(self, question: Question) -> Iterator[tuple[Variant, Any]]:
        """Yield the chaffs that the test catches, and their answers: another cannot be why it fails."""
        for chaff in self._chaffs.values():
            if question.number in chaff.costs:
                if not self.goes_on():
                    return
                yield chaff, self._ask(chaff, question)

    def _ask(self, chaff: Variant, question: Question) -> Any:
        encoded = wire.encode(dict(question.inputs))
        key = self.memory.key(chaff.name, question.probe, encoded, question.seed)
        if key not in self.memory.answers:
            return self.memory.keep(key, self._run(chaff, question, encoded))
        return self.memory.answers[key]

    def _run(self, chaff: Variant, question: Question, inputs: bytes) -> Any:
        world = World(variants.render(self.files.reference, [chaff]), {}, notices=False)
        names = {name: str(value) for name, value in self.assignment.edition.names.items()}
        try:
            return reference.answer(world, question.probe, inputs, names, question.seed)
        except Exception as error:  # noqa: BLE001  a chaff may fail in any way: that is its answer
            place = world.locate(error)
            return Raised(type(error).__name__, str(error)[:1000], place.function.rpartition(".")[2] if place else "")


def observe(given: Any, expected: Any, name: str) -> str:
    """Say what is plain of a wrong value without knowing the mistake: a transpose, an axis, an order; or nothing."""
    entry, wanted = _entry(given, name), _entry(expected, name)
    if isinstance(entry, list) and not isinstance(wanted, list):
        return ""  # a list is no array, whatever is in it: that is said
    value, right = as_array(entry), as_array(wanted)
    # Of another size than everything that is expected it is none of it: nothing is made of it, however large it is.
    known = {whole.size for whole in expected.values() if isinstance(whole, np.ndarray)}
    if value is None or right is None or value.size == 0 or value.size not in {right.size, *known}:
        return ""
    value, right = value.astype(np.float64), right.astype(np.float64)
    for other in expected:
        if other == name or not _is_telling(value) or not _same(value, expected[other], strict=True):
            continue
        if _same(right, expected[other]):
            continue  # as right here: this value is no more the one than the other
        asks = ": are the two in the right order?" if _is_swapped(given, other, right) else "."
        return f"This is what should come as the {other}{asks}"
    if value.ndim == 2 and value.shape != (1, 1) and value.T.shape == right.shape and _close(value.T, right):
        return "It is transposed."
    if value.shape != right.shape and np.squeeze(value).shape == np.squeeze(right).shape:
        if not _close(np.squeeze(value), np.squeeze(right)):
            return ""
        if value.ndim == right.ndim:
            return "The values are right, with an axis of length 1 in the wrong place."
        return f"The values are right, with an axis of length 1 too {'many' if value.ndim > right.ndim else 'few'}."
    return "The values are right, in another order of the samples." if _is_permuted(value, right) else ""


def _is_telling(value: np.ndarray) -> bool:
    """Return whether an array has so many different numbers that none is like it by chance, as two counts may be."""
    return np.unique(value).size >= _TELLING


def _is_swapped(given: Mapping[str, Any], other: str, right: np.ndarray) -> bool:
    """Return whether what came as the `other` is what is `right` here; or nothing that could tell came as the other."""
    came = as_array(given.get(other))
    return came is None or _same(came.astype(np.float64), right)


def _is_permuted(value: np.ndarray, right: np.ndarray) -> bool:
    if value.shape != right.shape or value.ndim < 2 or _close(value, right):
        return False
    rows, wanted = (array.reshape(len(array), -1) for array in (value, right))
    order, other = (np.lexsort(np.round(array.astype(np.float64), 6).T) for array in (rows, wanted))
    return _close(rows[order], wanted[other])


def _entry(answer: Mapping[str, Any], name: str) -> Any:
    """Return `gradients` or `gradients[0]` of an answer; None where there is no such entry."""
    key, _, index = name.partition("[")
    value = answer.get(key) if isinstance(answer, Mapping) else None
    if not index:
        return value
    number = int(index.rstrip("]"))
    # A bare array in the place of a list stays whole: that is the mistake.
    return value[number] if isinstance(value, list) and number < len(value) else value


def _likeness(given: Any, answer: Any, expected: Any, name: str) -> int:
    """Return how much of a wrong answer is the chaff's: nothing where the value at issue is not, or is right there."""
    if isinstance(answer, Raised) or not isinstance(given, Mapping):
        return 0
    issue, wrong, right = (_entry(whole, name) for whole in (given, answer, expected))
    if _same(issue, wrong, strict=True) and not _same(right, wrong, strict=True):
        if all(_same(given.get(key), value, strict=True) for key, value in answer.items()):
            return _ALL
        return _NEARLY_ALL if all(_same(given.get(key), value) for key, value in answer.items()) else _VALUE
    if _same_but_for_axes(issue, wrong) and not _same_but_for_axes(right, wrong):
        return _VALUE_BUT_FOR_AXES
    return 0


def _agree(given: Any, answer: Any, name: str) -> bool:
    """Return whether the value at issue is the chaff's."""
    if isinstance(answer, Raised) or not isinstance(given, Mapping):
        return False
    return _same_but_for_axes(_entry(given, name), _entry(answer, name))


def _same_but_for_axes(one: Any, other: Any) -> bool:
    """Return whether two values are the same, or differ by axes of length 1 alone."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        one, other = np.squeeze(one), np.squeeze(other)
    return _same(one, other, strict=True)


def _same(one: Any, other: Any, *, strict: bool = False) -> bool:
    """Return whether two answers are the same to rounding; without `strict`, lists as far as both go."""
    if isinstance(one, list) and isinstance(other, list):
        if strict and len(one) != len(other):
            return False
        return all(_same(a, b, strict=strict) for a, b in zip(one, other, strict=False))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        kinds = {"f": 0, "i": 1, "b": 2}
        if strict and kinds.get(one.dtype.kind) != kinds.get(other.dtype.kind):
            return False
        return one.shape == other.shape and _close(one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key], strict=strict) for key in one)
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return False
    return type(one) is type(other) and bool(one == other)


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    left, right = one.astype(np.float64), other.astype(np.float64)
    scale = float(np.max(np.abs(right), initial=0.0, where=np.isfinite(right)))
    return bool(np.allclose(left, right, rtol=_TOLERANCE, atol=_TOLERANCE * 1e-1 * scale, equal_nan=True))


__all__ = ["Again", "Diagnosis", "Evidence", "Findings", "Memory", "Question", "Raised", "observe"]
