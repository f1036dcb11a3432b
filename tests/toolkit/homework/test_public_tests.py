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
from homework import homework, names

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
    shutil.rmtree(folder / "editions")
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


@pytest.mark.slow
@pytest.mark.parametrize(
    "edition", [pytest.param("s25", marks=pytest.mark.slow), "f25", pytest.param("s26", marks=pytest.mark.slow)]
)
def test_the_public_tests_fit_every_edition(tmp_path, edition):
    assignment = config.load(edition=edition)
    template.export(assignment, tmp_path)
    result = run_public_tests(tmp_path)
    given = {"tests/test_core.py"} if edition == "s26" else set()  # there `backward` alone is to do in it
    assert {line.split("::")[0] for line in outcomes(result.stdout, "PASSED")} == given
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
    ("layers", "[x.T @ upstream", "[upstream.T @ x", "Dense", r"weight 0 \(w\) of shape \(5, 3\).* has \(3, 5\)"),
    ("layers", "upstream.sum(axis=0)", "self.b", "Dense", r"weight 1 \(b\) of shape .* finite differences"),
    ("activations", "y * (1 - y)", "1 - y", "Sigmoid", OFF),
    ("activations", "y * (upstream - ", "y * (upstream + ", "Softmax", OFF),
    ("activations", "np.where(x > 0, one, alpha)", "np.where(x > 0, one, one)", "LeakyReLU", OFF),
]


@pytest.mark.parametrize(("file", "right", "wrong", "name", "verdict"), MISTAKES)
def test_the_gradient_checker_says_what_is_wrong(solved, *, file, right, wrong, name, verdict):
    replace(solved / "beras" / f"{file}.py", right, wrong)
    result = run(solved, "tests.gradient_check", name)
    assert result.returncode == 1
    assert re.match(f"{name}: WRONG\n +{name}\\.(compose|get)_.*{verdict}", result.stdout), result.stdout


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


@pytest.mark.cases
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
        assert result.stdout.count(": ok\n") == 9


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


def test_the_public_tests_take_a_layer_that_keeps_the_list_of_its_weights(solved):
    layers = solved / "beras" / "layers.py"
    replace(layers, "input_size, output_size)\n\n", "input_size, output_size)\n        self.own = [self.w, self.b]\n\n")
    replace(layers, "return [self.w, self.b]", "return self.own")
    result = run_public_tests(solved)
    assert result.returncode == 0, result.stdout
    result = run(solved, "tests.gradient_check", "Dense", "model")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("shape", "said"), [("4,4", "4 times the numeric one, the batch size or the size of the last axis"), ("7,4", "7 t")]
)
def test_the_gradient_checker_names_all_that_a_factor_may_be(solved, shape, said):
    replace(solved / "beras" / "losses.py", " / batch_size, np.zeros", ", np.zeros")
    assert said in run(solved, "tests.gradient_check", "CategoricalCrossentropy", "--shape", shape).stdout


PATTERNS = [
    # file, what is right, what is wrong, what is checked, what the checker says of it
    (
        "layers",
        "upstream @ self.w.T",
        "(upstream @ self.w.T).cumsum(axis=1)",
        "Dense",
        "are wrong, the others right|col",
    ),
    ("layers", "upstream @ self.w.T", "0 * (upstream @ self.w.T)", "Dense", "zero everywhere"),
    (
        "activations",
        "* upstream for upstream in J]",
        "* upstream[:1] for upstream in J]",
        "Sigmoid",
        "Only row 0 is right",
    ),
    ("activations", "one, alpha)]", "one, 0 * alpha)]", "LeakyReLU", "are zero and should not be"),
    (
        "activations",
        "np.where(x > 0, one",
        "np.where(self.outputs[0] >= 0, one",
        "ReLU",
        r"right if it were taken at the layer's input, self.inputs\[0\], where you take its output",
    ),
    (
        "losses",
        "(y_pred - y_true) / y_pred.size",
        "(y_pred - y_true) / len(y_pred)",
        "MeanSquaredError",
        "5 times the numeric one, the size of the last axis",
    ),
    (
        "activations",
        "(y,) = self.outputs\n        return [y * (1",
        "y = self.__dict__.setdefault('y', self.outputs[0])\n        return [y * (1",
        "Sigmoid",
        "after a batch of 7, a batch of 9|ValueError",
    ),
    (
        "layers",
        "upstream @ self.w.T",
        "upstream @ (self.w if len(self.w) == self.w.shape[1] else self.w.T)",
        "Dense",
        "Dense.compose_input_gradients, input 0 of shape .7, 4.",
    ),
    ("gradient_tape", "gradients[id(tensor)] = gradient", "gradients[id(tensor)] = 2 * gradient", "tape", "16 times"),
    ("gradient_tape", "zip(layer.weights", "zip(layer.trainable_variables", "model", "by b of the first Dense"),
    ("gradient_tape", "reversed(self.previous_layers.items())", "self.previous_layers.items()", "tape", "is None, but"),
    (
        "gradient_tape",
        "[gradients.get(id(source)) for source in sources]",
        "[gradients.get(id(source)) for source in reversed(sources)]",
        "tape",
        "yours is the gradient by|should have the same",
    ),
]


