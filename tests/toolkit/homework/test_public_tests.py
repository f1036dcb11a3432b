"""The public tests, run as a student runs them: they pass on the reference and fail readably elsewhere."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.assignment import config, editions, template
from autograder.feedback import messages

ROOT = Path(__file__).resolve().parents[3]
IGNORED = shutil.ignore_patterns("__pycache__", ".pytest_cache", "wheats", "chaffs")


def run(folder, *arguments):
    """Run Python in the folder, without what the project's own pytest has set up, and return how it ended."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "300"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def run_public_tests(folder):
    """Run all public tests in the folder, and return how that ended."""
    return run(folder, "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--rootdir", str(folder))


def outcomes(output, word):
    """Return the summary's lines that begin with the word, without it."""
    return re.findall(rf"^{word} (.*)$", output, re.MULTILINE)


@pytest.fixture
def solved(tmp_path):
    """Return a copy of the reference with the public tests beside it."""
    folder = shutil.copytree(ROOT / "reference", tmp_path / "solved", ignore=IGNORED)
    shutil.copytree(ROOT / "student_template" / "tests", folder / "tests", ignore=IGNORED)
    return folder


@pytest.fixture
def untouched(tmp_path):
    """Return a copy of the student template."""
    return shutil.copytree(ROOT / "student_template", tmp_path / "untouched", ignore=IGNORED)


