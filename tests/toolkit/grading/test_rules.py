"""The rules of the homework: what is forbidden is flagged with its line, and no honest submission is."""

# ruff: noqa: E501, ISC004  a submission's code is easier to read on one line

import base64
from dataclasses import replace

import pytest

from autograder.assignment import config, editions, template, variants
from autograder.assignment.files import read_sources
from autograder.assignment.template import export, handout
from autograder.grading import pipeline, rules
from autograder.grading.asker import Asker
from autograder.grading.deadline import Deadline
from autograder.grading.run import Run
from autograder.guest.loader import World
from autograder.guest.source import inspect
from autograder.intake.submission import from_files
from autograder.results.flags import Flag
from autograder.wall.request import Refused
from autograder.wall.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def flags(assignment, sandbox):
    def inspected(files):
        submission, given = from_files(files, assignment.edition), read_sources(assignment.template)
        run = Run(assignment, submission, given, "secret", Deadline(60))
        return rules.Inspection(Asker(run, sandbox)).flags()

    return inspected


@pytest.fixture
def flags_with(flags, reference_files):
    """The flags of the reference with `code` appended to one of its files, or with files more."""

    def inspected(code="", file="beras/layers.py", **more):
        files = {**reference_files, file: reference_files[file] + b"\n" + code.encode()}
        return flags({**files, **{path.replace("__", "/") + ".py": text.encode() for path, text in more.items()}})

    return inspected


def last_line(reference_files, file="beras/layers.py"):
    return reference_files[file].count(b"\n") + 2


def test_the_handout_s_own_tools_are_not_looked_through_where_a_student_computes_a_name(
    flags, assignment, reference_files
):
    handed_out = {path: text for path, text in template.handed_out(assignment).items() if path.endswith(".py")}
    lazy = b"\nimport importlib\ndef __getattr__(name):\n    return importlib.import_module(name)\n"
    files = {**handed_out, **reference_files}
    files["beras/layers.py"] += lazy
    files["check.py"] = files["check.py"].replace(b"\n", b"\r\n")
    assert {(flag.rule, flag.file) for flag in flags(files)} == {("uninspected", "beras/layers.py")}


def test_the_reference_and_the_template_break_no_rule(flags, assignment, reference_files):
    assert flags(reference_files) == ()
    assert flags(read_sources(assignment.template)) == ()


@pytest.mark.slow
def test_no_other_right_answer_breaks_a_rule(flags, assignment, reference_files):
    wheats = editions.load_variants(assignment, "wheats")
    assert len(wheats) > 50
    flagged = {name: flags(variants.render(reference_files, [wheat])) for name, wheat in wheats.items()}
    assert {name: found for name, found in flagged.items() if found} == {}


@pytest.mark.slow
def test_no_mistake_in_a_gradient_is_taken_for_differences(flags, assignment, reference_files):
    chaffs = editions.load_variants(assignment, "chaffs").values()
    wrong_gradients = [chaff for chaff in chaffs if "_gradients" in chaff.target or chaff.target.endswith("gradient")]
    for chaff in wrong_gradients[::4]:
        assert flags(variants.render(reference_files, [chaff])) == (), chaff.name


@pytest.mark.parametrize("name", ["s24", "s25", "f24", "f25", "f25c", "s26"])
def test_a_solved_handout_that_is_handed_in_whole_has_no_flag(assignment, name, tmp_path):
    """With its public tests, its tools and its written part, as a clone of a repository has them."""
    own = replace(assignment, edition=assignment.editions[name])
    export(own, tmp_path / "work")
    for path, content in editions.reference(own).items():
        (tmp_path / "work" / path).write_bytes(content)
    report = pipeline.grade(tmp_path / "work", tmp_path / "results.json", own, only="1.1")
    assert [test.number for test in report.tests if test.score] == ["1.1"]
    assert [flag for flag in report.notes.flags if flag.rule != "edition"] == []


LIBRARIES = {
    "import torch": "torch",
    "import torch.nn.functional as F": "torch",
    "from jax import grad": "jax",
    "from autograd import *": "autograd",
    "def later():\n    import theano": "theano",
    "__import__('torch')": "torch",
    "__import__('to' + 'rch')": "torch",
    "import importlib\nimportlib.import_module('jax.numpy')": "jax",
    "import importlib as il\nil.import_module(name='torch')": "torch",
    "from importlib import import_module as load\nload(f\"{'tor'}ch\")": "torch",
    "load = __import__\nload(''.join(['j', 'a', 'x']))": "jax",
    "name = 'hcrot'[::-1]\n__import__(name)": "torch",
    "exec('import torch')": "torch",
    "exec(compile('exec(\"import \" + \"jax\")', 'x', 'exec'))": "jax",
    "eval('__import__(\"torch\")')": "torch",
    "import sys\nsys.modules['torch']": "torch",
    "import tensorflow as tf\ndef later():\n    return tf.GradientTape()": "tensorflow.GradientTape",
    "from tensorflow import GradientTape": "tensorflow.GradientTape",
    "import tensorflow as tf\ndef later():\n    return tf.keras.layers.Dense(3)": "keras.layers",
    "from tensorflow.python.keras.models import Model": "keras.models",
    "import tensorflow\ntape = getattr(tensorflow, 'Gradient' + 'Tape')": "tensorflow.GradientTape",
    "from sklearn.neural_network import MLPClassifier": "sklearn.neural_network",
}