@pytest.mark.parametrize(("file", "right", "wrong", "name", "verdict"), PATTERNS)
def test_the_gradient_checker_says_what_a_pattern_means(solved, *, file, right, wrong, name, verdict):
    replace(solved / "beras" / f"{file}.py", right, wrong)
    result = run(solved, "tests.gradient_check", name)
    assert result.returncode == 1
    assert re.search(verdict, result.stdout), result.stdout


def test_the_gradient_checker_notes_double_precision(solved):
    replace(solved / "beras" / "activations.py", "return [y * (upstream - ", "return [np.ones(5) * y * (upstream - ")
    replace(solved / "beras" / "layers.py", "w.astype(np.float32)", "w")
    result = run(solved, "tests.gradient_check", "Dense", "Softmax", "Sigmoid", "--shape", "7,5,3")
    assert result.returncode == 0, result.stdout
    assert "note: Softmax.compose_input_gradients returns float64 for float32 inputs." in result.stdout
    assert "note: Dense starts with float64 weights. That is right" in result.stdout
    assert "Sigmoid" not in result.stdout.partition("note:")[2]


def test_the_gradient_checker_blames_no_layer_for_what_a_tensor_does(solved):
    replace(solved / "beras" / "core.py", "np.asarray(data)).view", "np.asarray(data, dtype=float)).view")
    result = run(solved, "tests.gradient_check", "Dense", "Sigmoid", "--shape", "7,5,3")
    assert result.stdout.partition("note: ")[2].startswith("Tensor makes another type of a float32 array")
    assert "That is right" not in result.stdout


def test_the_gradient_checker_sees_that_the_upstream_gradient_is_changed(solved):
    replace(
        solved / "beras" / "activations.py",
        "return [self.get_input_gradients()[0] * upstream for upstream in J]",
        "J[0] *= self.get_input_gradients()[0]; return J",
    )
    assert "Sigmoid.compose_input_gradients changes the upstream gradient J" in (
        run(solved, "tests.gradient_check", "Sigmoid").stdout
    )


