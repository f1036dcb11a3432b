"""Finite differences of a submission's own forward, and what they say of a gradient."""

import numpy as np
import pytest

from autograder.feedback.comparison import as_array
from autograder.feedback.own_forward import judge
from autograder.grading.draw import draw, draw_all
from autograder.guest import wire, worker
from autograder.guest.loader import World
from autograder.wall.probe_names import probe_name
from homework.api import Beras
from homework.gradients import GRADIENTS

B, N = 7, 4
INPUTS = {
    "dense": {"x": draw(B, 5), "w": draw(5, 3), "b": draw(1, 3)},
    "activations": {"x": draw(B, N)},
    "losses": {"prediction": draw.probabilities(5, N), "truth": draw.one_hot(5, N)},
}
NAMES = {
    ("activations", "gradients"): ("LeakyReLU", "ReLU", "Sigmoid"),
    ("activations", "gradients[0]"): ("Softmax",),
    ("losses", "gradients[0]"): ("MeanSquaredError", "cross-entropy"),
}
CASES = [
    (probe, value, name) for probe, value in GRADIENTS for name in NAMES.get((probe.partition(".")[0], value), (None,))
]


@pytest.fixture
def answered(assignment, reference_files):
    def ask(probe, inputs):
        world = World(reference_files, {})
        crossed = wire.decode(wire.encode(inputs), worker.REQUEST_BOUNDS)
        with world.importing():
            answer = worker.run_probe(probe, Beras(world, assignment.edition.names), crossed)
        return wire.decode(wire.encode(answer))

    return ask


@pytest.mark.parametrize(("probe", "value", "name"), CASES)
def test_the_references_gradients_are_those_of_its_forward(assignment, answered, probe, value, name):
    inputs = dict(INPUTS[probe.partition(".")[0]])
    if name is not None:
        inputs["name"] = name
    if "composed" in probe:
        inputs["upstream"] = draw(B, 3 if "dense" in probe else N)
    inputs = draw_all(inputs, 5)
    key, _, indexed = value.partition("[")
    returned = answered(probe, inputs)[key]
    gradient = as_array(returned[0] if indexed else returned)
    asked = GRADIENTS[probe, value]
    quotient = asked.quotient(answered(probe_name(assignment.homework.moved_forward), asked.questions(inputs)), inputs)
    gradient = gradient[0] if gradient.ndim > quotient.ndim else gradient
    np.testing.assert_allclose(np.broadcast_to(gradient, quotient.shape), quotient, atol=1e-3)


RIGHT = np.array([[1.0, -2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("given", "quotient", "forward", "said"),
    [
        (5 * RIGHT, RIGHT, "your loss", "differences of your loss give a fifth of what"),
        (-RIGHT, RIGHT, "`Dense.call`", "differences of `Dense.call` give the negative of what"),
        (RIGHT / 14, RIGHT, "your loss", "give 14 times what"),
        (RIGHT**2, RIGHT, "`Sigmoid.call`", "give something else than what"),
        (3 * RIGHT, 3 * RIGHT, "`Dense.call`", "It does agree with your own forward"),
        (RIGHT[np.newaxis], 2 * RIGHT, "`Sigmoid.call`", "give 2 times what"),
    ],
)
def test_what_the_differences_say_is_told(given, quotient, forward, said):
    assert said in judge(given, quotient, RIGHT, forward)


@pytest.mark.parametrize("given", [RIGHT, RIGHT * 1.0001, np.ones((2, 2, 2)), RIGHT * np.nan])
def test_where_they_cannot_tell_nothing_is_told(given):
    assert judge(given, RIGHT, RIGHT, "`Dense.call`") == ""


def test_a_forward_of_another_shape_has_no_differences():
    asked = GRADIENTS["losses.gradients", "gradients[0]"]
    inputs = draw_all(INPUTS["losses"], 5)
    per_sample = np.zeros((20, 5))
    assert asked.quotient({"up": per_sample, "down": per_sample}, inputs) is None
    assert asked.quotient({"up": None, "down": per_sample}, inputs) is None