def test_a_library_that_is_imported_and_never_used_costs_no_file_and_is_flagged_as_such(grade, reference_files):
    reference_files["beras/layers.py"] = b"import torch\nfrom jax import grad\n" + reference_files["beras/layers.py"]
    document, _ = grade(reference_files, "--only", "dense")
    assert document["score"] == sum(test.get("max_score", 0) for test in document["tests"])
    assert [(flag["line"], flag["detail"]) for flag in document["extra_data"]["flags"]] == [
        (1, "It imports torch, and does not use it."),
        (2, "It imports jax, and does not use it."),
    ]


def test_a_second_import_of_an_unused_library_says_nothing_else_of_it(grade, reference_files):
    start = b"import torch\nfrom torch import nn\nimport torch.nn.functional\n"
    reference_files["beras/layers.py"] = start + reference_files["beras/layers.py"]
    document, _ = grade(reference_files, "--only", "dense")
    assert [(flag["line"], flag["detail"]) for flag in document["extra_data"]["flags"]] == [
        (1, "It imports torch, and does not use it.")
    ]


@pytest.mark.parametrize("code", LIBRARIES)
def test_a_library_that_does_the_work_is_found_in_the_source(flags_with, code):
    found = [flag for flag in flags_with(code) if flag.rule != "uninspected"]  # some of it is computed, too
    assert {flag.rule for flag in found} == {"library"}
    assert found[0].file == "beras/layers.py"
    assert LIBRARIES[code] in found[0].detail


def test_a_flag_names_the_line(flags_with, reference_files):
    assert flags_with("x = 1\nimport torch\n")[0].line == last_line(reference_files) + 1


FAIR = {
    "loads MNIST": "import tensorflow as tf\nfrom tensorflow.keras.datasets import mnist\nfrom keras.utils import to_categorical\n",
    "imports scikit-learn and plots": "import sklearn\nfrom sklearn.metrics import accuracy_score\nimport matplotlib.pyplot as plt\n",
    "compares with TensorFlow when run by itself": "if __name__ == '__main__':\n    import torch\n    torch.ones(3)\n",
    "speaks of torch": "# import torch\nTEXT = 'import torch'\ndef torch_like(torch):\n    return torch.nn\n",
    "has names like the libraries'": "from beras import core as jax\nkeras = Dense\ntape = keras.layers = 1\n",
    "checks its gradients in a function that none uses": (
        "def numeric(f, x, h=1e-5):\n    return (f(x + h) - f(x - h)) / (2 * h)\n"
    ),
    "keeps quotients away from zero": (
        "def get_input_gradients(y, t, eps=1e-8):\n    return (y - t) / (y * (1 - y) + eps), (y - t) / (y + eps)\n"
    ),
    "has an array class with arithmetic": (
        "class Box:\n    def __add__(self, other): return self\n    def __mul__(self, other): return self\n"
    ),
}


@pytest.mark.parametrize("habit", FAIR)
def test_what_is_fair_is_not_flagged(flags_with, habit):
    assert flags_with(FAIR[habit]) == ()


def test_a_test_of_ones_own_may_compare_with_tensorflow(flags_with):
    assert flags_with(tests__test_mine="import tensorflow as tf\nimport torch\ntape = tf.GradientTape()\n") == ()


@pytest.mark.parametrize("init", [b"", b"from .layers import Dense\nfrom .helpers import steps\n"])
@pytest.mark.parametrize("asks", [b"from beras import Dense\n", b"import beras\nlayer = beras.Dense(2, 3)\n"])
def test_it_may_lie_in_the_package_whatever_is_asked_of_the_package_itself(flags, reference_files, init, asks):
    own = {
        "beras/compare.py": b"import tensorflow as tf\n" + asks,
        "beras/helpers.py": b"steps = 1",
        "beras/__init__.py": init,
    }
    asks += b"from beras import steps\n" if init else b""
    assert flags({**reference_files, **own, "assignment.py": reference_files["assignment.py"] + asks}) == ()


def test_a_helper_that_is_imported_may_not(flags_with):
    found = flags_with("from beras import helpers", beras__helpers="from tests import more", tests__more="import torch")
    assert [(flag.rule, flag.file, flag.line) for flag in found] == [("library", "tests/more.py", 1)]


def test_small_helpers_are_not_vendored(flags_with):
    assert flags_with(helpers="def clip(x):\n    return x\n" * 100, beras__utils="import numpy as np\n") == ()