# Single mistakes against what the docstrings promise: file, what is right, what is wrong, the test that fails.
BROKEN_PROMISES = [
    (
        "assignment.py",
        "self.optimizer.apply_gradients(self.trainable_variables, gradients)",
        "[self.optimizer.apply_gradients(self.trainable_variables, gradients) for _ in range(2)]",
        "test_model.py::test_a_step_while_training_follows",
    ),
    (
        "beras/layers.py",
        "return [x[:, :, np.newaxis], np.ones_like(self.b)]",
        "return [5 * x[:, :, np.newaxis] ** 2, np.ones_like(self.b)]",
        "test_dense.py::test_weight_gradients_agree",
    ),
    (
        "beras/layers.py",
        "return [x[:, :, np.newaxis], np.ones_like(self.b)]",
        "return [x[:, :, np.newaxis], np.ones(self.b.shape, dtype=int)]",
        "test_dense.py::test_the_local_bias_gradient",
    ),
    ("beras/layers.py", "return [self.w]\n", "return [-self.w]\n", "test_dense.py::test_input_gradients_agree"),
    (
        "beras/layers.py",
        "initializer.lower()",
        "initializer.replace('X', 'x')",
        "test_dense.py::test_the_initializers_n",
    ),
    (
        "beras/layers.py",
        "w = np.random.normal(0, deviations[name], shape)",
        "w = np.random.uniform(-1, 1, shape) * np.sqrt(3) * deviations[name]",
        "test_dense.py::test_the_uniform",
    ),
    (
        "beras/layers.py",
        "xavier = np.sqrt(2 / (input_size + output_size))",
        "xavier = np.sqrt(1 / input_size)",
        "test_dense.py::test_each_initializer_has_its_own",
    ),
    (
        "beras/activations.py",
        "return [y[:, :, np.newaxis] * (identity - y[:, np.newaxis, :])]",
        "return [0 * y[:, :, np.newaxis] * (identity - y[:, np.newaxis, :])]",
        "test_activations.py::test_input_gradients_agree_with_finite_differences[Softmax",
    ),
    (
        "beras/onehot.py",
        "self.classes = np.unique(np.asarray(data))",
        "self.classes = np.array(list(dict.fromkeys(np.asarray(data).tolist())))",
        "test_onehot.py::test_inverse",
    ),
    (
        "beras/onehot.py",
        'if not hasattr(self, "classes"):',
        'if not hasattr(self, "classes") or not set(data.tolist()) <= set(self.classes.tolist()):',
        "test_onehot.py::test_an_unseen_label",
    ),
    (
        "beras/metrics.py",
        "np.mean(np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1))",
        "round(np.mean(np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1)), 2)",
        "test_metrics.py::test_accuracy_is_not_rounded",
    ),
    ("preprocess.py", "/ 255)", "/ images.max())", "test_preprocess.py::test_pixels"),
    (
        "beras/activations.py",
        "np.where(x > 0, one",
        "np.where(self.outputs[0] >= 0, one",
        "test_activations.py::test_input_gradients_agree_with_finite_differences[ReLU-shape0]",
    ),
    ("beras/layers.py", 'raise ValueError(f"unknown', 'name = "normal"  #', "test_dense.py::test_an_unknown_init"),
    ("beras/layers.py", '"xavier": xavier,', '"xavier": 1.0,', "test_dense.py::test_each_initializer_has_its_own"),
    ("beras/layers.py", "limit = np.sqrt(3)", "limit = 3", "test_dense.py::test_each_initializer_has_its_own"),
    (
        "beras/core.py",
        "len(self.trainable_variables) > 0",
        "not self.non_trainable_variables",
        "test_core.py::test_one_tr",
    ),
    ("beras/core.py", "np.asarray(data)).view", "np.array(data)).view", "test_core.py::test_a_tensor_shares"),
    ("beras/optimizers.py", "(np.sqrt(v) + self.epsilon)", "np.sqrt(v + self.epsilon)", "test_optimizers.py::test_eps"),
    (
        "beras/optimizers.py",
        "(np.sqrt(v) / root + self.epsilon)",
        "np.sqrt(v / root**2 + self.epsilon)",
        "test_optimizers.py::test_epsilon_is_added",
    ),
    (
        "beras/optimizers.py",
        "m, v = self.m[i], self.v[i]",
        "m, v = 0 * self.m[i], self.v[i]",
        "test_optimizers.py::test_a_second_step_remembers",
    ),
    ("beras/losses.py", ", np.zeros_like(y_true)]", "]", "test_losses.py::test_the_labels_are_constants"),
    (
        "beras/losses.py",
        "np.clip(x, eps, 1 - eps)",
        "np.clip(x, eps, 1 - eps, out=np.asarray(x))",
        "test_losses.py::test_cross_entropy_does_not_clip",
    ),
    (
        "beras/gradient_tape.py",
        "gradients.get(id(source))",
        "gradients.get(id(source), 0)",
        "test_gradient_tape.py::test_a_source_that_the_loss",
    ),
    ("beras/model.py", "return dict(history)", "pass", "test_model.py::test_the_history_has_one_mean"),
    (
        "beras/model.py",
        "batches = len(x) // batch_size",
        "batches = -(-len(x) // batch_size)",
        "test_model.py::test_fit_trains_once_an_epoch",
    ),
    (
        "beras/model.py",
        "            metrics = defaultdict(list)\n",
        "            metrics = history\n",
        "test_model.py::test_the_history_has_one_mean",
    ),
    (
        "beras/model.py",
        "return {name: total / len(x)",
        "{name: total / len(x)",
        "test_model.py::test_evaluation_counts",
    ),
    (
        "assignment.py",
        "self.optimizer.apply_gradients(self.trainable_variables, gradients)",
        "self.optimizer.apply_gradients(self.trainable_variables, gradients); probs = self(x)",
        "test_model.py::test_a_step_while_training_reports",
    ),
    (
        "preprocess.py",
        "/ 255)",
        "/ images.max(axis=(1, 2)).reshape(-1, 1))",
        "test_preprocess.py::test_each_row_is_one",
    ),
    (
        "preprocess.py",
        "images.reshape(len(images), -1)",
        "images.reshape(784, -1).T",
        "test_preprocess.py::test_each_row",
    ),
]


