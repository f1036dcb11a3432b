"""The handout's core. Where it is given it is worth no points, but changes to it should be seen."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import editions
from homework.expectations import expect_same
from homework.probes import core


def flags(rng):
    """Which of some weights are trainable: at least two are, and at least one is not."""
    return rng.permutation(np.repeat([True, False], [rng.integers(2, 6), rng.integers(1, 4)]))


@number("0.1")
@weight(0)
@editions("s24", s25=0.5, f25=0.5)
@tags("core", "given")
def test_tensor(ask, draw):
    """Tensor is an array with a trainable flag"""
    answer = ask(core.tensor, values=draw(4, 3))
    for name in ("values", "is an array", "trainable"):
        answer[name].agrees()


@number("0.2")
@weight(0)
@editions("*", "-s26")
@tags("core", "given")
def test_registration(ask, draw):
    """Diffable.__call__ keeps inputs and outputs and tells the tape"""
    answer = ask(core.registers, values=draw(4, 3))
    for name in ("output", "keeps its input", "keeps its output", "registered"):
        answer[name].agrees()


@number("0.3")
@weight(0)
@tags("core", "given")
def test_composition_for_one_jacobian(ask, draw):
    """Diffable.compose_input_gradients with one Jacobian for all samples"""
    # As many samples as inputs, too: that alone does not make a Jacobian one for every sample.
    for samples in (7, 5, 1):
        answer = ask(core.composed, x=draw(samples, 5), w=draw(5, 3), local=draw(5, 3), upstream=draw(samples, 3))
        answer["input gradients"][0].agrees((samples, 5))
        answer["weight gradients"][0].agrees((5, 3))


@number("0.4")
@weight(0)
@tags("core", "given")
def test_composition_for_a_jacobian_each(ask, draw):
    """Diffable.compose_input_gradients with a Jacobian for every sample"""
    answer = ask(core.composed, x=draw(7, 5), w=draw(5, 3), local=draw(7, 5, 3), upstream=draw(7, 3))
    answer["input gradients"][0].agrees((7, 5))
    answer["weight gradients"][1].agrees((3,))
    answer["input gradients without upstream"][0].agrees((7, 5, 3))
    answer["weight gradients without upstream"][0].agrees((7, 5, 3))


@number("0.5")
@weight(0)
@editions("s24")
@tags("core", "given")
def test_trainable_flag(ask, draw):
    """Tensor hands its trainable flag on to views, and takes nested lists"""
    answer = ask(core.flags, values=draw(4, 3))
    for name in ("of a view", "from lists"):
        answer[name].agrees()


@number("0.6")
@weight(0)
@editions("s24")
@tags("core", "given")
def test_given_trainable_weights(ask, draw):
    """Weighted.trainable_variables holds the weights that are trainable"""
    answer = ask(core.sorted_weights, trainable=draw.by(flags))
    answer["trainable variables"].agrees()
    answer["non-trainable variables"].agrees()
    answer = ask(core.switched, count=1)
    for name in ("at first", "once frozen"):
        answer[f"trainable {name}"].agrees()
    answer["weights once frozen"].agrees((1,))


@number("0.7")
@weight(0)
@editions("s24")
@tags("core", "given")
def test_inputs_by_name(ask, draw):
    """Diffable.__call__ takes inputs by name, and gives several outputs in a list"""
    answer = ask(core.several, first=draw(4, 3), second=draw(4, 3))
    for name in ("inputs in order", "outputs kept", "registered", "by a Callable"):
        answer[name].agrees()
    for index in (0, 1):
        answer["outputs"][index].agrees((4, 3))


@number("0.21")
@weight(0.25)
@editions("f25")
@tags("core")
def test_assignment(ask, draw):
    """Variable.assign puts other entries in the place of its own"""
    answer = ask(core.assigned, values=draw(4, 3), others=draw(4, 3))
    answer["values"].agrees((4, 3))
    answer["values that others hold"].agrees((4, 3))


@number("0.22")
@weight(1)
@editions("s25", "f25")
@tags("core")
def test_trainable_variables(ask, draw):
    """Weighted.trainable_variables lists the weights that are not frozen"""
    answer = ask(core.sorted_weights, trainable=draw.by(flags), asked="trainable_variables")
    answer["trainable variables"].agrees()


@number("0.23")
@weight(0.5)
@editions("s25", "f25")
@tags("core")
def test_non_trainable_variables(ask, draw):
    """Weighted.non_trainable_variables lists the frozen weights"""
    answer = ask(core.sorted_weights, trainable=draw.by(flags), asked="non_trainable_variables")
    answer["non-trainable variables"].agrees()


@number("0.24")
@weight(0.5)
@editions("s25", "f25")
@tags("core")
def test_trainable(ask, draw):
    """Weighted.trainable tells whether there is anything to train, and sets all weights at once"""
    answer = ask(core.switched, count=draw.by(lambda rng: int(rng.integers(2, 8))))
    for name, flag in (("once frozen", False), ("set free again", True)):
        expect_same(
            answer[f"weights {name}"],
            f"After `trainable = {flag}`, every weight's own flag should be {flag}, and some are not: set all of them "
            "there.",
        )
        answer[f"trainable {name}"].agrees()
    answer["trainable at first"].agrees()
    expect_same(
        answer["trainable with one weight that is"],
        "If a single weight is trainable, there is something to train: `trainable` should be False only if all weights "
        "are frozen.",
    )
    expect_same(
        answer["trainable with no weight that is"],
        "If every weight is frozen, one by one, there is nothing to train: `trainable` should be False. Ask the "
        "weights each time, and keep no flag beside them.",
    )
