"""Blame needs proof: "your code raised" only where the submission's own lines did, and no failure of ours is hidden."""

import json
import subprocess
import sys

import numpy as np
import pytest

from autograder.assignment.variants import without_companions
from autograder.guest import blame
from autograder.guest.gradient_watch import Watch
from autograder.guest.loader import World


def changed(files, path, old, new):
    text = files[path].decode()
    assert old in text
    return {**files, path: text.replace(old, new).encode()}


def row_of(results, number):
    return next(row for row in results["tests"] if row.get("number") == number)


def test_nonsense_handed_to_a_part_of_the_test_is_told_as_what_was_seen(grade, reference_files):
    files = changed(
        reference_files, "beras/gradient_tape.py", "upstream = [gradients[output_id]]", "upstream = ['what?']"
    )
    results, _ = grade(files, "--only", "5.2")
    output = row_of(results, "5.2")["output"]
    assert "in a part of this test (a layer, a loss or the like), which your code called at" in output
    assert "`beras/gradient_tape.py` line" in output
    assert "Your code raised" not in output


def test_what_numpy_raises_for_a_line_is_that_lines(grade, reference_files):
    files = changed(
        reference_files,
        "beras/gradient_tape.py",
        "upstream = [gradients[output_id]]",
        "upstream = np.ones(3) @ np.ones(4)",
    )
    files["beras/gradient_tape.py"] = b"import numpy as np\n" + files["beras/gradient_tape.py"]
    results, _ = grade(files, "--only", "5.2")
    assert "Your code raised **ValueError** at `beras/gradient_tape.py` line" in row_of(results, "5.2")["output"]


def test_given_lines_in_a_file_that_students_edit_are_not_theirs(grade, reference_files):
    files = changed(
        reference_files, "beras/activations.py", "(identity - y[:, np.newaxis, :])]", "(1 - y[:, :, np.newaxis])]"
    )
    files = changed(files, "beras/activations.py", "def compose_input_gradients", "def unused")
    files["beras/core.py"] += b"\n\nMINE = 1  # a line of the student's, in a file that has given ones\n"
    output = row_of(grade(files, "--only", "2.14")[0], "2.14")["output"]
    assert "in the handout's own `compose_input_gradients`, `beras/core.py` line" in output
    assert "look at what your code hands over to them, or returns there" in output
    assert "Look at `beras/activations.py`" in output
    assert "Your code raised" not in output
    files = changed(files, "beras/core.py", "for upstream in J:", "for upstream in list(J):")
    output = row_of(grade(files, "--only", "2.14")[0], "2.14")["output"]
    assert "Your code raised **ValueError** at `beras/core.py` line" in output


@pytest.mark.parametrize(
    ("line", "raised"),
    [
        ("open('config.json')", "**FileNotFoundError**"),
        ("np.load('config.json')", "**FileNotFoundError**"),
        ("__import__('os').listdir('config.json')", "**FileNotFoundError**"),
        ("print('x', file=3)", "**AttributeError**"),
        ("__import__('sys').stdout.write(3)", "**TypeError**"),
    ],
)
def test_what_stands_in_for_pythons_own_is_no_part_of_a_test(grade, reference_files, line, raised):
    files = changed(reference_files, "beras/layers.py", "return x @ self.w", f"{line}\n        return x @ self.w")
    results, _ = grade(files, "--only", "1.1")
    output = row_of(results, "1.1")["output"]
    assert f"Your code raised {raised} at `beras/layers.py` line" in output
    assert ("No file `config.json` is there while your code is graded" in output) == ("config" in line)


@pytest.mark.parametrize(
    ("change", "number", "sentence"),
    [
        (
            ("def get_weight_gradients(self):", "def get_weight_gradients(self, x):"),
            "1.4",
            "`Dense.get_weight_gradients` was called as in the handout, and takes other arguments",
        ),
        (
            ("    def get_input_gradients(self):", "    def input_gradients(self):"),
            "1.2",
            "`Dense` lacks what every class of its kind must define: `get_input_gradients`",
        ),
    ],
)
def test_a_call_that_python_refuses_says_what_is_wrong_with_it(grade, reference_files, change, number, sentence):
    files = changed(reference_files, "beras/layers.py", *change)
    results, _ = grade(files, "--only", number)
    assert sentence in row_of(results, number)["output"]


def test_a_base_class_that_asks_for_other_methods_is_told_so(grade, reference_files):
    mark = "    @abstractmethod\n    def "
    other = f"{mark}input_gradients(self):\n        pass\n\n{mark}get_input_gradients"
    files = changed(reference_files, "beras/core.py", f"{mark}get_input_gradients", other)
    results, _ = grade(files, "--only", "5.2")
    output = row_of(results, "5.2")["output"]
    assert "Your base class demands more than the handout's: `input_gradients`" in output


def test_a_library_that_is_not_there_is_named_at_once(grade, reference_files):
    files = changed(reference_files, "beras/losses.py", "np.log(clip_0_1(y_pred))", "tf.math.log(clip_0_1(y_pred))")
    files["beras/losses.py"] = b"import tensorflow as tf\n" + files["beras/losses.py"]
    results, _ = grade(files, "--only", "3.3")
    output = row_of(results, "3.3")["output"]
    assert "**TensorFlow is not there when your code is graded**: `tf.math.log` at `beras/losses.py` line" in output
    assert results["extra_data"]["tests"]["3.3"]["seconds"] < 5


