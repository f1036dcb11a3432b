"""The optimizers: first steps that can be computed by hand, in place."""

import numpy as np
import pytest

from tests.comparing import assert_close
from tests.edition import BACKWARD, apply_gradients, optimizer_of, variable

STEPS = [
    # name, arguments, the step from 1.0 with the gradient 2.0
    ("BasicOptimizer", {"learning_rate": 0.1}, 0.2),
    ("RMSProp", {"learning_rate": 0.1, "beta": 0.75}, 0.2),  # v = 0.25 * 4, its root is 1
    ("Adam", {"learning_rate": 0.1}, 0.1),  # the corrected means are those of a single gradient
]


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_each_optimizer_has_a_memory_of_its_own(name, arguments, step):
    alone, others, parameters = (make_parameters((1, 1)) for _ in range(3))
    for one, gradient in ((alone, 2.0), (others, 9.0), (parameters, 2.0)):
        apply_gradients(optimizer_of(name, one, **arguments), one, [np.full((1, 1), gradient)])
    assert parameters[0].item() == pytest.approx(alone[0].item(), abs=1e-5), (
        f"a new {name} takes the first step to {parameters[0].item():.6g} after another {name} has taken one, and to "
        f"{alone[0].item():.6g} before: what do they share? (A default such as `v={{}}`, or an attribute of the class?)"
    )


if not BACKWARD:

    @pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
    def test_arguments_may_be_given_by_name(name, arguments, step):
        parameters = make_parameters((1, 1))
        optimizer = optimizer_of(name, parameters, **arguments)
        optimizer.apply_gradients(trainable_params=parameters, grads=[np.full((1, 1), 2.0)])
        others = make_parameters((1, 1))
        optimizer_of(name, others, **arguments).apply_gradients(others, [np.full((1, 1), 2.0)])
        assert parameters[0].item() == pytest.approx(others[0].item(), abs=1e-5), (
            f"{name} takes another step when its arguments are given by name"
        )


IN_PLACE = "`p[...] -= step` or `p -= step` changes the array itself, `p = p - step` makes a new one"


def _show(name, arguments, gradients, parameters, wanted):
    """Return what is expected of one parameter, and what was found."""
    made = ", ".join(f"{argument}={value}" for argument, value in arguments.items())
    found = parameters[0].item()
    said = f"{name}({made}) takes a parameter from 1 to {wanted:.6g} by the gradient {gradients}, and yours "
    if found == 1:
        return f"{said}leaves it as it was: {IN_PLACE}"
    return f"{said}to {found:.6g}{_explain_adam(found) if name == 'Adam' and gradients == '2.0' else ''}"


def _explain_adam(found):
    """Return what is missing where Adam's first step, by the gradient 2 and with the rate 0.1, ends there, or nothing."""
    m, v, corrected_m, corrected_v = 0.2, 0.004, 2, 4
    ends = {
        "m_hat = m / (1 - beta_1^t) and v_hat = v / (1 - beta_2^t)": 0.1 * m / np.sqrt(v),
        "m_hat = m / (1 - beta_1^t)": 0.1 * m / np.sqrt(corrected_v),
        "v_hat = v / (1 - beta_2^t)": 0.1 * corrected_m / np.sqrt(v),
    }
    return next((f": what is left out is {what}" for what, step in ends.items() if abs(1 - step - found) < 1e-4), "")


def make_parameters(*shapes):
    """Return Variables of ones."""
    return [variable(np.ones(shape)) for shape in shapes]


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_first_step_is_as_computed_by_hand(name, arguments, step):
    parameters = make_parameters((1, 1))
    apply_gradients(optimizer_of(name, parameters, **arguments), parameters, [np.full((1, 1), 2.0)])
    assert parameters[0].item() == pytest.approx(1 - step, abs=1e-5), _show(
        name, arguments, "2.0", parameters, 1 - step
    )


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_arrays_that_the_layers_hold_are_changed_in_place(name, arguments, step):
    first, second = make_parameters((2, 3), (1, 3))
    optimizer = optimizer_of(name, [first, second], **arguments)
    apply_gradients(optimizer, [first, second], [np.full((2, 3), 2.0), np.full((1, 3), 2.0)])
    for parameter in (first, second):
        assert (np.asarray(parameter) != 1).all(), f"the array itself is still as it was: {IN_PLACE}"


def take_five_steps():
    """Return where Adam takes three parameters from 1 under a constant gradient."""
    parameters = make_parameters((1, 1), (1, 1), (1, 1))
    optimizer = optimizer_of("Adam", parameters, learning_rate=0.1)
    for _ in range(5):
        apply_gradients(optimizer, parameters, [np.full((1, 1), 2.0)] * 3)
    return np.ravel(parameters)


def counts_parameters(found):
    """Whether three parameters have come there because t grows once a parameter, and not once a call."""
    calls, first = np.arange(1, 6), np.arange(1, 4)[:, np.newaxis]
    t = 3 * (calls - 1) + first
    steps = 0.1 * (1 - 0.9**calls) / (1 - 0.9**t) * np.sqrt((1 - 0.999**t) / (1 - 0.999**calls))
    return np.allclose(found, 1 - steps.sum(axis=1), atol=1e-4)


