"""What training costs: vectorised composition against the handout's loop, a grading, the reference against PyTorch.

Compositions: one epoch of 60,000 images on a 784-120-10 network, Softmax and cross-entropy, Adam, batches of 256, one
BLAS thread, the network without any `compose_*` of its own, as students' mostly are. "loop" is the handout's, which
fills a (B, in, out) array sample by sample and sums it; "summed" is the template's, which adds each sample up at once.
Both ways to write the local weight gradient, (B, in, 1) and (B, in, out), and both dtypes that weights come in. Each
cell is a fresh process; the ways take turns, and medians are printed. Seconds are the processor's
(`time.process_time`) and, beside them, the wall clock's, of `fit` alone; "composing" is the part of them that passes in
`Diffable`'s two compose methods, the local gradients that they ask for included: all that is replaced. Peak memory is
the process's own, data included.

Grading: a correct submission on the handout's compose methods that spells (B, in, out) out, graded whole on the same
60,000 images, both models, all ten epochs (the target is put out of reach, so that nothing stops early), on one core.
Memory is the largest sum of the proportional set sizes of grader, zygote and worker; the worker's is its largest
resident set, the shared images included.

PyTorch (with --torch): one epoch of the reference's two models as they are, the same networks, batches, data and
optimizer in PyTorch, and the bare matrix products that a step needs (x @ w for each layer, x.T @ J for each, J @ w.T
for all but the first), in one process, taking turns, one thread each. Medians of the wall clock.

The images are those of --data repeated to the number asked for: MNIST's IDX files, or the embedded digits.
"""

from __future__ import annotations

import gzip
import os
import resource
import statistics
import sys
import tempfile
import time
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from _table import ROOT, answer, finish, fresh, medians, parser

STYLES = ("(B, in, 1)", "(B, in, out)")
WAYS = ("loop", "summed", "vectorised")
DTYPES = ("float32", "float64")
MODELS = ("simple", "advanced")
SPELLED_OUT = ("x[:, :, np.newaxis]", "np.repeat(x[:, :, np.newaxis], self.w.shape[1], axis=2)")
# The handout's sum over the samples, in the place of the template's.
TEMPLATES_SUM = """
                gradient = np.zeros(weight.shape, dtype=np.result_type(local_gradient, upstream))
                for sample in range(len(upstream)):
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    contribution = sample_gradient * upstream[sample]
                    gradient += contribution.reshape(weight.shape)
                composed.append(gradient)
"""
HANDOUTS_SUM = """
                gradient = np.zeros((len(upstream), *weight.shape), dtype=local_gradient.dtype)
                for sample in range(len(upstream)):
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    gradient[sample] = sample_gradient * upstream[sample]
                composed.append(gradient.sum(axis=0))
"""


def submission(style: str, way: str) -> dict[str, bytes]:
    """Return the reference's files as a student would have them: on the handout's compose methods."""
    from autograder.assignment.files import read_sources
    from autograder.assignment.variants import without_companions

    files = without_companions(read_sources(ROOT / "reference"), "beras/layers.py", "Dense")
    changes = [("beras/layers.py", SPELLED_OUT)] if style == STYLES[1] else []
    if way != "summed":
        changes.append(("beras/core.py", (TEMPLATES_SUM, HANDOUTS_SUM)))
    for path, (old, new) in changes:
        text = files[path].decode()
        if old not in text:
            raise SystemExit(f"{path} no longer holds what this benchmark replaces:\n{old}")
        files[path] = text.replace(old, new).encode()
    return files


def images(samples: int, folder: str | None) -> Any:
    """Return the digits of `folder` (or those that are there), the training images repeated to `samples`."""
    import numpy as np

    from autograder.assignment import config

    config.load()  # which loads the homework

    from homework import mnist as data

    digits = data.load(Path(folder) if folder else None)
    index = np.arange(samples) % len(digits.train_labels)
    return replace(digits, train_images=digits.train_images[index], train_labels=digits.train_labels[index])


