"""The training check: a submission's own model, trained in the sandbox, judged here by the grader's own count.

Test labels never cross. The classes are relabelled and the pixels rearranged by secret permutations, the same
for training and test images: a dense network learns as well as ever, a classifier brought along sees noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from . import explanation
from .data import Digits
from .guest.probes import training as probes
from .guest.wire import Text
from .interview import Grader, Interview, Unsatisfied
from .sandbox import Ending, Outcome, SharedFile, WorkerLimits

CLASSES = 10
_SPARKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Epoch:
    """One epoch: the loss as `fit` reports it (NaN where it does not), the accuracy as the grader counts it."""

    loss: float
    accuracy: float


@dataclass
class Attempt:
    """One training from one seed, epoch by epoch."""

    epochs: list[Epoch] = field(default_factory=list)
    asked_epochs: int = 0
    problem: str = ""
    composition: str = ""  # whose compose methods trained, as the worker says
    outcome: Outcome | None = None

    @property
    def best(self) -> float:
        """The highest accuracy after any epoch."""
        return max((epoch.accuracy for epoch in self.epochs), default=0.0)


class Trainer:
    """Trains submissions on one data set. Close it to give the shared images back."""

    def __init__(self, grader: Grader, digits: Digits, report: Callable[[str], None] = lambda _: None) -> None:
        self.grader, self.digits, self.report = grader, digits, report
        self._opened = False

    @cached_property
    def _classes(self) -> np.ndarray:
        """The secret label of each class."""
        return self._permutation("classes", CLASSES)

    def _permutation(self, purpose: str, size: int) -> np.ndarray:
        return np.random.Generator(np.random.PCG64(self.grader.seed(purpose))).permutation(size)

    @cached_property
    def _shared(self) -> SharedFile:
        """The images as a worker sees them, float32 from 0 to 1, rows of rearranged pixels."""
        pixels = self._permutation("pixels", self.digits.train_images[0].size)
        self._opened = True
        return SharedFile(
            {
                "images": _flat(self.digits.train_images, pixels),
                "labels": self._classes[self.digits.train_labels].astype(np.int64),
                "test_images": _flat(self.digits.test_images, pixels),
            }
        )

    def close(self) -> None:
        """Free the shared images."""
        if self._opened:
            self._shared.close()

    def passes(self, interview: Interview, components: str) -> None:
        """Train the model that assignment.py's `components` returns until the verdict is certain.

        Raises Unsatisfied where no attempt passes, with the curves of the best one.
        """
        policy = self.grader.assignment.training
        attempts: list[Attempt] = []
        seconds = policy.seconds
        for number in range(policy.attempts):
            attempt = self._train(components, number, seconds)
            attempts.append(attempt)
            assert attempt.outcome is not None
            seconds -= attempt.outcome.seconds
            if attempt.best > policy.accuracy or attempt.outcome.ending is not Ending.ANSWERED or seconds < 1:
                break
        best = max(attempts, key=lambda attempt: attempt.best)
        interview.staff |= {
            "curves": [
                [(epoch.loss if math.isfinite(epoch.loss) else None, epoch.accuracy) for epoch in a.epochs]
                for a in attempts
            ],
            "target": policy.accuracy,
            "training_seconds": round(sum(a.outcome.seconds for a in attempts if a.outcome), 3),
            "composition": best.composition,
            "peak_mb": round(max(a.outcome.peak_bytes for a in attempts if a.outcome) / 2**20),
        }
        text = self._summary(best, len(attempts))
        if best.best > policy.accuracy:
            interview.note = text
            return
        raise Unsatisfied(self._failure(components, attempts[-1], interview, text))

    def _train(self, components: str, number: int, seconds: float) -> Attempt:
        policy = self.grader.assignment.training
        attempt = Attempt()
        inputs = {"components": components, "most_epochs": policy.most_epochs, **self._shared.places}
        request = self.grader.request(probes.train, inputs, self.grader.seed(f"{components}#{number}"))
        # What the epochs allowed can fill, float64 predictions and all: the grader keeps every part.
        most = (policy.most_epochs + 1) * (len(self.digits.test_labels) * CLASSES * 8 + 2**16)
        limits = WorkerLimits(seconds, policy.memory_mb * 2**20, most)
        attempt.outcome = self.grader.run(
            request, limits, shared=self._shared, enough=lambda part: self._note(attempt, part, policy.accuracy)
        )
        return attempt

    def _note(self, attempt: Attempt, part: Any, target: float) -> bool:
        """Take in one epoch's part; True once nothing more can change the verdict."""
        if not isinstance(part, dict) or "predictions" not in part:
            asked = _number(part.get("epochs")) if isinstance(part, dict) else 0.0
            attempt.asked_epochs = int(asked) if math.isfinite(asked) else 0
            said = part.get("composition") if isinstance(part, dict) else None
            attempt.composition = said.text[:200] if isinstance(said, Text) else ""
            return False
        predictions, count = part["predictions"], len(self.digits.test_labels)
        if not isinstance(predictions, np.ndarray) or predictions.shape != (count, CLASSES):
            shape = predictions.shape if isinstance(predictions, np.ndarray) else None
            attempt.problem = (
                f"For {count} images the model should return an array of shape ({count}, {CLASSES}), not {shape}."
            )
            return True
        right = np.argmax(predictions, axis=1) == self._classes[self.digits.test_labels]
        # A row of NaN has its largest entry nowhere: argmax would say 0.
        accuracy = float(np.mean(right & np.isfinite(predictions).all(axis=1)))
        attempt.epochs.append(Epoch(_number(part.get("loss")), accuracy))
        self.report(f"epoch {len(attempt.epochs)} of {attempt.asked_epochs}: accuracy {accuracy:.1%}")
        if not np.isfinite(predictions).all():
            attempt.problem = "The model's predictions are NaN or infinite: the training has diverged."
            return True
        return accuracy > target

    def _summary(self, attempt: Attempt, attempts: int) -> str:
        target = self.grader.assignment.training.accuracy
        lines = [f"Best test accuracy **{attempt.best:.1%}** (to pass: more than {target:.0%}), on {self.digits.name}."]
        if attempt.epochs:
            lines.append(curves(attempt.epochs))
        if attempt.best > target and len(attempt.epochs) < attempt.asked_epochs:
            done = explanation.plural(len(attempt.epochs), "epoch")
            lines.append(f"Stopped after {done} of {attempt.asked_epochs}: the target was passed.")
        if attempts > 1:
            lines.append(f"Trained from {attempts} random seeds; the best one is shown.")
        return "\n\n".join(lines)

    def _public_text(self, components: str, outcome: Outcome) -> str:
        """The text of an exception that `outcome` holds, if images that are no secret raise it too."""
        failure = outcome.failure
        if failure is None:
            return ""
        rng = np.random.Generator(np.random.PCG64(0))
        inputs = {
            "components": components,
            "most_epochs": 1,
            "images": rng.uniform(size=(500, 784)).astype(np.float32),
            "labels": np.arange(500) % CLASSES,
            "test_images": rng.uniform(size=(50, 784)).astype(np.float32),
        }
        limits = WorkerLimits(20, self.grader.assignment.training.memory_mb * 2**20, 2**24)
        again = self.grader.run(self.grader.request(probes.train, inputs, 0, public=True), limits).failure
        return again.text if again is not None and (again.kind, again.stage) == (failure.kind, failure.stage) else ""

    def _failure(self, components: str, last: Attempt, interview: Interview, text: str) -> str:
        outcome = last.outcome
        assert outcome is not None
        if last.problem:
            return f"{last.problem}\n\n{text}" if last.epochs else last.problem
        if outcome.ending is Ending.TIMED_OUT:
            allowed = self.grader.assignment.training.seconds
            return f"Training took longer than the {allowed:g} seconds allowed.\n\n{text}"
        if outcome.ending is not Ending.ANSWERED:
            quoted = self._public_text(components, outcome)
            told = explanation.no_answer(outcome, self.grader.submission, interview.subject, {}, quoted)
            return f"{told}\n\n{text}" if last.epochs else told
        if all(abs(epoch.accuracy - last.epochs[0].accuracy) < 1e-9 for epoch in last.epochs):
            text += "\n\nThe accuracy never moves: are gradients computed and applied? See the rows above."
        return text


