"""A part of an audit: what a name, a test's number, a method or a component means, and what is refused."""

import pytest

from autograder.assignment import config, editions
from autograder.audit import selection
from autograder.audit.audit import audit, costs_here
from autograder.base.errors import AssignmentError


def test_a_tests_number_means_the_chaffs_that_it_catches_and_the_wheats_beside_them(assignment):
    names = selection.select(["1.1"], [], assignment, []).names
    chaffs = editions.load_variants(assignment, "chaffs")
    wheats = editions.load_variants(assignment, "wheats")
    assert {name for name, one in chaffs.items() if "1.1" in one.costs} <= names
    assert {name for name, one in wheats.items() if one.target == "Dense.call"} <= names
    assert len(names) < len(chaffs) / 4


@pytest.mark.parametrize("word", ["Dense.call", "Dense"])
def test_a_method_or_a_class_means_what_changes_it(assignment, word):
    chaffs = editions.load_variants(assignment, "chaffs")
    names = selection.select([word], [], assignment, []).names
    assert "forward_without_bias" in names
    assert {chaffs[name].target.partition(".")[0] for name in names if name in chaffs} == {"Dense"}


def test_a_component_means_the_chaffs_of_all_its_tests(assignment):
    names = selection.select([], ["dense"], assignment, []).names
    assert selection.select(["1.1", "Dense.call"], [], assignment, []).names <= names


def test_a_name_means_itself_alone(assignment):
    assert selection.select(["forward_without_bias"], [], assignment, []).names == {"forward_without_bias"}


@pytest.mark.parametrize(
    ("only", "components", "told"),
    [
        (["Dens.call"], [], "called Dens.call; did you mean Dense.call"),
        (["1.111"], [], "called 1.111"),
        ([], ["dens"], "--component dens: expected one of core, dense"),
    ],
)
def test_a_word_that_means_nothing_is_refused(assignment, only, components, told):
    with pytest.raises(AssignmentError, match=told):
        audit(assignment, only=only, components=components)


@pytest.fixture
def without_its_test(copied_project):
    """The project's s24 without the one test that a chaff costs points of."""
    root = copied_project()
    file = root / "tests" / "hidden" / "test_4_optimizers.py"
    decorators = ("@partial_credit(1)\n@tags", "@partial_credit(1)\n@editions('*', '-s24')\n@tags")
    source = file.read_text().replace(*decorators, 1)  # that of RMSProp, which comes before Adam's
    file.write_text("from autograder.authoring import editions\n" + source)
    extra = root / "tests" / "hidden" / "test_4_more.py"
    extra.write_text(MORE)
    return config.load(root)


MORE = """from autograder.authoring import editions, number, tags, weight

@number("4.98")
@weight(1)
@editions("s24")
@tags("rmsprop")
def test_more(ask):
    \"\"\"RMSProp.apply_gradients does something\"\"\"
"""


def test_a_chaff_whose_tests_the_edition_does_not_ask_is_refused_and_costs_nothing_there(without_its_test):
    with pytest.raises(AssignmentError, match="epsilon_under_the_root: nothing would be graded in the edition s24"):
        audit(without_its_test, only=["epsilon_under_the_root"])
    chaff = editions.load_variants(without_its_test, "chaffs")["epsilon_under_the_root"]
    assert costs_here(chaff, without_its_test) == {}
