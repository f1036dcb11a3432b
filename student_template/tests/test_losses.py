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
