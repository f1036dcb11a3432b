"""Which lost rows are to be fixed first."""

from dataclasses import dataclass

import pytest

from autograder.assignment import config
from autograder.base.numbers import sort_key
from autograder.grading.loading import choose, load_hidden_tests
from homework.prerequisites import first_to_fix


@dataclass(frozen=True)
class Row:
    number: str
    subject: str
    tags: tuple[str, ...]
    weight: float = 1.0


FORWARD = Row("1.1", "Dense.call", ("dense", "forward"))
LOCAL = Row("1.3", "Dense.get_weight_gradients", ("dense", "gradients"))
COMPOSED = Row("1.6", "Dense.compose_weight_gradients", ("dense", "gradients", "compose"))
RECORDED = Row("0.2", "Diffable.__call__", ("core", "given"), 0.0)
TAPE = Row("5.1", "GradientTape.gradient", ("tape",))
ADAM = Row("4.6", "Adam.apply_gradients", ("adam",))
SPEED = Row("9.1", "get_simple_model_components", ("training", "simple"))
USES_ADAM = {"assignment.py": b"from beras.optimizers import Adam\n\noptimizer = Adam(0.001)\n"}
INHERITS = {"beras/layers.py": b"class Dense(Diffable):\n    def get_weight_gradients(self):\n        return []\n"}
ON_ITS_OWN = {
    "beras/layers.py": INHERITS["beras/layers.py"] + b"    def compose_weight_gradients(self, J):\n        return J\n"
}
CALLS_IT = {
    "beras/layers.py": INHERITS["beras/layers.py"]
    + b"    def compose_weight_gradients(self, J):\n        return self.get_weight_gradients()\n"
}


def test_training_names_one_row_of_each_part_that_it_builds_on():
    told = first_to_fix(SPEED, [RECORDED, FORWARD, LOCAL, TAPE, SPEED], {})
    assert told == (
        "Training builds on `Dense.call` (1.1) and `GradientTape.gradient` (5.1), which lost points: fix these first."
    )


def test_training_names_an_optimizer_only_where_a_model_uses_it():
    assert "`Adam.apply_gradients` (4.6)" in first_to_fix(SPEED, [ADAM, SPEED], USES_ADAM)
    assert first_to_fix(SPEED, [ADAM, SPEED], {"assignment.py": b"from beras.optimizers import Adam\n"}) == ""


def test_training_does_not_build_on_the_submission_s_own_preprocessing():
    images = Row("8.2", "load_and_preprocess_data", ("preprocess",))
    assert first_to_fix(SPEED, [images, SPEED], USES_ADAM) == ""


def test_training_that_alone_is_lost_follows_from_nothing():
    assert first_to_fix(SPEED, [SPEED], USES_ADAM) == ""


@pytest.mark.parametrize(("files", "follows"), [(INHERITS, True), (CALLS_IT, True), (ON_ITS_OWN, False), ({}, False)])
def test_a_composition_follows_from_the_local_gradient_that_it_composes(files, follows):
    told = first_to_fix(COMPOSED, [LOCAL, COMPOSED], files)
    assert told == ("This method composes what `get_weight_gradients` returns: fix 1.3 first." if follows else "")


@pytest.mark.parametrize(("source", "follows"), [("(y,) = self.outputs", True), ("(x,) = self.inputs", False)])
def test_a_gradient_that_is_computed_from_the_output_follows_from_a_forward(source, follows):
    forward = Row("2.11", "Softmax.call", ("softmax", "forward"))
    gradient = Row("2.13", "Softmax.get_input_gradients", ("softmax", "gradients"))
    files = {"beras/activations.py": f"class Softmax:\n    def get_input_gradients(self):\n        {source}\n".encode()}
    told = first_to_fix(gradient, [forward, gradient], files)
    assert told == ("It is computed from the layer's output: fix 2.11 first." if follows else "")


def test_a_composition_does_not_follow_from_a_forward():
    assert first_to_fix(COMPOSED, [FORWARD, COMPOSED], INHERITS) == ""


FIRST_STEP = Row("4.6", "Adam.apply_gradients", ("adam",))
STEPS = Row("4.7", "Adam.apply_gradients", ("adam",))
ARRAYS = Row("4.13", "Adam.apply_gradients", ("adam", "untouched"))
JACOBIAN = Row("2.13", "Softmax.get_input_gradients", ("softmax", "gradients"))
AGAIN = Row("2.20", "Softmax.call", ("softmax", "state"))
EVALUATION = Row("7.6", "Model.evaluate", ("model",))
LAST_BATCH = Row("7.8", "Model.evaluate", ("model", "last batch"))
WEIGHTS = Row("7.2", "Model.weights", ("model",))


PLAIN_ROWS = Row("6.1", "OneHotEncoder", ("one_hot",))
WIDTH = Row("6.3", "OneHotEncoder", ("one_hot", "width"))
INVERSE = Row("6.4", "OneHotEncoder.inverse", ("one_hot",))
CERTAIN = Row("3.6", "MeanSquaredError.get_input_gradients", ("mse", "gradients", "stability"))
UNCERTAIN = Row("3.5", "MeanSquaredError.get_input_gradients", ("mse", "gradients"))