HIDDEN_IN_A_TEXT = "import base64\nT = base64.b64decode('VmFsdWUgPSAxCg==').decode()\n"  # Value = 1
UNREAD = {
    "the self of a builtin": "len.__self__.exec(T, globals())",
    "the self by its name": "getattr(len, '__se' + 'lf__')",
    "the self by getattr": "getattr(len.__self__, 'exec')(T, globals())",
    "exec of whatever holds it": "m = [m for m in (1,)][0]\nm.exec(T)",
    "cProfile": "import cProfile\ncProfile.Profile().runctx(T, globals(), globals())",
    "a debugger": "import bdb\nclass D(bdb.Bdb): pass\nD().run(T)",
    "trace": "import trace\ntrace.Trace(count=0, trace=0).runctx(T, globals(), globals())",
    "timeit": "import timeit\ntimeit.Timer('pass', T + 'global Value', globals=globals()).timeit(1)",
    "numpy's measure": "import numpy.testing as nt\nnt.measure(T)",
    "type hints": "import typing\ndef f(a): pass\nf.__annotations__['a'] = T\ntyping.get_type_hints(f)",
    "annotations": "import inspect\ndef f(a): pass\nf.__annotations__['a'] = T\ninspect.get_annotations(f, eval_str=True)",
    "a loaded module's names": "import sys\nm = [m for n, m in sys.modules.items() if n == 'built' + 'ins'][0]\nvars(m)",
    "a computed key of sys.modules": "import sys\nsys.modules.get(T)",
    "a name in a mapping": "d = {}\nd.get('ex' + 'ec')(T)",
    "copying": "import copy\nclass R:\n    def __reduce__(self): return (len.__self__.exec, (T, globals()))\ncopy.copy(R())",
    "a pickle in memory": "import numpy as n, io\nf = io.BytesIO(T.encode())\nn.load(f, allow_pickle=True)",
    "a loader": "import importlib.abc\nclass L(importlib.abc.InspectLoader): pass",
    "a lambda's class": "(lambda: 0).__class__(T, globals())()",
    "a function's type": "def f(): pass\ntype(f)(T, globals())()",
    "another's compile": "m = T\nm.compile(T, 'x', 'exec')",
    "all classes": "().__class__.__base__.__subclasses__()",
    "all objects": "import gc\ngc.get_objects()",
    "Python's own interface": "import ctypes\nctypes.pythonapi.PyRun_SimpleString(T)",
}


@pytest.mark.parametrize("way", UNREAD)
def test_ways_to_run_what_is_in_no_file_are_seen_in_the_source(way):
    assert inspect((HIDDEN_IN_A_TEXT + UNREAD[way] + "\n").encode(), "beras").opaque > 2


READ = {
    "a model that is compiled": "model.compile(optimizer=o, loss='mse')\nmodel.eval()\nself.compile(o, l)\n",
    "a subclass of an array that is pickled": "class T(np.ndarray):\n    def __reduce__(self): return super().__reduce__()\n",
    "bound methods": "getattr(x.backward, '__self__', None)\nowner = x.backward.__self__\nf.__self__.inputs\nlayer.call.__self__.__class__.__name__\n",
    "subclasses of a class": "class A: pass\nA.__subclasses__()\n",
    "modules that are there": "import sys\n'torch' in sys.modules\nsys.modules[__name__]\nsys.modules.get('numpy')\n",
    "timing": "import timeit\ndef f(): pass\ntimeit.timeit(f)\ntimeit.timeit(lambda: 1)\ntimeit.default_timer()\n",
    "a profile": "import cProfile\np = cProfile.Profile()\np.enable()\n",
    "a debugger left in": "import pdb\nmodel.run(x)\n",
    "hints": "import typing\ndef f(a: 'int') -> 'list[int]': pass\ntyping.get_type_hints(f)\n",
    "arrays from a file": "import numpy as np\nnp.load('mnist.npy', allow_pickle=True)\n",
    "a package by its name": "import importlib\nimportlib.import_module('numpy')\nimport builtins\nbuiltins.exec('x = 1')\n",
    "a new one of its kind": "def f(self): return type(self)(1), self.__class__(2)\n",
}


@pytest.mark.parametrize("habit", READ)
def test_habits_that_look_like_them_are_not(habit):
    assert inspect(READ[habit].encode(), "beras").opaque == 0


ONLY_WHEN_IT_RUNS = {
    "by a computed attribute": "getattr(len, chr(95) * 2 + 'self__').__dict__['ex' + chr(101) + 'c'](T, globals())",
    "by the code of a function": "c = vars(getattr(len, chr(95) * 2 + 'self__'))['compi' + chr(108) + 'e'](T, 'x', 'exec')\n"
    "def f(): pass\nsetattr(f, '__co' + chr(100) + 'e__', c)",
}
MADE_BY_LIBRARIES = """
import collections, copy, dataclasses, enum, functools, timeit, typing
Pair = collections.namedtuple("Pair", ["left", "right_side"])
class Named(typing.NamedTuple):
    one: int
    other: "float" = 2.0
@dataclasses.dataclass(order=True)
class Settings:
    rate: float = 0.1
    layers: "list[int]" = dataclasses.field(default_factory=list)
    def __post_init__(self): self.kind = enum.Enum("Kind", "A B")
typing.get_type_hints(Settings)
Made = dataclasses.make_dataclass("Made", [("x", int), ("y", float, 3.0)])
@functools.singledispatch
def show(x): return x
timeit.timeit(lambda: copy.deepcopy(Settings()), number=1)
exec("value = 1\\ntwice = value * 2")
assert eval("twice + value") == 3
"""


