"""Methods, properties and attributes that a submission has in another place than the handout asks for."""

import numpy as np
import pytest

from autograder.feedback import definitions, messages, misplaced
from autograder.intake.submission import from_files
from autograder.wall.request import Failure

LAYERS = "beras/layers.py"
LACKS = "Can't instantiate abstract class Dense without an implementation for abstract method 'get_weight_gradients'"
HANDOUT = {LAYERS: b"class Dense:\n    @property\n    def weights(self):\n        raise NotImplementedError\n"}


def submission(text, edition=None):
    return from_files({LAYERS: text.encode()}, edition)


@pytest.fixture
def edition(assignment):
    return assignment.edition


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (
            "class Dense:\n    def call(self):\n        pass\n\ndef get_weight_gradients(self):\n    return []\n",
            "`beras/layers.py` line 5 defines it outside of the class",
        ),
        (
            "class Dense:\n    def get_weights_gradients(self):\n        pass\n",
            "Is `get_weights_gradients`, `beras/layers.py` line 2",
        ),
        ("class Dense:\n    pass\n\nclass Other:\n    def get_weights_gradients(self):\n        pass\n", ""),
        ("class Dense(Diffable):\n    def call(self):\n        pass\n", ""),
    ],
)
def test_what_a_class_lacks_is_sought_near_it(edition, text, seen):
    said = misplaced.explain_incomplete_class(LACKS, submission(text, edition))
    assert said.startswith("`Dense` lacks what every class of its kind must define: `get_weight_gradients`. ")
    assert seen in said
    assert ("line" in said) == bool(seen)


def test_a_class_of_the_graders_that_lacks_something_is_told_of_the_base_class(edition):
    said = misplaced.explain_incomplete_class(LACKS, submission("class Diffable:\n    pass\n", edition))
    assert said.startswith("Your base class demands more than the handout's: `get_weight_gradients`.")
    assert misplaced.explain_incomplete_class("no such thing", submission("class Dense:\n    pass\n", edition)) == ""


@pytest.mark.parametrize("text", ["'method' object is not iterable", "object of type 'method' has no len()"])
@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("class Dense:\n    def weights(self):\n        return []\n", 2),
        ("class Dense:\n    @property\n    def weights(self):\n        return []\n", 0),
        ("class Dense:\n    @cached_property\n    def weights(self):\n        return []\n", 0),
        ("class Dense:\n    def set_weights(self, w):\n        self.weights = w\n", 0),
    ],
)
def test_a_property_that_has_become_a_method_is_named(edition, text, code, line):
    said = misplaced.explain_lost_property(text, submission(code, edition), HANDOUT)
    told = f"`weights` is a property in the handout: has `beras/layers.py` line {line} lost its `@property`?"
    assert said == (told if line else "")
    assert misplaced.explain_lost_property("'int' object is not iterable", submission(code, edition), HANDOUT) == ""


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (
            "class Dense:\n    def build(self):\n        scale = 1\n\n    def call(self):\n        return self.scale\n",
            True,
        ),
        ("class Dense:\n    def build(self):\n        self.scale = scale = 1\n", False),
        ("class Dense:\n    def build(self):\n        self.scale: float = 1\n        scale = 2\n", False),
        ("class Dense:\n    def build(self):\n        setattr(self, 'scale', 1)\n        scale = 2\n", False),
        ("class Dense:\n    def call(self, x):\n        return self.scale == x\n", False),
        ("class Other:\n    def call(self, x):\n        scale = x\n        return Dense().scale\n", False),
    ],
)
def test_an_attribute_that_a_method_keeps_for_itself_is_named(edition, code, named):
    failure = Failure("run", "AttributeError", LAYERS, 6, "call", "'Dense' object has no attribute 'scale'", False)
    said = misplaced.explain_lost_attribute(failure, submission(code, edition))
    told = (
        "`beras/layers.py` line 3 sets a local `scale`, which is gone when the method ends: `self.scale = …` keeps it."
    )
    assert said == (told if named else "")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("class Leaky:\n    def call(self, x):\n        return x\n\nclass ReLU(Leaky):\n    pass\n", 2),
        ("class Leaky:\n    def call(self, x):\n        return x\n\nclass ReLU(m.Leaky, Frozen):\n    pass\n", 2),
        (
            "class Leaky:\n    def call(self):\n        pass\n\nclass ReLU(Leaky):\n    def call(x):\n        pass\n",
            6,
        ),
        ("class A(B):\n    pass\n\nclass ReLU(A):\n    pass\n\nclass B:\n    def call(self):\n        pass\n", 8),
        ("class ReLU(ReLU):\n    pass\n", 1),
        ("class Other:\n    pass\n\nclass ReLU(Activation):\n    pass\n", 4),
    ],
)
def test_the_lines_of_an_inherited_method_are_those_of_the_class_that_has_it(edition, code, line):
    assert definitions.where(submission(code, edition), "ReLU.call") == (LAYERS, line)


OLD = "class ReLU:\n    def call(self, x):\n        return 0\n\n"
NEW = "class ReLU:\n    def init(self):\n        pass\n\n    def call(self, x):\n        return x\n"
TWICE = "    def call(self):\n        return 0\n\n    @jit\n    def call(self):\n        return 1\n"
PAIR = "    @property\n    def call(self):\n        pass\n\n    @call.setter\n    def call(self, x):\n        pass\n"
INNER = "    def call(self):\n        def call():\n            pass\n"


