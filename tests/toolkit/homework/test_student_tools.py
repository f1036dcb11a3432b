"""What the template's tools say of slips and mistakes, run as a student runs them, several slips at once."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.assignment import config, editions, template

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "400"}


@pytest.fixture(scope="module")
def render(tmp_path_factory):
    """Return a function that gives an edition's template with the reference's files in it, rendered once."""
    folders = {}

    def render_once(edition):
        if edition not in folders:
            folder = folders[edition] = tmp_path_factory.mktemp(edition)
            assignment = config.load(edition=edition)
            template.export(assignment, folder)
            for path, content in editions.reference(assignment).items():
                (folder / path).write_bytes(content)
        return folders[edition]

    return render_once


@pytest.fixture
def solved(render, tmp_path):
    """Return a function that gives a solved template of an edition to make mistakes in."""
    return lambda edition="s24": shutil.copytree(render(edition), tmp_path / edition)


def run(folder, *command, timeout=100):
    """Run Python in the folder as a student does, and return how it ended, both streams in one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")} | SETTINGS
    return subprocess.run(
        [sys.executable, "-X", "utf8", *command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=timeout,
    )


def check(folder, *options):
    """Return what check.py prints, each part's lines by the part."""
    said = run(folder, "check.py", *options).stdout
    assert "Traceback" not in said
    parts, part = {"": ""}, ""
    for line in said.splitlines():
        if line.startswith(("✓ ", "✗ ", "… ")):
            part = line[2:].partition("  ")[0]
        parts[part] = parts.get(part, "") + line + "\n"
    return parts


def replace(path, old, new):
    """Replace a text that stands in the file, once."""
    text = path.read_text("utf-8")
    assert old in text, f"{path.name}: {old}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def without(path, begin, end):
    """Take out a part of a file, such as a method that overrides an inherited one."""
    text = path.read_text("utf-8")
    start = text.index(begin)
    stop = text.index(end, start) if end else len(text)
    path.write_text(text[:start].rstrip() + "\n\n" + text[stop:], "utf-8")


def empty(path, owner, method, body):
    """Put a docstring and that body in the place of a method's own."""
    text = path.read_text("utf-8")
    (node,) = (node for node in ast.parse(text).body if getattr(node, "name", "") == owner)
    (node,) = (inner for inner in node.body if getattr(inner, "name", "") == method)
    lines = text.splitlines(keepends=True)
    doc = '        """Say what it does."""  # and more\n'
    lines[node.body[0].lineno - 1 : node.end_lineno] = [doc, f"        {body}\n"]
    path.write_text("".join(lines), "utf-8")


def inherit_softmax_composition(beras):
    """Take out Softmax's own composition, as most students have none: then core.py composes what it returns."""
    begin = '    def compose_input_gradients(self, J=None):\n        """Return [dLoss/dx], (B, n), for'
    without(beras / "activations.py", begin, "")


def test_what_cannot_be_imported_or_does_not_end_costs_its_own_part(solved):
    folder = solved()
    beras = folder / "beras"
    (beras / "losses.py").write_bytes((beras / "losses.py").read_text("utf-8").encode("utf-16"))
    replace(beras / "metrics.py", "import numpy as np", "import numpy as np\nname = input()")
    replace(beras / "onehot.py", "class One", "<<<<<<< HEAD\nclass One")
    replace(beras / "optimizers.py", "import numpy as np", "import sys\nsys.exit()")
    replace(beras / "gradient_tape.py", "gradients = {", "while True:\n            pass\n        gradients = {")
    replace(beras / "activations.py", "class Sigmoid", "%matplotlib inline\nclass Sigmoid")
    (beras / "layers.py").rename(beras / "layers (1).py")
    text = (folder / "preprocess.py").read_text("utf-8") + "\nload_and_preprocess_data()\n"
    (folder / "preprocess.py").write_text(text, "utf-8")
    last = len(text.splitlines())
    (folder / "random.py").write_text("dice = 6\n")
    parts = check(folder, "--limit", "2")
    assert parts["beras/core.py"] == "✓ beras/core.py\n"
    wanted = {
        "random.py": "hides Python's own module `random`",
        "beras/losses.py": "cannot be read: it is saved as UTF-16",
        "beras/metrics.py": r"beras/metrics.py, line 4: name = input\(\)\n.*\n    input\(\) waits for a keyboard",
        "beras/onehot.py": r"line \d+: <<<<<<< HEAD\n    SyntaxError: .*\n    git leaves such marks",
        "beras/optimizers.py": r"line \d+: sys.exit\(\)\n    SystemExit",
        "beras/gradient_tape.py": r"still running after 2 s.*\n    beras/gradient_tape.py, line \d+, in gradient: ",
        "beras/activations.py": r"line \d+: %matplotlib inline\n    SyntaxError: .*\n    That is a notebook's",
        "beras/layers.py": r"is missing; there is beras/layers \(1\).py",
        f"preprocess.py, line {last}": r"calls load_and_preprocess_data\(\) whenever it is imported",
        "preprocess.py": rf"line {last}: load_and_preprocess_data\(\)\n    This line runs whenever the file is",
        "beras/model.py, assignment.py": "… beras/model.py, assignment.py  waits for beras/",
    }
    assert {part: parts[part] for part, said in wanted.items() if not re.search(said, parts[part])} == {}


@pytest.mark.parametrize("edition", [pytest.param("f25", marks=pytest.mark.slow), "s26"])
def test_a_broken_core_is_named_and_all_else_waits_for_it(solved, edition):
    folder = solved(edition)
    replace(folder / "beras" / "core.py", ".view(cls)", ".view(cls")
    line = r"beras/core\.py, line \d+: (.|\n    )*\.view\(cls\n +(E +)?SyntaxError: '\(' was never closed"
    parts = check(folder)
    part, *others = [part for part in parts if part]
    assert part.startswith("beras/core.py")
    assert re.search(line, parts[part])
    assert {parts[other].split("  ", 1)[1].split("\n")[0] for other in others} == {"waits for beras/core.py"}
    said = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider").stdout
    assert "Interrupted" not in said
    assert re.search(line.replace("\n +", "\nE +"), said)
    assert {*re.findall(r"^E +tests.causes.CannotImport: ([^,]+)", said, re.MULTILINE)} == {"beras/core.py"}


def test_a_file_of_s26_that_ends_python_is_named(solved):
    folder = solved("s26")
    replace(folder / "beras" / "optimizers.py", "import numpy as np", "import sys\nsys.exit()")
    parts = check(folder)
    assert ": sys.exit()\n    SystemExit" in parts["beras/optimizers.py"]
    assert "waits for beras/optimizers.py" in parts["beras/layers.py"]


def test_the_first_words_on_a_wrong_part_are_the_cause(solved):
    folder = solved()
    beras = folder / "beras"
    without(beras / "layers.py", "    def compose_weight_gradients", "    @staticmethod")
    replace(beras / "layers.py", "[x[:, :, np.newaxis],", "[x[:, np.newaxis, :],")
    inherit_softmax_composition(beras)
    replace(beras / "activations.py", "[y[:, :, np.newaxis] * (identity - y[:, np.newaxis, :])]", "[y * (1 - y)]")
    replace(beras / "losses.py", "return np.mean((", "np.mean((")
    replace(beras / "metrics.py", "np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1)", "np.ones(2)")
    text = (beras / "onehot.py").read_text("utf-8")
    begin = text.index("return", text.index("def inverse"))
    (beras / "onehot.py").write_text(text[:begin] + "return np.argmax(data, axis=-1)\n", "utf-8")
    replace(
        beras / "optimizers.py", "parameter[...] -= self.learning_rate * gradient", "parameter = parameter - gradient"
    )
    replace(beras / "gradient_tape.py", "zip(layer.weights", "zip(layer.trainable_variables")
    parts = check(folder)
    wanted = {
        "beras/layers.py": r"one array a sample, or \(7, 5, 1\); yours is \(7, 1, 5\)",
        "beras/activations.py": r"a 5 by 5 matrix for each of the 7 samples, \(7, 5, 5\); yours holds \(7, 5\)",
        "beras/losses.py": r"beras/losses.py, line \d+  MeanSquaredError.call never returns anything",
        "beras/metrics.py": "the most probable class is right for 3 of these 4 samples, and yours says 1",
        "beras/onehot.py": "are taken back to .*those are the numbers of the columns, and not the labels",
        "beras/optimizers.py": "by the gradient 2.0, and yours leaves it as it was: `p",
        "beras/gradient_tape.py": "are its gradients paired with `layer.weights`, all of them",
        "beras/model.py, assignment.py": r"It builds on what is not right yet: mend beras/layers.py and beras/act",
    }
    first = {part: "".join(parts[part].splitlines(keepends=True)[1:4]).replace("\n    ", " ") for part in wanted}
    assert {part: first[part] for part, said in wanted.items() if not re.search(said, first[part])} == {}
    assert "evaluation_counts_every_sample" not in parts["beras/model.py, assignment.py"]


def test_what_the_parts_promise_each_other_is_asked_of_the_part_that_breaks_it(solved):
    folder = solved("f25")
    beras = folder / "beras"
    plain = "return w.astype(np.float32), np.zeros((1, output_size), dtype=np.float32)"
    drawn = "return Variable(w.astype(np.float32)), Variable(np.zeros((1, output_size), dtype=np.float32))"
    replace(beras / "layers.py", drawn, plain)
    replace(beras / "activations.py", "(y,) = self.outputs\n        identity", "y = KEPT\n        identity")
    replace(beras / "activations.py", "y = KEPT", "y = self.__dict__.setdefault('y', self.outputs[0])")
    inherit_softmax_composition(beras)
    replace(beras / "losses.py", "return [2 * (y_pred - y_true)", "return [(y_pred - y_true) * len(y_true)")
    replace(beras / "optimizers.py", "self.learning_rate / (1 - self.beta_1**self.t)", "self.learning_rate")
    replace(beras / "gradient_tape.py", "reversed(self.previous_layers.items())", "self.previous_layers.items()")
    replace(beras / "model.py", "= layer(outputs)", "= layer.forward(outputs)")
    parts = check(folder)
    wanted = {
        "beras/layers.py": "w and b are made by Variable",
        "beras/activations.py": "what does it keep of the first batch?",
        "beras/optimizers.py": r"what is left out is m_hat = m / \(1 - beta_1\^t\)",
        "beras/gradient_tape.py": "does the walk back get there",
        "beras/model.py, assignment.py": r"each layer is called as layer\(x\), which keeps",
    }
    said = {part: parts[part].replace("\n    ", " ") for part in wanted}
    assert {part: said[part] for part, words in wanted.items() if not re.search(words, said[part])} == {}


def test_the_gradient_checker_blames_what_a_student_wrote_and_stays_short(solved):
    folder = solved()
    beras = folder / "beras"
    without(beras / "layers.py", "    def compose_weight_gradients", "    @staticmethod")
    replace(beras / "layers.py", "[x[:, :, np.newaxis],", "[np.mean(x, axis=0)[:, np.newaxis],")
    replace(beras / "layers.py", "return x @ self.w", "print(x)\n        return x @ self.w")
    inherit_softmax_composition(beras)
    replace(
        beras / "activations.py",
        "return [y[:, :, np.newaxis] *",
        "return [y.sum(axis=1)[:, np.newaxis, np.newaxis, np.newaxis] *",
    )
    replace(beras / "activations.py", "return [y * (1 - y)]", "return y * (1 - y)")
    replace(beras / "losses.py", "y_true / -clip_0_1(y_pred) / batch_size", "(y_pred - y_true) / batch_size")
    said = run(folder, "-m", "tests.gradient_check").stdout
    assert len(said) < 20_000
    assert re.search(r"\d+ more lines that your code printed are left out", said)
    assert re.search(
        r"Dense: WRONG\n    Dense.get_weight_gradients returns an array of shape \(5, 1\) for weight 0", said
    )
    assert re.search(r"Softmax: WRONG\n    Softmax.get_input_gradients returns an array of shape", said)
    assert re.search(
        r"Sigmoid: WRONG\n    Sigmoid.get_input_gradients should return a list .* shape \(7, 5\): put it", said
    )
    assert "the gradient by what goes into Softmax" in said
    assert "model: WRONG" in said
    assert "Mend first what is wrong by itself, and is part of it: Dense, Softmax, CategoricalCrossentropy" in said
    assert "core.py, line" not in said


TWO_WAYS = """        queue = [target]
        while queue:
            tensor = queue.pop(0)
            layer = self.previous_layers.get(id(tensor))
            if layer is None:
                continue
            J = [gradients[id(tensor)]]
            composed = [*zip(layer.inputs, layer.compose_input_gradients(J))]
            composed += zip(layer.weights, layer.compose_weight_gradients(J))
            for other, gradient in composed:
                gradients[id(other)] = gradients[id(other)] + gradient if id(other) in gradients else gradient
            queue += layer.inputs
"""
OVERWRITTEN = """            J = layer.compose_input_gradients([gradients[output_id]])
            composed = [*zip(layer.inputs, J), *zip(layer.weights, layer.compose_weight_gradients(J))]
"""


@pytest.mark.parametrize(
    ("begin", "end", "walk", "cause"),
    [
        ("        awaited", "        return [", TWO_WAYS, "a layer is asked 2 times"),
        (
            "            upstream = [gradients",
            "            for tensor, gradient in",
            OVERWRITTEN,
            "Both methods of a layer get",
        ),
    ],
    ids=["a layer asked twice", "the upstream gradient overwritten"],
)
def test_a_wrong_walk_back_is_told_by_what_it_asks_the_layers(solved, begin, end, walk, cause):
    folder = solved()
    tape = folder / "beras" / "gradient_tape.py"
    text = tape.read_text("utf-8")
    start = text.index(begin)
    tape.write_text(text[:start] + walk + text[text.index(end, start) :], "utf-8")
    said = run(folder, "-m", "tests.gradient_check", "tape").stdout
    assert said.startswith("tape: WRONG")
    assert cause in said


def test_check_submission_reads_what_would_cost_points(solved):
    folder = solved("f25")
    beras = folder / "beras"
    replace(beras / "layers.py", "import numpy as np", "import numpy as np\nimport torch\nimport pandas")
    replace(
        beras / "activations.py", "import numpy as np", "import numpy as np\nfrom tests.comparing import assert_close"
    )
    replace(beras / "layers.py", "def get_weight_gradients", "def get_weigth_gradients")
    replace(beras / "optimizers.py", "class RMSProp", "class RMSprop")
    replace(beras / "losses.py", "return np.mean((", "np.mean((")
    replace(beras / "losses.py", "import numpy as np", "import numpy as np\nfrom random import seed, mine")
    replace(beras / "model.py", "import numpy as np", "import numpy as np\nbreakpoint()")
    (beras / "metrics.py").write_bytes(b"# caf\xe9\n" + (beras / "metrics.py").read_bytes())
    (beras / "onehot.py").rename(beras / "OneHot.py.txt")
    (folder / "copy.py").write_text("")
    (folder / "random.py").write_text("mine = seed = 1\n")
    replace(folder / "assignment.py", 'if __name__ == "__main__":', "if True:")
    said = run(folder, "check_submission.py", "--check")
    assert said.returncode == 1
    wanted = [
        r"· copy.py  hides Python's own module `copy`, which NumPy or pytest imports",
        r"✗ beras/losses.py, line 4  when it is graded, `random` is Python's .*, which has no `mine`: rename",
        r"✗ beras/onehot.py  is missing; there is beras/OneHot.py.txt",
        r"✗ beras/layers.py, line 4  imports torch, which this homework does not allow",
        r"· beras/layers.py, line 5  imports pandas: nothing but NumPy computes",
        r"✗ beras/activations.py, line 4  imports tests.comparing.*not handed in",
        r"✗ beras/layers.py  has no Dense.get_weight_gradients; is it Dense.get_weigth_gradients",
        r"✗ beras/optimizers.py  has no RMSProp; is it RMSprop",
        r"✗ beras/losses.py, line \d+  MeanSquaredError.forward never returns anything",
        r"✗ beras/model.py, line \d+  breakpoint\(\) waits for somebody",
        r"· beras/metrics.py  is not saved as UTF-8",
        r"✗ assignment.py, line \d+  calls main\(\) whenever it is imported",
    ]
    assert [line for line in wanted if not re.search(line, said.stdout)] == []


@pytest.mark.parametrize(
    ("line", "uses"),
    [
        ("", False),
        ("from beras import layers", False),
        ("import compare", True),
        ("from beras._old import mine", True),
        ("from . import _old", True),
        ("from ._old import mine", True),
        ("from _old import mine", True),
        ("from beras import mine", True),
        ("import beras", True),
        ("import importlib", True),
    ],
)
def test_check_submission_spares_files_that_nothing_imports(solved, line, uses):
    folder = solved("f25")
    replace(folder / "beras" / "losses.py", "import numpy as np", f"import numpy as np\n{line}")
    (folder / "compare.py").write_text("import torch\n")
    (folder / "beras" / "_old.py").write_text("x = = 1\n")
    said = run(folder, "check_submission.py", "--check")
    marks = dict(re.findall(r"^(.) (compare\.py, line|beras/_old\.py  is not)", said.stdout, re.MULTILINE)[::-1])
    assert ("✗" in marks) == uses, said.stdout
    assert said.returncode == uses
    assert ("Nothing that is graded imports this file" in said.stdout) == (set(marks) != {"✗"})


@pytest.mark.parametrize("edition", ["s24", "f24", "s25", "f25c", "f25", "s26"])
def test_right_solutions_have_nothing_to_be_noted(render, tmp_path, edition):
    others = sorted((ROOT / "tests" / "solutions" / edition).glob("right-*"))
    folders = [render(edition)]
    for other in others:
        folders.append(shutil.copytree(render(edition), tmp_path / other.name))
        shutil.copytree(other, folders[-1], dirs_exist_ok=True)
    for folder in folders:
        said = run(folder, "check_submission.py", "--check")
        assert said.returncode == 0, said.stdout
        assert re.findall("^[✗·…].*", said.stdout, re.MULTILINE) == []


def test_check_submission_says_nothing_of_what_costs_nothing(solved):
    folder = solved("s25")
    beras = folder / "beras"
    layers = "import numpy as np\n\nNAMES = []\n\n\ndef register(name):\n    NAMES.append(name)\n\n\nregister('zero')\n"
    replace(beras / "layers.py", "import numpy as np\n", layers)
    own = "if np.iscomplexobj(x):\n            raise NotImplementedError('complex numbers')\n        return"
    replace(beras / "activations.py", "return", own)
    (folder / "digit_models.py").write_text((folder / "assignment.py").read_text("utf-8"), "utf-8")
    (folder / "assignment.py").write_text(
        "import numpy as np\nfrom beras.onehot import OneHotEncoder\nfrom digit_models import *\nimport autograd\n\n"
        "DIGITS = OneHotEncoder()\nDIGITS.fit(np.arange(10))\ntrain = lambda: get_model().fit(1, 2, 3, 4)\n",
        "utf-8",
    )
    (folder / "autograd.py").write_text("steps = []\n")
    said = run(folder, "check_submission.py", "--check")
    assert said.returncode == 0, said.stdout
    assert re.findall("^[✗·…].*", said.stdout, re.MULTILINE) == []


def test_a_file_that_is_called_like_a_module_of_python_costs_nothing_and_what_it_hides_is_said(solved):
    folder = solved("s25")
    for name in ("random", "time", "wave"):
        (folder / f"{name}.py").write_text("mine = 1\n")
    replace(
        folder / "beras" / "layers.py", "import numpy as np", "import numpy as np\nfrom random import seed\nimport wave"
    )
    said = run(folder, "check_submission.py", "--check")
    assert said.returncode == 0, said.stdout
    hides = "hides Python's own module `random`, which NumPy or pytest imports: it gets this instead."
    assert re.findall("^[✗·…].*", said.stdout, re.MULTILINE) == [
        f"· random.py  {hides} Rename it, for instance to my_random.py",
        "· time.py  is called like Python's own module `time`: `import time` gets Python's, and never this one",
        "· wave.py  is called like Python's own module `wave`: `import wave` gets this one",
    ]


def test_check_submission_finds_training_behind_a_function_and_marks_what_may_not_run(solved):
    folder = solved("s25")
    text = (folder / "assignment.py").read_text("utf-8")
    for added, said in (
        ("def go():\n    main()\n\n\ngo()\n", r"✗ assignment.py, line \d+  calls go\(\) whenever"),
        ("import os\n\nif os.name == 'x':\n    main()\n", r"· assignment.py, line \d+  may call main\(\) while"),
        ("try:\n    main()\nexcept FileNotFoundError:\n    pass\n", r"· assignment.py, line \d+  may call main\(\)"),
    ):
        (folder / "assignment.py").write_text(f"{text}\n\n{added}", "utf-8")
        assert re.search(said, run(folder, "check_submission.py", "--check").stdout), said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", Softmax()", "", "a cross-entropy takes probabilities"),
        ("return CategoricalCrossEntropy()", "return CategoricalCrossEntropy", "itself: an object of it, with"),
    ],
)
def test_a_model_that_cannot_be_trained_is_told_why(solved, old, new, said):
    folder = solved("s25")
    replace(folder / "assignment.py", old, new)
    assert said in run(folder, "-m", "pytest", "-q", "tests/test_model.py", "-k", "ready_to_train").stdout


