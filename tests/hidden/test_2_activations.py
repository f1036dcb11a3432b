"""LeakyReLU, ReLU, Sigmoid, Softmax: forward, large inputs, local and composed gradients (16 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.guest.probes import activations

B, N = 7, 4


@number("2.1")
@weight(1)
@tags("leaky_relu", "forward")
def test_leaky_relu_forward(ask, draw):
    """LeakyReLU.call keeps what is positive and multiplies the rest by alpha"""
    ask(activations.forward, name="LeakyReLU", x=draw(B, N), alpha=0.2)["output"].agrees()


@number("2.2")
@weight(1.5)
@tags("leaky_relu", "gradients")
def test_leaky_relu_gradients(ask, draw):
    """LeakyReLU.get_input_gradients gives the slope at every input"""
    answer = ask(activations.local_gradients, name="LeakyReLU", x=draw(B, N), alpha=0.2)
    answer["gradients"].agrees((B, N), (1, B, N))


@number("2.3")
@weight(1)
@tags("leaky_relu", "gradients", "compose")
def test_leaky_relu_composed(ask, draw):
    """LeakyReLU.compose_input_gradients multiplies entry by entry"""
    answer = ask(activations.composed, name="LeakyReLU", x=draw(B, N), upstream=draw(B, N), alpha=0.2)
    answer["gradients"].agrees((1, B, N))


@number("2.4")
@weight(0.5)
@tags("leaky_relu", "forward")
def test_leaky_relu_default(ask, draw):
    """LeakyReLU.call has alpha = 0.3 unless told otherwise"""
    ask(activations.forward, name="LeakyReLU", x=draw(B, N))["output"].agrees()


@number("2.5")
@weight(1)
@tags("relu", "forward")
def test_relu_forward(ask, draw):
    """ReLU keeps what is positive and makes the rest zero"""
    ask(activations.forward, name="ReLU", x=draw(B, N))["output"].agrees()


@number("2.6")
@weight(1)
@tags("relu", "gradients")
def test_relu_gradients(ask, draw):
    """ReLU.get_input_gradients gives 0 or 1"""
    ask(activations.local_gradients, name="ReLU", x=draw(B, N))["gradients"].agrees((B, N), (1, B, N))


@number("2.7")
@weight(1)
@tags("sigmoid", "forward")
def test_sigmoid_forward(ask, draw):
    """Sigmoid.call computes 1 / (1 + exp(-x))"""
    ask(activations.forward, name="Sigmoid", x=draw(B, N))["output"].agrees()


@number("2.8")
@weight(1)
@tags("sigmoid", "stability")
def test_sigmoid_of_large_inputs(ask, draw):
    """Sigmoid.get_input_gradients stays finite for large inputs"""
    x = draw(B, N, low=30, high=1000)
    ask(activations.forward, name="Sigmoid", x=x)["output"].agrees(atol=1e-6)
    ask(activations.local_gradients, name="Sigmoid", x=x)["gradients"].agrees((B, N), (1, B, N), atol=1e-6)


@number("2.9")
@weight(1)
@tags("sigmoid", "gradients")
def test_sigmoid_gradients(ask, draw):
    """Sigmoid.get_input_gradients gives the slope at every input"""
    ask(activations.local_gradients, name="Sigmoid", x=draw(B, N))["gradients"].agrees((B, N), (1, B, N))


@number("2.10")
@weight(1)
@tags("sigmoid", "gradients", "compose")
def test_sigmoid_composed(ask, draw):
    """Sigmoid.compose_input_gradients multiplies entry by entry"""
    answer = ask(activations.composed, name="Sigmoid", x=draw(B, N), upstream=draw(B, N))
    answer["gradients"].agrees((1, B, N))


@number("2.11")
@weight(1)
@tags("softmax", "forward")
def test_softmax_forward(ask, draw):
    """Softmax.call turns every row into probabilities"""
    ask(activations.forward, name="Softmax", x=draw(B, N))["output"].agrees()


@number("2.12")
@weight(1)
@tags("softmax", "stability")
def test_softmax_of_large_inputs(ask, draw):
    """Softmax.call stays finite for large logits, and for small ones beside them"""

    def logits(rng):
        x = rng.uniform(-2, 2, (B, N))
        return np.round(x * 1024) / 1024 + np.linspace(-2000, 2000, B)[:, None].round()

    ask(activations.forward, name="Softmax", x=draw.by(logits))["output"].agrees()


@number("2.13")
@weight(3)
@tags("softmax", "gradients")
def test_softmax_gradients(ask, draw):
    """Softmax.get_input_gradients gives a Jacobian for every sample"""
    answer = ask(activations.local_gradients, name="Softmax", x=draw(B, N))
    answer["gradients"][0].agrees((B, N, N))


@number("2.14")
@weight(1)
@tags("softmax", "gradients", "compose")
def test_softmax_composed(ask, draw):
    """Softmax.compose_input_gradients gives dLoss/dx"""
    answer = ask(activations.composed, name="Softmax", x=draw(B, N), upstream=draw(B, N))
    answer["gradients"][0].agrees()