@pytest.mark.parametrize(
    ("test", "before"),
    [(STEPS, FIRST_STEP), (AGAIN, JACOBIAN), (LAST_BATCH, EVALUATION), (INVERSE, PLAIN_ROWS), (CERTAIN, UNCERTAIN)],
    ids=["more steps", "a second call", "a smaller last batch", "the way back", "certain predictions"],
)
def test_what_asks_for_more_of_the_same_follows_from_what_asks_for_less(test, before):
    told = first_to_fix(test, [before, test], {})
    assert told == f"This test builds on what {before.number} asks for: fix {before.number} first."


@pytest.mark.parametrize(
    ("test", "other"),
    [
        (FIRST_STEP, STEPS),
        (ARRAYS, FIRST_STEP),
        (LAST_BATCH, WEIGHTS),
        (JACOBIAN, AGAIN),
        (STEPS, JACOBIAN),
        (INVERSE, WIDTH),
    ],
)
def test_what_asks_for_something_else_or_for_less_follows_from_nothing(test, other):
    assert first_to_fix(test, [other, test], {}) == ""


@pytest.mark.parametrize(
    ("source", "follows"),
    [
        ("class ReLU(LeakyReLU):\n    def __init__(self):\n        super().__init__(0)\n", True),
        ("class ReLU(activations.LeakyReLU, Frozen):\n    pass\n", True),
        ("class ReLU(Activation):\n    pass\n", False),
        ("class ReLU(LeakyReLU):\n    def get_input_gradients(self):\n        return []\n", False),
        ("class ReLU(LeakyReLU\n", False),
        ("", False),
    ],
)
def test_a_method_follows_from_the_class_that_it_is_inherited_from(source, follows):
    leaky = Row("2.2", "LeakyReLU.get_input_gradients", ("leaky_relu", "gradients"))
    relu = Row("2.6", "ReLU.get_input_gradients", ("relu", "gradients"))
    told = first_to_fix(relu, [leaky, relu], {"beras/activations.py": source.encode()})
    assert told == ("`ReLU` inherits this method from `LeakyReLU`: fix 2.2 first." if follows else "")


@pytest.mark.parametrize("forward", ["SequentialModel.forward", "SequentialModel.call"])
def test_a_step_with_a_batch_follows_from_the_models_own_forward(forward):
    runs = Row("7.1", forward, ("model",))
    step = Row("7.3", "SequentialModel.batch_step", ("model",))
    fit = Row("7.7", "SequentialModel.fit", ("model",))
    assert first_to_fix(step, [runs, step], {}) == "This test builds on what 7.1 asks for: fix 7.1 first."
    assert first_to_fix(fit, [runs, fit], {}) == first_to_fix(runs, [runs, step], {}) == ""


def test_a_default_follows_from_the_method_alone_that_it_is_a_default_of():
    forward, slope = (
        Row("2.1", "LeakyReLU.call", ("leaky_relu",)),
        Row("2.2", "LeakyReLU.get_input_gradients", ("leaky_relu",)),
    )
    default = Row("2.4", "LeakyReLU.call", ("leaky_relu", "default"))
    assert first_to_fix(default, [forward, default], {}) == "This test builds on what 2.1 asks for: fix 2.1 first."
    assert first_to_fix(default, [slope, default], {}) == ""


STEEP = Row("2.4", "LeakyReLU.call", ("leaky_relu", "forward", "default"))
ANEW = Row("2.15", "LeakyReLU.call", ("leaky_relu", "state"))
FROZEN = Row("5.7", "Diffable.backward", ("tape",))
EACH_ITS_OWN = Row("5.21", "Diffable.backward", ("tape",))
EXTREME = Row("3.4", "CategoricalCrossentropy.call", ("cross_entropy", "stability"))


@pytest.mark.parametrize(
    ("test", "other"),
    [
        (STEEP, ANEW),
        (EXTREME, Row("3.10", "CategoricalCrossentropy.call", ("cross_entropy", "state"))),
        (EXTREME, Row("3.12", "CategoricalCrossentropy.call", ("cross_entropy", "sizes"))),
        (EACH_ITS_OWN, FROZEN),
        (Row("5.34", "Diffable.backward", ("tape", "shared")), FROZEN),
        (Row("4.8", "Adam.apply_gradients", ("adam",)), Row("4.7", "Adam.apply_gradients", ("adam", "epsilon"))),
    ],
    ids=["a default", "extreme inputs", "rows of other types", "each weight", "a shared tensor", "a further step"],
)
def test_what_is_plain_does_not_follow_from_what_is_special(test, other):
    assert first_to_fix(test, [test, other], {}) == ""


@pytest.mark.parametrize("edition", ["s24", "s25", "f24", "f25", "f25c", "s26"])
def test_no_two_rows_are_to_be_fixed_before_each_other(edition):
    asked = config.load(edition=edition)
    hidden = choose(load_hidden_tests(asked), asked)
    tests = [test for test in hidden if test.tags[0] != "training"]
    for test in tests:
        others = [other for other in tests if first_to_fix(test, [other, test], {})]
        assert all(sort_key(other.number) < sort_key(test.number) for other in others)