def one_epoch(job: dict[str, Any]) -> dict[str, Any]:
    """Return one epoch in this process: seconds, megabytes at the peak, accuracy on the test images."""
    import numpy as np

    from autograder.guest.loader import World

    digits = images(job["samples"], job["data"])

    from homework import vectorised  # once it is loaded

    dtype = np.dtype(job["dtype"])
    x = np.divide(digits.train_images.reshape(-1, 784), np.float32(255), dtype=np.float32)
    tests = np.divide(digits.test_images.reshape(-1, 784), np.float32(255), dtype=np.float32)
    labels, test_labels = digits.train_labels, digits.test_labels
    del digits
    world = World(submission(job["style"], job["way"]), {})
    with world.importing():
        core, module = world.module("beras.core"), world.module("assignment")
        composition = vectorised.accelerate(core) if job["way"] == "vectorised" else None
        composing = _Stopwatch(core.Diffable, "compose_input_gradients", "compose_weight_gradients")
        np.random.seed(0)  # noqa: NPY002  what the reference draws from
        dense, activations = world.module("beras.layers").Dense, world.module("beras.activations")
        layers = [dense(784, 120, "kaiming"), activations.LeakyReLU(), dense(120, 10, "xavier"), activations.Softmax()]
        for layer in (layers[0], layers[2]):
            layer.w, layer.b = (core.Tensor(weight.astype(dtype)) for weight in (layer.w, layer.b))
        model = module.SequentialModel(layers)
        losses, metrics = world.module("beras.losses"), world.module("beras.metrics")
        optimizer = world.module("beras.optimizers").Adam(0.002)
        model.compile(optimizer, losses.CategoricalCrossentropy(), metrics.CategoricalAccuracy())
        truth = core.Tensor(np.eye(10, dtype=np.float32)[labels])
        wall, cpu = time.perf_counter(), time.process_time()
        with redirect_stdout(StringIO()):
            model.fit(core.Tensor(x), truth, epochs=1, batch_size=256)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        right = np.argmax(np.asarray(model(core.Tensor(tests))), axis=1) == test_labels
    told = composition.told if composition else ""
    return {
        "seconds": cpu,
        "composing": composing.seconds,
        "wall seconds": wall,
        "peak_mb": peak,
        "accuracy": float(right.mean()),
        "told": told,
    }


class _Stopwatch:
    """Processor seconds that were spent within some of a class's methods."""

    def __init__(self, owner: Any, *names: str) -> None:
        self.seconds, self._running = 0.0, False
        for name in names:
            setattr(owner, name, self._timed(getattr(owner, name)))

    def _timed(self, own: Any) -> Any:
        def method(*arguments: Any, **options: Any) -> Any:
            if self._running:  # one of them calls another
                return own(*arguments, **options)
            self._running, begun = True, time.process_time()
            try:
                return own(*arguments, **options)
            finally:
                self.seconds, self._running = self.seconds + time.process_time() - begun, False

        return method


def whole(job: dict[str, Any]) -> dict[str, Any]:
    """Grade a submission, all tests, in this process: its points without those of training, and what training took."""
    from autograder.assignment import config
    from autograder.grading import pipeline
    from autograder.intake.submission import read

    assignment = config.load()
    # Out of reach, and one seed: every epoch is trained.
    assignment = replace(assignment, training=replace(assignment.training, accuracy=1.0, attempts=1))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "submission")
        for path, content in submission(STYLES[1], "loop").items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        handed_in = read(folder, assignment.edition, assignment.limits)
        report = pipeline.grade(handed_in, Path(name, "r.json"), assignment, data_folder=Path(job["data"]))
    trained = {test.number: test.staff for test in report.tests if "training" in test.tags}
    return {
        "points": report.score,
        "seconds": report.execution_time,
        "epochs": sum(len(staff["curves"][0]) for staff in trained.values()),
        "accuracy": min(staff["curves"][0][-1][1] for staff in trained.values()),
        "worker_mb": max(staff["peak_mb"] for staff in trained.values()),
        "composition": trained["9.2"]["composition"],
    }


def written(digits: Any, folder: str) -> None:
    """Put `digits` into IDX files."""
    for part, pictures, labels in (
        ("train", digits.train_images, digits.train_labels),
        ("t10k", digits.test_images, digits.test_labels),
    ):
        for kind, array in (("images-idx3", pictures), ("labels-idx1", labels)):
            sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
            with gzip.open(Path(folder, f"{part}-{kind}-ubyte.gz"), "wb", compresslevel=1) as file:
                file.write(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def against_torch(job: dict[str, Any]) -> dict[str, Any]:
    """Return one epoch of each model in the reference, in PyTorch, and of the bare products, taking turns."""
    sys.path.insert(0, str(ROOT / "reference"))
    import assignment
    import numpy as np
    import torch
    from beras.core import Tensor

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(job["samples"], 784)).astype(np.float32)
    y = np.eye(10, dtype=np.float32)[rng.integers(0, 10, len(x))]

    def reference(name: str) -> None:
        made = getattr(assignment, f"get_{name}_model_components")()
        with redirect_stdout(StringIO()):
            made.model.fit(Tensor(x), Tensor(y), epochs=1, batch_size=made.batch_size)

    def pytorch(name: str) -> None:
        made = getattr(assignment, f"get_{name}_model_components")()
        (inputs, hidden), classes = made.model.layers[0].w.shape, y.shape[1]
        slope, size = made.model.layers[1].alpha, made.batch_size
        modules = [torch.nn.Linear(inputs, hidden), torch.nn.LeakyReLU(slope), torch.nn.Linear(hidden, classes)]
        # PyTorch's cross-entropy holds the softmax.
        net = torch.nn.Sequential(*modules, *([torch.nn.Sigmoid()] if name == "simple" else []))
        loss_of = torch.nn.MSELoss() if name == "simple" else torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.Adam(net.parameters(), lr=made.model.optimizer.learning_rate)
        images, truth = torch.from_numpy(x), torch.from_numpy(y)
        for start in range(0, len(x) - size + 1, size):
            optimizer.zero_grad()
            outputs, wanted = net(images[start : start + size]), truth[start : start + size]
            loss = loss_of(outputs, wanted)
            loss.backward()
            optimizer.step()
            loss.item()  # both report loss and accuracy of every batch
            (outputs.argmax(1) == wanted.argmax(1)).float().mean().item()

    def products(name: str) -> None:
        made = getattr(assignment, f"get_{name}_model_components")()
        first, second = (np.asarray(made.model.layers[index].w) for index in (0, 2))
        size = made.batch_size
        upstream = np.ones((size, second.shape[1]), np.float32)
        for start in range(0, len(x) - size + 1, size):
            batch = x[start : start + size]
            hidden = batch @ first
            for _ in (hidden @ second, hidden.T @ upstream, batch.T @ (upstream @ second.T)):
                pass

    result: dict[str, Any] = {}
    for name in MODELS:
        rounds = []
        for _ in range(job["rounds"] + 1):
            seconds = []
            for run in (reference, pytorch, products):
                begun = time.perf_counter()
                run(name)
                seconds.append(time.perf_counter() - begun)
            rounds.append(seconds)
        kept = rounds[1:]  # the first warms up
        columns = list(zip(*kept, strict=True))
        result[name] = {
            **dict(zip(("reference", "PyTorch", "bare products"), map(statistics.median, columns), strict=True)),
            "PyTorch / reference": statistics.median(row[1] / row[0] for row in kept),
            "products / reference": statistics.median(row[2] / row[0] for row in kept),
        }
    return result


