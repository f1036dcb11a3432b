"""Dense: forward, initialisers, local and composed gradients (18 points)."""

import math
from contextlib import suppress

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import Unsatisfied, editions
from homework.expectations import (
    expect_gradients_kept,
    expect_local_as_new,
    expect_output_untouched,
    expect_same,
    expect_untouched,
)
from homework.probes import dense

LACKS_ONE = (
    "The list of gradients lacks one: it should hold dLoss/dw and dLoss/db, or dy/dw and dy/db, in the order of the "
    "weights."
)
STALE = (
    "A new layer is right, and one that was called before is not: something of another call or layer is kept. "
    "Is a value computed only once? Do all layers share an attribute of the class?"
)


def layer_inputs(draw):
    return {"x": draw(7, 5), "w": draw(5, 3), "b": draw(1, 3)}


def bias_gradient(answer, when=""):
    """The gradient by the bias, where there is one."""
    if answer[f"bias gradient{when}"].given is None and answer[f"number of gradients{when}"].number < 2:
        raise answer[f"bias gradient{when}"].fails(LACKS_ONE)
    return answer[f"bias gradient{when}"]


@number("1.1")
@weight(2.5)
@tags("dense", "forward")
def test_forward(ask, draw):
    """Dense.call computes x @ w + b"""
    ask(dense.forward, **layer_inputs(draw))["output"].agrees()


@number("1.2")
@weight(1.75)
@tags("dense", "gradients")
def test_input_gradient(ask, draw):
    """Dense.get_input_gradients gives dy/dx"""
    ask(dense.local_input_gradients, **layer_inputs(draw))["gradients"][0].agrees((5, 3), (7, 5, 3))


@number("1.3")
@weight(2.5)
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
    bias_gradient(answer).agrees((3,), (1, 3), (1,), (1, 1), (), (7, 1, 3), floating=True)


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
    bias_gradient(answer).agrees((3,), (1, 3))
    # A bias that is missing from `weights` has a gradient that no optimizer ever gets.
    answer["list of weights"][0].agrees((5, 3))
    answer["list of weights"][1].agrees((3,), (1, 3))
    expect_same(
        answer["weights are the layer's own"],
        "`weights` should list the layer's own arrays. An optimizer changes the arrays in that list: if they are "
        "copies, the layer never learns.",
    )
    expect_same(
        answer["weights are the same each time"],
        "`weights` should list the same objects each time, and these are new ones in every call. A tape knows a tensor "
        "by its `id`.",
    )


# The initialisers: 100 x 400, so that neither formula can pass for another and 40,000 entries tell their spread.
SIZES = {"input_size": 100, "output_size": 400}
XAVIER, KAIMING = np.sqrt(2 / 500), np.sqrt(2 / 100)
NAME_THEIR_DISTRIBUTION = ("s24", "f25")  # editions with initialisers that are called "… uniform"


def initialised(ask, name, probe=dense.initialised):
    weights = ask(probe, initializer=name, **SIZES)["weights"]
    array = weights.is_shaped((100, 400))
    for axis, line in enumerate(("row", "column")):
        if np.ptp(array, axis=axis).max() == 0 < np.ptp(array):
            raise weights.fails(f"Every {line} of the weights is the same: each entry should be drawn by itself.")
    return weights


def expect_no_bias(answer):
    bias = answer["bias"]
    if np.any(bias.is_shaped((400,), (1, 400)) != 0):
        raise bias.fails(f'The bias should start at zero, and with "{answer.inputs["initializer"]}" does not.')


def drawn(ask, *names):
    """What new layers start with, of those initialisers that draw anything."""
    answers = []
    for name in names:
        with suppress(Unsatisfied):  # it costs its own test
            answer = ask(dense.initialised, initializer=name, **SIZES)
            answers += [answer] if answer["weights"].array.std() else []
    return answers


def drawn_as_asked(ask, name, deviation):
    """A normal distribution; in an edition whose names do not tell normal from uniform either is right."""
    weights = initialised(ask, name)
    if ask.run.assignment.edition.find_mark(NAME_THEIR_DISTRIBUTION):
        expect_normal(weights, deviation)
    else:
        expect_centred(weights, deviation)
        expect_spread(weights, deviation, normal, evenly)


def expect_centred(weights, deviation):
    spread = float(weights.array.std())
    # Forty thousand draws: the mean strays from 0 by more than 1 / 20 of their spread once in 10^23 times.
    if abs(float(weights.array.mean())) > max(deviation, spread) / 20:
        raise weights.fails("The weights should have mean zero, and do not.")
    # A normal distribution that is cut off at two deviations has 0.88 of the spread: as fair.
    if not 0.86 * deviation < spread < 1.04 * deviation:
        raise weights.fails(
            f"The weights' standard deviation is about {spread / deviation:.2f} times what this initialiser asks for."
        )