def blame_memory(name):
    """Return what may be wrong where a parameter moves otherwise beside another than alone."""
    if name == "Adam" and counts_parameters(take_five_steps()):
        return "mend first what test_adam_counts_its_calls_once_for_all_parameters says of t"
    return "does each remember its own gradients?"


def test_adam_counts_its_calls_once_for_all_parameters():
    found = take_five_steps()
    # Under a constant gradient the corrected means are constant: each step is one learning rate.
    hint = "5 calls under a constant gradient are 5 steps of 0.1 for each of 3 parameters"
    if counts_parameters(found):
        hint += ": t counts calls, so it grows once a call, outside of the loop over the parameters"
    assert_close(found, 0.5, atol=1e-5, err_msg=hint)


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
    assert_close(
        second,
        alone[0],
        err_msg="a parameter moves otherwise beside another than alone: " + blame_memory(name),
    )


@pytest.mark.parametrize(
    ("name", "arguments", "step", "under"),
    [
        ("RMSProp", {"learning_rate": 0.1, "beta": 0.75, "epsilon": 1}, 0.1, 0.2 / np.sqrt(1 + 1)),  # 0.2 / (1 + 1)
        ("Adam", {"learning_rate": 0.1, "epsilon": 2}, 0.05, 0.2 / np.sqrt(4 + 2)),  # 0.2 / (2 + 2)
    ],
)
def test_epsilon_is_added_to_the_root(name, arguments, step, under):
    parameters = make_parameters((1, 1))
    apply_gradients(optimizer_of(name, parameters, **arguments), parameters, [np.full((1, 1), 2.0)])
    assert parameters[0].item() == pytest.approx(1 - step, abs=1e-6), _show(
        name, arguments, "2.0", parameters, 1 - step
    ) + (": yours adds epsilon under the root" if abs(parameters[0].item() - 1 + under) < 1e-5 else "")


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
    assert parameters[0].item() == pytest.approx(value, abs=1e-5), _show(
        name, arguments, "2.0 and then 4.0", parameters, value
    )


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_large_gradients_are_taken_as_they_are(name, arguments, step):
    parameters = make_parameters((1, 1))
    optimizer = optimizer_of(name, parameters, **arguments)
    apply_gradients(optimizer, parameters, [np.full((1, 1), 200.0)])
    if name == "BasicOptimizer":
        step = 20
    assert parameters[0].item() == pytest.approx(1 - step, abs=1e-4), _show(
        name, arguments, "200.0", parameters, 1 - step
    )


@pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
def test_the_gradients_are_left_as_they_were(name, arguments, step):
    gradient = np.full((2, 3), 2.0)
    parameters = make_parameters((2, 3))
    optimizer = optimizer_of(name, parameters, **arguments)
    for _ in range(2):
        apply_gradients(optimizer, parameters, [gradient])
    np.testing.assert_array_equal(
        gradient, np.full((2, 3), 2.0), err_msg="your code writes into the gradient: make a new array"
    )


if BACKWARD:

    @pytest.mark.parametrize(("name", "arguments", "step"), STEPS)
    def test_a_parameter_without_a_gradient_stays_as_it_is(name, arguments, step):
        first, second = make_parameters((2, 3), (1, 3))
        apply_gradients(optimizer_of(name, [first, second], **arguments), [first, second], [None, np.full((1, 3), 2.0)])
        np.testing.assert_array_equal(first, np.ones((2, 3)), err_msg="its grad is None")
        assert (np.asarray(second) != 1).all(), "the other one has a gradient, and should move"

    @pytest.mark.parametrize("name", ["RMSProp", "Adam"])
    def test_memories_keep_to_their_parameters_when_one_has_no_gradient(name):
        first, second = make_parameters((1, 1), (1, 1))
        optimizer = optimizer_of(name, [first, second], learning_rate=0.1)
        large, small = np.full((1, 1), 2.0), np.full((1, 1), 1e-3)
        for gradient in (large, None):
            apply_gradients(optimizer, [first, second], [gradient, small])
        alone = make_parameters((1, 1))
        optimizer = optimizer_of(name, alone, learning_rate=0.1)
        for _ in range(2):
            apply_gradients(optimizer, alone, [small])
        assert_close(
            second,
            alone[0],
            err_msg="the second parameter moves otherwise beside one without a gradient than alone: "
            + blame_memory(name),
        )

    def test_adams_t_counts_the_steps_without_a_gradient_too():
        parameters = make_parameters((1, 1))
        optimizer = optimizer_of("Adam", parameters, learning_rate=0.1)
        for gradient in (None, np.full((1, 1), 2.0)):
            apply_gradients(optimizer, parameters, [gradient])
        # m = 0.1 * 2 and v = 0.001 * 4, corrected by t = 2.
        value = 1 - 0.1 * (0.2 / (1 - 0.9**2)) / np.sqrt(0.004 / (1 - 0.999**2))
        assert parameters[0].item() == pytest.approx(value, abs=1e-5), (
            f"its first gradient comes in the second step, where t is 2: it goes from 1 to {value:.6g}, and yours to "
            f"{parameters[0].item():.6g}"
        )