JOBS = {"epoch": one_epoch, "whole": whole, "torch": against_torch}


def main() -> None:
    """Measure, and print tables or JSON."""
    arguments = parser(__doc__, "one round on 6,000 images instead of three on 60,000, no whole grading")
    arguments.add_argument("--data", help="a folder with MNIST's IDX files")
    arguments.add_argument("--torch", metavar="PYTHON", help="an interpreter that has PyTorch and NumPy")
    arguments.add_argument("--part", choices=("compositions", "grading", "torch"), help="this part alone")
    options = arguments.parse_args()
    if options.once:
        answer(JOBS[options.once["what"]](options.once))
        return
    samples, rounds = (6_000, 1) if options.quick else (60_000, 3)
    data = os.path.abspath(options.data) if options.data else None  # noqa: PTH100  stays relative to this folder
    result: dict[str, Any] = {"samples": samples}
    tables: list[list[list[Any]]] = []
    if options.part in (None, "compositions"):
        result["compositions"], table = compositions(samples, rounds, data)
        tables.append(table)
    if options.part == "grading" or (options.part is None and not options.quick):
        with tempfile.TemporaryDirectory() as folder:
            written(images(samples, data), folder)
            row = result["grading"] = fresh(__file__, {"what": "whole", "data": folder}, core=0)
        keys = ("wall", "cpu", "tree_mb", "worker_mb", "epochs", "accuracy", "points")
        tables.append([["whole grading, one core", *keys], ["", *(row[key] for key in keys)]])
    if options.part in (None, "torch") and options.torch:
        job = {"what": "torch", "samples": 10_000, "rounds": 3 if options.quick else 15}
        found = fresh(__file__, job, python=options.torch)
        result["torch"] = {name: found[name] for name in MODELS}
        tables.append([["epoch of 10,000 images, seconds", *found["simple"]]])
        tables[-1] += [[name, *found[name].values()] for name in MODELS]
    finish(options, result, tables)


def compositions(samples: int, rounds: int, data: str | None) -> tuple[dict[str, Any], list[list[Any]]]:
    """Return every style, dtype and way: figures, and a table of them."""
    result: dict[str, Any] = {}
    table: list[list[Any]] = [
        [
            f"one epoch of {samples:,} images",
            *("cpu s", "wall s", "times faster", "composing s", "times faster", "peak MB", "accuracy"),
        ]
    ]
    for dtype in DTYPES:
        for style in STYLES:
            shared = {"what": "epoch", "style": style, "dtype": dtype, "samples": samples, "data": data}
            turns = [{way: fresh(__file__, {**shared, "way": way}) for way in WAYS} for _ in range(rounds)]
            for way in WAYS:
                row = medians(turn[way] for turn in turns)
                for key, name in (("seconds", "ratio"), ("composing", "composing ratio")):
                    row[name] = statistics.median(turn[way][key] / turn["vectorised"][key] for turn in turns)
                result[f"{dtype} {style} {way}"] = {**row, "told": turns[0][way]["told"]}
                keys = ("seconds", "wall seconds", "ratio", "composing", "composing ratio", "peak_mb")
                shown = [row[key] for key in keys]
                table.append([f"{dtype} {style} {way}", *shown, f"{row['accuracy']:.4f}"])
    return result, table


if __name__ == "__main__":
    main()