@pytest.mark.cases
@pytest.mark.parametrize(("file", "right", "wrong", "test"), BROKEN_PROMISES)
def test_the_public_tests_ask_for_what_the_docstrings_promise(solved, *, file, right, wrong, test):
    replace(solved / file, right, wrong)
    result = run(
        solved, "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--rootdir", str(solved), f"tests/{test.split(':')[0]}"
    )
    assert [line for line in outcomes(result.stdout, "FAILED") if line.startswith(f"tests/{test}")], result.stdout


# Mistakes that do not hide each other, all made at once: file, what is right, what is wrong, the test that fails.
BROKEN_AT_ONCE = [
    (
        "beras/core.py",
        "np.asarray(data)).view",
        "np.asarray(data, dtype=float if getattr(data, 'dtype', None) == np.float32 else None)).view",
        "core.py::test_a_tensor_shares_the_memory_of_an_array[float32]",
    ),
    (
        "beras/losses.py",
        "y_true / -clip_0_1(",
        "-y_true / clip_0_1(",
        "model.py::test_the_losses_take_the_encoders_rows[Cat",
    ),
    ("beras/onehot.py", "dtype=np.float32", "dtype=np.uint8", "model.py::test_the_losses_take_the_encoders_rows[Cat"),
    (
        "beras/losses.py",
        "[2 * (y_pred - y_true) / y_pred.size,",
        "[(2 * (y_pred - y_true) / y_pred.size).astype(np.result_type(y_true, np.int8)),",
        "losses.py::test_one_hot_rows_may_be_whole_numbers[Mean",
    ),
    (
        "beras/layers.py",
        "name = initializer.lower()",
        "name = next((name for name in deviations if name.startswith(initializer.lower())), initializer)",
        "dense.py::test_an_unknown_initializer_is_refused[xav]",
    ),
    (
        "beras/layers.py",
        "    @staticmethod\n    def _init",
        "    @staticmethod\n    @__import__('functools').lru_cache\n    def _init",
        "dense.py::test_two_layers_share_nothing",
    ),
    (
        "beras/onehot.py",
        "            self.fit(data)\n",
        "            other = OneHotEncoder()\n            other.fit(data)\n            return other(data)\n",
        "onehot.py::test_an_encoder_that_was_never_fitted",
    ),
    (
        "beras/model.py",
        "for start in range(0, len(x), batch_size):",
        "for start in range(0, max(1, len(x) - batch_size), batch_size):",
        "model.py::test_evaluation_counts_every_sample_alike[10]",
    ),
    (
        "beras/gradient_tape.py",
        "np.add(gradients[id(tensor)], gradient)",
        "gradient",
        "gradient_tape.py::test_the_parts",
    ),
    (
        "beras/gradient_tape.py",
        "zip(layer.inputs,",
        "zip(layer.inputs[:1],",
        "gradient_tape.py::test_a_layer_hands_its",
    ),
    ("beras/optimizers.py", "trainable_params", "parameters", "optimizers.py::test_arguments_may_be_given_by_name"),
    (
        "beras/metrics.py",
        "np.argmax(probs,",
        "np.argmax(np.round(probs, 2),",
        "metrics.py::test_a_class_that_is_hardly",
    ),
    ("preprocess.py", "(train[0], test[0])", "(train[0][:1000], test[0][:1000])", "preprocess.py::test_larger_sets"),
]


