"""The activations: small values by hand, large ones that must not overflow, gradients."""

import numpy as np
import pytest

from tests.comparing import assert_close
from tests.gradient_check import check_input_gradients, sample


def test_leaky_relu_keeps_what_is_positive_and_shrinks_the_rest():
    from beras.activations import LeakyReLU

    assert_close(LeakyReLU()(np.array([[2.0, -10.0]])), [[2, -3]])


def test_leaky_relu_uses_its_own_alpha():
    from beras.activations import LeakyReLU

    assert_close(LeakyReLU(alpha=0.5)(np.array([[2.0, -10.0]])), [[2, -5]])


def test_relu_is_zero_below_zero():
    from beras.activations import ReLU

    assert_close(ReLU()(np.array([[2.0, -10.0]])), [[2, 0]])


def test_sigmoid_is_a_half_at_zero():
    from beras.activations import Sigmoid

    assert_close(Sigmoid()(np.array([[0.0, np.log(3)]])), [[0.5, 0.75]])


@pytest.mark.parametrize("name", ["LeakyReLU", "ReLU", "Sigmoid", "Softmax"])
def test_call_leaves_its_input_as_it_was(name):
    layer, (x,) = sample(name, 7, 5, 5)
    kept = x.copy()
    layer(x)
    np.testing.assert_array_equal(
        x, kept, err_msg="your code writes into its input: make a new array, as x.copy() does"
    )


def test_a_softmax_gradient_is_one_matrix_a_sample():
    layer, (x,) = sample("Softmax", 7, 5, 5)
    layer(x)
    found = layer.get_input_gradients()
    wanted = "for x of shape (7, 5) a list with one array, a 5 by 5 matrix for each of the 7 samples, (7, 5, 5)"
    assert isinstance(found, (list, tuple)), f"{wanted}; yours is no list, but {type(found).__name__}"
    shapes = [np.shape(gradient) for gradient in found]
    assert shapes == [(7, 5, 5)], f"{wanted}; yours holds {', '.join(map(str, shapes))}"


@pytest.mark.parametrize("name", ["LeakyReLU", "ReLU", "Sigmoid", "Softmax"])
def test_large_inputs_give_finite_outputs_and_gradients(name):
    layer, _ = sample(name, 2, 3, 3)
    output = layer(np.array([[800.0, -800.0, 1.0], [-800.0, -801.0, -802.0]]))
    hint = {"Softmax": " Subtract from each row its own maximum first"}.get(name, "")
    assert np.isfinite(output).all(), f"{name} of large inputs is NaN or infinite: does exp overflow?{hint}"
    gradient = layer.compose_input_gradients([np.ones((2, 3))])[0]
    assert np.isfinite(gradient).all(), f"the gradient of {name} at large inputs is NaN or infinite: does exp overflow?"


def test_softmax_turns_each_row_into_probabilities():
    from beras.activations import Softmax

    probabilities = Softmax()(np.array([[0.0, np.log(3)], [5, 5]]))
    assert_close(
        probabilities, [[0.25, 0.75], [0.5, 0.5]], err_msg="each row is exp(x) over the sum of that row's exp(x)"
    )


def test_softmax_treats_each_row_by_itself():
    from beras.activations import Softmax

    # The second row is as good as far from the first: it must not be crushed to zero by it.
    hint = (
        "a row that is far below another has its own probabilities: subtract the maximum of each row, "
        "x.max(axis=-1, keepdims=True), not that of the whole batch"
    )
    if not np.allclose(Softmax()(np.zeros((2, 2))), 0.5):
        hint = "each row is divided by the sum of its own exponentials, .sum(axis=-1, keepdims=True)"
    assert_close(Softmax()(np.array([[900.0, 900], [-900, -900]])), np.full((2, 2), 0.5), err_msg=hint)


@pytest.mark.parametrize("shape", [(7, 5, 5), (3, 4, 4), (1, 2, 2), (4, 4, 4), (3, 1, 1)])
@pytest.mark.parametrize("name", ["LeakyReLU", "ReLU", "Sigmoid", "Softmax"])
def test_input_gradients_agree_with_finite_differences(name, shape):
    layer, inputs = sample(name, *shape)
    check_input_gradients(layer, *inputs)


@pytest.mark.parametrize("name", ["LeakyReLU", "ReLU", "Sigmoid", "Softmax"])
def test_a_second_batch_leaves_the_first_output_and_gets_gradients_of_its_own(name):
    layer, (x,) = sample(name, 7, 5, 5)
    fresh, (smaller,) = sample(name, 3, 5, 5)
    output = layer(x)
    kept = output.copy()
    layer.compose_input_gradients([np.ones((7, 5))])
    layer(2 * x)
    np.testing.assert_array_equal(output, kept, err_msg="a second call writes into the array that the first returned")
    again = "a layer that was called before answers otherwise than a new one: what does it keep of the first batch?"
    assert_close(layer(smaller), fresh(smaller), err_msg=again)
    upstream = [np.random.default_rng(1).normal(size=(3, 5))]  # ones say nothing about Softmax, whose rows add up to 1
    assert_close(layer.compose_input_gradients(upstream), fresh.compose_input_gradients(upstream), err_msg=again)


@pytest.mark.parametrize("name", ["LeakyReLU", "ReLU", "Sigmoid", "Softmax"])
def test_gradients_leave_the_upstream_gradient_as_it_was(name):
    layer, (x,) = sample(name, 7, 5, 5)
    layer(x)
    upstream = np.ones((7, 5))
    layer.compose_input_gradients([upstream])
    np.testing.assert_array_equal(upstream, np.ones((7, 5)), err_msg="your code writes into J: make a new array")


def test_each_leaky_relu_has_its_own_alpha():
    from beras.activations import LeakyReLU

    first = LeakyReLU(alpha=0.5)
    LeakyReLU(alpha=0.1)
    assert_close(first(np.array([[-10.0]])), [[-5]])


def test_relu_has_a_finite_slope_at_zero():
    from beras.activations import ReLU

    layer = ReLU()
    layer(np.zeros((2, 3)))
    gradient = layer.compose_input_gradients([np.ones((2, 3))])[0]
    assert np.isfinite(gradient).all(), "the slope at exactly 0 may be either one, but not NaN: is 0 divided by 0?"
