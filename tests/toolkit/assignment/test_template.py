"""The student template is what the reference leaves when its solutions are taken out."""

import ast
import re
import shutil
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from autograder.assignment import config, editions
from autograder.assignment.template import TemplateError, drift, export, generate, strip_solutions, write
from autograder.base.errors import AssignmentError
from autograder.written import questions

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "reference"
ASSIGNMENT = config.load()
TEMPLATE = ROOT / "student_template"

REGION = re.compile(r"# BEGIN SOLUTION\n(.*?)# END SOLUTION", re.DOTALL)

# What stands in solutions and in given parts alike, and answers nothing.
COMMON = {
    "if J is None or J[0] is None:",
    "return self.get_input_gradients()",
    "return self.get_weight_gradients()",
    "for upstream in J:",
    "composed = []",
    "return composed",
    "def compose_input_gradients(self, J=None):",
    "def compose_weight_gradients(self, J=None):",
    "with GradientTape() as tape:",
}


@pytest.fixture
def reference(tmp_path):
    """Return an assignment with a copy of the reference that a test may change."""
    shutil.copytree(REFERENCE, tmp_path / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    return replace(ASSIGNMENT, root=tmp_path)


def solution_lines():
    """Return the lines of the reference's solutions, save those that are common or too short to tell."""
    texts = editions.sources(ASSIGNMENT).values()
    regions = [region for text in texts for region in REGION.findall(text)]
    lines = {line.strip() for region in regions for line in region.splitlines()}
    return {line for line in lines - COMMON if len(line) > 12}


def test_the_committed_template_is_the_generated_one():
    assert drift(ASSIGNMENT, TEMPLATE) == []


def test_the_template_has_all_parts_of_the_homework():
    assert set(generate(ASSIGNMENT)) == {
        "beras/__init__.py",
        "beras/activations.py",
        "beras/core.py",
        "beras/gradient_tape.py",
        "beras/layers.py",
        "beras/losses.py",
        "beras/metrics.py",
        "beras/model.py",
        "beras/onehot.py",
        "beras/optimizers.py",
        "assignment.py",
        "preprocess.py",
        "visualize.py",
    }


def test_no_line_of_a_solution_stands_in_the_template():
    template_lines = {line.strip() for text in generate(ASSIGNMENT).values() for line in text.splitlines()}
    assert len(solution_lines()) > 50
    assert solution_lines() & template_lines == set()


def test_no_marker_stands_in_the_template():
    assert not [name for name, text in generate(ASSIGNMENT).items() if "SOLUTION" in text]


def test_the_local_and_the_upstream_gradient_meet_at_line_166_of_core():
    lines = generate(ASSIGNMENT)["beras/core.py"].splitlines()
    assert lines[165].strip() == "gradient[sample] = sample_gradient @ upstream[sample]"


def test_all_of_core_is_given():
    assert generate(ASSIGNMENT)["beras/core.py"] == editions.sources(ASSIGNMENT)["beras/core.py"]


def test_every_stub_names_the_function_that_it_stands_in():
    expected, found = set(), set()
    for text in generate(ASSIGNMENT).values():
        for outer in ast.parse(text).body:
            functions = outer.body if isinstance(outer, ast.ClassDef) else [outer]
            for function in functions:
                for stub in re.findall(r"NotImplementedError\('(.*?)'\)", ast.unparse(function)):
                    found.add(stub)
                    prefix = f"{outer.name}." if isinstance(outer, ast.ClassDef) else ""
                    expected.add(prefix + function.name)
    assert found == expected
    assert {"Dense.call", "GradientTape.gradient", "load_and_preprocess_data", "Model.evaluate"} <= found


def test_whole_methods_vanish_without_a_gap():
    source = (
        "class A:\n    def given(self):\n        return 1\n\n    # BEGIN SOLUTION\n    def extra(self):\n"
        "        return 2\n\n    # END SOLUTION\n\n\nB = A\n"
    )
    assert strip_solutions(source, "a.py") == "class A:\n    def given(self):\n        return 1\n\n\nB = A\n"


def test_a_stub_keeps_the_indentation_of_its_region():
    source = "def f(x):\n    if x:\n        # BEGIN SOLUTION\n        x += 1\n        # END SOLUTION\n    return x\n"
    expected = 'def f(x):\n    if x:\n        raise NotImplementedError("f")\n    return x\n'
    assert strip_solutions(source, "a.py") == expected


@pytest.mark.parametrize(
    ("body", "line", "complaint"),
    [
        ("    # BEGIN SOLUTION\n    x = 1\n", 2, "without END"),
        ("    x = 1\n    # END SOLUTION\n", 3, "without BEGIN"),
        (
            "    # BEGIN SOLUTION\n    x = 1\n    # BEGIN SOLUTION\n    # END SOLUTION\n",
            4,
            "inside the region",
        ),
        ("    # BEGIN SOLUTION\n    # END SOLUTION\n    x = 1\n", 2, "no code"),
        ("    x = 1  # BEGIN SOLUTION\n    # END SOLUTION\n", 2, "a line of its own"),
        ("    # begin solution\n    x = 1\n    # end solution\n", 2, "a line of its own"),
        ("    x = 1\n    # BEGIN SOLUTION\n    x = 2\ny = 3\n# END SOLUTION\n", 3, "reaches beyond f"),
        ("    x = (\n", 2, "not valid Python"),
    ],
)
def test_a_malformed_region_is_an_error_that_names_file_and_line(body, line, complaint):
    with pytest.raises(TemplateError, match=rf"beras/a\.py, line {line}: .*{complaint}"):
        strip_solutions("def f():\n" + body, "beras/a.py")


def test_a_region_that_leaves_broken_python_is_an_error():
    source = "class A:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION\n"
    with pytest.raises(TemplateError, match=r"a\.py: without its solution regions"):
        strip_solutions(source, "a.py")


def test_a_missing_file_is_the_staffs_to_mend(reference):
    (reference.reference / "preprocess.py").unlink()
    with pytest.raises(AssignmentError, match=r"there is no preprocess\.py"):
        generate(reference)


def test_writing_leaves_what_was_not_generated(reference, tmp_path):
    notes = tmp_path / "template" / "notes.md"
    notes.parent.mkdir()
    notes.write_text("by hand")
    write(reference, tmp_path / "template")
    assert notes.read_text() == "by hand"


def test_writing_again_changes_nothing(reference, tmp_path):
    assert len(write(reference, tmp_path / "template")) == 16
    assert write(reference, tmp_path / "template") == []


def test_every_kind_of_drift_is_told(reference, tmp_path):
    template = tmp_path / "template"
    write(reference, template)
    (template / "visualize.py").unlink()
    (template / "beras" / "old.py").write_text("")
    lines = (template / "beras" / "losses.py").read_text("utf-8").splitlines(keepends=True)
    lines[4] = "# edited by hand\n"
    (template / "beras" / "losses.py").write_text("".join(lines), "utf-8")
    (template / "preprocess.py").write_bytes((template / "preprocess.py").read_bytes().replace(b"\n", b"\r\n"))
    assert sorted(drift(reference, template)) == [
        "beras/losses.py: differs at line 5",
        "beras/old.py: unexpected, the reference has no such file",
        "preprocess.py: differs at line 1",
        "visualize.py: missing",
    ]


def test_each_editions_readme_speaks_of_it_alone(tmp_path):
    texts = {}
    for name in ASSIGNMENT.editions:
        export(config.load(edition=name), tmp_path / name)
        texts[name] = (tmp_path / name / "README.md").read_text("utf-8")
    for name, text in texts.items():
        assert "<!--" not in text
        assert not re.search("edition|where there is one", text)
        for path in re.findall(r"`((?:beras/)?\w+\.py)`", text):
            assert (tmp_path / name / path).is_file(), (name, path)
        assert ("gradient_check tape" in text) is (
            "GradientTape" in (tmp_path / name / "beras/core.py").read_text("utf-8")
        )
        assert ("assignment.py simple" in text) is (
            "argparse" in (tmp_path / name / "assignment.py").read_text("utf-8")
        )
    assert "Linear.forward" in texts["s26"] and "Dense.call" in texts["s24"]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("<!-- ONLY s24 -->\na\n", "have no <!-- END -->"),
        ("a\n<!-- END -->\n", "line 2: '<!-- END -->' does not match"),
        ("<!-- ONLY s24 -->\n<!-- ONLY f25 -->\n", "line 2: '<!-- ONLY f25 -->' does not match"),
        ("<!-- ONLY f99 -->\n<!-- END -->\n", "line 1: there is no edition f99"),
    ],
)
def test_a_readme_that_is_marked_wrongly_names_the_line(reference, lines, complaint):
    (reference.reference / "README.md").write_text(lines)
    with pytest.raises(AssignmentError, match=complaint):
        editions.readme(reference)


