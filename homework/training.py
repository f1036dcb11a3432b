"""The training check: a submission's own model, trained in the sandbox, judged here by the grader's own count.

Test labels never cross. The classes are relabelled and the pixels rearranged by secret permutations, the same for
training and test images. A dense network learns as well as ever; a classifier brought along sees noise. The rows of
both parts are permuted as well, so that the order in which the labels are published is worth nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from autograder.feedback import definitions, failures
from autograder.feedback.text import paragraphs
from autograder.grading.answer import Unsatisfied
from autograder.grading.ask import Ask
from autograder.grading.asker import Asker
from autograder.grading.deadline import NotReachedError
from autograder.results.flags import Flag
from autograder.results.results_file import ResultsFile
from autograder.wall.request import Ending, Outcome, WorkerLimits
from autograder.wall.shared_arrays import Pieces, SharedFile

from . import machine_speed, mnist
from .mnist import Digits
from .probes import training as probes
from .training_attempt import CLASSES, Aim, Attempt, Watch, percent
from .training_obstacle import find_obstacle
from .training_texts import summarise, too_slow

_ROWS_AT_ONCE = 2048
_MOST_SLOWNESS = 4.0
_WITHIN_REACH = 0.05  # of the accuracy asked for: an attempt that ends below is followed by one more, and no third
_LEAST_PASSES = 0.5  # of an epoch: a solution may leave out a smaller last batch, or images to validate with
_PUBLIC_IMAGES = 499  # a prime, as the number of those to learn from is
_BYPASSED = "bypassed"  # the rule of assignment.toml: the course says what it costs
_PARTS = dict(zip(probes.PARTS, ("a layer", "the tape", "the loss", "the optimizer"), strict=True))
_WAYS_BACK = {"tape": "the tape", "backward": "`backward`"}  # what an edition has in the tape's place


class Untrained(Unsatisfied):
    """A model does not train to the accuracy asked for.

    accuracy: the best after any epoch of any attempt, from 0 to 1; 0 where no epoch ended.
    """

    def __init__(self, markdown: str, staff: Mapping[str, Any] | None = None, accuracy: float = 0.0) -> None:
        super().__init__(markdown, staff)
        self.accuracy = accuracy


class Trainer:
    """Trains submissions on one data set. Close it to give the shared images back."""

    def __init__(self, asker: Asker, digits: Digits) -> None:
        self.asker, self.run = asker, asker.run
        self.digits = digits  # without the training images, once workers share them
        self.samples = largest_prime(len(digits.train_labels))
        self._opened = False

    @cached_property
    def _classes(self) -> np.ndarray:
        """The secret label of each class."""
        return self._permutation("classes", CLASSES)

    @cached_property
    def labels(self) -> np.ndarray:
        """The secret labels of the test images, in their secret order."""
        secret: np.ndarray = self._classes[self.digits.test_labels[self._test_rows]]
        return secret

    @cached_property
    def _test_rows(self) -> np.ndarray:
        return self._permutation("test rows", len(self.digits.test_labels))

    @cached_property
    def slowness(self) -> float:
        """By how much this machine is slower than the one that budgets are set on, within reason."""
        return min(machine_speed.slowness(), _MOST_SLOWNESS)

    def _permutation(self, purpose: str, size: int) -> np.ndarray:
        return np.random.Generator(np.random.PCG64(self.run.seed(purpose))).permutation(size)

    @cached_property
    def _shared(self) -> SharedFile:
        """The images as a worker sees them, float32 from 0 to 1, rows of rearranged pixels."""
        pixels = self._permutation("pixels", self.digits.train_images[0].size)
        rows = self._permutation("rows", len(self.digits.train_labels))[: self.samples]
        shared = SharedFile(
            {
                "images": _flat(self.digits.train_images, rows, pixels),
                "labels": self._classes[self.digits.train_labels[rows]].astype(np.int64),
                "test_images": _flat(self.digits.test_images, self._test_rows, pixels),
            }
        )
        self._opened = True
        self.digits = replace(self.digits, train_images=self.digits.train_images[:0].copy())
        return shared

    def close(self) -> None:
        """Free the shared images."""
        if self._opened:
            self._shared.close()

    def budget(self) -> float:
        """Return the seconds for all attempts of one model: more on a slow machine, within the run's time."""
        seconds = self.run.assignment.training.seconds
        return min(seconds * self.slowness, max(seconds, self.run.deadline.remaining() / 2))

    def train(self, ask: Ask, components: str) -> float:
        """Train the model that assignment.py's `components` returns until the verdict is certain.

        Return the best accuracy. Raises Untrained where no attempt passes, with the curves of the best one.
        """
        policy = self.run.assignment.training
        attempts: list[Attempt] = []
        budget = seconds = self.budget()
        accelerated = True
        while len(attempts) < policy.attempts:
            attempt = self._train(ask, components, len(attempts), seconds, accelerated=accelerated)
            if accelerated and attempt.faulty and attempt.best <= policy.accuracy:
                # Nothing but the submission decides: once more, with nothing of the grader's in it, in the same time.
                accelerated = False
                if not attempt.outcome.faults:  # those are noted already
                    self.asker.note_fault("what accelerates training raised an exception")
                continue
            attempts.append(attempt)
            seconds -= attempt.outcome.seconds
            if attempt.best > policy.accuracy or not attempt.seed_matters or seconds < max(1, attempt.fastest):
                break
            if len(attempts) > 1 and all(one.best < policy.accuracy - _WITHIN_REACH for one in attempts):
                break
        best = max(attempts, key=lambda attempt: attempt.best)
        ask.remark(
            headline=f"`{components}` trains to {percent(best.best)}" if best.epochs else "",
            curves=[
                [(epoch.loss if math.isfinite(epoch.loss) else None, epoch.accuracy) for epoch in a.epochs]
                for a in attempts
            ],
            target=policy.accuracy,
            training_seconds=round(sum(a.outcome.seconds for a in attempts), 3),
            budget_seconds=round(budget, 1),
            slowness=round(self.slowness, 2),
            composition=best.composition,
            peak_mb=round(max(a.outcome.peak_bytes for a in attempts) / 2**20),
        )
        text = summarise(best, len(attempts), policy.accuracy, self.digits.name)
        if best.best > policy.accuracy:
            ask.remark(text)
            if accelerated:  # else nothing was watched
                self._suspect(components, best)
            return best.best
        raise Untrained(self._failure(ask, components, attempts[-1], budget, text), accuracy=best.best)

    def _train(self, ask: Ask, components: str, number: int, seconds: float, *, accelerated: bool) -> Attempt:
        policy = self.run.assignment.training
        inputs = {
            "components": components,
            "most_epochs": policy.most_epochs,
            "accelerated": accelerated,
            **self._shared.places,
        }
        request = self.asker.request(probes.train, inputs, self.run.seed(f"{components}#{number}"))
        # What the epochs allowed can fill, float64 predictions and all.
        most = (policy.most_epochs + 1) * (len(self.digits.test_labels) * CLASSES * 8 + 2**16)
        limits = WorkerLimits(seconds, policy.memory_mb * 2**20, most)
        watch = Watch(Aim(self.labels, policy.accuracy, self.samples, policy.most_epochs), seconds, self.run.note)
        return watch.attempt(ask.worker(request, limits, shared=self._shared, enough=watch))

    def _suspect(self, components: str, attempt: Attempt) -> None:
        """Tell the staff of a model that passes without what students write; the course says what that costs.

        A worker says so of itself: a solution that lies can evade this check.
        """
        way_back = _WAYS_BACK[self.run.assignment.edition.names["gradients"]]
        parts = _PARTS | {"gradient_tape": way_back}
        seen = [f"it never runs {parts[part]} of its own" for part in attempt.epochs[0].unused]
        passes = [epoch.passes for epoch in attempt.epochs]
        if not any(passes):
            seen.append("`fit` never calls `batch_step`")
        elif sum(passes) < _LEAST_PASSES * len(passes):
            share = f"{100 * sum(passes) / len(passes):.2g} %"
            seen.append(f"`fit` hands {share} of the images to `batch_step` in an epoch")
        if any(epoch.unchanged for epoch in attempt.epochs):
            seen.append("its predictions change and its listed weights do not")
        if seen:
            file, line = definitions.where(self.run.submission, components)
            detail = f"{components} passes, and in training {', '.join(seen)}."
            self.asker.suspect(Flag(_BYPASSED, file or "assignment.py", line, detail))

    def _quotable(self, ask: Ask, components: str, outcome: Outcome) -> Outcome:
        """Return what may be shown of `outcome`: what images that are no secret lead to as well."""
        rng = np.random.Generator(np.random.PCG64(0))
        inputs = {
            "components": components,
            "most_epochs": 2,  # what an epoch leaves behind shows in the next
            "accelerated": False,
            "images": rng.uniform(size=(_PUBLIC_IMAGES, 784)).astype(np.float32),
            "labels": np.arange(_PUBLIC_IMAGES) % CLASSES,
            "test_images": rng.uniform(size=(50, 784)).astype(np.float32),
        }
        limits = WorkerLimits(20, self.run.assignment.training.memory_mb * 2**20, 2**24)
        try:
            request = self.asker.request(probes.train, inputs, public=True)
            again = ask.worker(request, limits, alone=True)
        except NotReachedError:
            again = None  # no time is left to quote it
        return outcome.seen_again(again)

    def _failure(self, ask: Ask, components: str, last: Attempt, budget: float, text: str) -> str:
        outcome = last.outcome
        if last.problem:
            return paragraphs(last.problem, text)
        if last.unfinishable or outcome.ending is Ending.TIMED_OUT:
            return paragraphs(too_slow(last, budget), text)
        if outcome.ending is not Ending.ANSWERED and not last.stuck:
            quotable = self._quotable(ask, components, outcome)
            told = failures.no_answer(quotable, self.run.submission, ask.subject, {})
            if outcome.failure is not None and outcome.failure.kind == "MemoryError":
                allowed = self.run.assignment.training.memory_mb
                told += f"\n\nTraining may use {allowed:,} MB. Does it keep something of every batch?"
            elif outcome.ending is Ending.RAISED and last.epochs:
                count = "One epoch" if len(last.epochs) == 1 else f"{len(last.epochs)} epochs"
                told += (
                    f"\n\n{count} ended before that. After each the grader calls `batch_step` with training=False, as "
                    "`evaluate` does: does that leave something on, or off, for the next?"
                )
            return paragraphs(told, text)
        if not last.epochs:
            return paragraphs(f"`{components}` asks for {last.asked_epochs} epochs: nothing was trained.", text)
        if len(last.epochs) > 1 and all(abs(epoch.accuracy - last.epochs[0].accuracy) < 1e-9 for epoch in last.epochs):
            text += "\n\nThe accuracy never moves: are gradients computed and applied? See the rows above."
        if last.cross_entropy and not last.probabilities:
            text += (
                "\n\nThe rows of the model's predictions do not sum to 1, as probabilities do. A cross-entropy takes "
                "probabilities: does the model end in `Softmax`?"
            )
        return text


