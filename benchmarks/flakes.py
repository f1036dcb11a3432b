"""How often the training check errs: a correct solution that fails it, a broken one that passes.

Method: correct models are trained as the check trains them (epoch by epoch, stopped once the target is passed), one
after another until there are --attempts: the reference's simple and advanced ones, and those of the right solutions in
tests/solutions/, of every edition. Each attempt has a seed of its own, and images of its own where they are made from
the embedded digits. A broken solution is one from which no learning to the target can come: the reference with a
mistake (the chaffs named in BROKEN), its advanced model trained through all its epochs, or a model without a hidden
layer. Intervals are Clopper and Pearson's (1934), at 95 %: with no error in n attempts the upper end is about 3.7 / n.
A model has several tries (`attempts` in assignment.toml); its rate is derived from that of an attempt, with seeds taken
to be independent: p ** attempts for a false failure, 1 - (1 - p) ** attempts for a false pass. Besides: the accuracy
nearest to the target (the least of the correct ones' best, the best of the broken ones'); for each correct model its
epochs to the target; for each broken solution the mean and the standard deviation of its attempts' best accuracies, and
how many deviations lie between it and the target.
"""

from __future__ import annotations

import math
import os
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from itertools import cycle, repeat
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from _table import ROOT, finish, parser

from autograder.base.machine import usable_processors

MODELS = ("simple", "advanced")
BROKEN = ("summed_over_the_samples_too_early", "adam_computed_not_applied", "adam_climbs", "gradients_never_applied")
LINEAR = "without a hidden layer"
HIDDEN_LAYERS = 'Dense(784, 256, "kaiming"), LeakyReLU(0.01), Dense(256, 10, "xavier"), Softmax()'
CONFIDENCE = 0.95
_EVERY_SECONDS = 10  # between two lines of progress


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


@dataclass(frozen=True)
class Solution:
    """What is trained: a name for the table, the files, their edition and the function of assignment.py."""

    name: str
    files: dict[str, bytes]
    edition: str
    components: str


class Check:
    """The training check without a sandbox: one attempt after another."""

    def __init__(self, folder: Path | None) -> None:
        from autograder.assignment import config

        self.assignment = config.load()
        self.policy, self.folder = self.assignment.training, folder

    def data_name(self) -> str:
        """Return what the images are."""
        from homework import mnist

        return mnist.load(self.folder, 0).name

    def attempt(self, solution: Solution, seed: int) -> list[float]:
        """Return the accuracies after each epoch until the verdict is certain."""
        import numpy as np

        from autograder.guest import wire, worker
        from autograder.guest.loader import World
        from homework import mnist
        from homework.api import Beras
        from homework.training import largest_prime

        digits = mnist.load(self.folder, seed)
        x, tests = (
            np.divide(images.reshape(len(images), -1), np.float32(255), dtype=np.float32)
            for images in (digits.train_images, digits.test_images)
        )
        count = largest_prime(len(x))
        inputs = {"images": x[:count], "labels": digits.train_labels[:count], "test_images": tests}
        inputs |= {"components": wire.Text(solution.components), "most_epochs": self.policy.most_epochs}
        np.random.seed(seed)  # noqa: NPY002  what submissions draw from
        world = World(solution.files, {})
        names = self.assignment.editions[solution.edition].names
        accuracies: list[float] = []
        with world.importing(), redirect_stdout(StringIO()):
            for part in worker.run_probe("training.train", Beras(world, names), inputs):
                if "predictions" in part:
                    right = np.argmax(part["predictions"], axis=1) == digits.test_labels
                    accuracies.append(float(np.mean(right)))
                    if accuracies[-1] > self.policy.accuracy:
                        break
        return accuracies