def normal(value):
    """The share of a standard normal distribution below a value."""
    return (1 + math.erf(value / math.sqrt(2))) / 2


def evenly(value):
    """The share below a value of what is drawn evenly, with mean 0 and deviation 1."""
    return min(max((1 + value / math.sqrt(3)) / 2, 0), 1)


# Of how many weights lie below any value. Of 40,000 draws it strays by 0.03 once in 10^31 times (Dvoretzky, Kiefer and
# Wolfowitz, 1956), and a normal distribution that is cut off at two deviations is 0.023 away from one that is not.
FURTHEST = 0.06


def expect_spread(weights, deviation, *distributions):
    """The weights are spread as one of `distributions` is, and nearly all of them differ."""
    drawn = np.sort(np.ravel(weights.array)).astype(np.float64)
    every = len(drawn) // 400
    values, shares = drawn[::every] / deviation, np.arange(0, len(drawn), every) / len(drawn)
    stray = min(max(abs(below(v) - s) for v, s in zip(values, shares, strict=True)) for below in distributions)
    if stray > FURTHEST or len(np.unique(drawn)) < len(drawn) // 20:
        raise weights.fails(
            "The mean and the standard deviation of the weights are right, and their distribution is not: draw every "
            f"entry {'evenly from an interval' if distributions == (evenly,) else 'from a normal distribution'}."
        )


def expect_normal(weights, deviation):
    expect_centred(weights, deviation)
    if np.abs(weights.array).max() < 1.8 * deviation:
        raise weights.fails("The weights should be drawn from a normal distribution; these have no tails.")
    expect_spread(weights, deviation, normal)


def expect_uniform(weights, deviation):
    expect_centred(weights, deviation)
    if np.abs(weights.array).max() > np.sqrt(3) * deviation * 1.001:
        raise weights.fails("The weights should be drawn evenly from an interval; some lie outside of it.")
    expect_spread(weights, deviation, evenly)


@number("1.8")
@weight(0.5)
@tags("init", "zero")
def test_zero(ask):
    """Dense._initialize_weight: "zero" starts with zeros, and so does the bias of every initializer"""
    weights = initialised(ask, "zero")
    expect_no_bias(weights.answer)
    for value in (weights, weights.answer["bias"]):
        if not np.issubdtype(value.array.dtype, np.floating):
            raise value.fails(
                f"A new layer's {value.name} should hold floating-point numbers: no step of an optimizer can change "
                "a whole number by a fraction."
            )
    if np.any(weights.array != 0):
        raise weights.fails("All weights should be zero.")
    others = drawn(ask, "normal", "xavier", "kaiming")
    if not others:
        raise weights.fails("The weights are zero for every initializer.")
    for answer in others:
        expect_no_bias(answer)


@number("1.9")
@weight(0.75)
@tags("init", "normal")
def test_normal(ask):
    """Dense._initialize_weight: "normal" draws from N(0, 1)"""
    expect_normal(initialised(ask, "normal"), 1.0)


@number("1.10")
@weight(1)
@tags("init", "xavier")
def test_xavier(ask):
    """Dense._initialize_weight: "xavier" scales its draws by both sizes"""
    drawn_as_asked(ask, "xavier", XAVIER)


@number("1.11")
@weight(1)
@tags("init", "kaiming")
def test_kaiming(ask):
    """Dense._initialize_weight: "kaiming" scales its draws by the input size"""
    drawn_as_asked(ask, "kaiming", KAIMING)


@number("1.12")
@weight(0.75)
@editions(*NAME_THEIR_DISTRIBUTION)
@tags("init", "xavier uniform")
def test_xavier_uniform(ask):
    """Dense._initialize_weight: "xavier uniform" draws evenly from an interval"""
    expect_uniform(initialised(ask, "xavier uniform"), XAVIER)


@number("1.13")
@weight(0.75)
@editions(*NAME_THEIR_DISTRIBUTION)
@tags("init", "kaiming uniform")
def test_kaiming_uniform(ask):
    """Dense._initialize_weight: "kaiming uniform" draws evenly from an interval"""
    expect_uniform(initialised(ask, "kaiming uniform"), KAIMING)


@number("1.14")
@weight(0.25)
@tags("init", "capitals")
def test_capitals(ask):
    """Dense._initialize_weight draws anew for each layer, takes its names in capitals too, and no unknown name"""
    for name in ("Xavier", "KAIMING"):
        weights, lower = initialised(ask, name), initialised(ask, name.lower(), dense.initialised_twice)
        shared, same = (
            lower.answer[f"{what} two layers"] for what in ("arrays are shared by", "weights are the same in")
        )
        if shared.number:
            raise shared.fails(
                "Two layers of the same size hold the very same array, so one layer's step changes the other. Return "
                "new arrays from every call, without a cache."
            )
        if np.array_equal(lower.answer["weights of a second layer"].array, lower.array):
            raise same.fails(
                "Two layers of the same size start with the same weights: draw anew for each layer. Does the code that "
                "draws them set a seed? Set one only at the beginning of a program."
            )
        small = float(lower.array.std())
        if not 0.9 * small < float(weights.array.std()) < 1.1 * small:
            raise weights.fails(f'"{name}" should draw as "{name.lower()}" does: its weights have another spread.')
    accepted = ask(dense.unknown, initializer="unknown")["accepted"]
    if accepted.number:
        raise accepted.fails('A name that no initializer has, "unknown", should raise an exception.')


