"""Dense: forward, initialisers, local and composed gradients (18 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.grading.plugin import editions
from autograder.guest.probes import dense


def layer_inputs(draw):
    return {"x": draw(7, 5), "w": draw(5, 3), "b": draw(1, 3)}


@number("1.1")
@weight(3)
@tags("dense", "forward")
def test_forward(ask, draw):
    """Dense.call computes x @ w + b"""
    ask(dense.forward, **layer_inputs(draw))["output"].agrees()


@number("1.2")
@weight(2)
@tags("dense", "gradients")
def test_input_gradient(ask, draw):
    """Dense.get_input_gradients gives dy/dx"""
    ask(dense.local_input_gradients, **layer_inputs(draw))["gradients"][0].agrees((5, 3), (7, 5, 3))


@number("1.3")
@weight(3)
@tags("dense", "gradients")
def test_weight_gradient(ask, draw):
    """Dense.get_weight_gradients gives dy/dw for every sample"""
    answer = ask(dense.local_gradients, **layer_inputs(draw))
    answer["weight gradient"].agrees((7, 5, 1), (7, 5, 3))


@number("1.4")
@weight(1)
@tags("dense", "gradients")
def test_bias_gradient(ask, draw):
    """Dense.get_weight_gradients gives dy/db, floating-point ones"""
    answer = ask(dense.local_gradients, **layer_inputs(draw))
    answer["bias gradient"].agrees((3,), (1, 3), (1,), (), (7, 1, 3), floating=True)


@number("1.5")
@weight(2)
@tags("dense", "gradients", "compose")
def test_composed_input_gradient(ask, draw):
    """Dense.compose_input_gradients gives dLoss/dx"""
    ask(dense.composed_input, **layer_inputs(draw), upstream=draw(7, 3))["gradients"][0].agrees()


@number("1.6")
@weight(1)
@tags("dense", "gradients", "compose")
def test_composed_weight_gradient(ask, draw):
    """Dense.compose_weight_gradients gives dLoss/dw"""
    ask(dense.composed_weights, **layer_inputs(draw), upstream=draw(7, 3))["weight gradient"].agrees()


@number("1.7")
@weight(1)
@tags("dense", "gradients", "compose")
def test_composed_bias_gradient(ask, draw):
    """Dense.compose_weight_gradients gives dLoss/db"""
    answer = ask(dense.composed_weights, **layer_inputs(draw), upstream=draw(7, 3))
    answer["bias gradient"].agrees((3,), (1, 3))
    # A bias that is missing from `weights` has a gradient that no optimizer ever gets.
    answer["list of weights"][0].agrees((5, 3))
    answer["list of weights"][1].agrees((3,), (1, 3))


# The initialisers: 100 x 400, so that neither formula can pass for another and 40,000 entries tell their spread.
SIZES = {"input_size": 100, "output_size": 400}
XAVIER, KAIMING = np.sqrt(2 / 500), np.sqrt(2 / 100)


def initialised(ask, name):
    answer = ask(dense.initialised, initializer=name, **SIZES)
    bias = answer["bias"].is_shaped((400,), (1, 400))
    if np.any(bias != 0):
        raise answer["bias"].fails("The bias should start at zero.")
    answer["weights"].is_shaped((100, 400))
    return answer["weights"]


def expect_centred(weights, deviation):
    spread = float(weights.array.std())
    # Forty thousand draws: the mean strays from 0 by more than 1 / 20 deviation once in 10^23 times.
    if abs(float(weights.array.mean())) > deviation / 20:
        raise weights.fails("The weights should have mean zero, and do not.")
    # A normal distribution that is cut off at two deviations has 0.88 of the spread: as fair.
    if not 0.86 * deviation < spread < 1.04 * deviation:
        raise weights.fails(
            f"The weights' standard deviation is about {spread / deviation:.2f} times what this initialiser asks for."
        )


def expect_normal(weights, deviation):
    expect_centred(weights, deviation)
    if np.abs(weights.array).max() < 1.8 * deviation:
        raise weights.fails("The weights should be drawn from a normal distribution; these have no tails.")


def expect_uniform(weights, deviation):
    expect_centred(weights, deviation)
    if np.abs(weights.array).max() > np.sqrt(3) * deviation * 1.001:
        raise weights.fails("The weights should be drawn evenly from an interval; some lie outside of it.")


@number("1.8")
@weight(0.5)
@tags("init", "zero")
def test_zero(ask):
    """Dense._initialize_weight: "zero" starts with zeros"""
    weights = initialised(ask, "zero")
    if np.any(weights.array != 0):
        raise weights.fails("All weights should be zero.")


@number("1.9")
@weight(1)
@tags("init", "normal")
def test_normal(ask):
    """Dense._initialize_weight: "normal" draws from N(0, 1)"""
    expect_normal(initialised(ask, "normal"), 1.0)


@number("1.10")
@weight(1)
@tags("init", "xavier")
def test_xavier(ask):
    """Dense._initialize_weight: "xavier" draws from a normal distribution, scaled by both sizes"""
    expect_normal(initialised(ask, "xavier"), XAVIER)


@number("1.11")
@weight(1)
@tags("init", "kaiming")
def test_kaiming(ask):
    """Dense._initialize_weight: "kaiming" draws from a normal distribution, scaled by the input size"""
    expect_normal(initialised(ask, "kaiming"), KAIMING)


@number("1.12")
@weight(0.75)
@editions("s24", "f25")
@tags("init", "xavier uniform")
def test_xavier_uniform(ask):
    """Dense._initialize_weight: "xavier uniform" draws evenly from an interval"""
    expect_uniform(initialised(ask, "xavier uniform"), XAVIER)


@number("1.13")
@weight(0.75)
@editions("s24", "f25")
@tags("init", "kaiming uniform")
def test_kaiming_uniform(ask):
    """Dense._initialize_weight: "kaiming uniform" draws evenly from an interval"""
    expect_uniform(initialised(ask, "kaiming uniform"), KAIMING)


@number("1.14")
@weight(0)
@editions("s24", "f25")
@tags("init", "capitals")
def test_capitals(ask):
    """Dense._initialize_weight takes its names in capitals too"""
    expect_normal(initialised(ask, "Xavier"), XAVIER)
    expect_uniform(initialised(ask, "KAIMING UNIFORM"), KAIMING)