def test_the_zip_is_made_of_files_with_any_date(solved):
    folder = solved()
    for name, date in (("assignment.py", 0), ("beras/core.py", 2**32 * 1.2)):
        os.utime(folder / name, (date, date))
    said = run(folder, "check_submission.py")
    assert said.returncode == 0, said.stdout
    assert "Hand in" in said.stdout


def test_a_terminal_without_ticks_gets_words(solved):
    folder = solved()
    environment = {**os.environ, **SETTINGS, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "check_submission.py", "--out", str(folder / "no" / "such.zip")],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
    )
    said = done.stdout.decode("cp1252")
    assert said.startswith("[ok] assignment.py")
    assert "The zip was not made" in said
    assert done.returncode == 1
    assert done.stderr == b""


def test_the_line_that_the_written_part_quotes_stands_in_every_editions_core(assignment):
    question = assignment.root / "student_template" / "conceptual" / "conceptual.tex"
    (quoted,) = re.findall(r"its line \\code\{([^}]*)\} in \\code\{core.py\}", question.read_text("utf-8"))
    for edition in assignment.editions:
        assert quoted in editions.sources(config.load(edition=edition))["beras/core.py"]


def test_check_submission_leaves_out_what_links_lead_to_and_says_so(solved, tmp_path):
    folder, elsewhere = solved(), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "own.py").write_text("private = 1\n")
    (folder / "beras" / "link.py").symlink_to(elsewhere / "own.py")
    (folder / "more").symlink_to(elsewhere)
    said = run(folder, "check_submission.py", "--out", str(tmp_path / "made.zip"))
    with zipfile.ZipFile(tmp_path / "made.zip") as made:
        names = made.namelist()
    assert "beras/layers.py" in names
    assert not {"beras/link.py", "more/own.py"} & set(names)
    assert "beras/link.py  is a link, and is left out" in said.stdout
    assert "more  is a link, and is left out" in said.stdout


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("breakpoint()", "✗"),
        ("import pdb; pdb.set_trace()", "✗"),
        ("input('go on?')", "✗"),
        ("if DEBUG:\n            breakpoint()", "·"),
        ("input = np.asarray\n        input(x)", ""),
    ],
)
def test_what_waits_for_a_keyboard_costs_points_where_it_always_runs(solved, line, mark):
    folder = solved()
    replace(folder / "beras" / "activations.py", "exponentials = ", f"{line}\n        exponentials = ")
    said = run(folder, "check_submission.py", "--check")
    assert re.findall(r"^(.) beras/activations.py, line \d+  \w+\(\) waits for", said.stdout, re.MULTILINE) == [*mark]
    assert said.returncode == (mark == "✗")