@pytest.mark.parametrize("way", ONLY_WHEN_IT_RUNS)
def test_code_that_is_in_no_file_is_flagged_when_it_runs(flags_with, reference_files, way):
    payload = base64.b64encode(MICROGRAD.replace("Value", "Hidden_scalar").encode()).decode()
    code = f"import base64\nT = base64.b64decode('{payload}').decode()\n{ONLY_WHEN_IT_RUNS[way]}\n"
    assert inspect(code.encode(), "beras").opaque == 0
    found = flags_with(code)
    assert {(flag.rule, flag.file) for flag in found} == {("uninspected", "beras/layers.py")}
    assert "none of its files" in found[0].detail
    assert found[0].line >= last_line(reference_files) + 2


def test_code_that_libraries_make_for_a_submission_is_not(flags_with):
    assert flags_with(MADE_BY_LIBRARIES) == ()


MICROGRAD = """
class Value:
    def __init__(self, data, children=()):
        self.data, self.grad, self._prev = data, 0, set(children)
        self._backward = lambda: None
    def __add__(self, other): return Value(self.data + other.data, (self, other))
    def __mul__(self, other): return Value(self.data * other.data, (self, other))
"""
DUAL = """
class Dual:
    def __init__(self, real, dual): self.real, self.dual = real, dual
    def __add__(self, o): return Dual(self.real + o.real, self.dual + o.dual)
    def __mul__(self, o): return Dual(self.real * o.real, self.real * o.dual + self.dual * o.real)
"""
REVERSE = "def defvjp(f): return f\ndef make_vjp(f): return f\ndef backward_pass(g): return g\n"


@pytest.mark.parametrize("code", [MICROGRAD, DUAL, REVERSE])
def test_automatic_differentiation_brought_along_is_flagged(flags_with, code):
    in_place = flags_with(code)
    beside = flags_with("import engine", engine=code)
    assert [flag.rule for flag in in_place] == [flag.rule for flag in beside] == ["vendored"]
    assert beside[0].file == "engine.py"


@pytest.mark.parametrize("name", ["torch", "beras__jax", "lib__autograd____init__"])
def test_a_file_called_like_a_library_is_flagged(flags_with, name):
    assert [flag.rule for flag in flags_with(**{name: "x = 1\n"})] == ["vendored"]


def test_many_folders_that_are_large_together_are_flagged(flags_with):
    found = flags_with(**{f"extra{number}__m": f"# {'x' * 95_000}\n" for number in range(5)})
    assert [flag.rule for flag in found] == ["vendored"]


def test_a_required_file_as_large_as_a_library_is_flagged(flags_with):
    found = flags_with(f"\nDATA = '{'x' * 200_000}'\n")
    assert [flag.rule for flag in found] == ["vendored"]


def test_a_large_folder_beyond_the_homework_is_flagged(flags_with):
    found = flags_with(**{f"extra__m{number}": f"# {'x' * 30_000}\n" for number in range(5)})
    assert [(flag.rule, flag.file) for flag in found] == [("vendored", "extra")]


@pytest.mark.parametrize(
    "code",
    ["x = " + "-" * 100_000 + "1", "x = 1" + " + 1" * 100_000, "x = a" + ".b" * 100_000, "x = '" + "y" * 2**20 + "'"],
)
def test_a_file_that_breaks_the_parser_is_flagged_and_costs_no_other_its_inspection(flags_with, code):
    found = flags_with(file="beras/losses.py", code="import torch", beras__aaa=code)
    assert {("library", "beras/losses.py")} <= {(flag.rule, flag.file) for flag in found}
    reached = flags_with("from . import aaa", beras__aaa=code)
    assert ("uninspected", "beras/aaa.py") in {(flag.rule, flag.file) for flag in reached}


def test_a_file_with_gaps_is_not_flagged(flags_with):
    assert flags_with("def ???\n") == ()


def test_a_computed_name_is_inert_and_flagged_when_it_runs(grade, reference_files):
    name = "chr(116) + 'orch'"
    files = dict(reference_files)
    files["beras/layers.py"] += f"\ntry:\n    __import__({name})\nexcept ImportError:\n    pass\n".encode()
    files["beras/losses.py"] += f"\n__import__({name})\n".encode()
    document, done = grade(files, "--only", "dense")
    flagged = [(flag["rule"], flag["file"], flag["line"]) for flag in document["extra_data"]["flags"]]
    assert ("library", "beras/layers.py", last_line(reference_files) + 1) in flagged
    assert ("library", "beras/losses.py", last_line(reference_files, "beras/losses.py")) in flagged
    loading = next(row for row in document["tests"] if row["name"] == "Files that can be loaded")
    assert loading["status"] == "passed"
    assert document["score"] == 18  # a caught import costs nothing
    assert "library" in done.stdout and "look at" in done.stdout


