"""How often the training check errs: a correct solution that fails it, a broken one that passes.

Method: the reference's simple and advanced models are trained as the check trains them (the same images, epoch by
epoch, stopped once the target is passed), each from --seeds seeds. A broken solution is the reference with a mistake
from which no learning to the target can come (the chaffs named in BROKEN), its advanced model trained through all its
epochs, from as many seeds in all, or --broken of them. One attempt is one seed. Intervals are Clopper and Pearson's
(1934), at 95 %: with no error in n attempts the upper end is about 3.7 / n. A model has several tries (`attempts` in
assignment.toml); its rate is derived from that of an attempt, taking seeds to be independent: p ** attempts for a false
failure, 1 - (1 - p) ** attempts for a false pass. Besides, how far from the target the attempts end: the least of the
correct ones' accuracies after their first epoch, the best of the broken ones'; and for each broken solution the mean
and the standard deviation of its attempts' best accuracies, and how many deviations lie between it and the target.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from _table import ROOT, finish, parser

MODELS = ("simple", "advanced")
BROKEN = ("summed_over_the_samples_too_early", "adam_computed_not_applied", "adam_climbs", "gradients_never_applied")
CONFIDENCE = 0.95


def interval(errors: int, attempts: int) -> tuple[float, float]:
    """Clopper and Pearson's interval for a rate, by bisection of the binomial distribution's tails."""

    def at_most(count: int, rate: float) -> float:
        return math.fsum(math.comb(attempts, k) * rate**k * (1 - rate) ** (attempts - k) for k in range(count + 1))

    def where(tail: float, count: int) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if at_most(count, middle) > tail else (low, middle)
        return (low + high) / 2

    outside = (1 - CONFIDENCE) / 2
    lower = 0.0 if errors == 0 else where(1 - outside, errors - 1)
    upper = 1.0 if errors == attempts else where(outside, errors)
    return lower, upper


class Check:
    """The training check without a sandbox: one attempt after another over the same images."""

    def __init__(self, folder: Path | None) -> None:
        import numpy as np

        from autograder.assignment import config

        self.policy = config.load().training
        from homework import mnist  # loaded with the assignment

        digits = mnist.load(folder)
        self.name = digits.name
        self.x, self.tests = (
            np.divide(images.reshape(len(images), -1), np.float32(255), dtype=np.float32)
            for images in (digits.train_images, digits.test_images)
        )
        self.labels, self.wanted = digits.train_labels, digits.test_labels.astype(int)

    def attempt(self, files: dict[str, bytes], model: str, seed: int) -> list[float]:
        """The accuracies after each epoch until the verdict is certain."""
        import numpy as np

        from autograder.guest import wire, worker
        from autograder.guest.loader import World
        from homework.api import Beras

        np.random.seed(seed)  # noqa: NPY002  what submissions draw from
        edition = {"name": "s24", "forward": "call", "cross_entropy": "CategoricalCrossentropy"}
        world = World(files, {})
        inputs = {"images": self.x, "labels": self.labels, "test_images": self.tests}
        inputs |= {"components": wire.Text(f"get_{model}_model_components"), "most_epochs": self.policy.most_epochs}
        accuracies: list[float] = []
        with world.entered(), redirect_stdout(StringIO()):
            for part in worker.run_probe("training.train", Beras(world, edition), inputs):
                if "predictions" in part:
                    accuracies.append(float(np.mean(np.argmax(part["predictions"], axis=1) == self.wanted)))
                    if accuracies[-1] > self.policy.accuracy:
                        break
        return accuracies


def attempts(check: Check, options: Any) -> Iterator[tuple[str, list[float]]]:
    """Every attempt: what was trained, and its accuracies."""
    from autograder.assignment.files import given_sources
    from autograder.assignment.variants import load, render

    reference = given_sources(ROOT / "reference")
    chaffs = load(ROOT / "reference" / "chaffs")
    for seed in range(options.seeds):
        for model in MODELS:
            yield model, check.attempt(reference, model, seed)
    for seed in range(-(-options.broken // len(BROKEN))):
        for name in BROKEN:
            yield name, check.attempt(render(reference, [chaffs[name]]), "advanced", seed)


def main() -> None:
    """Measure, and print a table or JSON."""
    arguments = parser(__doc__, "5 seeds a model")
    arguments.add_argument("--seeds", type=int, default=200, help="of each model  [default: 200]")
    arguments.add_argument("--broken", type=int, help="attempts of broken solutions  [default: as many]")
    arguments.add_argument("--data", type=Path, help="a folder with MNIST's IDX files")
    options = arguments.parse_args()
    if options.quick:
        options.seeds = 5
    if options.broken is None:
        options.broken = options.seeds
    check = Check(options.data)
    found: dict[str, list[list[float]]] = {kind: [] for kind in (*MODELS, *BROKEN)}
    for kind, accuracies in attempts(check, options):
        found[kind].append(accuracies)
        if sys.stderr.isatty():
            print(f"\r{kind} {len(found[kind])}", end="", file=sys.stderr)
    result: dict[str, Any] = {"data": check.name, "target": check.policy.accuracy, "attempts": check.policy.attempts}
    table: list[list[Any]] = [
        ["", "attempts", "wrong", "a rate of", "at most", "a model's, at most", "accuracy", "epochs"]
    ]
    spread = [["", "attempts", "best accuracy, mean", "deviation", "deviations below the target"]]
    for name in BROKEN:
        best = list(map(max, found[name]))
        mean, deviation = statistics.mean(best), statistics.stdev(best) if len(best) > 1 else math.nan
        below = (check.policy.accuracy - mean) / deviation if deviation else math.inf
        result[name] = {"attempts": len(best), "mean": mean, "deviation": deviation, "deviations below": below}
        spread.append([name, len(best), f"{mean:.1%}", f"{deviation:.2%}", f"{below:.0f}"])
    found = {kind: found[kind] for kind in MODELS} | {"broken": [run for name in BROKEN for run in found[name]]}
    for kind, runs in found.items():
        passed = [max(run) > check.policy.accuracy for run in runs]
        wrong = sum(passed) if kind == "broken" else len(runs) - sum(passed)
        low, high = interval(wrong, len(runs))
        tries = check.policy.attempts
        row = {
            "attempts": len(runs),
            "wrong": wrong,
            "rate": wrong / len(runs),
            "interval": (low, high),
            "model_at_most": 1 - (1 - high) ** tries if kind == "broken" else high**tries,
            "nearest accuracy": max(map(max, runs)) if kind == "broken" else min(run[0] for run in runs),
            "epochs": sum(map(len, runs)) / len(runs),
        }
        result[kind] = row
        shown = [f"{100 * row[key]:.3g} %" for key in ("rate", "model_at_most")]
        table.append([kind, len(runs), wrong, shown[0], f"{100 * high:.3g} %", shown[1]])
        table[-1] += [f"{row['nearest accuracy']:.1%}", f"{row['epochs']:.2f}"]
    finish(options, result, [table, spread])


if __name__ == "__main__":
    main()