@pytest.mark.parametrize("line", ["breakpoint()", "import pdb; pdb.set_trace()"])
def test_a_breakpoint_is_no_tick(solved, line):
    folder = solved()
    replace(folder / "beras" / "activations.py", "exponentials = ", f"{line}\n        exponentials = ")
    parts = check(folder)
    assert re.search(r"take it out", parts["beras/activations.py"])
    assert parts["beras/losses.py"] == "✓ beras/losses.py\n"
    assert "Now: python assignment.py" not in "".join(parts.values())


@pytest.mark.parametrize(
    ("line", "mark"),
    [
        ("rows = open('../data/train.csv').readlines()", "✗"),
        ("import os\nif os.path.exists('rows.csv'):\n    rows = open('rows.csv').readlines()", ""),
        ("try:\n    rows = open('rows.csv').readlines()\nexcept OSError:\n    rows = []", ""),
        ("open('log.txt', 'w').close()", ""),
        ("open('log.txt', mode='a').close()\nrows = open('log.txt').readlines()", ""),
        ("def read():\n    return open('rows.csv').readlines()", ""),
        ("rows = open(__file__).readlines()", ""),
    ],
)
def test_a_file_that_is_read_while_another_is_imported_must_be_there(solved, line, mark):
    folder = solved()
    replace(folder / "preprocess.py", "import numpy as np", f"import numpy as np\n{line}")
    said = run(folder, "check_submission.py", "--check")
    assert "".join(re.findall(r"^(.) preprocess.py, line \d+  opens", said.stdout, re.MULTILINE)) == mark, said.stdout
    assert said.returncode == (mark == "✗")


