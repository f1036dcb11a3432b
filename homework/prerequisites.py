"""Which lost rows to fix first, because others build on what they ask for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

from autograder.base.numbers import sort_key
from autograder.base.searching import text_to_search
from autograder.feedback.definitions import find_bases

#: What every training uses, by component. Its images are the grader's own: `preprocess` is none of it.
_ALWAYS: Final = {"core", "dense", "tape", "model"}
#: What a training uses where assignment.py calls the class.
_WHERE_CALLED: Final[Mapping[str, str]] = {
    "leaky_relu": "LeakyReLU",
    "relu": "ReLU",
    "sigmoid": "Sigmoid",
    "softmax": "Softmax",
    "mse": "MeanSquaredError",
    "cross_entropy": "CategoricalCross[Ee]ntropy",
    "accuracy": "CategoricalAccuracy",
    "one_hot": "OneHotEncoder",
    "sgd": "BasicOptimizer",
    "rmsprop": "RMSProp",
    "adam": "Adam",
}
_COMPOSED: Final = re.compile(r"(\w+)\.compose_(input|weight)_gradients")
_GRADIENTS: Final = re.compile(r"(\w+)\.(?:get|compose)_(?:input|weight)_gradients")
#: Tags of tests that ask again for what other tests of their component ask, in further cases.
_FURTHER_CASES: Final = frozenset(
    {"state", "sizes", "lazy", "ties", "last batch", "together", "shared", "epsilon", "no gradient"}
)
#: Tags, beside these, of tests of what is special: no other test builds on them.
_ASIDE_OF_ALL: Final = frozenset({"untouched", "stability"})
#: Tests of what is special that no tag tells from others: frozen weights, which other questions have none of.
_SPECIAL: Final = frozenset({"5.7"})
#: Tags of tests that ask the same method for what is special.
_MORE_OF_A_METHOD: Final = frozenset({"stability", "default"})
#: Components of which each test asks for all that the tests before it ask, and for more.
_CUMULATIVE: Final = frozenset({"sgd", "rmsprop", "adam", "tape"})
#: Components of which each test of a plain subject, with the whole class for its subject, comes before the later ones.
_BY_CLASS: Final = frozenset({"one_hot"})
#: The tag of a plain test that asks for what later ones do not need.
_ASIDE: Final = "width"
#: Components whose tests ask for methods that have little to do with each other.
_MANIFOLD: Final = frozenset({"core", "init", "model"})
#: Of these, methods that begin with another one of the same class, whatever its edition calls it.
_BEGINS_WITH: Final[Mapping[str, Collection[str]]] = {"batch_step": ("forward", "call")}


class Test(Protocol):
    """What is needed of a hidden test; `hidden_tests.HiddenTest` is one."""

    @property
    def number(self) -> str:
        """As in `1.4`."""

    @property
    def weight(self) -> float:
        """The points that it is worth."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Its component comes first."""

    @property
    def subject(self) -> str:
        """The class or method that it asks, or nothing."""


def first_to_fix(test: Test, lost: Collection[Test], files: Mapping[str, bytes]) -> str:
    """Say which of the `lost` tests come before `test`, in a sentence; or nothing.

    files: the submission's, by path. They tell what its models use, and which methods it inherits.
    """
    if test.tags[0] == "training":
        return _before_training([other for other in lost if other.weight and other.tags[0] != "training"], files)
    # Each names an earlier one alone: so no two name each other.
    basic = [other for other in lost if sort_key(other.number) < sort_key(test.number) and _is_basic(other)]
    gradients = _GRADIENTS.fullmatch(test.subject)
    forward = _forwards(gradients[1], basic) if gradients else []
    if gradients and forward and "self.outputs" in _class_text(gradients[1], files):
        return f"It is computed from the layer's output: fix {forward[0]} first."
    composed = _COMPOSED.fullmatch(test.subject)
    if composed is not None:
        local = f"get_{composed[2]}_gradients"
        before = [other.number for other in basic if other.subject == f"{composed[1]}.{local}"]
        if before and _composes(composed[1], composed[0].partition(".")[2], local, files):
            return f"This method composes what `{local}` returns: fix {before[0]} first."
    if inherited := _inherited(test, lost, files):
        return inherited
    easier = next((other.number for other in basic if _is_easier(other, test)), "")
    return f"This test builds on what {easier} asks for: fix {easier} first." if easier else ""