def test_a_reference_without_a_readme_has_none_to_give(reference):
    (reference.reference / "README.md").unlink()
    assert editions.readme(reference) == {}


@pytest.fixture(scope="module")
def checker(assignment):
    spec = spec_from_file_location("check_submission", assignment.template / "check_submission.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_students_checker_knows_the_assignments_own_files_and_sizes(assignment, checker):
    assert set(checker.REQUIRED) == set(assignment.template_edition.required)
    assert assignment.limits.submission_mb * 2**20 == checker.LARGEST
    written = questions.load(assignment.root).limits
    assert written.megabytes * 2**20 == checker.LARGEST_WRITTEN


def test_the_students_checker_leaves_nothing_out_that_is_graded_and_packs_nothing_that_the_grader_has(
    assignment, checker
):
    required = {path for edition in assignment.editions.values() for path in edition.required}
    for path in map(Path, required):
        assert not checker.LEFT_OUT.intersection(path.parts)
    assert not required.intersection((*checker.NOT_YOURS, *checker.HANDED_OUT))
    assert set(checker.NOT_YOURS) == set(assignment.homework.by_hand)


def test_the_readme_says_how_slow_is_too_slow(assignment):
    readme = " ".join((assignment.reference / "README.md").read_text().split())
    training, limits = assignment.training, assignment.limits
    assert f"{training.seconds / 60:g} minutes ({training.seconds:g} seconds) for all epochs" in readme
    assert f"more than {training.seconds / 10 - 3:g} seconds each are too slow" in readme
    assert f"Each time that a test runs your code, it may take {limits.test_seconds:g} seconds." in readme