def right_solutions() -> list[Solution]:
    """Return every correct model: the reference's, and those of the right solutions."""
    from autograder.assignment.files import read_sources

    def sources(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.py"))}

    folders = [(path, path.parent.name) for path in sorted((ROOT / "tests" / "solutions").glob("*/right-*"))]
    reference = [
        Solution(f"reference {model}", read_sources(ROOT / "reference"), "s24", f"get_{model}_model_components")
        for model in MODELS
    ]
    return reference + [
        Solution(f"{edition} {path.name} {model}".strip(), sources(path), edition, components)
        for path, edition in folders
        for model, components in (
            [(model, f"get_{model}_model_components") for model in MODELS] if edition == "s24" else [("", "get_model")]
        )
    ]


def broken_solutions() -> list[Solution]:
    """Return the reference's advanced model with each of the mistakes, and without its hidden layer."""
    from autograder.assignment.files import read_sources
    from autograder.assignment.variants import load, render

    reference, chaffs = read_sources(ROOT / "reference"), load(ROOT / "reference" / "chaffs")
    assignment = reference["assignment.py"].decode()
    if HIDDEN_LAYERS not in assignment:
        raise SystemExit("The reference's layers have changed: adapt HIDDEN_LAYERS.")
    shallow = assignment.replace(HIDDEN_LAYERS, 'Dense(784, 10, "xavier"), Softmax()').encode()
    files = {LINEAR: {**reference, "assignment.py": shallow}}
    files |= {name: render(reference, [chaffs[name]]) for name in BROKEN}
    return [Solution(name, broken, "s24", "get_advanced_model_components") for name, broken in files.items()]


@cache
def _check(folder: Path | None) -> Check:
    return Check(folder)


def _attempt(folder: Path | None, solution: Solution, seed: int) -> list[float]:
    return _check(folder).attempt(solution, seed)


def attempts(options: Any) -> Iterator[tuple[str, bool, list[float]]]:
    """Yield every attempt: what was trained, whether it is right, and its accuracies; tell on stderr how far it is."""
    jobs = [
        (solution, right, seed)
        for solutions, right, count in (
            (right_solutions(), True, options.attempts),
            (broken_solutions(), False, options.broken),
        )
        for seed, solution in zip(range(1, count + 1), cycle(solutions), strict=False)
    ]
    begun, shown = time.monotonic(), 0.0
    with ProcessPoolExecutor(options.jobs) as pool:
        found = pool.map(_attempt, repeat(options.data), [job[0] for job in jobs], [job[2] for job in jobs])
        for done, ((solution, right, _), accuracies) in enumerate(zip(jobs, found, strict=True), 1):
            seconds = time.monotonic() - begun
            if seconds - shown > _EVERY_SECONDS or done == len(jobs):
                shown, left = seconds, seconds / done * (len(jobs) - done)
                print(
                    f"{done} of {len(jobs)} attempts, {seconds:.0f} s, {left:.0f} s left", file=sys.stderr, flush=True
                )
            yield solution.name, right, accuracies


def main() -> None:
    """Measure, and print a table or JSON."""
    arguments = parser(__doc__, "20 attempts")
    arguments.add_argument("--attempts", type=int, default=400, help="of correct models, in all  [default: 400]")
    arguments.add_argument("--broken", type=int, default=100, help="of broken solutions, in all  [default: 100]")
    arguments.add_argument("--data", type=Path, help="a folder with MNIST's IDX files")
    arguments.add_argument(
        "--jobs", type=int, default=usable_processors(), help="how many train at once  [default: usable processors]"
    )
    options = arguments.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    if options.quick:
        options.attempts, options.broken = 20, 5
    check = Check(options.data)
    found: dict[bool, dict[str, list[list[float]]]] = {True: {}, False: {}}
    for name, right, accuracies in attempts(options):
        found[right].setdefault(name, []).append(accuracies)
    target, tries = check.policy.accuracy, check.policy.attempts
    result: dict[str, Any] = {"data": check.data_name(), "target": target, "attempts": tries}
    table: list[list[Any]] = [
        ["", "attempts", "wrong", "a rate of", "at most", "a model's, at most", "nearest accuracy"]
    ]
    for right, kind in ((True, "correct"), (False, "broken")):
        best = [max(run) for runs in found[right].values() for run in runs]
        if not best:
            continue
        wrong = sum((accuracy > target) != right for accuracy in best)
        low, high = interval(wrong, len(best))
        row = {
            "attempts": len(best),
            "wrong": wrong,
            "rate": wrong / len(best),
            "interval": (low, high),
            "model_at_most": high**tries if right else 1 - (1 - high) ** tries,
            "nearest accuracy": min(best) if right else max(best),
        }
        result[kind] = row
        shown = [f"{100 * row[key]:.3g} %" for key in ("rate", "model_at_most")]
        table.append(
            [kind, len(best), wrong, shown[0], f"{100 * high:.3g} %", shown[1], f"{row['nearest accuracy']:.2%}"]
        )
    speed: list[list[Any]] = [
        ["correct", "attempts", "failed", "after the first epoch, lowest", "epochs, mean", "most"]
    ]
    for name, runs in found[True].items():
        epochs = [len(run) for run in runs]
        failed = sum(max(run) <= target for run in runs)
        result[name] = {"attempts": len(runs), "failed": failed, "epochs": statistics.mean(epochs), "most": max(epochs)}
        first = min(run[0] for run in runs)
        speed.append([name, len(runs), failed, f"{first:.1%}", f"{statistics.mean(epochs):.2f}", max(epochs)])
    spread = [["broken", "attempts", "best accuracy, mean", "deviation", "deviations below the target"]]
    for name, runs in found[False].items():
        best = list(map(max, runs))
        mean, deviation = statistics.mean(best), statistics.stdev(best) if len(best) > 1 else math.nan
        below = (target - mean) / deviation if deviation else math.inf
        result[name] = {"attempts": len(best), "mean": mean, "deviation": deviation, "deviations below": below}
        spread.append([name, len(best), f"{mean:.1%}", f"{deviation:.2%}", f"{below:.0f}"])
    finish(options, result, [table, speed, spread])


if __name__ == "__main__":
    main()
