"""Vectorised composition: the same numbers as the handout's loop, and the submission's own where they differ."""

import numpy as np
import pytest

from autograder.assignment.variants import load, render, without_companions
from autograder.guest.loader import World
from homework import vectorised

SPELLED_OUT = "np.repeat(x[:, :, np.newaxis], self.w.shape[1], axis=2)"
# The handout's sum, as some editions print it: a (B, in, out) array in the dtype of the local gradient.
FILLED = """
                gradient = np.zeros((len(upstream), *weight.shape), dtype=local_gradient.dtype)
                for sample in range(len(upstream)):
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    gradient[sample] = sample_gradient * upstream[sample]
                composed.append(gradient.sum(axis=0))
"""


def trained(files, *, fast, dtype=np.float64, local="x[:, :, np.newaxis]", core_of=lambda text: text):
    """The weights after an epoch of a small net whose Dense writes its weight gradient as `local`; what was done."""
    files = without_companions(files, "beras/layers.py", "Dense")
    layers = files["beras/layers.py"].decode().replace("x[:, :, np.newaxis]", local)
    core_text = core_of(files["beras/core.py"].decode())
    world = World({**files, "beras/layers.py": layers.encode(), "beras/core.py": core_text.encode()}, {})
    rng = np.random.default_rng(1)
    x, labels = rng.uniform(size=(240, 20)).astype(dtype), rng.integers(0, 4, 240)
    with world.entered():
        core = world.module("beras.core")
        composition = vectorised.accelerate(core) if fast else None
        assignment_module = world.module("assignment")
        dense = world.module("beras.layers").Dense
        np.random.seed(3)  # noqa: NPY002  what the reference draws from
        network = [dense(20, 7, "xavier"), world.module("beras.activations").LeakyReLU(), dense(7, 4, "xavier")]
        for layer in (network[0], network[2]):
            layer.w, layer.b = core.Tensor(layer.w.astype(dtype)), core.Tensor(layer.b.astype(dtype))
        model = assignment_module.SequentialModel([*network, world.module("beras.activations").Softmax()])
        losses, optimizers = world.module("beras.losses"), world.module("beras.optimizers")
        accuracy = world.module("beras.metrics").CategoricalAccuracy()
        model.compile(optimizers.BasicOptimizer(0.1), losses.CategoricalCrossentropy(), accuracy)
        model.fit(core.Tensor(x), core.Tensor(np.eye(4, dtype=dtype)[labels]), epochs=1, batch_size=6)
        return [np.asarray(weight) for weight in model.weights], composition and composition.told


def filled(text):
    start = text.index("                gradient = np.zeros(weight.shape")
    end = "                composed.append(gradient)\n"
    return text[:start] + FILLED.lstrip("\n") + text[text.index(end, start) + len(end) :]


@pytest.mark.parametrize("local", ["x[:, :, np.newaxis]", SPELLED_OUT], ids=["(B, in, 1)", "(B, in, out)"])
@pytest.mark.parametrize("core_of", [lambda text: text, filled], ids=["summed", "filled"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_an_epoch_ends_at_the_same_weights(reference_files, dtype, tolerance, local, core_of):
    loop, _ = trained(reference_files, fast=False, dtype=dtype, local=local, core_of=core_of)
    fast, told = trained(reference_files, fast=True, dtype=dtype, local=local, core_of=core_of)
    assert told == ("vectorised; 2 of 2 (B, in, out) left out" if local == SPELLED_OUT else "vectorised")
    for one, other in zip(loop, fast, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "local",
    [
        f"{SPELLED_OUT} * (1 + (np.abs(self.b).max() > 0))",  # right while the bias is what it was
        f"{SPELLED_OUT} + np.random.normal(size=(len(x), *self.w.shape))",
        f"2 * {SPELLED_OUT}",
        f"{SPELLED_OUT} / len(x)",
    ],
    ids=["depends on other state", "random", "twice too large", "averaged"],
)
def test_what_is_not_the_input_for_every_output_is_asked_for(reference_files, local):
    _, told = trained(reference_files, fast=True, local=local)
    assert told in ("vectorised; 0 of 2 (B, in, out) left out", "vectorised")


def test_a_gradient_that_keeps_count_is_asked_for_in_every_batch(reference_files):
    counted = f"{SPELLED_OUT}]\n        self.calls = getattr(self, 'calls', 0) + 1\n        gradients = [*gradients"
    text = reference_files["beras/layers.py"].decode()
    text = text.replace(
        "return [x[:, :, np.newaxis], np.ones_like(self.b)]",
        f"gradients = [{counted}, np.ones_like(self.b)]\n        return gradients",
    )
    _, told = trained({**reference_files, "beras/layers.py": text.encode()}, fast=True)
    assert told == "vectorised"


def test_the_submissions_own_random_numbers_are_not_touched(reference_files):
    drawn = [
        np.random.random()  # noqa: NPY002  the stream in question
        for fast in (False, True)
        if trained(reference_files, fast=fast, local=SPELLED_OUT)
    ]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    "change",
    [
        ("sample_gradient @ upstream[sample]", "2 * sample_gradient @ upstream[sample]"),
        ("gradient += contribution", "gradient -= contribution"),
        ("        return composed", "        return tuple(composed)"),
    ],
)
def test_a_core_that_composes_otherwise_is_left_alone(reference_files, change):
    core = reference_files["beras/core.py"].decode()
    assert change[0] in core
    world = World({**reference_files, "beras/core.py": core.replace(*change).encode()}, {})
    with world.entered():
        module = world.module("beras.core")
        before = module.Diffable.compose_input_gradients
        assert vectorised.accelerate(module).problem
        assert module.Diffable.compose_input_gradients is before


def test_a_mistake_in_a_local_gradient_stays_a_mistake(assignment, reference_files):
    chaffs = load(assignment.reference / "chaffs")
    world = World(render(reference_files, [chaffs["transposed"]]), {})
    with world.entered():
        core = world.module("beras.core")
        vectorised.accelerate(core)
        layer = world.module("beras.layers").Dense(5, 3)
        layer(core.Tensor(np.ones((7, 5))))
        with pytest.raises(ValueError, match=r"matmul|mismatch"):
            layer.compose_input_gradients([np.ones((7, 3))])