@number("1.15")
@weight(0.5)
@tags("dense", "state")
def test_last_call(ask, draw):
    """Dense.call starts anew with every batch: gradients are those of the last call"""
    answer = ask(
        dense.called_again,
        first=draw(7, 5),
        other=draw(7, 5),
        last=draw(4, 5),
        w=draw(5, 3),
        b=draw(1, 3),
        another_w=draw(4, 2),
        upstream=draw(4, 3),
    )
    answer["output of a new layer"].agrees((4, 3))
    answer["input gradients of a new layer"][0].agrees((4, 5))
    answer["weight gradient of a new layer"].agrees((5, 3))
    bias_gradient(answer, " of a new layer").agrees((3,), (1, 3))
    expect_same(
        answer["output of the first call, after the next one"],
        "The output of one call is overwritten by the next: return a new array from every call.",
        (7, 3),
    )
    expect_gradients_kept(answer)
    expect_same(answer["output of the last call"], STALE, (4, 3))
    expect_same(answer["input gradients after the last call"][0], STALE, (4, 5))
    expect_same(answer["weight gradient after the last call"], STALE, (5, 3))
    expect_same(answer["bias gradient after the last call"], STALE, (3,), (1, 3))
    try:
        local = ask(dense.local_again, first=draw(7, 5), last=draw(4, 5), w=draw(5, 3), b=draw(1, 3))
    except Unsatisfied:
        return  # it costs its own tests
    expect_local_as_new(local, STALE)


@number("1.16")
@weight(0.25)
@tags("dense", "untouched")
def test_arrays_of_the_caller(ask, draw):
    """Dense.call and the gradients change none of the arrays that they are given"""
    answer = ask(dense.untouched, **layer_inputs(draw), upstream=draw(7, 3))
    for name, of in (("input", "x"), ("upstream gradient", "upstream"), ("weights", "w"), ("bias", "b")):
        expect_untouched(answer, f"{name}, afterwards,", of=of)
    expect_output_untouched(answer)


@number("1.17")
@weight(0.25)
@tags("dense", "sizes")
def test_sizes(ask, draw):
    """Dense.call and the composed gradients are right for sizes of one, as many samples as inputs, and integer x"""
    for batch, inputs, outputs in ((1, 1, 1), (1, 5, 3), (7, 1, 3), (7, 5, 1), (5, 5, 3), (3, 5, 3)):
        sizes = {"x": draw(batch, inputs), "w": draw(inputs, outputs), "b": draw(1, outputs)}
        answer = ask(dense.of_every_size, **sizes, upstream=draw(batch, outputs))
        answer["output"].agrees((batch, outputs))
        expect_same(
            answer["output of whole numbers"],
            "The output is right for floating-point x, and wrong if x holds whole numbers (int64). Does the output "
            "take its type from x? That cuts off its decimals.",
            (batch, outputs),
        )
        answer["input gradients"][0].agrees((batch, inputs))
        answer["weight gradient"].agrees((inputs, outputs))
        bias_gradient(answer).agrees((outputs,), (1, outputs))


@number("1.18")
@weight(0.25)
@tags("dense", "gradients", "compose")
def test_no_upstream(ask, draw):
    """Dense.compose_weight_gradients gives local gradients for None and [None], and one for every weight"""
    answer = ask(dense.composed_with_nothing, **layer_inputs(draw))
    for nothing in ("a list of None", "None"):
        answer[f"input gradients for {nothing}"][0].agrees((5, 3), (7, 5, 3))
        answer[f"weight gradient for {nothing}"].agrees((7, 5, 1), (7, 5, 3))
        bias_gradient(answer, f" for {nothing}").agrees((3,), (1, 3), (1,), (1, 1), (), (7, 1, 3))
    expect_same(
        answer["weights have a trainable flag"],
        "The weights should be Variables, which have a `trainable` flag; these are plain arrays.",
    )
    gradients = answer["gradients, w frozen,"]
    for index, shapes in enumerate((((5, 3),), ((3,), (1, 3)))):
        if not isinstance(gradients.given, list) or len(gradients.given) < 2 or gradients.given[index] is None:
            raise gradients.fails(
                "With w frozen, the list should still hold a gradient for every weight, in their order: "
                "backpropagation goes through the weights and the gradients together."
            )
        gradients[index].is_shaped(*shapes)