def test_the_homework_itself_is_no_foreign_library(solved):
    folder = solved("f24")
    (folder / "beras").rename(folder / "Beras")
    said = run(folder, "check_submission.py", "--check").stdout
    assert "nothing but NumPy" not in said
    assert "there is Beras/layers.py: rename or move it" in said


def test_a_core_that_is_loaded_twice_is_named_where_it_does_harm(solved):
    folder = solved("s25")
    layers = folder / "beras" / "layers.py"
    replace(layers, "from beras.core import", "from core import")
    said = check(folder)["beras/layers.py"]
    assert "beras/core.py is called beras.core in an import" in said
    assert "nothing but NumPy" not in said
    replace(
        layers, "import numpy", "import os\nimport sys\nsys.path.insert(0, os.path.dirname(__file__))\nimport numpy"
    )
    sentence = r"beras/layers.py, line \d+  imports core, which is not the same to Python as beras.core: what one"
    said = run(folder, "check_submission.py", "--check")
    assert re.search(f"· {sentence}", said.stdout)
    assert "nothing but NumPy" not in said.stdout
    assert said.returncode == 0
    parts = check(folder)
    assert re.search(sentence, parts["beras/model.py, assignment.py"].replace("\n    ", " "))
    assert parts["beras/layers.py"] == "✓ beras/layers.py\n"


