"""The optimizers: first steps that can be computed by hand, in place."""

import numpy as np
import pytest

from tests.edition import apply_gradients, optimizer_of, variable

STEPS = [
    # name, arguments, the step from 1.0 with the gradient 2.0
    ("BasicOptimizer", {"learning_rate": 0.1}, 0.2),
    ("RMSProp", {"learning_rate": 0.1, "beta": 0.75}, 0.2),  # v = 0.25 * 4, its root is 1
    ("Adam", {"learning_rate": 0.1}, 0.1),  # the corrected means are those of a single gradient
]


def make_parameters(*shapes):
    """Return Variables of ones."""
    return [variable(np.ones(shape)) for shape in shapes]


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_first_step_is_as_computed_by_hand(name, arguments, step):
    parameters = make_parameters((1, 1))
    apply_gradients(optimizer_of(name, parameters, **arguments), parameters, [np.full((1, 1), 2.0)])
    assert parameters[0].item() == pytest.approx(1 - step, abs=1e-5)


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_arrays_that_the_layers_hold_are_changed_in_place(name, arguments, step):
    first, second = make_parameters((2, 3), (1, 3))
    optimizer = optimizer_of(name, [first, second], **arguments)
    apply_gradients(optimizer, [first, second], [np.full((2, 3), 2.0), np.full((1, 3), 2.0)])
    np.testing.assert_allclose(first, 1 - step, atol=1e-5)
    np.testing.assert_allclose(second, 1 - step, atol=1e-5)


@pytest.mark.parametrize("name", ["RMSProp", "Adam"])
def test_parameters_have_memories_of_their_own(name):
    first, second = make_parameters((1, 1), (1, 1))
    optimizer = optimizer_of(name, [first, second], learning_rate=0.1)
    for _ in range(3):
        apply_gradients(optimizer, [first, second], [np.full((1, 1), 2.0), np.full((1, 1), 1e-3)])
    alone = make_parameters((1, 1))
    optimizer = optimizer_of(name, alone, learning_rate=0.1)
    for _ in range(3):
        apply_gradients(optimizer, alone, [np.full((1, 1), 1e-3)])
    np.testing.assert_allclose(second, alone[0])


@pytest.mark.parametrize(
    ("name", "arguments", "step"),
    [
        ("RMSProp", {"learning_rate": 0.1, "beta": 0.75, "epsilon": 1}, 0.1),  # 0.1 * 2 / (1 + 1)
        ("Adam", {"learning_rate": 0.1, "epsilon": 2}, 0.05),  # 0.1 * 2 / (2 + 2)
    ],
)
def test_epsilon_is_added_to_the_root(name, arguments, step):
    parameters = make_parameters((1, 1))
    apply_gradients(optimizer_of(name, parameters, **arguments), parameters, [np.full((1, 1), 2.0)])
    assert parameters[0].item() == pytest.approx(1 - step, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("RMSProp", {"learning_rate": 0.1, "beta": 0.75}, 0.8 - 0.1 * 4 / np.sqrt(0.75 * 1 + 0.25 * 16)),
        (
            "Adam",
            {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.75},
            0.9 - 0.1 * (2.5 / 0.75) / np.sqrt(4.75 / 0.4375),
        ),
    ],
)
def test_a_second_step_remembers_the_first(name, arguments, value):
    parameters = make_parameters((1, 1))
    optimizer = optimizer_of(name, parameters, **arguments)
    for gradient in (2.0, 4.0):
        apply_gradients(optimizer, parameters, [np.full((1, 1), gradient)])
    assert parameters[0].item() == pytest.approx(value, abs=1e-5)


def test_adam_counts_its_calls_once_for_all_parameters():
    parameters = make_parameters((1, 1), (1, 1), (1, 1))
    optimizer = optimizer_of("Adam", parameters, learning_rate=0.1)
    for _ in range(5):
        apply_gradients(optimizer, parameters, [np.full((1, 1), 2.0)] * 3)
    # Under a constant gradient the corrected means are constant: each step is one learning rate.
    np.testing.assert_allclose(np.ravel(parameters), 0.5, atol=1e-5)


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_gradients_are_left_as_they_were(name, arguments, step):
    gradient = np.full((2, 3), 2.0)
    parameters = make_parameters((2, 3))
    optimizer = optimizer_of(name, parameters, **arguments)
    for _ in range(2):
        apply_gradients(optimizer, parameters, [gradient])
    np.testing.assert_array_equal(gradient, np.full((2, 3), 2.0))


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_each_optimizer_has_a_memory_of_its_own(name, arguments, step):
    others = make_parameters((1, 1))
    apply_gradients(optimizer_of(name, others, **arguments), others, [np.full((1, 1), 9.0)])
    parameters = make_parameters((1, 1))
    apply_gradients(optimizer_of(name, parameters, **arguments), parameters, [np.full((1, 1), 2.0)])
    assert parameters[0].item() == pytest.approx(1 - step, abs=1e-5)
