"""Declaring and rendering variants."""

import pytest

from autograder.assignment.variants import Variant, load, render
from autograder.base.errors import AssignmentError

CHAFF = '''
from autograder.authoring import chaff

@chaff("{target}", costs={{"1.1": 3}})
def mistaken(self, x):
    """What is
    wrong."""
    return x
'''


@pytest.fixture
def declared(tmp_path):
    def write(target="Dense.call", file="mistakes.py"):
        (tmp_path / file).write_text(CHAFF.format(target=target))
        return tmp_path

    return write


def test_a_declaration_holds_target_costs_and_sentence(declared):
    variant = load(declared())["mistaken"]
    assert (variant.target, variant.costs, variant.sentence) == ("Dense.call", {"1.1": 3}, "What is wrong.")


def test_the_method_is_replaced_and_nothing_else(declared, reference_files):
    rendered = render(reference_files, load(declared()).values())
    assert [path for path in rendered if rendered[path] != reference_files[path]] == ["beras/layers.py"]
    assert b"def call(self, x):\n        return x\n" in rendered["beras/layers.py"]
    assert b"@property" in rendered["beras/layers.py"]


def test_a_local_gradient_goes_through_the_inherited_chain_rule(reference_files):
    variant = Variant("v", "Dense.get_input_gradients", "def get_input_gradients(self):\n    return []\n", "", "f", 1)
    text = render(reference_files, [variant])["beras/layers.py"]
    assert b"def compose_input_gradients" not in text
    assert b"def compose_weight_gradients" in text


def test_a_target_that_is_not_there_is_named(declared, reference_files):
    with pytest.raises(AssignmentError, match=r"mistakes\.py:4: the reference has no Dense\.cal\."):
        render(reference_files, load(declared("Dense.cal")).values())


def test_a_name_declared_twice_is_an_error(declared):
    declared()
    with pytest.raises(AssignmentError, match=r"is declared at .*mistakes\.py:4 already"):
        load(declared(file="more.py"))


def test_a_module_that_cannot_be_loaded_is_named(tmp_path):
    (tmp_path / "broken.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(AssignmentError, match=r"broken\.py cannot be loaded: ModuleNotFoundError"):
        load(tmp_path)


def test_there_are_variants_for_every_part(assignment):
    chaffs, wheats = (load(assignment.reference / kind) for kind in ("chaffs", "wheats"))
    targets = {variant.target.partition(".")[0] for variant in (*chaffs.values(), *wheats.values())}
    assert len(chaffs) >= 90
    assert len(wheats) >= 30
    assert targets >= {
        "Dense", "LeakyReLU", "Sigmoid", "Softmax", "MeanSquaredError", "CategoricalCrossentropy", "BasicOptimizer",
        "RMSProp", "Adam", "GradientTape", "CategoricalAccuracy", "OneHotEncoder", "Model", "SequentialModel",
        "load_and_preprocess_data",
    }  # fmt: skip