def test_the_public_tests_ask_for_what_no_model_shows(solved):
    for file, right, wrong, _ in BROKEN_AT_ONCE:
        replace(solved / file, right, wrong)
    failed = outcomes(run_public_tests(solved).stdout, "FAILED")
    silent = [test for *_, test in BROKEN_AT_ONCE if not any(f"tests/test_{test}" in line for line in failed)]
    assert silent == []


def test_the_public_tests_pass_what_is_as_good(solved):
    replace(
        solved / "beras" / "onehot.py",
        "self.classes = np.unique(np.asarray(data))",
        "drawn = np.random.permutation(np.unique(np.asarray(data)))\n"
        "        self.columns, self.classes = drawn, np.sort(drawn)",
    )
    replace(
        solved / "beras" / "onehot.py",
        "rows[np.searchsorted(self.classes, labels)]",
        "rows[np.argmax(labels[:, None] == self.columns, axis=1)]",
    )
    replace(solved / "beras" / "onehot.py", "self.classes[np.argmax(data", "self.columns[np.argmax(data")
    replace(
        solved / "beras" / "metrics.py",
        "return np.mean(np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1))",
        "import fractions\n        right = np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1)\n"
        "        return fractions.Fraction(int(right.sum()), len(right))",
    )
    replace(
        solved / "preprocess.py",
        "def load_and_preprocess_data",
        "from functools import lru_cache\n\n\n@lru_cache(maxsize=None)\ndef load_and_preprocess_data",
    )
    result = run_public_tests(solved)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("shown", ["float32", "float64"])
def test_the_public_tests_pass_what_computes_in_float32(solved, shown):
    replace(
        solved / "beras" / "core.py",
        "result = self.call(*inputs, **keyword_inputs)",
        f"result = np.asarray(self.call(*inputs, **keyword_inputs)).astype(np.float32).astype(np.{shown})",
    )
    result = run_public_tests(solved)
    assert result.returncode == 0, result.stdout
    result = run(solved, "tests.gradient_check")
    assert result.returncode == 0, result.stdout


ACCUMULATED = """old = Diffable.__dict__.get("old", 4 * [0])
        Diffable.old = [gradients[id(source)] + before for source, before in zip(sources, old)]
        return Diffable.old"""
COUNTED = """self.t += i > 0
            rate, root = self.learning_rate / (1 - self.beta_1**self.t), (1 - self.beta_2**self.t) ** 0.5
            """
STEPS = [
    # file, what is right, what is wrong, the tests of what, what is said of a step, and what is not
    ("layers", "upstream.sum(axis=0)", "upstream.mean(axis=0)", "model", "part of it: Dense", "the batch before"),
    (
        "optimizers",
        "self.learning_rate * gradient\n",
        "gradient\n",
        "model",
        "itself: BasicOptimizer",
        "the batch before",
    ),
    (
        "gradient_tape",
        "return [gradients.get(id(source)) for source in sources]",
        ACCUMULATED,
        "model",
        "yours are added to the gradients of the batch before",
        "Mend first",
    ),
    ("optimizers", "m, v = self.m[i]", f"{COUNTED}m, v = self.m[i]", "optimizers", "says of t", "its own g"),
    (
        "optimizers",
        "if i not in self.m:",
        "i = 0\n            if i not in self.m:",
        "optimizers",
        "its own g",
        "says of t",
    ),
]