def test_a_class_that_derives_from_a_stand_in_costs_nothing(grade, reference_files):
    own = (
        b"import tensorflow as tf\nprint(tf.__version__)\n\n\nclass Own(tf.keras.callbacks.Callback):\n"
        b"    def __init__(self):\n        super().__init__(verbose=1)\n\n\nOwn().on_epoch_end(1)\n"
    )
    files = {**reference_files, "beras/layers.py": own + reference_files["beras/layers.py"]}
    results, _ = grade(files, "--only", "dense")
    assert all(row["score"] == row["max_score"] for row in results["tests"] if "score" in row)


HANDOUT = {"beras/core.py": b"def given(x):\n    return x + 1\n"}


def origin_of(sources, run):
    world = World(sources, HANDOUT)
    with world.importing():
        try:
            run(world)
        except Exception as error:  # noqa: BLE001  whose it is is the question
            return blame.origin(error, world.sources)
    return ""


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        (b"import numpy as np\ndef ask():\n    return np.ones(2) @ np.ones(3)\n", blame.OWN),
        (b"import numpy as np\ndef ask():\n    return np.linalg.inv(np.ones((2, 3)))\n", blame.OWN),
        (b"import statistics\ndef ask():\n    return statistics.mean([])\n", blame.OWN),
        (b"from beras.core import given\ndef ask():\n    return given('a')\n", blame.HANDOUT),
        (b"import tensorflow as tf\ndef ask():\n    return tf.x.__getattr__(5)\n", blame.STAND_IN),
        (b"import beras.core\ndef ask():\n    return beras.core.nothing\n", blame.OWN),
        (b"ask = None\n", blame.PROBE),
    ],
    ids=["NumPy", "NumPy's Python", "library", "handout", "stand-in", "loader", "nobody else"],
)
def test_the_innermost_frame_that_matters_decides(source, origin):
    sources = {"beras/layers.py": source}
    assert origin_of(sources, lambda world: world.module("beras.layers").ask()) == origin


@pytest.fixture
def inherited(reference_files):
    """A right submission whose Dense composes by the handout's loop, as students' layers mostly do."""
    return without_companions(reference_files, "beras/layers.py", "Dense")


@pytest.fixture
def broken_project(copied_project):
    """A copy of the project whose vectorised composition has a mistake."""

    def copy(old, new):
        root = copied_project({"attempts = 3 ": "attempts = 1 ", "most_epochs = 30": "most_epochs = 2"})
        path = root / "homework" / "vectorised.py"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return root

    return copy


INSIDE = ("    batch, out = upstream.shape\n", "    batch, out = upstream.shape\n    max(())\n")
OUTSIDE = ('    problem = ""\n    try:\n        diffable', '    max(())\n    problem = ""\n    try:\n        diffable')
AT_A_REAL_BATCH = ("        if batch in method.compared:", "        max(())\n        if batch in method.compared:")


@pytest.mark.parametrize("mistake", [INSIDE, OUTSIDE, AT_A_REAL_BATCH], ids=["in a trial", "before all", "in a batch"])
def test_an_accelerator_that_fails_costs_a_submission_nothing(grade, inherited, few_digits, broken_project, mistake):
    results, done = grade(inherited, "--only", "9.2", "--data", str(few_digits), root=broken_project(*mistake))
    row = row_of(results, "9.2")
    assert "| 2 |" in row["output"]  # both epochs were trained
    assert "raised" not in row["output"]
    assert "ValueError" in " ".join(results["extra_data"]["grader_faults"]) or mistake is OUTSIDE
    assert results["extra_data"]["grader_faults"]
    assert results["extra_data"]["tests"]["9.2"]["composition"].startswith("the submission's own compose methods")
    assert done.returncode == 0  # a submission can say so itself; a batch shows it by its status
    assert "Part of the grader failed, as the submission's process reports" in done.stderr


def test_a_batch_shows_what_of_the_grader_failed_and_ends_with_3(tmp_path, inherited, few_digits, broken_project):
    for name, content in inherited.items():
        path = tmp_path / "class" / "ada" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "autograder", "batch", str(tmp_path / "class"), "--out", str(out), "--jobs", "1"]
    options = ["--only", "9.2", "--data", str(few_digits)]
    root = broken_project(*AT_A_REAL_BATCH)
    for _ in range(2):  # the second time the recorded result is kept, and says the same
        done = subprocess.run([*command, *options], cwd=root, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 3
        assert "grader's fault ada" in " ".join(done.stdout.split())
        assert "Its process reports a failed part of the grader" in " ".join(done.stdout.split())
    (results,) = out.glob("*/results.json")
    assert (
        "the vectorised composition raised ValueError"
        in json.loads(results.read_text())["extra_data"]["grader_faults"][0]
    )


def test_what_a_submission_says_of_our_faults_is_bounded_cleaned_and_worth_nothing(grade, reference_files):
    forging = (
        b"from guest import blame\nfor number in range(100):\n"
        b"    blame.faults.report(f'\\x1b[31m\\u202e{number}' * 500, ValueError())\n"
    )
    files = {**reference_files, "beras/layers.py": reference_files["beras/layers.py"] + forging}
    files = changed(files, "beras/layers.py", "return x @ self.w + self.b", "return x @ self.w")
    results, _ = grade(files, "--only", "1.1")
    faults = results["extra_data"].get("grader_faults", [])
    assert len(faults) <= 20
    assert all(len(text) <= 300 and text.isprintable() for text in faults)
    assert row_of(results, "1.1")["score"] < row_of(results, "1.1")["max_score"]


def test_a_tracer_that_meets_odd_arrays_raises_nothing_into_the_submission():
    class Odd(np.ndarray):
        @property
        def size(self):
            raise RuntimeError("no size")

    def forward(odd):
        return odd is not None

    odd = np.ones(3).view(Odd)
    with Watch({__file__}, [np.ones(3)], object(), [forward.__code__]) as watch:
        assert forward(odd)
    assert watch.kept