@pytest.mark.parametrize("body", ["pass", "...", "raise NotImplementedError", 'raise NotImplementedError("later")'])
def test_what_is_empty_is_left_to_write(solved, body):
    folder = solved()
    empty(folder / "beras" / "optimizers.py", "RMSProp", "apply_gradients", body)
    said = run(folder, "check_submission.py", "--check")
    assert "… beras/optimizers.py  1 left to write: RMSProp.apply_gradients\n" in said.stdout
    assert "1 function is still to be written" in said.stdout
    part = check(folder)["beras/optimizers.py"]
    assert re.search("(still )?to write: RMSProp.apply_gradients\n", part)
    assert "  - test_" not in part
    assert "later" not in part


def test_what_takes_the_place_of_an_empty_function_is_no_gap(solved):
    folder = solved()
    optimizers = folder / "beras" / "optimizers.py"
    text = optimizers.read_text("utf-8")
    head = text.index("def apply_gradients", text.index("class RMSProp"))
    empty = "def apply_gradients(self, trainable_params, grads):\n        pass\n\n    "
    optimizers.write_text(text[:head] + empty + text[head:], "utf-8")
    activations = folder / "beras" / "activations.py"
    replace(activations, "def get_input_gradients(self):", "def _gradients(self):")
    replace(
        activations,
        "class ReLU(",
        "def _slopes(self):\n    return self._gradients()\n\n\n"
        "LeakyReLU.get_input_gradients = _slopes\n\n\nclass ReLU(",
    )
    replace(activations, "def _gradients(", "def get_input_gradients(self):\n        pass\n\n    def _gradients(")
    said = run(folder, "check_submission.py", "--check")
    assert re.findall("^[✗…].*", said.stdout, re.MULTILINE) == []


