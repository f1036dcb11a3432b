"""Training with the handout's loop over samples against the vectorised composition: seconds and peak memory.

Method: the reference's advanced model, 784-120-10, without the reference's own faster `compose_*`, trains one epoch
(batch 256, float32, one BLAS thread) on the embedded digits, repeated to the number of samples asked for. Both styles
of local weight gradient, (B, in, 1) and (B, in, out). Every cell is a fresh process; the loop and the vectorised run
take turns, and the medians of their seconds and of the pairs' ratios are printed. Peak memory is the process's own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
STYLES = ("(B, in, 1)", "(B, in, out)")


def train_once(style: str, mode: str, samples: int) -> dict[str, Any]:
    """One epoch in this process: seconds, megabytes at the peak, accuracy on the test images."""
    import numpy as np

    from autograder import data
    from autograder.guest import vectorised
    from autograder.guest.loader import World
    from autograder.interview import given_sources
    from autograder.variants import with_inherited_compose

    files = with_inherited_compose(given_sources(ROOT / "reference"), "beras/layers.py", "Dense")
    layers = files["beras/layers.py"].decode()
    if style == STYLES[1]:
        layers = layers.replace("x[:, :, np.newaxis]", "np.repeat(x[:, :, np.newaxis], self.w.shape[1], axis=2)")
    files["beras/layers.py"] = layers.encode()
    digits = data.load(None)
    repeats = -(-samples // len(digits.train_images))
    images = np.concatenate([digits.train_images] * repeats)[:samples].reshape(samples, 784)
    x = np.divide(images, np.float32(255), dtype=np.float32)
    labels = np.concatenate([digits.train_labels] * repeats)[:samples]
    tests = np.divide(digits.test_images.reshape(-1, 784), np.float32(255), dtype=np.float32)
    del images
    world = World(files, {})
    with world.entered():
        core, module = world.module("beras.core"), world.module("assignment")
        if mode == "vectorised" and (said := vectorised.accelerate(core)).problem:
            raise SystemExit(said.told)
        np.random.seed(0)  # noqa: NPY002  what the reference draws from
        dense, activations = world.module("beras.layers").Dense, world.module("beras.activations")
        model = module.SequentialModel(
            [dense(784, 120, "kaiming"), activations.LeakyReLU(), dense(120, 10, "xavier"), activations.Softmax()]
        )
        loss = world.module("beras.losses").CategoricalCrossentropy()
        accuracy = world.module("beras.metrics").CategoricalAccuracy()
        model.compile(world.module("beras.optimizers").Adam(0.002), loss, accuracy)
        truth = core.Tensor(np.eye(10, dtype=np.float32)[labels])
        begun = time.perf_counter()
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123
            standard, sys.stdout = sys.stdout, nowhere
            model.fit(core.Tensor(x), truth, epochs=1, batch_size=256)
            sys.stdout = standard
        seconds = time.perf_counter() - begun
        right = np.argmax(np.asarray(model(core.Tensor(tests))), axis=1) == digits.test_labels
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mb": peak, "accuracy": float(right.mean())}


def measured(style: str, mode: str, samples: int) -> dict[str, Any]:
    """The same in a fresh process."""
    command = [sys.executable, "-I", "-B", __file__, "--once", style, mode, "--samples", str(samples)]
    done = subprocess.run(  # noqa: S603  this very file
        command, check=True, capture_output=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--quick", action="store_true", help="one pair on 6,000 samples instead of three on 60,000")
    parser.add_argument("--samples", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--once", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    samples = options.samples or (6_000 if options.quick else 60_000)
    if options.once:
        print(json.dumps(train_once(*options.once, samples)))
        return
    table: dict[str, Any] = {}
    for style in STYLES:
        pairs = [
            (measured(style, "loop", samples), measured(style, "vectorised", samples))
            for _ in range(1 if options.quick else 3)
        ]
        table[style] = {
            mode: {key: statistics.median(pair[index][key] for pair in pairs) for key in pairs[0][0]}
            for index, mode in enumerate(("loop", "vectorised"))
        }
        table[style]["ratio"] = statistics.median(loop["seconds"] / fast["seconds"] for loop, fast in pairs)
    if options.json:
        print(json.dumps({"samples": samples, "styles": table}))
        return
    print(f"one epoch of {samples:,} samples   seconds   peak MB   accuracy")
    for style, row in table.items():
        for mode in ("loop", "vectorised"):
            cell = row[mode]
            print(f"{style:13} {mode:12} {cell['seconds']:13.2f} {cell['peak_mb']:9.0f} {cell['accuracy']:10.4f}")
        print(f"{style:13} {'ratio':12} {row['ratio']:13.1f}")


if __name__ == "__main__":
    main()
