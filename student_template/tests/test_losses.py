"""The losses: small values by hand, and gradients."""

import numpy as np
import pytest

from tests.edition import CROSS_ENTROPY, cross_entropy
from tests.gradient_check import check_input_gradients, sample


def test_mean_squared_error_is_a_mean_over_samples_and_features():
    from beras.losses import MeanSquaredError

    loss = MeanSquaredError()(np.array([[1.0, 2], [3, 4]]), np.array([[1.0, 0], [0, 4]]))
    assert float(np.squeeze(loss)) == pytest.approx((4 + 9) / 4)


def test_cross_entropy_is_a_mean_over_samples_of_a_sum_over_classes():
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75]])
    loss = cross_entropy()(probabilities, np.array([[1.0, 0], [1, 0]]))
    assert float(np.squeeze(loss)) == pytest.approx(1.5 * np.log(2))


def test_cross_entropy_of_a_certain_mistake_is_large_but_finite():
    loss = cross_entropy()
    value = float(np.squeeze(loss(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]))))
    assert 5 < value < np.inf
    assert np.isfinite(loss.get_input_gradients()[0]).all()


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_the_first_gradient_has_the_shape_of_the_predictions(name):
    loss, inputs = sample(name, 7, 5, 5)
    loss(*inputs)
    assert np.shape(loss.get_input_gradients()[0]) == (7, 5)


@pytest.mark.parametrize("shape", [(7, 5, 5), (3, 4, 4), (1, 2, 2)])
@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_gradients_agree_with_finite_differences(name, shape):
    loss, inputs = sample(name, *shape)
    check_input_gradients(loss, *inputs)


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_a_loss_leaves_predictions_and_truth_as_they_were(name):
    loss, inputs = sample(name, 7, 5, 5)
    kept = [array.copy() for array in inputs]
    loss(*inputs)
    loss.get_input_gradients()
    for array, before in zip(inputs, kept):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_a_second_batch_has_a_loss_and_gradients_of_its_own(name):
    loss, inputs = sample(name, 7, 5, 5)
    fresh, second = sample(name, 3, 5, 5)
    loss(*inputs)
    loss.get_input_gradients()
    assert float(np.squeeze(loss(*second))) == pytest.approx(float(np.squeeze(fresh(*second))))
    np.testing.assert_allclose(loss.get_input_gradients()[0], fresh.get_input_gradients()[0])
