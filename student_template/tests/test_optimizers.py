"""The optimizers: first steps that can be computed by hand, in place."""

import numpy as np
import pytest

STEPS = [
    # name, arguments, the step from 1.0 with the gradient 2.0
    ("BasicOptimizer", {"learning_rate": 0.1}, 0.2),
    ("RMSProp", {"learning_rate": 0.1, "beta": 0.75}, 0.2),  # v = 0.25 * 4, its root is 1
    ("Adam", {"learning_rate": 0.1}, 0.1),  # the corrected means are those of a single gradient
]


def make_optimizer(name, **arguments):
    """Return the optimizer of that name."""
    from beras import optimizers

    return getattr(optimizers, name)(**arguments)


def make_parameters(*shapes):
    """Return Variables of ones."""
    from beras.core import Variable

    return [Variable(np.ones(shape)) for shape in shapes]


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_first_step_is_as_computed_by_hand(name, arguments, step):
    parameters = make_parameters((1, 1))
    make_optimizer(name, **arguments).apply_gradients(parameters, [np.full((1, 1), 2.0)])
    assert parameters[0].item() == pytest.approx(1 - step, abs=1e-5)


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_arrays_that_the_layers_hold_are_changed_in_place(name, arguments, step):
    first, second = make_parameters((2, 3), (1, 3))
    make_optimizer(name, **arguments).apply_gradients([first, second], [np.full((2, 3), 2.0), np.full((1, 3), 2.0)])
    np.testing.assert_allclose(first, 1 - step, atol=1e-5)
    np.testing.assert_allclose(second, 1 - step, atol=1e-5)


@pytest.mark.parametrize("name", ["RMSProp", "Adam"])
def test_parameters_have_memories_of_their_own(name):
    optimizer = make_optimizer(name, learning_rate=0.1)
    first, second = make_parameters((1, 1), (1, 1))
    for _ in range(3):
        optimizer.apply_gradients([first, second], [np.full((1, 1), 2.0), np.full((1, 1), 1e-3)])
    alone = make_parameters((1, 1))
    optimizer = make_optimizer(name, learning_rate=0.1)
    for _ in range(3):
        optimizer.apply_gradients(alone, [np.full((1, 1), 1e-3)])
    np.testing.assert_allclose(second, alone[0])


def test_adam_counts_its_calls_once_for_all_parameters():
    optimizer = make_optimizer("Adam", learning_rate=0.1)
    parameters = make_parameters((1, 1), (1, 1), (1, 1))
    for _ in range(5):
        optimizer.apply_gradients(parameters, [np.full((1, 1), 2.0)] * 3)
    # Under a constant gradient the corrected means are constant: each step is one learning rate.
    np.testing.assert_allclose(np.ravel(parameters), 0.5, atol=1e-5)


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_gradients_are_left_as_they_were(name, arguments, step):
    gradient = np.full((2, 3), 2.0)
    optimizer = make_optimizer(name, **arguments)
    for _ in range(2):
        optimizer.apply_gradients(make_parameters((2, 3)), [gradient])
    np.testing.assert_array_equal(gradient, np.full((2, 3), 2.0))


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_each_optimizer_has_a_memory_of_its_own(name, arguments, step):
    make_optimizer(name, **arguments).apply_gradients(make_parameters((1, 1)), [np.full((1, 1), 9.0)])
    parameters = make_parameters((1, 1))
    make_optimizer(name, **arguments).apply_gradients(parameters, [np.full((1, 1), 2.0)])
    assert parameters[0].item() == pytest.approx(1 - step, abs=1e-5)
