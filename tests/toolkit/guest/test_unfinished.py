"""What is still to be written says so, whatever the stub looks like; and what only looks unfinished is graded."""

import pytest

from autograder.guest.loader import World
from autograder.guest.source import complete_main, inspect

PATH = "beras/layers.py"

MARKERS = [
    ("return NotImplementedError", "error"),
    ('return NotImplementedError("later")', "error"),
    ("return NotImplemented", "constant"),
    ("return ...", "ellipsis"),
    ("...", "empty"),
    ("pass", "empty"),
    ("return None", "empty"),
    ('"""Only a docstring."""', "empty"),
]


def noticed(body, name="call", given=None):
    source = f"class Layer:\n    def {name}(self):\n        {body}\n".encode()
    world = World({PATH: source}, {PATH: source if given is None else given})
    with world.importing():
        layer = world.module("beras.layers").Layer()
        with world.unfinished.noticing():
            getattr(layer, name)()
    return [(stub.file, stub.line, stub.function, stub.how) for stub in world.unfinished.noted]


@pytest.mark.parametrize(("body", "how"), MARKERS)
def test_a_stub_that_returns_is_noticed(body, how):
    assert noticed(body) == [(PATH, 2, "Layer.call", how)]


@pytest.mark.parametrize("body", ["return 3", "self.x = 1", "return [NotImplementedError]", "print()"])
def test_a_method_that_does_something_is_no_stub(body):
    assert noticed(body) == []


def test_what_the_grader_tries_in_passing_is_nothing_that_was_asked():
    source = b"class Diffable:\n    def backward(self):\n        pass\n"
    core = "beras/core.py"

    def works(module):
        return module.Diffable().backward() is not None

    world = World({core: source}, {core: source}, works={"beras.core": works})
    with world.importing(), world.unfinished.noticing():
        made = world.module("beras.core").Diffable()
    assert list(world.unfinished.noted) == []
    with world.importing(), world.unfinished.noticing():
        made.backward()
    assert world.unfinished.noted == {}, "the handout's own class has taken the place of what does not work"


def test_an_empty_method_of_the_students_own_is_no_stub():
    assert noticed("pass", name="log", given=b"class Layer:\n    def call(self):\n        pass\n") == []


@pytest.mark.parametrize(
    ("name", "noted"), [("Layer", ["Layer.__init__"]), ("Another", [])], ids=["the handout's class", "another"]
)
def test_an_empty_special_method_is_a_stub_where_the_handouts_class_has_it(name, noted):
    source = f"class {name}:\n    def __init__(self):\n        pass\n".encode()
    given = b"class Layer:\n    def __init__(self):\n        pass\n\nclass Last:\n    pass\n"
    world = World({PATH: source}, {PATH: given})
    with world.importing():
        made = getattr(world.module("beras.layers"), name)
        with world.unfinished.noticing():
            made()
    assert [stub.function for stub in world.unfinished.noted] == noted


def test_a_layer_whose_own_init_does_nothing_is_not_said_to_be_unwritten(grade, reference_files):
    text = reference_files["beras/activations.py"].decode()
    begin = text.index("class Softmax")
    head, softmax = text[:begin], text[begin:].replace("):\n", "):\n    def __init__(self):\n        pass\n\n", 1)
    files = {**reference_files, "beras/activations.py": (head + softmax.replace("np.exp(", "np.exp2(")).encode()}
    results, _ = grade(files, "--only", "2.11")
    (row,) = [test for test in results["tests"] if "number" in test]
    assert row["score"] == 0
    assert "Not implemented" not in row["output"]


def test_an_empty_override_of_what_another_file_of_the_handout_has_is_a_stub():
    source, core = (
        b"class Layer:\n    def compose(self):\n        pass\n",
        b"class Base:\n    def compose(self):\n        ...\n",
    )
    world = World({PATH: source}, {PATH: b"", "beras/core.py": core})
    with world.importing():
        layer = world.module("beras.layers").Layer()
        with world.unfinished.noticing():
            layer.compose()
    assert [stub.function for stub in world.unfinished.noted] == ["Layer.compose"]


def test_a_special_method_may_return_notimplemented():
    source = b"class Layer:\n    def __eq__(self, other):\n        return NotImplemented\n"
    world = World({PATH: source}, {PATH: source})
    with world.importing():
        layer = world.module("beras.layers").Layer()
        with world.unfinished.noticing():
            assert layer != 3
    assert not world.unfinished.noted


