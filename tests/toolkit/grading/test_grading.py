"""Whole runs, through the real command line: scores, rows, and every kind of bad input."""

import json
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NO_TRAINING = ("--skip", "training")


def scores(results):
    return {test["number"]: test["score"] for test in results["tests"] if "number" in test}


def lost(results, component=None):
    return {
        test["tags"][0]
        for test in results["tests"]
        if "score" in test and test["score"] < test["max_score"] and (component is None or component in test["tags"])
    }


def row(results, name):
    return next(test for test in results["tests"] if test["name"] == name)


def test_the_reference_gets_every_point(grade):
    results, done = grade("reference")
    assert done.returncode == 0, done.stderr
    assert results["score"] == 100 == sum(test.get("max_score", 0) for test in results["tests"])
    assert results["extra_data"]["grader_errors"] == 0
    assert len(scores(results)) >= 50


def test_the_template_gets_below_ten_and_says_what_is_not_implemented(grade):
    results, done = grade("student_template")
    assert done.returncode == 0
    assert results["score"] < 10
    for test in results["tests"]:
        if test.get("score", 1) == 0 and test.get("max_score"):
            assert "Not implemented yet" in test["output"], test


# What losing each file may cost. Core is given: its place is taken by the handout's own.
COSTS = {
    "beras/core.py": {"core"},
    "beras/layers.py": {"dense", "init", "training"},
    "beras/activations.py": {"leaky_relu", "relu", "sigmoid", "softmax", "training"},
    "beras/losses.py": {"mse", "cross_entropy", "training"},
    "beras/metrics.py": {"accuracy", "training"},
    "beras/onehot.py": {"one_hot", "training"},
    "beras/optimizers.py": {"sgd", "rmsprop", "adam", "training"},
    "beras/gradient_tape.py": {"tape", "training"},
    "beras/model.py": {"model", "training"},
    "assignment.py": {"model", "training"},
    "preprocess.py": {"preprocess", "training"},
    "visualize.py": set(),
}


@pytest.mark.cases
@pytest.mark.parametrize("removed", COSTS)
def test_a_missing_file_costs_its_own_tests_and_training_only(grade, reference_files, removed):
    files = {path: content for path, content in reference_files.items() if path != removed}
    results, _ = grade(files, *NO_TRAINING)
    assert lost(results) <= COSTS[removed]
    if removed not in ("beras/core.py", "visualize.py"):
        assert lost(results)
        assert removed in row(results, "Required files")["output"]


@pytest.mark.cases
@pytest.mark.parametrize("broken", [path for path in COSTS if path.startswith("beras/")])
def test_a_syntax_error_costs_its_own_file_and_names_the_line(grade, reference_files, broken):
    text = reference_files[broken].decode()
    files = {**reference_files, broken: (text + "\nresult = ???\n").encode()}
    results, _ = grade(files, *NO_TRAINING)
    assert lost(results) <= COSTS[broken]
    told = row(results, "Files that can be loaded")
    assert told["status"] == "failed"
    assert broken in told["output"]
    assert f"line {text.count(chr(10)) + 2}" in told["output"]
    assert "loading it failed" not in json.dumps(results["tests"]), "a row says that without the cause"


def test_the_same_submission_gets_the_same_scores_and_texts(grade, reference_files):
    files = {**reference_files, "beras/losses.py": reference_files["beras/losses.py"].replace(b"/ batch_size", b"")}
    seen = set()
    for _ in range(3):
        results, _ = grade(files, *NO_TRAINING)
        seen.add(json.dumps([results["score"], results["tests"]]))
    assert len(seen) == 1


def test_training_says_how_it_went(grade, reference_files):
    results, _ = grade(reference_files, "--only", "9.2")
    output = next(test for test in results["tests"] if "number" in test)["output"]
    assert re.search(r"Best test accuracy \*\*9[5-9]\.\d\d %\*\* \(to pass: more than 95 %\), on UCI digits", output)
    assert "as hard as MNIST's" in output


def test_a_model_that_learns_nothing_fails_training_with_its_curves(grade, reference_files, few_digits):
    frozen = reference_files["beras/optimizers.py"].replace(b"parameter[...] -= ", b"unused = ")
    files = {**reference_files, "beras/optimizers.py": frozen}
    results, _ = grade(files, "--only", "9.2", "--data", str(few_digits))
    test = next(test for test in results["tests"] if "number" in test)
    assert test["score"] == 0
    assert "never moves" in test["output"]
    assert "| epoch |" in test["output"]
    assert "2 random seeds" in test["output"]


IN_LAYERS = {
    "an endless loop": "while True: pass",
    "sys.exit": "import sys\nsys.exit(0)",
    "os._exit": "import os\nos._exit(0)",
    "a crash in C": "import ctypes\nctypes.string_at(0)",
    "memory without end": "x = []\nwhile True: x.append(bytearray(10**7))",
    "a missing package": "import torchvision_of_mine",
    "an exception": "raise ValueError('the text')",
}


