"""LeakyReLU, ReLU, Sigmoid, Softmax: forward, large inputs, local and composed gradients (16 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import Unsatisfied
from homework.expectations import (
    expect_gradients_kept,
    expect_local_as_new,
    expect_output_untouched,
    expect_same,
    expect_untouched,
    slopes,
)
from homework.probes import activations

B, N = 7, 4
STALE = (
    "A new layer is right, and one that was called before is not: something of another call or layer is kept. "
    "Is a value computed only once? Do all layers share an attribute of the class?"
)


def large_and_ordinary(rng):
    """Inputs of all sizes and both signs. Two are far out on both sides, where the sigmoid is 0 or 1 exactly."""
    x = np.where(rng.random((B, N)) < 0.5, rng.uniform(30, 1000, (B, N)), rng.uniform(0.1, 2, (B, N)))
    x = np.round(x * 1024) / 1024 * rng.choice([-1.0, 1.0], (B, N))
    x[0, 0], x[0, 1], x[1, 0] = 900 * rng.choice([-1.0, 1.0]), 0.5, -1.25
    x[1, 1], x[1, 2] = 0, -x[0, 0]  # at 0 two cases of a sign meet
    return x


def around_the_bend(rng, alpha=0.2, rows=B):
    """Inputs with some on both sides of 0 and of alpha, below 1 and far above: a bend anywhere but at 0 shows.

    Some are always there, at places that are drawn: what a mistake costs does not depend on the seed.
    """
    x = np.round(rng.uniform(0.1, 2, (rows, N)) * 1024) / 1024 * rng.choice([-1.0, 1.0], (rows, N))
    sizes = np.round(np.array([0.01, alpha / 2, (1 + alpha) / 2, 12]) * 1024) / 1024
    x.flat[rng.permutation(x.size)[: 2 * len(sizes)]] = [*sizes, *-sizes]
    return x


def expect_last_call(ask, draw, name, *, last=None, alphas=()):
    alpha, options = ({"alpha": alphas[0]}, {"alphas": alphas}) if alphas else ({}, {})
    inputs = {"first": draw(B, N), "other": draw(B, N), "last": last or draw(3, N), "upstream": draw(3, N)}
    answer = ask(activations.called_again, name=name, **inputs, **options)
    answer["output of a new layer"].agrees((3, N))
    answer["gradients of a new layer"].agrees((1, 3, N))
    expect_same(
        answer["output of the first call, after the next one"],
        "The output of one call is overwritten by the next: return a new array from every call.",
        (B, N),
    )
    expect_gradients_kept(answer)
    expect_same(answer["output of the last call"], STALE, (3, N))
    expect_same(answer["gradients after the last call"], STALE, (1, 3, N))
    try:
        local = ask(activations.local_again, name=name, first=draw(B, N), last=last or draw(3, N), **alpha)
    except Unsatisfied:
        return  # it costs its own test
    expect_local_as_new(local, STALE)


def expect_arrays_untouched(ask, draw, name, **options):
    answer = ask(activations.untouched, name=name, x=draw(B, N), upstream=draw(B, N), **options)
    for array, of in (("input", "x"), ("upstream gradient", "upstream")):
        expect_untouched(answer, f"{array}, afterwards,", of=of)
    expect_output_untouched(answer)


@number("2.1")
@weight(1)
@tags("leaky_relu", "forward")
def test_leaky_relu_forward(ask, draw):
    """LeakyReLU.call keeps what is positive and multiplies the rest by alpha"""
    ask(activations.forward, name="LeakyReLU", x=draw.by(around_the_bend), alpha=0.2)["output"].agrees()


@number("2.2")
@weight(1)
@tags("leaky_relu", "gradients")
def test_leaky_relu_gradients(ask, draw):
    """LeakyReLU.get_input_gradients gives the slope at every input"""
    answer = ask(activations.local_gradients, name="LeakyReLU", x=draw.by(around_the_bend), alpha=0.2)
    slopes(answer["gradients"], B, N).agrees((B, N), (1, B, N))


@number("2.3")
@weight(1)
@tags("leaky_relu", "gradients", "compose")
def test_leaky_relu_composed(ask, draw):
    """LeakyReLU.compose_input_gradients multiplies entry by entry"""
    answer = ask(activations.composed, name="LeakyReLU", x=draw.by(around_the_bend), upstream=draw(B, N), alpha=0.2)
    answer["gradients"].agrees((1, B, N))


@number("2.4")
@weight(0.5)
@tags("leaky_relu", "forward", "default")
def test_leaky_relu_default(ask, draw):
    """LeakyReLU.call has alpha = 0.3 unless told otherwise"""
    ask(activations.forward, name="LeakyReLU", x=draw.by(lambda rng: around_the_bend(rng, 0.3)))["output"].agrees()


@number("2.5")
@weight(1)
@tags("relu", "forward")
def test_relu_forward(ask, draw):
    """ReLU keeps what is positive and makes the rest zero"""
    ask(activations.forward, name="ReLU", x=draw.by(around_the_bend))["output"].agrees()


@number("2.6")
@weight(0.75)
@tags("relu", "gradients")
def test_relu_gradients(ask, draw):
    """ReLU.get_input_gradients gives 0 or 1"""
    answer = ask(activations.local_gradients, name="ReLU", x=draw.by(around_the_bend))
    slopes(answer["gradients"], B, N).agrees((B, N), (1, B, N))


@number("2.7")
@weight(0.75)
@tags("sigmoid", "forward")
def test_sigmoid_forward(ask, draw):
    """Sigmoid.call computes 1 / (1 + exp(-x))"""
    ask(activations.forward, name="Sigmoid", x=draw(B, N))["output"].agrees()


@number("2.8")
@weight(1)
@tags("sigmoid", "stability")
def test_sigmoid_of_large_inputs(ask, draw):
    """Sigmoid.get_input_gradients is right and finite for large inputs, too"""
    x = draw.by(large_and_ordinary)
    ask(activations.forward, name="Sigmoid", x=x)["output"].agrees(atol=1e-6)
    answer = ask(activations.local_gradients, name="Sigmoid", x=x)
    slopes(answer["gradients"], B, N).agrees((B, N), (1, B, N), atol=1e-6)


@number("2.9")
@weight(0.75)
@tags("sigmoid", "gradients")
def test_sigmoid_gradients(ask, draw):
    """Sigmoid.get_input_gradients gives the slope at every input"""
    answer = ask(activations.local_gradients, name="Sigmoid", x=draw(B, N))
    slopes(answer["gradients"], B, N).agrees((B, N), (1, B, N))


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
    """Softmax.call is right and finite for large logits, and for small ones beside them"""

    def logits(rng):
        x = rng.uniform(-2, 2, (B, N))
        return np.round(x * 1024) / 1024 + np.linspace(-2000, 2000, B)[:, None].round()

    def logits_with_a_far_one(rng):
        x = logits(rng)
        # Far below the others in some rows, and far above them in the rest.
        x[np.arange(B), rng.integers(0, N, B)] += rng.permutation(np.where(np.arange(B) % 2, -1500, 3000))
        return x

    ask(activations.forward, name="Softmax", x=draw.by(logits))["output"].agrees()
    ask(activations.forward, name="Softmax", x=draw.by(logits_with_a_far_one))["output"].agrees()


@number("2.13")
@weight(2)
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


@number("2.15")
@weight(0.25)
@tags("leaky_relu", "state")
def test_leaky_relu_last_call(ask, draw):
    """LeakyReLU.call starts anew with every batch, and every LeakyReLU has its own alpha"""
    last = draw.by(lambda rng: around_the_bend(rng, rows=3))
    expect_last_call(ask, draw, "LeakyReLU", last=last, alphas=[0.2, 0.7])


@number("2.16")
@weight(0.25)
@tags("leaky_relu", "untouched")
def test_leaky_relu_arrays(ask, draw):
    """LeakyReLU.call and its gradients change none of the arrays that they are given"""
    expect_arrays_untouched(ask, draw, "LeakyReLU", alpha=0.2)


@number("2.17")
@weight(0.25)
@tags("relu", "gradients", "stability")
def test_relu_at_zero(ask, draw):
    """ReLU.get_input_gradients is a slope from 0 to 1 even where the input is 0"""

    def with_zeros(rng):
        x = around_the_bend(rng)
        x[rng.integers(0, B, 3), rng.integers(0, N, 3)] = 0
        return x

    answer = ask(activations.composed, name="ReLU", x=draw.by(with_zeros), upstream=draw(B, N))
    gradients, x = answer["gradients"].is_shaped((1, B, N))[0], answer.inputs["x"]
    upstream = answer.inputs["upstream"]
    # At 0 there is no derivative: any slope from 0 to 1 will do.
    low = np.where(x == 0, np.minimum(upstream, 0), upstream * (x > 0))
    high = np.where(x == 0, np.maximum(upstream, 0), upstream * (x > 0))
    if np.any((gradients < low - 1e-3) | (gradients > high + 1e-3)):
        raise answer["gradients"].fails("The slope should be 0 or 1, or between the two where the input is 0.")


@number("2.18")
@weight(0.25)
@tags("sigmoid", "state")
def test_sigmoid_last_call(ask, draw):
    """Sigmoid.call starts anew with every batch: gradients are those of the last call"""
    expect_last_call(ask, draw, "Sigmoid")


@number("2.19")
@weight(0.25)
@tags("sigmoid", "untouched")
def test_sigmoid_arrays(ask, draw):
    """Sigmoid.call and its gradients change none of the arrays that they are given"""
    expect_arrays_untouched(ask, draw, "Sigmoid")


@number("2.20")
@weight(0.25)
@tags("softmax", "state")
def test_softmax_last_call(ask, draw):
    """Softmax.call starts anew with every batch: gradients are those of the last call"""
    expect_last_call(ask, draw, "Softmax")


@number("2.21")
@weight(0.25)
@tags("softmax", "untouched")
def test_softmax_arrays(ask, draw):
    """Softmax.call and its gradients change none of the arrays that they are given"""
    expect_arrays_untouched(ask, draw, "Softmax")


@number("2.22")
@weight(0.25)
@tags("softmax", "sizes")
def test_softmax_of_one(ask, draw):
    """Softmax.call and its gradients are right for a single sample, and for a single class"""
    for batch, classes in ((1, N), (B, 1), (1, 1), (N, N)):
        x, upstream = draw(batch, classes), draw(batch, classes)
        ask(activations.forward, name="Softmax", x=x)["output"].agrees((batch, classes))
        answer = ask(activations.composed, name="Softmax", x=x, upstream=upstream)
        answer["gradients"][0].agrees((batch, classes), atol=1e-7)


@number("2.23")
@weight(0.25)
@tags("softmax", "gradients", "compose")
def test_softmax_without_upstream(ask, draw):
    """Softmax.compose_input_gradients gives the local gradients for None and for [None]"""
    answer = ask(activations.composed_with_nothing, name="Softmax", x=draw(B, N))
    for nothing in ("a list of None", "None"):
        answer[f"gradients for {nothing}"][0].agrees((B, N, N))
