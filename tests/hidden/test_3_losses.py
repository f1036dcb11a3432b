"""Mean squared error and categorical cross-entropy: values and gradients (12 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.guest.probes import losses

B, N = 5, 4
SINGLE = [(), (1,), (1, 1)]


def squared_error_inputs(draw):
    return {"name": "MeanSquaredError", "prediction": draw(B, N), "truth": draw(B, N)}


def cross_entropy_inputs(draw):
    return {"name": "cross-entropy", "prediction": draw.probabilities(B, N), "truth": draw.one_hot(B, N)}


def certain(rng):
    """Probabilities of exactly 0 and 1, right and wrong ones."""
    return np.eye(N)[rng.permutation(np.arange(B) % N)]


@number("3.1")
@weight(2)
@tags("mse", "forward")
def test_squared_error(ask, draw):
    """MeanSquaredError.call is the mean over samples of the mean over features"""
    ask(losses.forward, **squared_error_inputs(draw))["loss"].agrees(*SINGLE)


@number("3.2")
@weight(3)
@tags("mse", "gradients")
def test_squared_error_gradients(ask, draw):
    """MeanSquaredError.get_input_gradients gives dLoss/dy_pred"""
    ask(losses.gradients, **squared_error_inputs(draw))["gradients"][0].agrees()


@number("3.3")
@weight(2)
@tags("cross_entropy", "forward")
def test_cross_entropy(ask, draw):
    """CategoricalCrossentropy.call is the mean over samples of -Σ y log p"""
    # Solutions clip p at anything from 1e-15 to 1e-7, or add it: too little to be seen.
    ask(losses.forward, **cross_entropy_inputs(draw))["loss"].agrees(*SINGLE)


@number("3.4")
@weight(1)
@tags("cross_entropy", "stability")
def test_cross_entropy_of_certain_predictions(ask, draw):
    """CategoricalCrossentropy.call stays finite where p is 0 or 1"""
    answer = ask(losses.forward, name="cross-entropy", prediction=draw.by(certain), truth=draw.one_hot(B, N))
    if answer["loss"].number < -1e-3:
        raise answer["loss"].fails("The loss of certain predictions should not be negative.")


@number("3.5")
@weight(3)
@tags("cross_entropy", "gradients")
def test_cross_entropy_gradients(ask, draw):
    """CategoricalCrossentropy.get_input_gradients gives dLoss/dy_pred"""
    ask(losses.gradients, **cross_entropy_inputs(draw))["gradients"][0].agrees()


@number("3.6")
@weight(1)
@tags("cross_entropy", "gradients", "stability")
def test_cross_entropy_gradients_of_certain_predictions(ask, draw):
    """CategoricalCrossentropy.get_input_gradients stays finite where p is 0 or 1"""
    answer = ask(losses.gradients, name="cross-entropy", prediction=draw.by(certain), truth=draw.one_hot(B, N))
    answer["gradients"][0].is_shaped((B, N))
