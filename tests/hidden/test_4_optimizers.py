"""BasicOptimizer, RMSProp, Adam: one step, several steps, several parameters, exactly (12 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, partial_credit, tags, weight

from autograder.authoring import Unsatisfied, editions
from homework.expectations import expect_same
from homework.probes import optimizers

# So small that it does not matter where it is added: that is a test of its own.
TINY = 1e-12
# So large that its place shows.
EPSILON = 0.25
# So large that a step is about as large as the parameters: 1 % of it shows in them, in single precision too.
RATE = 0.5


def expect_parameters(answer, *shapes):
    for index, shape in enumerate(shapes, 1):
        answer[f"parameter {index}"].agrees(shape)


def one_step(draw, name, **options):
    return {"name": name, "parameters": [draw(4, 3)], "gradients": [draw(4, 3)], **options}


# The gradients change size from step to step: what is remembered of the last ones shows. They end so large that a step
# with clipped ones shows, too.
MAGNITUDES = ((0.1, 2.0), (0.1, 0.5), (0.1, 4.0), (0.1, 1.0), (10.0, 20.0))
# Two parameters of one shape: what is remembered belongs to each, and not to a shape.
SHAPES = ((4, 3), (1, 3), (4, 3))


def several_steps(draw, name, **options):
    gradients = [draw(*shape, low=low, high=high) for low, high in MAGNITUDES for shape in SHAPES]
    return {"name": name, "parameters": [draw(*shape) for shape in SHAPES], "gradients": gradients, **options}


def expect_gradients_untouched(ask, draw, name):
    inputs = {"parameters": [draw(4, 3), draw(1, 3)], "gradients": [draw(4, 3), draw(1, 3)]}
    answer = ask(optimizers.gradients_afterwards, name=name, **inputs, learning_rate=0.125, calls=3)
    changed = [
        not np.allclose(np.ravel(answer[f"parameter {number}"].array), np.ravel(values), rtol=0, atol=1e-6)
        for number, values in enumerate(answer.inputs["parameters"], 1)
    ]
    read = answer["its attributes are read"]
    if not any(changed) and not read.number:
        raise read.fails("The gradients are as they were, but no step is computed either.")
    for index, sent in enumerate(answer.inputs["gradients"], 1):
        value = answer[f"gradient {index}, afterwards,"]
        if not np.array_equal(value.is_shaped(sent.shape), sent):
            raise value.fails(
                "The gradients are changed in place. They belong to the caller, who may use them again: compute the "
                "step in a new array (`g = g * rate`, not `g *= rate`)."
            )


def expect_own_memory(ask, draw, name):
    gradients = [draw(4, 3, high=scale) for scale in (2.0, 0.5, 4.0)]
    others = [draw(2, 5, high=scale) for scale in (4.0, 2.0, 1.0)]
    parameters = [draw(4, 3), draw(2, 5)]
    answer = ask(
        optimizers.two_instances,
        name=name,
        parameters=parameters,
        gradients=gradients,
        others=others,
        learning_rate=0.01,
        epsilon=TINY,
    )
    answer["parameter of one optimizer alone"].agrees((4, 3))
    expect_same(
        answer["parameter of one optimizer beside another"],
        "One optimizer alone is right, and two beside each other are not: they share their memory. Is it an attribute "
        "of the class, or a default that is made once (`def __init__(self, memory={})`)?",
        (4, 3),
    )


def expect_epsilon(answer, *, mean_square, set_score):
    """A first step whose epsilon is added to the root of the mean square; under it, half the points are left."""
    start, gradient = answer.inputs["parameters"][0], answer.inputs["gradients"][0]
    under_the_root = start - RATE * gradient / np.sqrt(mean_square + EPSILON)
    if np.allclose(answer["parameter 1"].is_shaped((4, 3)), under_the_root, rtol=1e-4, atol=1e-4):
        set_score(0.5)
        raise answer["parameter 1"].fails(
            "Epsilon is added under the root; the handout adds it to the root. Half the points."
        )
    expect_parameters(answer, (4, 3))


@number("4.1")
@weight(1)
@tags("sgd")
def test_descent_step(ask, draw):
    """BasicOptimizer.apply_gradients subtracts learning rate times gradient, in place"""
    expect_parameters(ask(optimizers.steps, **one_step(draw, "BasicOptimizer", learning_rate=0.125)), (4, 3))


@number("4.2")
@weight(0.75)
@tags("sgd")
def test_descent_of_several_parameters(ask, draw):
    """BasicOptimizer.apply_gradients changes every parameter by its own gradient"""
    answer = ask(optimizers.steps, **several_steps(draw, "BasicOptimizer", learning_rate=0.125))
    expect_parameters(answer, *SHAPES)


@number("4.3")
@weight(1)
@tags("rmsprop")
def test_rmsprop_step(ask, draw):
    """RMSProp.apply_gradients divides by the root of the mean square"""
    expect_parameters(ask(optimizers.steps, **one_step(draw, "RMSProp", learning_rate=RATE, epsilon=TINY)), (4, 3))
    # Any small epsilon by default, wherever it is added.
    answer = ask(optimizers.steps, **one_step(draw, "RMSProp", learning_rate=RATE))
    answer["parameter 1"].agrees((4, 3), rtol=0, atol=0.05)


@number("4.4")
@weight(1.5)
@tags("rmsprop")
def test_rmsprop_steps(ask, draw):
    """RMSProp.apply_gradients remembers the mean square of each parameter"""
    steps = several_steps(draw, "RMSProp", learning_rate=RATE, epsilon=TINY)
    expect_parameters(ask(optimizers.steps, **steps), *SHAPES)
    expect_parameters(ask(optimizers.steps, **steps, beta=0.5), *SHAPES)


@number("4.5")
@partial_credit(1)
@tags("rmsprop")
def test_rmsprop_epsilon(ask, draw, set_score=None):
    """RMSProp.apply_gradients adds epsilon to the root, not under it"""
    answer = ask(optimizers.steps, **one_step(draw, "RMSProp", learning_rate=RATE, epsilon=EPSILON))
    expect_epsilon(answer, mean_square=0.1 * answer.inputs["gradients"][0] ** 2, set_score=set_score)


@number("4.6")
@weight(2)
@tags("adam")
def test_adam_step(ask, draw):
    """Adam.apply_gradients corrects the bias of both means in the first step"""
    expect_parameters(ask(optimizers.steps, **one_step(draw, "Adam", learning_rate=RATE)), (4, 3))


@number("4.7")
@weight(1.5)
@tags("adam")
def test_adam_steps(ask, draw):
    """Adam.apply_gradients remembers both means of one parameter over several steps"""
    gradients = [draw(4, 3, low=low, high=high) for low, high in MAGNITUDES]
    steps = {"name": "Adam", "parameters": [draw(4, 3)], "gradients": gradients, "learning_rate": RATE}
    expect_parameters(ask(optimizers.steps, **steps), (4, 3))
    expect_parameters(ask(optimizers.steps, **steps, beta_1=0.75, beta_2=0.5), (4, 3))


@number("4.8")
@weight(1)
@tags("adam")
def test_adam_of_several_parameters(ask, draw):
    """Adam.apply_gradients counts one step a call, however many parameters there are"""
    answer = ask(optimizers.steps, **several_steps(draw, "Adam", learning_rate=RATE))
    expect_parameters(answer, *SHAPES)


@number("4.9")
@partial_credit(1)
@tags("adam")
def test_adam_epsilon(ask, draw, set_score=None):
    """Adam.apply_gradients adds epsilon to the root, not under it"""
    answer = ask(optimizers.steps, **one_step(draw, "Adam", learning_rate=RATE, epsilon=EPSILON))
    expect_epsilon(answer, mean_square=answer.inputs["gradients"][0] ** 2, set_score=set_score)


@number("4.11")
@weight(0.25)
@tags("sgd", "untouched")
def test_sgd_gradients_afterwards(ask, draw):
    """BasicOptimizer.apply_gradients leaves the gradients as they are"""
    expect_gradients_untouched(ask, draw, "BasicOptimizer")


@number("4.12")
@weight(0.25)
@tags("rmsprop", "untouched")
def test_rmsprop_gradients_afterwards(ask, draw):
    """RMSProp.apply_gradients leaves the gradients as they are"""
    expect_gradients_untouched(ask, draw, "RMSProp")


@number("4.13")
@weight(0.25)
@tags("adam", "untouched")
def test_adam_gradients_afterwards(ask, draw):
    """Adam.apply_gradients leaves the gradients as they are"""
    expect_gradients_untouched(ask, draw, "Adam")


@number("4.14")
@weight(0.25)
@tags("rmsprop", "state")
def test_rmsprop_instances(ask, draw):
    """RMSProp.apply_gradients remembers for each optimizer by itself"""
    expect_own_memory(ask, draw, "RMSProp")


@number("4.15")
@weight(0.25)
@tags("adam", "state")
def test_adam_instances(ask, draw):
    """Adam.apply_gradients remembers for each optimizer by itself"""
    expect_own_memory(ask, draw, "Adam")


def expect_left_alone(ask, draw, name, **late):
    gradients = [draw(4, 3, high=scale) for scale in (2.0, 0.5, 1.0)]
    answer = ask(
        optimizers.without_gradient,
        name=name,
        parameters=[draw(4, 3), draw(1, 3)],
        gradients=gradients,
        learning_rate=RATE,
        **late,
    )
    # What a step is, other tests ask.
    answer["parameter without one"].agrees((1, 3))
    expect_same(
        answer["parameter with one moves"],
        "The parameter without a gradient is as it was, but so is the one that has a gradient: no step is computed.",
    )
    expect_same(
        answer["step ends at the parameter without one"],
        f"{name}'s step ends at the first parameter that has no gradient: those after it stay as they are, although "
        "they have one. Leave that parameter out, and go on with the next (`continue`).",
    )
    return answer


@number("4.31")
@weight(0.25)
@editions("s26")
@tags("sgd", "no gradient")
def test_sgd_without_a_gradient(ask, draw):
    """BasicOptimizer.step leaves parameters alone that have no gradient, and only those"""
    expect_left_alone(ask, draw, "BasicOptimizer")


@number("4.32")
@weight(0.25)
@editions("s26")
@tags("rmsprop", "no gradient")
def test_rmsprop_without_a_gradient(ask, draw):
    """RMSProp.step leaves parameters alone that have no gradient, and only those"""
    expect_left_alone(ask, draw, "RMSProp")


@number("4.33")
@weight(0.25)
@editions("s26")
@tags("adam", "no gradient")
def test_adam_without_a_gradient(ask, draw):
    """Adam.step leaves parameters alone that have no gradient, and only those, and t counts such a step too"""
    answer = expect_left_alone(ask, draw, "Adam", late=draw(1, 3))
    try:
        answer["parameter alone"].agrees((4, 3))
    except Unsatisfied:
        return  # what a step is, other tests ask
    for where in ("", ", behind one without"):
        expect_same(
            answer[f"parameter with gradients in every step{where}"],
            "A parameter with a gradient in every step is right alone, and wrong beside one that has none. `t` counts "
            "the optimizer's steps, also those in which a parameter has no gradient.",
            (4, 3),
        )
    expect_same(
        answer["parameter with its first gradient in the third step"],
        "A parameter that gets its first gradient in the third step is changed by a wrong step then. `t` counts the "
        "optimizer's steps, so it is 3 for every parameter; and this parameter's means begin at zero.",
        (1, 3),
    )