def replace(path, old, new):
    """Replace a text that stands in the file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_reference_passes_every_public_test(solved):
    result = run_public_tests(solved)
    assert result.returncode == 0, result.stdout
    assert len(outcomes(result.stdout, "PASSED")) > 80


def test_on_the_template_every_failure_names_what_is_to_be_written(untouched):
    result = run_public_tests(untouched)
    failures = outcomes(result.stdout, "FAILED")
    assert len(failures) > 80
    assert [failure for failure in failures if " - NotImplementedError: " not in failure] == []


def test_on_the_template_no_test_file_fails_to_load(untouched):
    result = run_public_tests(untouched)
    assert result.returncode == 1
    assert outcomes(result.stdout, "ERROR") == []


@pytest.mark.parametrize("edition", ["s25", "f25"])
def test_the_public_tests_fit_every_edition(tmp_path, edition):
    assignment = config.load(edition=edition)
    template.export(assignment, tmp_path)
    result = run_public_tests(tmp_path)
    assert outcomes(result.stdout, "PASSED") == []
    failures = outcomes(result.stdout, "FAILED")
    assert len(failures) > 80
    assert [failure for failure in failures if " - NotImplementedError: " not in failure] == []

    for path, content in editions.reference(assignment).items():
        (tmp_path / path).write_bytes(content)
    result = run_public_tests(tmp_path)
    assert result.returncode == 0, result.stdout
    assert outcomes(result.stdout, "SKIPPED") == []


def test_a_file_that_is_no_python_costs_the_tests_that_need_it(solved):
    replace(solved / "beras" / "losses.py", "class MeanSquaredError(Loss):", "class ???(Loss):")
    result = run_public_tests(solved)
    files = {line.split("::")[0] for line in outcomes(result.stdout, "FAILED")}
    assert files == {"tests/test_losses.py", "tests/test_model.py"}
    assert outcomes(result.stdout, "ERROR") == []


OFF = "input 0 of shape .* your gradient is"
MISTAKES = [
    # file, what is right, what is wrong, the layer, what the gradient checker says of it
    ("losses", " / batch_size, np.zeros", ", np.zeros", "CategoricalCrossentropy", "7 times .*, the batch"),
    ("losses", "2 * (y_pred - y_true)", "2 * (y_true - y_pred)", "MeanSquaredError", "-1 times .*, a sign"),
    ("losses", " / y_pred.size", " / len(y_pred)", "MeanSquaredError", "5 times the numeric one"),
    ("layers", "upstream @ self.w.T", "upstream @ self.w.T / len(upstream)", "Dense", "1 / batch size"),
    ("layers", "[x.T @ upstream", "[upstream.T @ x", "Dense", r"weight 0 of shape \(5, 3\).* has \(3, 5\)"),
    ("layers", "upstream.sum(axis=0)", "self.b", "Dense", "weight 1 of shape .* finite differences"),
    ("activations", "y * (1 - y)", "1 - y", "Sigmoid", OFF),
    ("activations", "y * (upstream - ", "y * (upstream + ", "Softmax", OFF),
    ("activations", "np.where(x > 0, one, alpha)", "np.where(x > 0, one, one)", "LeakyReLU", OFF),
]


@pytest.mark.parametrize(("file", "right", "wrong", "name", "verdict"), MISTAKES)
def test_the_gradient_checker_says_what_is_wrong(solved, *, file, right, wrong, name, verdict):
    replace(solved / "beras" / f"{file}.py", right, wrong)
    result = run(solved, "tests.gradient_check", name)
    assert result.returncode == 1
    assert re.match(f"{name}: WRONG\n +{name}\\.compose_.*{verdict}", result.stdout), result.stdout


IN_PLACE = [
    # file, what is right, what changes an input, the layer, the method and the input
    ("activations", "return np.maximum(x, 0) +", "x[x < 0] *= self.alpha; return x #", "LeakyReLU", "call", "x"),
    ("activations", "exponentials =", "x -= x.max(); exponentials =", "Softmax", "call", "x"),
    ("activations", "(y,) =", "self.inputs[0][:] = 0; (y,) =", "Sigmoid", "compose_input_gradients", "x"),
    ("layers", "return x @ self.w +", "x *= 2; return x @ self.w +", "Dense", "call", "x"),
    ("losses", "return np.mean((", "y_pred -= y_true; return np.mean((", "MeanSquaredError", "call", "y_pred"),
    ("losses", "return -np.mean(", "y_true *= 2; return -np.mean(", "CategoricalCrossentropy", "call", "y_true"),
]


@pytest.mark.parametrize(("file", "right", "wrong", "name", "method", "changed"), IN_PLACE)
def test_the_gradient_checker_says_which_input_is_changed(solved, *, file, right, wrong, name, method, changed):
    replace(solved / "beras" / f"{file}.py", right, wrong)
    result = run(solved, "tests.gradient_check", name)
    assert result.returncode == 1
    assert f"{name}: WRONG\n    {name}.{method} changes its input {changed}, which" in result.stdout
    assert "finite differences" not in result.stdout


def test_the_gradient_checker_keeps_to_the_editions_names(tmp_path):
    assignment = config.load(edition="s25")
    template.export(assignment, tmp_path)
    for path, content in editions.reference(assignment).items():
        (tmp_path / path).write_bytes(content)
    _, right, wrong, name, _, _ = IN_PLACE[0]
    replace(tmp_path / "beras" / "activations.py", right, wrong)
    assert f"{name}.forward changes its input x" in run(tmp_path, "tests.gradient_check", name).stdout


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("LeakyReLU", "x[x < 0] *= self.alpha; return x"),
        ("ReLU", "x[x < 0] *= self.alpha; return x"),
        ("Sigmoid", "np.exp(-x, out=x); x += 1; return 1 / x"),
        ("Softmax", "x -= x.max(axis=-1, keepdims=True); x = np.exp(x); return x / x.sum(axis=-1, keepdims=True)"),
    ],
)
def test_an_activation_that_changes_its_input_fails_the_test_of_it(solved, name, wrong):
    owner = "LeakyReLU" if name == "ReLU" else name
    text = (solved / "beras" / "activations.py").read_text("utf-8")
    start = text.index("def call", text.index(f"class {owner}("))
    begin, end = (text.index(f"# {word} SOLUTION", start) for word in ("BEGIN", "END"))
    (solved / "beras" / "activations.py").write_text(text[:begin] + f"{wrong}\n        " + text[end:], "utf-8")
    result = run_public_tests(solved)
    test = f"tests/test_activations.py::test_call_leaves_its_input_as_it_was[{name}]"
    assert [line for line in outcomes(result.stdout, "FAILED") if line.startswith(test)]


def test_the_gradient_checker_passes_the_reference_at_any_shape(solved):
    for shape in ("7,5,3", "1,4,2", "3,2"):
        result = run(solved, "tests.gradient_check", "--shape", shape)
        assert result.returncode == 0, result.stdout
        assert result.stdout.count(": ok\n") == 7


@pytest.mark.parametrize(
    ("file", "right", "as_good", "arguments"),
    [
        ("layers", "return x @ self.w + self.b", "return (x @ self.w + self.b).astype(np.float32)", ["Dense"]),
        ("losses", "** 2)", "** 2, keepdims=True)", ["MeanSquaredError", "--shape", "1,2"]),
    ],
)
def test_the_gradient_checker_passes_what_is_as_good(solved, file, right, as_good, arguments):
    replace(solved / "beras" / f"{file}.py", right, as_good)
    result = run(solved, "tests.gradient_check", *arguments)
    assert result.returncode == 0, result.stdout


def test_the_gradient_checker_knows_all_that_the_grader_recommends_it_for(solved):
    result = run(solved, "tests.gradient_check", *sorted(messages._CHECKABLE))
    assert result.returncode == 0, result.stderr


def test_the_gradient_checker_tells_what_is_not_written_yet(untouched):
    result = run(untouched, "tests.gradient_check", "Softmax")
    assert result.returncode == 1
    assert result.stdout == "Softmax: not written yet (Softmax.call)\n"


def test_the_gradient_checker_lists_the_names_that_it_knows(solved):
    result = run(solved, "tests.gradient_check", "Tanh")
    assert result.returncode == 2
    assert "unknown name 'Tanh': choose from Dense, LeakyReLU" in result.stderr


@pytest.mark.parametrize(
    ("shape", "names", "wanted"),
    [
        ("7", ["Dense"], "give B,IN,OUT, such as 7,5,3"),
        ("7,5,x", [], "give B,IN,OUT, such as 7,5,3"),
        ("7,0,3", ["Softmax", "Dense"], "give B,IN,OUT, such as 7,5,3"),
        ("7", ["Softmax"], "give B,N, such as 7,5 "),
        ("7,5,3,2", ["MeanSquaredError"], "give B,N, such as 7,5 "),
    ],
)
def test_the_gradient_checker_says_which_shape_it_wants(solved, shape, names, wanted):
    result = run(solved, "tests.gradient_check", *names, "--shape", shape)
    assert result.returncode == 2
    assert f"argument --shape: {wanted}" in result.stderr
    assert result.stderr.rstrip().endswith(f"and not {shape!r}")


FAILURES = [
    # file, what is right, what is wrong, the layer, the place and what Python says of it
    ("losses", "class Mean", "class ?", "MeanSquaredError", r"beras/losses.py, line \d+: class .*\n    SyntaxError: "),
    ("core", "import numpy", "  import numpy", "Dense", r"beras/core.py, line \d+: import .*\n    IndentationError: "),
    ("activations", "class Act", "oops\nclass Act", "Softmax", r"beras/activations.py, line \d+: oops\n    NameError"),
    ("losses", "import numpy", "exit(0); import numpy", "MeanSquaredError", r"beras/losses.py, .*\n    SystemExit: 0"),
    ("layers", "x @ self.w +", "x @ self.v +", "Dense", r"beras/layers.py, line \d+, in call: return x.*\n    Attrib"),
    ("layers", "x @ self.w +", "x.T @ self.w +", "Dense", r"beras/layers.py, line \d+, in call: .*\n    ValueError: "),
    ("activations", "class Sigmoid", "class Sigmold", "Sigmoid", r"AttributeError: .* no attribute 'Sigmoid'"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "right", "wrong", "name", "verdict"), FAILURES)
def test_the_gradient_checker_names_the_line_that_fails(solved, *, file, right, wrong, name, verdict):
    replace(solved / "beras" / f"{file}.py", right, wrong)
    result = run(solved, "tests.gradient_check", name)
    assert result.returncode == 1
    assert re.fullmatch(f"{name}: FAILED\n    {verdict}.*\n", result.stdout), result.stdout
    assert result.stderr == ""


def test_the_gradient_checker_tells_the_same_failure_once_and_goes_on(solved):
    replace(solved / "beras" / "activations.py", "class Activation", "class ???")
    result = run(solved, "tests.gradient_check")
    assert result.returncode == 1
    assert result.stdout.count("SyntaxError") == 1
    assert "Softmax: FAILED, as above\nMeanSquaredError: ok\n" in result.stdout


def test_the_gradient_checker_asks_for_what_call_forgot_to_return(solved):
    replace(solved / "beras" / "layers.py", "return x @ self.w", "x @ self.w")
    result = run(solved, "tests.gradient_check", "Dense")
    assert "Dense.call should return floating-point numbers, and returns None: is a `return` missing?" in result.stdout


def check_submission(folder, *options):
    """Run what students run before they hand in, and return how it ended."""
    command = [sys.executable, str(folder / "check_submission.py"), *options]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_check_looks_for_what_the_grader_requires(assignment):
    text = (ROOT / "student_template" / "check_submission.py").read_text("utf-8")
    required = next(node for node in ast.parse(text).body if isinstance(node, ast.Assign))
    assert set(ast.literal_eval(required.value)) == set(assignment.edition.required)


def test_the_check_makes_a_zip_that_is_graded_in_full(solved, grade):
    shutil.copy(ROOT / "student_template" / "check_submission.py", solved)
    done = check_submission(solved)
    assert done.returncode == 0, done.stdout
    results, _ = grade(solved / "beras-submission.zip", "--only", "dense")
    assert results["tests"][0]["status"] == "passed"
    assert {test["status"] for test in results["tests"]} == {"passed"}


def test_the_check_names_what_is_unwritten_broken_or_missing(untouched):
    (untouched / "beras" / "losses.py").write_text("class ???:\n    pass\n")
    (untouched / "beras" / "onehot.py").unlink()
    done = check_submission(untouched, "--check")
    assert done.returncode == 1
    assert re.search(r"… beras/layers\.py  \d left to write: Dense\.", done.stdout)
    assert "✗ beras/losses.py  is not valid Python, line 1" in done.stdout
    assert "✗ beras/onehot.py  is missing" in done.stdout
    assert not (untouched / "beras-submission.zip").exists()