# Finite differences, in many clothes. Each puts a method of its own into a class of the reference.
FORWARD_CALLS = """
def get_input_gradients(self):
    x, h = np.array(self.inputs[0]), 1e-5
    jacobian = np.zeros((x.shape[1], np.shape(self.w)[1]))
    for i in range(x.shape[1]):
        step = np.zeros(x.shape)
        step[:, i] = h
        jacobian[i] = np.mean((self.call(x + step) - self.call(x)) / h, axis=0)
    return [jacobian]
Dense.get_input_gradients = get_input_gradients
"""
WHOLE_STEPS = FORWARD_CALLS.replace("1e-5", "1.0")
WEIGHTS_IN_PLACE = """
def compose_weight_gradients(self, J=None):
    (x,), gradients = self.inputs, []
    for p in (self.w, self.b):
        g = np.zeros(p.shape)
        for at in np.ndindex(p.shape):
            kept = p[at]
            p[at] = kept + 1e-3
            more = np.sum(self(x) * J[0])
            p[at] = kept
            g[at] = (more - np.sum(self(x) * J[0])) * 1e3
        gradients.append(g)
    return gradients
Dense.compose_weight_gradients = compose_weight_gradients
"""
WEIGHTS_REPLACED = """
import copy
def compose_weight_gradients(self, J=None):
    (x,), g = self.inputs, np.zeros(self.w.shape)
    for at in np.ndindex(g.shape):
        other = copy.copy(self)
        other.w = np.array(self.w, dtype=float)
        other.w[at] += 1e-4
        g[at] = (np.sum(other.call(x) * J[0]) - np.sum(self.call(x) * J[0])) / 1e-4
    return [g, J[0].sum(axis=0)]
Dense.compose_weight_gradients = compose_weight_gradients
"""
HELPER = """
def _formula(z):
    return 1 / (1 + np.exp(-z))
def _slope(z):
    step = 1e-5
    above, below = _formula(z + step), _formula(z - step)
    return (above - below) / step / 2
Sigmoid.get_input_gradients = lambda self: [_slope(self.inputs[0])]
"""
HELPER_OF_THE_FORWARD_METHOD = """
Sigmoid.get_input_gradients = lambda self: [(self.call(self.inputs[0] + 1e-6) - self.outputs[0]) * 1e6]
"""
COMPLEX_STEP = """
def get_input_gradients(self):
    z = np.asarray(self.inputs[0]) + 1e-20j
    return [np.imag(1 / (1 + np.exp(-z))) / 1e-20]
Sigmoid.get_input_gradients = get_input_gradients
"""
INLINED_IN_A_LOOP = """
def get_input_gradients(self):
    y, t = (np.array(a) for a in self.inputs)
    g = np.zeros(y.shape)
    for i in np.ndindex(y.shape):
        y[i] += 1e-6
        more = np.mean((y - t) ** 2)
        y[i] -= 2e-6
        less = np.mean((y - t) ** 2)
        y[i] += 1e-6
        g[i] = (more - less) / 2e-6
    return [g]
MeanSquaredError.get_input_gradients = get_input_gradients
"""
INLINED_IN_ONE_EXPRESSION = """
class Sigmoid(Sigmoid):
    def get_input_gradients(self):
        x, h = self.inputs[0], 1e-5
        return [(1 / (1 + np.exp(-(x + h))) - 1 / (1 + np.exp(-(x - h)))) / (2 * h)]
"""
ENTRY_BY_ENTRY = """
import math
def get_input_gradients(self):
    f = lambda v: 1 / (1 + math.exp(-v))
    return [np.array([[(f(v + 1e-4) - f(v - 1e-4)) / 2e-4 for v in row] for row in self.inputs[0].tolist()])]
Sigmoid.get_input_gradients = get_input_gradients
"""
STACKED = """
def get_input_gradients(self):
    y, t = (np.asarray(a) for a in self.inputs)
    many = y + 1e-6 * np.eye(y.size).reshape(y.size, *y.shape)
    losses = -np.mean(np.sum(t * np.log(many), axis=-1), axis=-1)
    return [((losses + np.mean(np.sum(t * np.log(y), axis=-1))) / 1e-6).reshape(y.shape)]
CategoricalCrossentropy.get_input_gradients = get_input_gradients
"""
BY_ROWS = """
def get_input_gradients(self):
    def jacobian(row):
        return np.array([(self.call(row + e) - self.call(row - e))[0] / 2e-5 for e in np.eye(row.size)[:, None] * 1e-5])
    return [np.array([jacobian(np.asarray(row)[None]) for row in self.inputs[0]])]
Softmax.get_input_gradients = get_input_gradients
"""
TAPE = """
def gradient(self, target, sources):
    (loss,) = [layer for layer in self.previous_layers.values() if any(o is target for o in layer.outputs)]
    layer = next(layer for layer in self.previous_layers.values() if layer is not loss)
    x, t, found = layer.inputs[0], loss.inputs[1], []
    for source in sources:
        g = np.zeros(source.shape)
        for at in np.ndindex(source.shape):
            kept = source[at]
            source[at] = kept + 1e-6
            g[at] = (loss.call(layer.call(x), t) - target) / 1e-6
            source[at] = kept
        found.append(g)
    return found
import numpy as np
GradientTape.gradient = gradient
"""
FAR_AWAY = """
def _smooth(x):
    return 1 / (1 + np.exp(-x))
def _slopes(self):
    x, c = np.asarray(self.inputs[0]), [(1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280)]
    return [sum(c * (_smooth(x + k * 0.0625) - _smooth(x - k * 0.0625)) for k, c in c) * 16]
Sigmoid.get_input_gradients = _slopes
"""
BY_ONE = """
def _square(p, t):
    return (np.asarray(p) - np.asarray(t)) ** 2 / np.size(p)
def _halves(self):
    p, t = self.inputs
    return [(_square(p + 1, t) - _square(p - 1, t)) * 0.5, np.zeros_like(t)]
MeanSquaredError.get_input_gradients = _halves
"""
OF_UNITS = """
def _affine(x, w, b):
    return np.asarray(x) @ np.asarray(w) + np.asarray(b)
def _rows(self):
    e = np.eye(self.w.shape[0])
    return [_affine(3 * e, self.w, self.b) * 0.5 - _affine(e, self.w, self.b) * 0.5]
Dense.get_input_gradients = _rows
"""
FORWARD_ONLY = """
def _smooth(x):
    return 1 / (1 + np.exp(-x))
def _slopes(self):
    x, h = np.asarray(self.inputs[0]), 0.07
    f = [_smooth(x + k * h) for k in range(5)]
    return [(-25 * f[0] + 48 * f[1] - 36 * f[2] + 16 * f[3] - 3 * f[4]) * (1 / 12) * h ** -1]
Sigmoid.get_input_gradients = _slopes
"""
NUMBERS_FAR_AWAY = """
import math
def _smooth(v):
    return 1 / (1 + math.exp(-v))
def _slope(v):
    return sum(c * (_smooth(v + k * 0.0625) - _smooth(v - k * 0.0625)) for k, c in [(1, 0.8), (2, -0.2), (3, 0.038)]) * 16
def _slopes(self):
    return [np.array([[_slope(float(v)) for v in row] for row in self.inputs[0]])]
Sigmoid.get_input_gradients = _slopes
"""
DIFFERENCES = {
    "steps that are large": (FAR_AWAY, "activations"),
    "steps of one in a helper": (BY_ONE, "losses"),
    "multiples of the unit matrix": (OF_UNITS, "layers"),
    "large steps to one side": (FORWARD_ONLY, "activations"),
    "plain numbers far away": (NUMBERS_FAR_AWAY, "activations"),
    "calls of the forward method": (FORWARD_CALLS, "layers"),
    "steps of one, exact for what is linear": (WHOLE_STEPS, "layers"),
    "weights moved in place": (WEIGHTS_IN_PLACE, "layers"),
    "a copy of the layer with other weights": (WEIGHTS_REPLACED, "layers"),
    "a helper with the formula": (HELPER, "activations"),
    "one call in a lambda": (HELPER_OF_THE_FORWARD_METHOD, "activations"),
    "a complex step": (COMPLEX_STEP, "activations"),
    "the formula in a loop": (INLINED_IN_A_LOOP, "losses"),
    "the formula in one expression": (INLINED_IN_ONE_EXPRESSION, "activations"),
    "plain numbers one by one": (ENTRY_BY_ENTRY, "activations"),
    "all steps in one array": (STACKED, "losses"),
    "row by row": (BY_ROWS, "activations"),
    "the tape": (TAPE, "gradient_tape"),
}


