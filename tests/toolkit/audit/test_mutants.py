"""The mutants of the reference, and the list of those that are right."""

import re
import shutil

import pytest

from autograder.assignment import config
from autograder.audit.mutants import ACCEPTED, Entry, Mutant, choose_explained, make
from autograder.base.errors import AssignmentError


@pytest.fixture(scope="module")
def made(assignment):
    return make(assignment)


def mutant(occurrence=1):
    return Mutant("beras/layers.py", "Dense.call", 7, "a\nb", "c", b"", occurrence)


def entry(**changes):
    fields = {
        "file": "beras/layers.py",
        "function": "Dense.call",
        "line": " a\n  b ",
        "becomes": ("c",),
        "reason": "so",
    }
    return Entry(**(fields | changes))


def test_every_component_has_mutants_that_differ_in_one_place(made, reference_files):
    assert {mutant.component for mutant in made} >= {
        "Dense", "LeakyReLU", "Sigmoid", "Softmax", "MeanSquaredError", "CategoricalCrossentropy", "BasicOptimizer",
        "RMSProp", "Adam", "GradientTape", "CategoricalAccuracy", "OneHotEncoder", "Model", "SequentialModel",
        "load_and_preprocess_data",
    }  # fmt: skip
    for mutant in made:
        original = reference_files[mutant.file].decode().splitlines()
        assert mutant.old.splitlines()[0] == original[mutant.line - 1].strip()
        assert mutant.source != reference_files[mutant.file]
    assert len({(mutant.file, mutant.source) for mutant in made}) == len(made)


def test_what_is_for_people_is_left_alone(assignment, made):
    left_out = assignment.homework.not_mutated
    assert not [mutant.name for mutant in made if f"{mutant.file}:{mutant.function}" in left_out]
    assert not [mutant.name for mutant in made if "raise " in mutant.old or "print" in mutant.old]
    lengths = [re.sub(r", strict=\w+", "", mutant.old) for mutant in made]
    assert not [m.name for m, old in zip(made, lengths, strict=True) if re.sub(r",( strict=\w+)?\)", ")", m.new) == old]


def test_an_entry_keeps_fitting_when_lines_move(tmp_path, assignment, made):
    for name in ("homework", "reference", "student_template", "tests/hidden"):
        shutil.copytree(assignment.root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(assignment.root / "assignment.toml", tmp_path)
    moved = tmp_path / "reference" / "beras" / "core.py"
    moved.write_text(moved.read_text().replace("import numpy as np\n", "import numpy as np\n\n# A line more.\n", 1))
    accepted = [(mutant.file, mutant.old, mutant.new) for mutant in made if mutant.reason]
    again = make(config.load(tmp_path))
    assert accepted == [(mutant.file, mutant.old, mutant.new) for mutant in again if mutant.reason]
    assert accepted


@pytest.mark.parametrize("wrong", [{"becomes": ("d",)}, {"line": "a"}, {"function": "Dense.cal"}, {"occurrence": 3}])
def test_an_entry_that_fits_nothing_is_an_error(wrong):
    with pytest.raises(AssignmentError, match=r"nothing changes .* into"):
        choose_explained([mutant(), mutant(2)], [entry(**wrong)])


def test_an_entry_without_a_reason_is_an_error():
    with pytest.raises(AssignmentError, match="say why"):
        choose_explained([mutant()], [entry(reason=" ")])


def test_an_entry_fits_every_occurrence_or_the_one_it_names():
    assert [m.reason for m in choose_explained([mutant(), mutant(2)], [entry()])] == ["so", "so"]
    assert [m.reason for m in choose_explained([mutant(), mutant(2)], [entry(occurrence=2)])] == ["", "so"]


def test_a_table_with_a_key_too_many_is_named(tmp_path, assignment):
    for name in ("homework", "reference", "student_template", "tests/hidden"):
        shutil.copytree(assignment.root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(assignment.root / "assignment.toml", tmp_path)
    entry = 'file = "x"\nfunction = "f"\nline = "a"\nbecomes = ["b"]\nreason = "y"\noccurence = 2\n'
    (tmp_path / "reference" / ACCEPTED).write_text(f"[[accepted]]\n{entry}")
    with pytest.raises(AssignmentError, match=r"mutants\.toml: \[accepted 1\] occurence .* did you mean occurrence\?"):
        make(config.load(tmp_path))