@pytest.mark.parametrize(
    ("code", "line", "repeated"),
    [
        (OLD + NEW, 9, "`ReLU` is defined more than once in `beras/layers.py`, in lines 1 and 5"),
        (OLD + NEW + NEW, 15, "`ReLU` is defined more than once in `beras/layers.py`, in lines 1, 5 and 11"),
        ("class ReLU:\n" + TWICE, 6, "`ReLU.call` is defined more than once in `beras/layers.py`, in lines 2 and 6"),
        ("class ReLU:\n" + PAIR, 3, ""),
        ("class ReLU:\n" + INNER, 2, ""),
        (NEW + '\n"""Before it was\n' + OLD + '"""\n', 5, ""),
        (NEW + "\n" + OLD.replace("class", "# class").replace("    def", "#    def"), 5, ""),
        (OLD + "class ReLU(ReLU):\n    pass\n", 2, ""),
        (OLD + "class Other:\n    def call(self):\n        pass\n", 2, ""),
    ],
)
def test_of_what_stands_twice_the_one_that_python_uses_is_pointed_to(edition, code, line, repeated):
    told = messages.look_at(submission(code, edition), "ReLU.call")
    assert told.startswith(f"Look at `beras/layers.py`, line {line}.")
    assert repeated in told
    assert ("more than once" in told) == bool(repeated)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("class Dense:\n    def get_input_gradients(self):\n        pass\n", ""),
        (
            "class Dense:\n    # def get_weight_gradients(self):\n    #     pass\n    w = 1\n",
            "line 2 has it behind a `#`",
        ),
        ("class Dense:\n    w = 1\n#    def get_weight_gradients(self):\n", "line 3 has it behind a `#`"),
        ("# def get_weight_gradients(self):\nclass Dense:\n    w = 1\n", ""),
        ("class Dense:\n    w = 1\n    # a def get_weight_gradients(self) is missing\n", ""),
    ],
)
def test_a_method_of_the_handouts_is_not_meant_for_another_and_one_behind_a_hash_is_found(edition, text, seen):
    handout = {LAYERS: b"class Dense:\n    def get_input_gradients(self):\n        raise NotImplementedError\n"}
    said = misplaced.explain_incomplete_class(LACKS, submission(text, edition), handout)
    assert seen in said
    assert ("line" in said) == bool(seen)


MODEL = "beras/model.py"
LOST = "    def weights(self):\n        return []\n"
KEPT = "    @property\n" + LOST


@pytest.mark.parametrize(
    ("files", "subject", "told"),
    [
        ({LAYERS: f"class Dense:\n{KEPT}", MODEL: f"class Model:\n{LOST}"}, "Model.fit", "has `beras/model.py` line 2"),
        (
            {LAYERS: f"class Dense:\n{LOST}", MODEL: f"class Model:\n{LOST}"},
            "Model.fit",
            "have `beras/model.py` line 2 and `beras/layers.py` line 2 lost their `@property`?",
        ),
        (
            {LAYERS: f"class Dense:\n{LOST}", MODEL: f"class Model:\n{LOST}"},
            "Dense.weights",
            "have `beras/layers.py` line 2 and `beras/model.py` line 2 lost their `@property`?",
        ),
        ({LAYERS: f"class Own:\n{LOST}", MODEL: f"class Model:\n{KEPT}"}, "Model.fit", ""),
    ],
)
def test_a_lost_property_is_looked_for_in_the_class_of_the_test_first(edition, files, subject, told):
    mine = from_files({path: text.encode() for path, text in files.items()}, edition)
    handout = {**HANDOUT, MODEL: HANDOUT[LAYERS].replace(b"Dense", b"Model")}
    said = misplaced.explain_lost_property("'method' object is not iterable", mine, handout, subject)
    assert said.startswith(f"`weights` is a property in the handout: {told}" if told else "")
    assert bool(said) == bool(told)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("        return x  # for now\n        y = x + 1\n        return y\n", 3),
        ('        """Doc."""\n\n        raise ValueError\n\n        y = x + 1\n', 5),
        ("        if x:\n            return 1\n        y = x + 1\n        return y\n", 0),
        ("        return x\n        raise NotImplementedError\n", 0),
        ("        return x\n        pass\n\n    def other(self):\n        y = 1\n", 0),
        ("        return [\n            x\n        ]\n", 0),
        ("        return (\n        x + 1)\n", 0),
        ("        return x + \\\n        y\n", 0),
        ("        return x\n        # y = 1\n", 0),
        ('        return x\n        """\n        y = 1\n        """\n', 0),
    ],
)
def test_lines_below_a_return_that_always_comes_are_said_to_be_never_run(edition, body, line):
    told = messages.look_at(submission(f"class ReLU:\n    def call(self, x):\n{body}", edition), "ReLU.call")
    said = f" Line {line} always ends the method: nothing of it below that line is run." if line else ""
    assert told == f"Look at `beras/layers.py`, line 2.{said}"


def test_of_a_long_list_the_first_shapes_are_told():
    arrays = [np.zeros((4, 3))] * 15
    assert messages.describe_call({"gradients": arrays}) == f"Called with gradients {'(4, 3), ' * 5}(4, 3) and 9 more."
    assert messages.describe_call({"gradients": arrays[:7]}) == f"Called with gradients {'(4, 3), ' * 6}(4, 3)."