@pytest.mark.cases
@pytest.mark.parametrize(("file", "right", "wrong", "tests", "cause", "other"), STEPS)
def test_a_hint_names_a_cause_that_is_there(solved, *, file, right, wrong, tests, cause, other):
    replace(solved / "beras" / f"{file}.py", right, wrong)
    chosen = ["-k", "batch_alone or memories"]
    said = run(solved, "pytest", "-q", "-p", "no:cacheprovider", f"tests/test_{tests}.py", *chosen).stdout
    assert cause in said
    assert other not in said


def test_a_model_below_the_target_is_told_what_to_do(solved):
    (solved / "try_main.py").write_text(
        """import sys
import numpy as np
import assignment
from beras.core import Tensor
x, y = np.random.default_rng(0).uniform(size=(200, 784)), np.arange(200) % 10
assignment.load_and_preprocess_data = lambda: tuple(map(Tensor, (x, y, x[:50], y[:50])))
assignment.visualize_metrics = assignment.visualize_images = lambda *arguments: None
assignment.main(sys.argv[1])
""",
        "utf-8",
    )
    assert "over 95 %. If `python check.py` finds nothing" in run(solved, "try_main", "simple").stdout
    assert "over 95 %" not in run(solved, "try_main", "simplest").stdout


def test_the_public_tests_do_not_depend_on_the_words_of_a_students_files(solved):
    replace(solved / "beras" / "layers.py", '"xavier uniform"      sqrt', "                      sqrt")
    replace(
        solved / "beras" / "losses.py",
        "class MeanSquaredError(",
        "class BinaryCrossEntropy(Loss):\n    pass\n\n\nclass MeanSquaredError(",
    )
    replace(solved / "beras" / "core.py", "Variable = Tensor", "def assign(self, value): ...\n\n\nVariable = Tensor")
    result = run_public_tests(solved)
    assert result.returncode == 0, result.stdout
    assert outcomes(result.stdout, "SKIPPED") == []


@pytest.mark.parametrize("edition", ["s24", "s25", "f25", "s26"])
def test_the_template_says_what_its_edition_asks_for(tmp_path, edition):
    assignment = config.load(edition=edition)
    template.export(assignment, tmp_path)
    constants = {}
    exec((tmp_path / "tests" / "handout.py").read_text("utf-8"), constants)
    assert constants["EDITION"] == edition
    assert constants["CALL"] == ("call" if edition == "s24" else "forward")
    assert constants["ASSIGN"] is (edition in ("s25", "f25"))
    assert constants["LOSS_EPSILON"] is (edition in ("f25", "s26"))
    assert ("xavier uniform" in constants["INITIALIZERS"]) is (edition in ("s24", "f25"))
    assert constants["REQUIRED"] == list(assignment.edition.required)
    assert constants["MODELS"] == list(assignment.edition.components)


@pytest.mark.parametrize("edition", ["s24", "s25", "f25", "s26"])
def test_what_students_get_is_python_3_9(tmp_path, edition):
    template.export(config.load(edition=edition), tmp_path)
    for path in [*tmp_path.glob("*.py"), *tmp_path.glob("beras/*.py"), *tmp_path.glob("tests/*.py")]:
        text = path.read_text("utf-8")
        ast.parse(text, filename=path.name, feature_version=(3, 9))
        newer = [
            node.lineno
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "zip" and node.keywords
        ]
        assert newer == [], path.name


def test_the_advised_public_tests_find_what_the_gradient_checker_does_not(solved):
    beras = solved / "beras"
    mistakes = [
        (
            "activations.py",
            "np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))",
            "np.exp(x) / (1 + np.exp(x))",
            "test_large_",
        ),
        ("losses.py", "y_true / -clip_0_1(y_pred)", "y_true / -y_pred", "test_cross_entropy_of_a_certain_mistake"),
        ("layers.py", "np.ones_like(self.b)", "np.ones(self.b.shape, dtype=int)", "test_the_local_bias_gradient"),
    ]
    for file, right, wrong, _ in mistakes:
        replace(beras / file, right, wrong)
    files = ("tests/test_activations.py", "tests/test_losses.py", "tests/test_dense.py")
    result = run(solved, "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--rootdir", str(solved), *files)
    failed = outcomes(result.stdout, "FAILED")
    assert [test for *_, test in mistakes if not any(f"::{test}" in line for line in failed)] == []


