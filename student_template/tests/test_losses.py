"""The losses: small values by hand, and gradients."""

import numpy as np
import pytest

from tests.comparing import assert_close
from tests.edition import CROSS_ENTROPY, LOSS_EPSILON, cross_entropy
from tests.gradient_check import check_input_gradients, sample


def test_mean_squared_error_is_a_mean_over_samples_and_features():
    from beras.losses import MeanSquaredError

    loss = MeanSquaredError()(np.array([[1.0, 2], [3, 4]]), np.array([[1.0, 0], [0, 4]]))
    assert float(np.squeeze(loss)) == pytest.approx((4 + 9) / 4), "(4 + 9) / 4: a mean over 2 samples of 2 features"


def test_cross_entropy_is_a_mean_over_samples_of_a_sum_over_classes():
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75]])
    loss = cross_entropy()(probabilities, np.array([[1.0, 0], [1, 0]]))
    assert float(np.squeeze(loss)) == pytest.approx(1.5 * np.log(2), rel=1e-5), (
        f"(-log(0.5) - log(0.25)) / 2 = {1.5 * np.log(2):.6f}: the sum over the classes, divided by the number of samples "
        f"alone, and yours is {float(np.squeeze(loss)):.6f}"
    )


def test_cross_entropy_of_a_certain_mistake_is_large_but_finite():
    loss = cross_entropy()
    value = float(np.squeeze(loss(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]))))
    assert 5 < value < np.inf, (
        f"a probability of 0 is moved away from 0 before its logarithm is taken; yours gives {value}"
    )
    gradient = loss.get_input_gradients()[0]
    assert np.isfinite(gradient).all(), (
        "the gradient divides by 0: it takes the clipped probabilities, as the loss does"
    )


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_the_first_gradient_has_the_shape_of_the_predictions(name):
    loss, inputs = sample(name, 7, 5, 5)
    loss(*inputs)
    assert np.shape(loss.get_input_gradients()[0]) == (7, 5)


@pytest.mark.parametrize("shape", [(7, 5, 5), (3, 4, 4), (1, 2, 2), (4, 4, 4)])
@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_gradients_agree_with_finite_differences(name, shape):
    loss, inputs = sample(name, *shape)
    check_input_gradients(loss, *inputs)


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_one_hot_rows_may_be_whole_numbers(name):
    loss, (predictions, one_hot) = sample(name, 7, 5, 5)
    wanted = float(np.squeeze(loss(predictions, one_hot)))
    slopes = np.array(loss.get_input_gradients()[0])
    hint = "one-hot rows of whole numbers (int) should give what those of floating-point numbers give"
    assert float(np.squeeze(loss(predictions, one_hot.astype(int)))) == pytest.approx(wanted, rel=1e-5), hint
    assert_close(
        loss.get_input_gradients()[0],
        slopes,
        err_msg=f"{hint}: an array that takes its type from y_true has no place for decimals",
    )


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_a_loss_leaves_predictions_and_truth_as_they_were(name):
    loss, inputs = sample(name, 7, 5, 5)
    kept = [array.copy() for array in inputs]
    loss(*inputs)
    loss.get_input_gradients()
    for array, before in zip(inputs, kept):
        np.testing.assert_array_equal(array, before, err_msg="your code writes into its input: make a new array")


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_the_labels_are_constants(name):
    loss, inputs = sample(name, 7, 5, 5)
    loss(*inputs)
    _, by_labels = loss.get_input_gradients()
    np.testing.assert_array_equal(by_labels, np.zeros((7, 5)), err_msg="the second entry of the list is all zeros")


def test_cross_entropy_does_not_clip_the_predictions_themselves():
    loss, predictions = cross_entropy(), np.array([[0.0, 1.0], [1.0, 0.0]])
    loss(predictions, np.eye(2))
    loss.get_input_gradients()
    np.testing.assert_array_equal(
        predictions, [[0, 1], [1, 0]], err_msg="your code clips the array that it was given: make a new array"
    )


if LOSS_EPSILON:

    def test_cross_entropy_keeps_probabilities_away_from_zero_by_its_epsilon():
        loss = cross_entropy(epsilon=1e-3)(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]))
        assert float(np.squeeze(loss)) == pytest.approx(-np.log(1e-3), rel=1e-3), "-log(epsilon), for epsilon = 0.001"

    def test_probabilities_between_epsilon_and_1_minus_epsilon_are_left_as_they_are():
        loss = cross_entropy(epsilon=0.1)
        value = float(np.squeeze(loss(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]]))))
        assert value == pytest.approx(np.log(2), rel=1e-5), (
            "epsilon = 0.1 clips nothing here, and is not added: the loss is log(2)"
        )

    def test_the_gradient_of_cross_entropy_clips_by_the_losss_own_epsilon():
        loss = cross_entropy(epsilon=1e-12)
        loss(np.array([[1e-10, 1 - 1e-10]]), np.array([[1.0, 0.0]]))
        slope = float(np.asarray(loss.get_input_gradients()[0])[0, 0])
        assert slope == pytest.approx(-1e10, rel=1e-3), "-1 / 1e-10, which epsilon = 1e-12 does not clip"


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_a_second_batch_has_a_loss_and_gradients_of_its_own(name):
    loss, inputs = sample(name, 7, 5, 5)
    fresh, second = sample(name, 3, 5, 5)
    loss(*inputs)
    loss.get_input_gradients()
    assert float(np.squeeze(loss(*second))) == pytest.approx(float(np.squeeze(fresh(*second))))
    assert_close(loss.get_input_gradients()[0], fresh.get_input_gradients()[0])
