"""The texts about a training for its author: the best accuracy, the curves, and why it was stopped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from autograder.feedback.text import plural

from .training_attempt import Attempt, Epoch, percent

_SPARKS: Final = "▁▂▃▄▅▆▇█"


def summarise(best: Attempt, attempts: int, target: float, images: str) -> str:
    """Return what its author reads of the best of so many attempts; nothing where no epoch ended.

    target: the accuracy to pass. images: what it was trained on.
    """
    if not best.epochs:
        return ""
    # To a hundredth: an attempt that fails must never read as one that passes.
    reached, asked = f"{100 * best.best:.2f} %", f"{100 * target:.3g} %"
    lines = [f"Best test accuracy **{reached}** (to pass: more than {asked}), on {images}."]
    if len(best.epochs) > 1:
        lines.append(curves(best.epochs))
    if best.best > target and len(best.epochs) < best.asked_epochs:
        done = plural(len(best.epochs), "epoch")
        lines.append(f"Stopped after {done} of {best.asked_epochs}: the target was passed.")
    if best.stuck:
        lines.append("Stopped there: the last epoch changed no prediction.")
    passes = max((epoch.passes for epoch in best.epochs), default=0)
    if passes > 1.5:
        lines.append(f"The grader asked `fit` for 1 epoch at a time, and `fit` read the images {passes:.0f} times.")
    if attempts > 1:
        lines.append(f"Trained from {attempts} random seeds; the best one is shown.")
    return "\n\n".join(lines)


def too_slow(last: Attempt, budget: float) -> str:
    """Return the sentence for a training that the seconds allowed were not enough for."""
    allowed = f"the {budget:.0f} seconds allowed"
    if not last.epochs:
        return f"Not one epoch of the training ended in {allowed}. Does `fit` ever end?"
    ended = f"{plural(len(last.epochs), 'epoch')} of {last.asked_epochs}"
    if last.unfinishable:
        return (
            f"The grader stopped the training after {ended}: an epoch takes {last.fastest:.1f} seconds or more, and "
            f"too little of {allowed} was left for another."
        )
    return f"Training took longer than {allowed}, and the grader stopped it after {ended}."


def curves(epochs: Sequence[Epoch]) -> str:
    """Return loss and accuracy by epoch as Markdown: two sparklines and a table.

    The loss shows as a line of eight heights alone. It is a submission's own number, which could carry training
    images out; the staff have it in full.
    """
    losses, accuracies = (spark([getattr(e, name) for e in epochs]) for name in ("loss", "accuracy"))
    lines = [f"accuracy {accuracies}"]
    if sum(math.isfinite(epoch.loss) for epoch in epochs) > 1:
        lines.insert(0, f"loss {losses}")
    rows = [f"| {number} | {percent(epoch.accuracy)} |" for number, epoch in enumerate(epochs, 1)]
    return "\n".join([" · ".join(lines), "", "| epoch | test accuracy |", "|---|---|", *rows])


def spark(values: list[float]) -> str:
    """Return a line of blocks, the lowest value lowest; a dot for what is no number."""
    # Shares of the largest: the span of two finite numbers may be infinite.
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0) or 1.0
    shares = [value / largest for value in values]
    finite = [share for share in shares if math.isfinite(share)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    span = (high - low) or 1.0
    return "".join(_SPARKS[int((v - low) / span * (len(_SPARKS) - 1))] if math.isfinite(v) else "·" for v in shares)