@pytest.mark.parametrize("disguise", DIFFERENCES)
def test_finite_differences_are_flagged(flags_with, disguise):
    code, module = DIFFERENCES[disguise]
    found = flags_with(code, f"beras/{module}.py")
    assert {(flag.rule, flag.file) for flag in found} == {("differences", f"beras/{module}.py")}


HONEST = {
    "shifts by the largest and the mean": (
        "def _soft(x):\n    e = np.exp(x - np.max(x, axis=-1, keepdims=True))\n    return e / e.sum(axis=-1, keepdims=True)\n"
        "def get_input_gradients(self):\n    x = np.asarray(self.inputs[0])\n    y, z = _soft(x - x.mean()), _soft(x)\n"
        "    return [np.array([np.diag(row) - np.outer(row, row) for row in (y + z) / 2])]\nSoftmax.get_input_gradients = get_input_gradients",
        "activations",
    ),
    "has a helper for both signs": (
        "def _e(x):\n    return np.exp(-np.abs(x))\ndef _s(x):\n    return np.where(x >= 0, 1 / (1 + _e(x)), _e(-x) / (1 + _e(-x)))\n"
        "Sigmoid.get_input_gradients = lambda self: [_s(np.asarray(self.inputs[0])) * _s(-np.asarray(self.inputs[0]))]",
        "activations",
    ),
    "passes unit vectors through its weights": (
        "def _back(unit, w):\n    return unit @ np.asarray(w).T\ndef get_input_gradients(self):\n"
        "    return [np.array([_back(unit, self.w) for unit in np.eye(self.w.shape[1])]).T]\nDense.get_input_gradients = get_input_gradients",
        "layers",
    ),
    "takes a square apart": (
        "def get_input_gradients(self):\n    p, t = (np.asarray(a) for a in self.inputs)\n    d = p - t\n    twice = d + d\n"
        "    both = 2 * p - 2 * t\n    return [(twice + both) / 2 / p.size, np.zeros_like(t)]\nMeanSquaredError.get_input_gradients = get_input_gradients",
        "losses",
    ),
    "computes its output again": ("Sigmoid.get_input_gradients = lambda self: [self(self.inputs[0]) * (1 - self(self.inputs[0]))]", "activations"),
    "computes it sample by sample": (
        "def get_input_gradients(self):\n    rows = [self.call(row[None])[0] for row in self.inputs[0]]\n"
        "    return [np.array([np.diag(y) - np.outer(y, y) for y in rows])]\nSoftmax.get_input_gradients = get_input_gradients",
        "activations",
    ),
    "computes it number by number with a helper": (
        "import math\ndef s(v):\n    return 1 / (1 + math.exp(-v))\n"
        "Sigmoid.call = lambda self, x: np.array([[s(v) for v in row] for row in x])\n"
        "Sigmoid.get_input_gradients = lambda self: [np.array([[s(v) * (1 - s(v)) for v in row] for row in self.inputs[0]])]",
        "activations",
    ),
    "keeps a logarithm away from zero": (
        "def get_input_gradients(self):\n    p, t = self.inputs\n    safe = p + 1e-7\n    return [-t / safe / len(p), t]\n"
        "CategoricalCrossentropy.get_input_gradients = get_input_gradients",
        "losses",
    ),
    "works in single precision": (
        "def get_weight_gradients(self):\n    x, w = (np.asarray(a, dtype=np.float32) for a in (self.inputs[0], self.w))\n"
        "    return [x[:, :, None], np.ones(w.shape[1:])]\nDense.get_weight_gradients = get_weight_gradients",
        "layers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("habit", HONEST)
def test_honest_gradients_are_not(flags_with, habit):
    code, module = HONEST[habit]
    assert flags_with(code, f"beras/{module}.py") == ()


def test_ending_the_watch_is_flagged(flags_with):
    code = (
        "def get_input_gradients(self):\n    import sys\n    sys.settrace(None)\n    return [self.w]\n"
        "Dense.get_input_gradients = get_input_gradients\n"
    )
    assert {flag.rule for flag in flags_with(code)} == {"differences"}


def test_a_component_that_hangs_hides_no_other(flags, reference_files):
    endless = b"\ndef hang(self):\n    while True: pass\nDense.get_input_gradients = hang\n"
    sigmoid = reference_files["beras/activations.py"] + HELPER.encode()
    reference_files["beras/layers.py"] += endless
    found = flags({**reference_files, "beras/activations.py": sigmoid})
    assert {flag.file for flag in found} == {"beras/activations.py"}


def test_without_a_policy_a_breach_costs_nothing_and_students_see_nothing(grade, reference_files):
    reference_files["beras/layers.py"] += b"\ntry:\n    import torch\nexcept ImportError:\n    pass\n"
    document, _ = grade(reference_files, "--only", "1.1")
    assert document["score"] == 2.5
    assert [flag["rule"] for flag in document["extra_data"]["flags"]] == ["library"]
    assert not any("torch" in str(row) or row.get("visibility") == "hidden" for row in document["tests"])


def test_a_policy_takes_points_once_and_never_more_than_were_earned(grade, copied_project, reference_files):
    root = copied_project({"library = 0 ": "library = 2 ", "vendored = 0 ": "vendored = 50 "})
    reference_files["beras/layers.py"] += b"\nimport tensorflow as tf\nTAPE, NN = tf.GradientTape, tf.nn\n"
    document, done = grade(reference_files, "--only", "1.1", root=root)
    row = document["tests"][0]
    assert (row["name"], row["score"], row["max_score"], row["status"]) == ("Rules of the homework", -2, 0, "failed")
    assert document["score"] == 0.5
    assert "-2 / 0" in done.stdout
    document, _ = grade({**reference_files, "torch.py": b""}, "--only", "1.1", root=root)
    assert document["tests"][0]["score"] == -52
    assert document["score"] == 0


def test_a_part_of_a_stand_in_is_noted_and_costs_nothing(assignment, reference_files):
    code = b"\nkeras = __import__(bytes(b'tensorflow').decode()).keras\nlayer = keras.layers.Dense(3)\n"
    reference_files["beras/layers.py"] += code
    world = World(reference_files, {}, forbidden=assignment.rules.forbidden)
    with world.importing():
        assert world.module("beras.layers").Dense(2, 3).w.shape == (2, 3)
    assert ("tensorflow.keras.layers", "beras/layers.py") in world.refusal.noted


def test_what_a_worker_says_of_itself_is_checked(assignment, reference_files):
    run = Run(assignment, from_files(reference_files, assignment.edition), {}, "secret", Deadline(60))
    said = [
        Refused("torch", "/etc/passwd", 1),
        Refused("torch", "beras/layers.py", 10**6),
        Refused("numpy", "beras/layers.py", 3),
        Refused("torch.nn", "beras/layers.py", 3),
    ]
    assert [(flag.file, flag.line) for flag in rules.refusals(said, run)] == [("beras/layers.py", 3)]


def test_more_names_than_anybody_needs_hide_nothing(flags_with):
    names = ", ".join(f"n{number}" for number in range(5_000))
    assert [flag.rule for flag in flags_with(f"def never():\n    import {names}, torch\n")] == ["uninspected"]


@pytest.mark.parametrize("edition", config.load().editions)
def test_every_edition_has_the_same_rules(edition, sandbox):
    chosen = config.load(edition=edition)
    right = editions.reference(chosen)
    names = chosen.edition.names
    spelt = FORWARD_CALLS.replace("self.call", f"self.{names['forward']}").replace("Dense.", f"{names['dense']}.")
    numeric = spelt.encode()
    for more, expected in ((b"", set()), (numeric, {"differences"})):
        files = {**right, "beras/layers.py": right["beras/layers.py"] + more}
        run = Run(chosen, from_files(files, chosen.edition), handout(chosen), "s", Deadline(60))
        assert {flag.rule for flag in rules.Inspection(Asker(run, sandbox)).flags()} == expected


def test_where_the_policy_takes_points_a_row_says_which_line_and_rule(assignment):
    policy = replace(assignment.rules, penalties={**assignment.rules.penalties, "library": 10.0})
    flags = [
        Flag("library", "beras/layers.py", 7, "It refers to torch."),
        Flag("library", "beras/losses.py", 3, "It refers to jax."),
        Flag("vendored", "engine.py", 1, "What is defined here records operations to differentiate them."),
    ]
    row = rules.row(flags, policy)
    assert (row.score, row.max_score, row.passed) == (-10, 0, False)  # once a rule
    assert "beras/layers.py, line 7" in row.output and "torch" in row.output
    assert "engine.py" not in row.output
    assert rules.row(flags, assignment.rules) is None


ENGINE = """
class Value:
    def __init__(self, data, children=()):
        self.data, self.grad, self._prev, self._backward = data, 0.0, children, lambda: None
    def __add__(self, other): return Value(self.data + other.data, (self, other))
    def __mul__(self, other): return Value(self.data * other.data, (self, other))
"""
IN_MAIN = 'if __name__ == "__main__":\n' + "\n".join(f"    {line}" for line in ENGINE.splitlines())


@pytest.mark.parametrize(
    "setting",
    [
        'here.__name__ = "__main__"',
        'setattr(here, "__na" + "me__", "__main__")',
        'vars(here).update(__name__="__main__")',
    ],
)
def test_a_main_block_that_another_file_opens_is_read(flags_with, setting):
    found = flags_with(IN_MAIN, beras__helper=f"from beras import layers as here\n{setting}\n")
    assert [(flag.rule, flag.file) for flag in found if flag.rule == "vendored"] == [("vendored", "beras/layers.py")]


def test_a_main_block_that_nothing_opens_is_not_read(flags_with):
    assert flags_with(IN_MAIN, beras__helper="def wraps(f):\n    f.__name__ = 'f'\n    return f\n") == ()


@pytest.mark.parametrize(
    "asks",
    [
        "from beras import Value",
        "from . import Value",
        "import beras\nValue = beras.Value",
        "from beras import *",
        "import beras\nfor word in ('Va', 'lue'):\n    getattr(beras, word, None)",
    ],
)
def test_a_file_that_the_package_itself_is_searched_for_is_read(flags_with, asks):
    found = flags_with(asks, beras__zz=ENGINE)
    assert ("vendored", "beras/zz.py") in [(flag.rule, flag.file) for flag in found]


def test_a_file_that_nobody_asks_for_is_not_read(flags_with):
    assert (
        flags_with("from beras import core\nimport beras.losses\nberas.losses.MeanSquaredError", beras__zz=ENGINE) == ()
    )


def test_a_line_after_carriage_returns_is_a_line(assignment, reference_files):
    files = {**reference_files, "beras/layers.py": reference_files["beras/layers.py"].replace(b"\n", b"\r")}
    submission = from_files(files, assignment.edition)
    run = Run(assignment, submission, {}, "secret", Deadline(60))
    said = [Refused("torch", "beras/layers.py", 7)]
    assert [flag.line for flag in rules.refusals(said, run)] == [7]