def curves(epochs: list[Epoch]) -> str:
    """Loss and accuracy by epoch: two sparklines and a table, in Markdown."""
    rows = [f"| {n} | {_shown(e.loss)} | {e.accuracy:.1%} |" for n, e in enumerate(epochs, 1)]
    losses, accuracies = (spark([getattr(e, name) for e in epochs]) for name in ("loss", "accuracy"))
    return f"loss {losses} · accuracy {accuracies}\n\n| epoch | loss | test accuracy |\n|---|---|---|\n" + "\n".join(
        rows
    )


def spark(values: list[float]) -> str:
    """A line of blocks, the lowest value lowest; a dot for what is no number."""
    finite = [value for value in values if math.isfinite(value)]
    low, span = min(finite, default=0.0), (max(finite, default=0.0) - min(finite, default=0.0)) or 1.0
    return "".join(_SPARKS[int((v - low) / span * (len(_SPARKS) - 1))] if math.isfinite(v) else "·" for v in values)


def _shown(loss: float) -> str:
    return f"{loss:.3g}" if math.isfinite(loss) else "–"


def _number(value: Any) -> float:
    return float(value) if isinstance(value, np.ndarray) and value.ndim == 0 else math.nan


def _flat(images: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    rows = images.reshape(len(images), -1)[:, pixels]
    scaled: np.ndarray = np.divide(rows, np.float32(255), dtype=np.float32)
    return scaled