@pytest.mark.parametrize(
    ("stub", "said"),
    [
        ("return NotImplementedError", "`BasicOptimizer.apply_gradients` returns `NotImplementedError`"),
        ("return NotImplemented", "`BasicOptimizer.apply_gradients` returns `NotImplemented`"),
        ("return ...", "`BasicOptimizer.apply_gradients` returns `...`"),
        ("pass", "`BasicOptimizer.apply_gradients` returns nothing"),
        ("raise NotImplementedError", "raises `NotImplementedError`"),
    ],
)
def test_the_row_of_a_stub_says_that_it_is_not_implemented_yet(grade, reference_files, stub, said):
    text = reference_files["beras/optimizers.py"].decode()
    begin = text.index("        for parameter, gradient in zip")
    end = text.index("# END SOLUTION", begin)
    files = {**reference_files, "beras/optimizers.py": f"{text[:begin]}        {stub}\n{text[end:]}".encode()}
    results, _ = grade(files, "--only", "4.1")
    assert "**Not implemented yet**" in next(test for test in results["tests"] if "number" in test)["output"]
    assert said in next(test for test in results["tests"] if "number" in test)["output"]


def test_what_another_method_leaves_undone_is_named_with_its_class(grade, reference_files):
    text = reference_files[PATH].decode().replace("return x @ self.w + self.b", "return NotImplementedError")
    results, _ = grade({**reference_files, PATH: text.encode()}, "--only", "1.15")
    assert (
        "`Dense.call` returns `NotImplementedError`"
        in next(test for test in results["tests"] if "number" in test)["output"]
    )


MAIN = b'x = 1\nif __name__ == "__main__":%s\n    # TODO: train a model\n%s'


@pytest.mark.parametrize(("comment", "rest"), [(b"", b""), (b"  # here", b"\n\n"), (b"", b"y = 2\n")])
def test_a_main_block_of_comments_counts_as_empty(comment, rest):
    source = MAIN % (comment, rest)
    world = World({"assignment.py": source}, {})
    with world.importing():
        assert world.module("assignment").x == 1
    assert complete_main(source).count(b"\n") == source.count(b"\n")


def test_a_main_block_with_a_body_is_left_as_it_is():
    source = MAIN % (b"", b"    print(x)\n")
    assert complete_main(source) == source


def test_a_long_main_block_of_comments_with_the_line_ends_of_windows_takes_no_time():
    comments = b"    # train(x)\r\n" * 2_000
    source = MAIN.replace(b"\n", b"\r\n") % (b"", comments)
    assert complete_main(source) == source.replace(b":\r", b": pass\r", 1)
    with_body = source + b"    train(x)\r\n"
    assert complete_main(with_body) == with_body


def test_a_file_that_is_loaded_in_spite_of_its_main_block_is_looked_through():
    assert "torch" in inspect(b"import torch\n" + MAIN % (b"", b""), "").names


COMMENTED_OUT = b"""
from abc import ABC, abstractmethod

class Layer(ABC):
    @abstractmethod
    def call(self): ...

    @abstractmethod
    def slopes(self): ...

class Wide(Layer):
    def call(self):
        return 1

#    def slopes(self):
#        return 2

class Narrow(Wide):
    pass

class Own(Layer):
    pass
"""


def test_a_class_that_lacks_a_method_of_the_handouts_can_be_made_and_the_method_says_what_is_wrong():
    given = b"class Layer:\n    def slopes(self): ...\n\nclass Wide(Layer):\n    def slopes(self): ...\n"
    world = World({PATH: COMMENTED_OUT}, {PATH: given})
    with world.importing():
        module = world.module("beras.layers")
        assert module.Wide().call() == module.Narrow().call() == 1
        with pytest.raises(
            TypeError, match="abstract class Wide without an implementation for abstract method 'slopes'"
        ):
            module.Wide().slopes()
        for abstract in (module.Layer, module.Own):  # meant to be abstract, and of no handout
            with pytest.raises(TypeError, match="abstract"):
                abstract()


def test_who_puts_a_stub_behind_a_hash_loses_that_method_s_points_and_no_other_s(grade, reference_files):
    path = "beras/activations.py"
    text = reference_files[path].decode()
    start = text.index("def get_input_gradients", text.index("class Sigmoid"))
    end = text.index("class Softmax")
    left = {
        **reference_files,
        path: (text[:start] + "#" + text[start:end].replace("\n", "\n#") + "\n\n" + text[end:]).encode(),
    }
    results, _ = grade(left, "--only", "activations")
    lost = {row["name"]: row["output"] for row in results["tests"] if row.get("score", 0) < row.get("max_score", 0)}
    assert lost
    assert all(
        "`Sigmoid` lacks what every class of its kind must define: `get_input_gradients`" in s for s in lost.values()
    )
    assert not any(name.startswith("2.7 ") for name in lost)
    kept = next(row for row in results["tests"] if row.get("number") == "2.7")
    assert kept["score"] == kept["max_score"]