def _is_basic(test: Test) -> bool:
    """Return whether a test asks for what others of its component may build on."""
    return (_FURTHER_CASES | _ASIDE_OF_ALL).isdisjoint(test.tags) and test.number not in _SPECIAL


def _is_easier(other: Test, test: Test) -> bool:
    """Return whether `other`, an earlier and basic one, asks for what `test` asks too, and for less."""
    component = test.tags[0]
    if not other.weight or other.tags[0] != component:
        return False
    method, asked_before = test.subject.rpartition(".")[2], other.subject.rpartition(".")[2]
    if component in _MANIFOLD and asked_before != method:
        return asked_before in _BEGINS_WITH.get(method, ())
    if component in _CUMULATIVE and "untouched" not in test.tags:
        return other.subject == test.subject
    if component in _BY_CLASS and "." not in other.subject and _ASIDE not in other.tags:
        return "unseen" not in other.tags
    if not _MORE_OF_A_METHOD.isdisjoint(test.tags) and other.subject == test.subject:
        return _MORE_OF_A_METHOD.isdisjoint(other.tags)
    return not _FURTHER_CASES.isdisjoint(test.tags)


def _forwards(owner: str, basic: Collection[Test]) -> list[str]:
    """Return the numbers of the lost, basic tests of what the layer `owner` computes."""
    return [other.number for other in basic if other.subject.startswith(f"{owner}.") and "forward" in other.tags]


def _before_training(lost: Sequence[Test], files: Mapping[str, bytes]) -> str:
    text = text_to_search(files.get("assignment.py", b""))
    parts: dict[str, Test] = {}
    for other in lost:
        part = other.tags[0]
        if part in _ALWAYS or (part in _WHERE_CALLED and re.search(rf"\b{_WHERE_CALLED[part]}\s*\(", text)):
            parts.setdefault(part, other)
    if not parts:
        return ""
    names = [f"`{other.subject}` ({other.number})" if other.subject else other.number for other in parts.values()]
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]
    return f"Training builds on {listed}, which lost points: fix {'these' if names[1:] else 'this'} first."


def _inherited(test: Test, lost: Collection[Test], files: Mapping[str, bytes]) -> str:
    """Say which lost test asks for the same method of the class that `test`'s class inherits it from; or nothing."""
    owner, _, method = test.subject.rpartition(".")
    text = _class_text(owner, files) if owner else ""
    for base in () if _block(text, r"[ \t]+def", method) else find_bases(text):
        for other in lost:
            if other.weight and other.subject == f"{base}.{method}" and _FURTHER_CASES.isdisjoint(other.tags):
                return f"`{owner}` inherits this method from `{base}`: fix {other.number} first."
    return ""


def _composes(owner: str, method: str, local: str, files: Mapping[str, bytes]) -> bool:
    """Return whether the submission's `owner` inherits `method`, or its own calls `local`."""
    text = _class_text(owner, files)
    own = _block(text, r"[ \t]+def", method)
    return bool(text) and (not own or f"{local}(" in own)


def _class_text(owner: str, files: Mapping[str, bytes]) -> str:
    """Return the class `owner` as the submission's files spell it; nothing where none defines it."""
    blocks = (_block(text_to_search(content), "class", owner) for content in files.values())
    return next(filter(None, blocks), "")


def _block(text: str, begin: str, name: str) -> str:
    """Return the definition of `name`, up to the next that begins as it does; nothing where there is none.

    begin: a regular expression.
    """
    found = re.search(rf"^{begin}[ \t]+{name}\b", text, re.MULTILINE)
    if found is None:
        return ""
    end = re.compile(rf"^{begin}\s", re.MULTILINE).search(text, found.end())
    return text[found.start() : end.start() if end else len(text)]


__all__ = ["Test", "first_to_fix"]
