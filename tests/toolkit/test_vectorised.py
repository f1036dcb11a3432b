"""Vectorised composition: the same numbers as the handout's loop, and the submission's own where they differ."""

import numpy as np
import pytest

from autograder.guest import vectorised
from autograder.guest.loader import World
from autograder.variants import load, render, with_inherited_compose


def trained(files, assignment, *, fast, dtype=np.float64, full=False):
    """The weights after one epoch of a small network on the handout's compose methods, or on vectorised ones."""
    files = with_inherited_compose(files, "beras/layers.py", "Dense")
    layers = files["beras/layers.py"].decode()
    if full:
        layers = layers.replace("x[:, :, np.newaxis]", "np.repeat(x[:, :, np.newaxis], self.w.shape[1], axis=2)")
    world = World({**files, "beras/layers.py": layers.encode()}, {})
    rng = np.random.default_rng(1)
    x, labels = rng.uniform(size=(60, 20)).astype(dtype), rng.integers(0, 4, 60)
    with world.entered():
        core = world.module("beras.core")
        if fast:
            assert not vectorised.accelerate(core).problem
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
        return [np.asarray(weight) for weight in model.weights]


@pytest.mark.parametrize("full", [False, True], ids=["(B, in, 1)", "(B, in, out)"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_an_epoch_ends_at_the_same_weights(reference_files, assignment, dtype, tolerance, full):
    loop = trained(reference_files, assignment, fast=False, dtype=dtype, full=full)
    fast = trained(reference_files, assignment, fast=True, dtype=dtype, full=full)
    for one, other in zip(loop, fast, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


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