def test_a_class_that_stands_twice_is_named(solved):
    folder = solved()
    activations = folder / "beras" / "activations.py"
    text = activations.read_text("utf-8")
    old = text[text.index("class Softmax") :].replace("exponentials / ", "1 / ", 1)
    activations.write_text(f"{text}\n\n{old}\n\nclass Softmax(Softmax):\n    pass\n", "utf-8")
    sentence = r"beras/activations.py, line \d+  Softmax stands in line \d+, too: Python keeps this one, the last"
    said = run(folder, "check_submission.py", "--check")
    assert len(re.findall(f"· {sentence}", said.stdout)) == 1
    assert said.returncode == 0
    assert re.search(sentence, check(folder)["beras/activations.py"].replace("\n    ", " "))


def test_what_nothing_imports_is_not_left_to_write(solved, render):
    folder = solved("f24")
    stub = 'class Dense:\n    def forward(self, x):\n        raise NotImplementedError("Dense.forward")\n'
    (folder / "beras" / "layers_old.py").write_text(stub)
    said = run(folder, "check_submission.py", "--check")
    assert "still to be written" not in said.stdout
    assert "· beras/layers_old.py  1 left to write: Dense.forward. Nothing that is graded imports" in said.stdout


def test_a_missing_file_may_have_another_name(solved):
    folder = solved()
    (folder / "assignment.py").rename(folder / "assignment.ipynb")
    (folder / "beras" / "optimizers.py").rename(folder / "beras" / "optimizer.py")
    said = run(folder, "check_submission.py", "--check").stdout
    assert "✗ assignment.py  is missing; is it assignment.ipynb? Notebooks are not graded: export it as Python" in said
    assert "✗ beras/optimizers.py  is missing; is it beras/optimizer.py? Then rename it" in said
    parts = check(folder)
    assert "is missing; is it beras/optimizer.py? Then rename it" in parts["beras/optimizers.py"]
    assert "is missing; is it assignment.ipynb?" in "".join(parts.values()).replace("\n    ", " ")