def largest_prime(count: int) -> int:
    """Return the largest prime up to `count`: no batch size divides it.

    Where one does, some solutions make an empty batch last. One hidden test asks for that alone; here it would cost
    the training too.
    """
    while any(count % divisor == 0 for divisor in range(2, math.isqrt(count) + 1)):
        count -= 1
    return count


def _flat(images: np.ndarray, rows: np.ndarray, pixels: np.ndarray) -> Pieces:
    def pieces() -> Iterator[np.ndarray]:
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            flat = images[rows[start : start + _ROWS_AT_ONCE]].reshape(-1, len(pixels))[:, pixels]
            yield np.divide(flat, np.float32(255), dtype=np.float32)

    return Pieces((len(rows), len(pixels)), np.dtype(np.float32), pieces())


class TrainingFixture:
    """Gives hidden tests `train(components)`; the data is read when there is something to train."""

    def __init__(self, asker: Asker, results: ResultsFile) -> None:
        self._asker, self._results = asker, results
        self._made: list[Trainer] = []

    def provide(self, ask: Ask) -> Callable[[str], float]:
        """Return what trains the model of assignment.py's function of that name, and returns its accuracy.

        It raises Untrained, with the accuracy, where that is not beyond the one asked for.
        """

        def train(components: str) -> float:
            if text := find_obstacle(ask, components, self._results.report.tests):
                raise Untrained(text, {"not trained": True})
            return self._trainer().train(ask, components)

        return train

    def _trainer(self) -> Trainer:
        if not self._made:
            digits = self._digits()
            self._made.append(Trainer(self._asker, digits))
            self._results.note(data=f"{digits.name}; {digits.source}")
        return self._made[0]

    def _digits(self) -> Digits:
        """Return the images; those of an audit are read once for all its gradings."""
        run = self._asker.run
        if run.kept is None:
            return mnist.load(run.data_folder, run.seed("images"))
        if run.data_folder not in run.kept:
            run.kept[run.data_folder] = mnist.load(run.data_folder)
        digits: Digits = run.kept[run.data_folder]
        return digits

    def close(self) -> None:
        """Give the shared images back."""
        for trainer in self._made:
            trainer.close()
