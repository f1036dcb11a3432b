"""One training of a model from one seed, as it comes from the worker epoch by epoch: judged, and stopped in time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.base.text import clean
from autograder.feedback.comparison import describe
from autograder.guest import blame
from autograder.guest.wire import Text
from autograder.wall.request import Ending, Outcome

from .probes import training as probes

CLASSES = 10
_NEAR_ONE = 1e-2  # how near a sum of probabilities is
_MOST_PASSES = 1000.0  # that a row speaks of


@dataclass(frozen=True)
class Epoch:
    """One epoch: the loss as `fit` reports it (NaN where it does not), the accuracy as the grader counts it.

    passes: how many times it went through the images, by its calls of `batch_step`; 0 where it makes none.
    unused: which of the submission's own parts did not run, as the worker says.
    unchanged: whether no weight that the model lists changed, as the worker says.
    """

    loss: float
    accuracy: float
    seconds: float = 0.0
    passes: float = 0.0
    unused: tuple[str, ...] = ()
    unchanged: bool = False


@dataclass(frozen=True)
class Attempt:
    """One training from one seed.

    asked_epochs: how many the submission asks for, within bounds. problem: what was wrong with its predictions.
    stuck: an epoch changed no prediction at all. unfinishable: the seconds left were too few for another epoch.
    composition: whose compose methods trained, as the worker says.
    probabilities: whether its last predictions are: entries from 0 to 1, rows that sum to one.
    cross_entropy: whether the model is compiled with one, as the worker says.
    """

    epochs: tuple[Epoch, ...]
    outcome: Outcome
    asked_epochs: int = 0
    problem: str = ""
    diverged: bool = False
    stuck: bool = False
    unfinishable: bool = False
    composition: str = ""
    probabilities: bool = True
    cross_entropy: bool = False

    @property
    def best(self) -> float:
        """The highest accuracy after any epoch."""
        return max((epoch.accuracy for epoch in self.epochs), default=0.0)

    @property
    def fastest(self) -> float:
        """Seconds of the shortest epoch; 0 before the first."""
        return min((epoch.seconds for epoch in self.epochs), default=0.0)

    @property
    def seed_matters(self) -> bool:
        """Whether another seed may do better: it trained to its end, diverged, or stood still."""
        return self.diverged or self.stuck or self.outcome.ending is Ending.ANSWERED

    @property
    def faulty(self) -> bool:
        """Whether something of the grader's failed in it: it counts where it passes all the same."""
        failure = self.outcome.failure
        return bool(self.outcome.faults) or (failure is not None and failure.origin == blame.ADDED)


@dataclass(frozen=True)
class Aim:
    """What an attempt is judged by. samples: images that one epoch goes through. most_epochs: that it may ask for."""

    labels: np.ndarray
    accuracy: float
    samples: int
    most_epochs: int