@pytest.mark.cases
@pytest.mark.parametrize("line", IN_LAYERS.values(), ids=IN_LAYERS)
def test_a_file_that_ends_badly_on_import_costs_itself_alone(grade, reference_files, line, copied_project):
    files = {**reference_files, "beras/layers.py": line.encode()}
    root = copied_project({"test_seconds = 10": "test_seconds = 3"})
    results, done = grade(files, *NO_TRAINING, root=root)
    assert done.returncode == 0
    assert lost(results) == {"dense", "init"}
    assert "beras/layers.py" in row(results, "Files that can be loaded")["output"]
    assert all(test["output"] for test in results["tests"] if test["status"] == "failed")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text + b"\nprint('x' * 10**7)\n",
        lambda text: text.replace(b"    ", b"\t"),
    ],
    ids=["CRLF", "a byte order mark", "10 MB of prints", "tabs"],
)
def test_an_odd_file_that_python_reads_loses_nothing(grade, reference_files, change):
    files = {**reference_files, "beras/losses.py": change(reference_files["beras/losses.py"])}
    results, _ = grade(files, "--only", "cross_entropy")
    assert not lost(results)


def test_a_file_that_is_not_utf8_says_so(grade, reference_files):
    files = {**reference_files, "beras/losses.py": b"x = '\xff\xfe'\n" + reference_files["beras/losses.py"]}
    results, _ = grade(files, "--only", "mse")
    assert "utf-8" in row(results, "Files that can be loaded")["output"]


def test_training_on_import_costs_nothing(grade, reference_files):
    text = reference_files["assignment.py"].replace(b'if __name__ == "__main__":', b"if True:")
    results, _ = grade({**reference_files, "assignment.py": text}, "--only", "model")
    assert not lost(results)


@pytest.mark.parametrize("content", [{}, {"notes.txt": b"hello"}])
def test_an_empty_submission_gets_a_row_and_zero(grade, content):
    results, done = grade(content)
    assert (done.returncode, results["score"]) == (0, 0)
    assert "no Python files" in results["tests"][0]["output"]
    assert len(scores(results)) >= 50


def test_a_submission_without_beras_is_graded_for_what_it_has(grade, reference_files):
    results, _ = grade({"preprocess.py": reference_files["preprocess.py"]}, *NO_TRAINING)
    assert results["score"] == 4
    assert "`beras/layers.py` is missing" in row(results, "Required files")["output"]


def test_a_file_in_the_place_of_a_submission_is_explained(grade, tmp_path):
    source = tmp_path / "homework.txt"
    source.write_text("hello")
    results, done = grade(source)
    assert done.returncode == 0
    assert "neither a folder nor a zip" in results["tests"][0]["output"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points = 100", 'points = "many"', "points must be a number"),
        ("points = 100", "points = 90", "sum to 100"),
        ("[training]", "[training", "no valid TOML"),
        ("points = 100", "", "points is missing"),
        ('visibility = "visible"', 'visibility = "secret"', "must be one of"),
        ('edition = "s24"', 'edition = "s99"', "s99"),
    ],
)
def test_an_unusable_assignment_is_told_to_the_staff(grade, reference_files, copied_project, old, new, said):
    results, done = grade(reference_files, root=copied_project({old: new}))
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert results["score"] == 0
    assert "not your fault" in results["output"]
    assert said in results["extra_data"]["problem"]


@pytest.mark.parametrize("gone", ["reference", "tests/hidden", "assignment.toml"])
def test_a_missing_part_of_the_project_is_named(grade, reference_files, copied_project, gone):
    root = copied_project()
    path = root / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    results, done = grade(reference_files, root=root)
    assert done.returncode == 2
    assert gone in results["extra_data"]["problem"]


def test_a_hidden_test_that_breaks_is_the_graders_fault(grade, reference_files, copied_project):
    root = copied_project()
    path = root / "tests" / "hidden" / "test_3_losses.py"
    path.write_text(path.read_text().replace("SINGLE = ", "SINGLE = {}; SINGLES = "))
    path.write_text(path.read_text().replace("*SINGLE)", "*missing)"))
    results, done = grade(reference_files, "--only", "3.1", root=root)
    assert done.returncode == 3
    assert re.search(r"test_3_losses\.py:\d+: 3\.1 MeanSquaredError.*: NameError: name 'missing'", done.stdout)
    assert "extra_data.tests" in done.stderr
    assert "not your fault" in next(test for test in results["tests"] if "number" in test)["output"]
    assert "NameError" in results["extra_data"]["tests"]["3.1"]["grader_error"]
    assert "NameError" not in json.dumps(results["tests"])


def test_first_weights_that_are_not_written_yet_cost_their_own_tests(grade, reference_files):
    body = b'        raise NotImplementedError("Dense._initialize_weight")\n'
    text = reference_files["beras/layers.py"]
    start = text.index(b"\n", text.index(b"    def _initialize_weight("))
    files = {**reference_files, "beras/layers.py": text[: start + 1] + body + text[start + 1 :]}
    results, _ = grade(files, *NO_TRAINING)
    assert lost(results) == {"init"}
    (zeros,) = [test for test in results["tests"] if test.get("number") == "1.8"]
    assert "`_initialize_weight`" in zeros["output"]


def test_a_layer_that_its_module_makes_when_it_is_asked_for_is_graded_like_any_other(grade, reference_files):
    lazy = b"""
def __getattr__(name):
    if name == "Dense":
        from .own_dense import Dense
        return Dense
    raise AttributeError(name)
"""
    files = {**reference_files, "beras/own_dense.py": reference_files["beras/layers.py"], "beras/layers.py": lazy}
    results, _ = grade(files, "--only", "1.1", "--only", "1.6")
    assert results["score"] == 3.5