def test_every_row_about_gradients_advises_public_tests_that_are_there():
    layers = {*names.CHECKABLE, "CategoricalCrossEntropy", "CategoricalCrossentropy"}
    advised = {homework.home_check(f"{layer}.get_input_gradients") for layer in layers}
    files = {command.removeprefix("python -m pytest ") for command in advised}
    assert files == {"tests/test_dense.py", "tests/test_activations.py", "tests/test_losses.py"}
    assert all((ROOT / "student_template" / file).is_file() for file in files)
    assert homework.home_check("Adam.apply_gradients") == ""


def test_the_gradient_checker_knows_all_that_the_grader_recommends_it_for(solved):
    result = run(solved, "tests.gradient_check", *sorted({*names.CHECKABLE} - {"Linear"}))
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
    ("losses", "import numpy", "exit(0); import numpy", "MeanSquaredError", r"beras/losses.py, .*\n +SystemExit.*\n.*"),
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


def test_check_submission_runs_nothing_that_stands_beside_it(solved):
    shutil.copy(ROOT / "student_template" / "check_submission.py", solved)
    trap = b"\nopen(__file__ + '.ran', 'w')\n"
    handout = solved / "tests" / "handout.py"
    handout.parent.mkdir(exist_ok=True)
    handout.write_bytes(b"REQUIRED = ['assignment.py', 'beras/extra.py']" + trap)
    for name in ("argparse", "ast", "json", "re", "zipfile", "pathlib", "shutil", "sitecustomize"):
        (solved / f"{name}.py").write_bytes(trap)
    done = check_submission(solved, "--check")
    assert "beras/extra.py  is missing" in done.stdout
    assert list(solved.rglob("*.ran")) == []


def test_the_check_names_what_is_unwritten_broken_or_missing(untouched):
    (untouched / "beras" / "losses.py").write_text("class ???:\n    pass\n")
    (untouched / "beras" / "onehot.py").unlink()
    done = check_submission(untouched, "--check")
    assert done.returncode == 1
    assert re.search(r"… beras/layers\.py  \d left to write: Dense\.", done.stdout)
    assert "✗ beras/losses.py  is not valid Python, line 1" in done.stdout
    assert "✗ beras/onehot.py  is missing" in done.stdout
    assert not (untouched / "beras-submission.zip").exists()


def test_the_check_counts_what_is_still_to_be_written(untouched, solved):
    shutil.copy(ROOT / "student_template" / "check_submission.py", solved)
    done = check_submission(untouched, "--check")
    files = [*untouched.glob("*.py"), *untouched.glob("beras/*.py")]
    left = sum(
        len(re.findall(r"^ +raise NotImplementedError\(", path.read_text("utf-8"), re.MULTILINE)) for path in files
    )
    assert f"{left} functions are still to be written" in done.stdout
    assert "still to be written" not in check_submission(solved, "--check").stdout


def test_the_check_prints_nothing_that_a_terminal_obeys(untouched):
    (untouched / "beras" / "\x1b]0;owned\x07.py").write_text("'\x1b[2J\u202e' ???")
    (untouched / "beras" / "._losses.py").write_bytes(b"\0\5\x16\7")
    said = check_submission(untouched, "--check").stdout
    assert [mark for mark in said if not mark.isprintable() and mark != "\n"] == []
    assert "· beras/\\x1b]0;owned\\x07.py  is not valid Python, line 1" in said
    assert "'\\x1b[2J\\u202e' ???" in said
    assert "· beras/._losses.py  is a hidden file, and is left out" in said


def test_the_check_names_given_files_that_are_gone(untouched):
    (untouched / "visualize.py").unlink()
    assert "· visualize.py  is missing; it is not graded" in check_submission(untouched, "--check").stdout