def test_a_right_name_is_not_taken_for_a_slip_in_another(solved):
    folder = solved()
    activations = folder / "beras" / "activations.py"
    text = activations.read_text("utf-8")
    start = text.index("    def get_input_gradients", text.index("class Sigmoid"))
    end = text.index("\n\n", start)
    behind = "\n".join(f"    # {line[4:]}" for line in text[start:end].splitlines())
    compose = "\n\n    def compose_input_gradients(self, J=None):\n        return super().compose_input_gradients(J)"
    activations.write_text(text[:start] + behind + compose + text[end:], "utf-8")
    replace(activations, "class ReLU", "class Relu")
    said = run(folder, "check_submission.py", "--check").stdout
    assert re.search(r"✗ beras/activations.py  has no Sigmoid.get_input_gradients; line \d+ has it behind a #\n", said)
    assert "✗ beras/activations.py  has no ReLU; is it Relu?\n" in said
    activations.write_text(activations.read_text("utf-8").replace(behind, "    pass"), "utf-8")
    said = run(folder, "check_submission.py", "--check").stdout
    assert "✗ beras/activations.py  has no Sigmoid.get_input_gradients\n" in said


def test_a_test_of_ones_own_says_what_it_cannot_import(solved):
    folder = solved()
    (folder / "tests" / "test_mine.py").write_text("import torchvision_of_mine\n\n\ndef test_it():\n    pass\n")
    part = check(folder)["tests/test_mine.py"]
    assert "ModuleNotFoundError: No module named 'torchvision_of_mine'" in part
    assert "Traceback" not in part


def test_a_part_that_waits_for_what_the_package_imports_says_so(solved):
    folder = solved("s26")
    replace(folder / "beras" / "metrics.py", "import numpy as np", "import numpy as np(")
    (folder / "beras" / "__init__.py").write_text("from . import layers, losses, metrics\n")
    parts = check(folder)
    waits = "beras/layers.py  waits for beras/metrics.py, which beras/__init__.py imports before any file of beras"
    assert waits in parts["beras/layers.py"].replace("\n    ", " ")


def test_a_part_of_which_all_is_empty_is_to_be_written_and_not_wrong(solved):
    folder = solved("s26")
    empty(folder / "beras" / "metrics.py", "CategoricalAccuracy", "forward", "...")
    empty(folder / "beras" / "core.py", "Diffable", "backward", "pass")
    parts = check(folder)
    assert parts["beras/metrics.py"] == "… beras/metrics.py  to write: CategoricalAccuracy.forward\n"
    assert parts["beras/core.py, backward"] == "… beras/core.py, backward  to write: Diffable.backward\n"
    assert parts["beras/core.py, all but backward"] == "✓ beras/core.py, all but backward\n"