class Watch:
    """Takes in one attempt's parts as they come, and says when nothing more can change the verdict.

    seconds: that are left for it. note: shows a short note while it goes on.
    """

    def __init__(self, aim: Aim, seconds: float, note: Callable[[str], None]) -> None:
        self._aim, self._note = aim, note
        self._deadline = time.monotonic() + seconds
        self._last = time.monotonic()
        self._predicted: np.ndarray | None = None  # after the epoch before
        self._epochs: list[Epoch] = []
        self._asked_epochs, self._problem, self._composition = 0, "", ""
        self._diverged = self._stuck = self._unfinishable = False
        self._probabilities, self._cross_entropy = True, False

    def attempt(self, outcome: Outcome) -> Attempt:
        """Return the attempt, whose worker has come to this end."""
        return Attempt(
            epochs=tuple(self._epochs),
            outcome=outcome,
            asked_epochs=self._asked_epochs,
            problem=self._problem,
            diverged=self._diverged,
            stuck=self._stuck,
            unfinishable=self._unfinishable,
            composition=self._composition,
            probabilities=self._probabilities,
            cross_entropy=self._cross_entropy,
        )

    def __call__(self, part: Any) -> bool:
        """Take in one part; True stops the worker."""
        if not isinstance(part, dict) or "predictions" not in part:
            asked = _number(part.get("epochs")) if isinstance(part, dict) else 0.0
            self._asked_epochs = int(min(max(asked, 0), self._aim.most_epochs)) if math.isfinite(asked) else 0
            self._cross_entropy = isinstance(part, dict) and says_yes(part.get("cross-entropy"))
            self._last = time.monotonic()
            return False
        return self._epoch(part)

    def _epoch(self, part: dict[str, Any]) -> bool:
        labels, predictions = self._aim.labels, part["predictions"]
        if not isinstance(predictions, np.ndarray) or predictions.shape != (len(labels), CLASSES):
            self._problem = (
                f"For {len(labels)} images the model should return an array of shape ({len(labels)}, {CLASSES}), "
                f"not {describe(predictions)}."
            )
            return True
        # A row of NaN has its largest entry nowhere: argmax would say 0.
        finite = np.isfinite(predictions).all(axis=1)
        if len(self._epochs) >= self._asked_epochs:  # what it sends beyond them is no epoch
            return True
        accuracy = float(np.mean((np.argmax(predictions, axis=1) == labels) & finite))
        now = time.monotonic()
        self._epochs.append(self._measure(part, accuracy, now - self._last))
        self._last = now
        said = part.get("composition")
        self._composition = clean(said.text[:200]) if isinstance(said, Text) else ""
        self._note(f"epoch {len(self._epochs)} of {self._asked_epochs}: accuracy {percent(accuracy)}")
        if not finite.all():
            self._problem = "The model's predictions are NaN or infinite: the training has diverged."
            self._diverged = True
            return True
        if accuracy > self._aim.accuracy:
            return True
        self._probabilities = _are_probabilities(predictions)
        # What learns at all changes some prediction in tens of thousands of images.
        self._stuck = self._predicted is not None and np.array_equal(self._predicted, predictions)
        self._predicted = predictions
        if self._stuck:
            return True
        # Half of the fastest epoch so far: a machine that was busy until now is given the benefit of the doubt.
        fastest = min(epoch.seconds for epoch in self._epochs)
        self._unfinishable = len(self._epochs) < self._asked_epochs and self._deadline - now < fastest / 2
        return self._unfinishable

    def _measure(self, part: dict[str, Any], accuracy: float, seconds: float) -> Epoch:
        samples = _number(part.get("samples"))
        passes = min(max(samples / self._aim.samples, 0.0), _MOST_PASSES) if math.isfinite(samples) else 0.0
        unused, unchanged = _find_unused(part.get("used")), says_yes(part.get("unchanged"))
        return Epoch(_number(part.get("loss")), accuracy, seconds, passes, unused, unchanged)


def percent(share: float) -> str:
    """Return `0.953` as `95.3 %`."""
    return f"{100 * share:.1f} %"


def _are_probabilities(rows: np.ndarray) -> bool:
    """Return whether most of the rows are probabilities, as far as single precision goes."""
    sums = np.abs(rows.sum(axis=1, dtype=np.float64) - 1) < _NEAR_ONE
    return bool(np.mean(sums & (rows >= -_NEAR_ONE).all(axis=1)) > 0.5)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, np.ndarray) and value.ndim == 0 else math.nan


def says_yes(said: Any) -> bool:
    """Return whether a worker says yes: what it sends may be anything, and nothing else is a yes."""
    return isinstance(said, np.ndarray) and said.shape == () and said.dtype == np.bool_ and bool(said)


def _find_unused(used: Any) -> tuple[str, ...]:
    """Return the parts of a submission that did not run, as the worker says; none where it says nothing of the kind."""
    parts = probes.PARTS
    if not isinstance(used, np.ndarray) or used.shape != (len(parts),) or used.dtype != np.bool_:
        return ()
    return tuple(part for part, ran in zip(parts, used.tolist(), strict=True) if not ran)