def home_check(folder):
    """Run what lists the parts, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment["COLUMNS"] = "500"  # no line is broken
    command = [sys.executable, "-X", "utf8", str(folder / "check.py")]
    return subprocess.run(
        command, cwd=folder.parent, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def test_the_list_of_parts_ticks_those_that_work(solved):
    shutil.copy(ROOT / "student_template" / "check.py", solved)
    assert home_check(solved).stdout.count("✓") == 10
    replace(solved / "beras" / "layers.py", "return x @ self.w + self.b", "return x.T @ self.w + self.b")
    replace(
        solved / "beras" / "onehot.py", "self.classes = np.unique", 'raise NotImplementedError("OneHotEncoder.fit") #'
    )
    done = home_check(solved)
    assert done.returncode == 1
    assert re.search(
        r"✗ beras/layers\.py  \d+ of \d+ tests fail\n  - test_.*\n    beras/layers.py, line \d+, in call: .*\n +Value",
        done.stdout,
    )
    assert "… beras/onehot.py  to write: OneHotEncoder.fit\n" in done.stdout
    assert "✓ beras/losses.py\n" in done.stdout


@pytest.mark.parametrize("edition", ["f25", "s26"])
def test_the_list_of_parts_names_what_is_to_be_written_in_each(tmp_path, edition):
    folder = tmp_path / "template"
    template.export(config.load(edition=edition), folder)
    said = home_check(folder).stdout
    stubs = [
        name
        for path in folder.rglob("*.py")
        for name in re.findall(r'raise NotImplementedError\("(.+)"\)', path.read_text("utf-8"))
    ]
    assert [name for name in stubs if name not in said] == []
    assert "… beras/losses.py  to write: MeanSquaredError." in said
    if edition == "f25":
        assert "… beras/optimizers.py  to write: BasicOptimizer.apply_gradients, " in said
        assert re.search(
            r"beras/gradient_tape.py  to write: GradientTape.gradient; it needs Tensor.__new__ first", said
        )
    else:
        assert "✓ beras/core.py, all but backward" in said
        assert "… beras/core.py, backward  to write: Diffable.backward" in said


def test_an_assignment_that_no_test_looks_at_is_listed_until_it_is_written(tmp_path):
    folder = tmp_path / "template"
    template.export(config.load(edition="f24"), folder)
    assert "beras/model.py, assignment.py" not in home_check(folder).stdout
    listed = check_submission(folder, "--check").stdout
    line = re.search(r"… assignment\.py  left to write: what the comment in line (\d+) says", listed)
    assert "# To write: load" in (folder / "assignment.py").read_text("utf-8").splitlines()[int(line[1]) - 1]
    with (folder / "assignment.py").open("a", encoding="utf-8") as file:
        file.write("    print('trained')\n")
    assert "✓ assignment.py\n" in check_submission(folder, "--check").stdout


def test_a_tape_that_is_left_recording_fails_that_test_and_no_other(solved):
    tests = solved / "tests"
    for path in tests.glob("test_*.py"):
        path.unlink()
    (tests / "test_left.py").write_text(
        """from beras.gradient_tape import GradientTape


def test_one_is_left():
    GradientTape().__enter__()


def test_the_next_one_begins():
    with GradientTape():
        pass
""",
        "utf-8",
    )
    said = run_public_tests(solved).stdout
    assert outcomes(said, "PASSED") == ["tests/test_left.py::test_the_next_one_begins"]
    assert "test_one_is_left" in outcomes(said, "FAILED")[0]
    assert "a GradientTape is still recording: your code entered one, and did not leave it" in said


@pytest.mark.parametrize("command", [["check.py"], ["-m", "tests.gradient_check"], ["get_mnist.py", "--offline"]])
def test_what_is_not_installed_is_said_with_how_to_get_it(untouched, command):
    # -S: without the packages that are installed beside this Python.
    done = subprocess.run([sys.executable, "-S", *command], cwd=untouched, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search(r"[Nn]um[Pp]y .*missing in this Python, .*Type: python -m pip install numpy", done.stderr)
    assert "Traceback" not in done.stderr


def test_the_list_of_parts_has_every_test_file():
    listed = re.findall(r'"(test_\w+\.py)"', (ROOT / "student_template" / "check.py").read_text("utf-8"))
    folders = ["student_template/tests", "reference/editions/s26/tests"]
    assert set(listed) == {path.name for folder in folders for path in (ROOT / folder).glob("test_*.py")}
