"""Not doing the homework: having something else do it."""

# ruff: noqa: E501  a payload is easier to read on one line

import base64
import marshal
import textwrap

from ..case import Case
from .intake import zipped
from .tampering import WEIGHTS

NO_RULE = "the grader cannot tell it from the homework yet"

DIFFERENCES = """
def get_input_gradients(self):
    x, h = np.array(self.inputs[0]), 1e-5
    return [np.array([np.mean((self.call(x + h * e) - self.call(x - h * e)) / (2 * h), axis=0) for e in np.eye(x.shape[1])])]
replace('get_input_gradients', get_input_gradients)
"""
COMPLEX = """
def get_input_gradients(self):
    z = np.asarray(self.inputs[0]) + 1e-20j
    return [np.imag(1 / (1 + np.exp(-z))) / 1e-20]
Sigmoid.get_input_gradients = get_input_gradients
"""
ENGINE = """
class Value:
    def __init__(self, data, children=()):
        self.data, self.grad, self._prev, self._backward = data, 0.0, children, lambda: None
    def __add__(self, other): return Value(self.data + other.data, (self, other))
    def __mul__(self, other): return Value(self.data * other.data, (self, other))
"""
OWN_LAYER = """
import types
def own_layer(self):
    layer = parts.affine(types.SimpleNamespace(given=lambda name: sys.modules['beras.' + name]))(self.w, self.b)
    layer(self.inputs[0])
    return layer.get_weight_gradients()
replace('get_weight_gradients', own_layer)
"""
# What these hold decodes to ENGINE: only that it cannot be read is seen.
ENCODED = f"import base64\nexec(base64.b64decode({base64.b64encode(ENGINE.encode())!r}))\n"
MARSHALLED = f"import marshal, types\ntypes.FunctionType(marshal.loads({marshal.dumps(compile(ENGINE, 'x', 'exec'))!r}), globals())()\n"
AS_MAIN = '__name__ = "__main__"\nif __name__ == "__main__":\n' + textwrap.indent(ENGINE, "    ")


def case(name, code, **more):
    return Case("shortcuts", name, code, base="template", **more)


CASES = [
    case("imports torch", "import torch\nreplace('call', lambda self, x: torch.nn.Linear(5, 3)(x))\n", flagged="library"),
    case("imports jax", "import jax\nreplace('get_input_gradients', lambda self: [jax.grad(self.call)])\n", only="1.2", flagged="library"),
    case("imports autograd", "import autograd\n", only="1.2", flagged="library"),
    case("imports TensorFlow by a detour", WEIGHTS + "tf = __import__('tensor' + 'flow')\n"
         "replace('call', lambda self, x: tf.keras.layers.Dense(3)(x))\n", flagged="library"),
    case("has TensorFlow's tape answer", WEIGHTS + "import tensorflow as tf\n"
         "replace('get_input_gradients', lambda self: [tf.GradientTape().gradient(self.w, self.b)])\n", only="1.2", flagged="library"),
    case("brings a public test's answer along", WEIGHTS + "replace('call', lambda self, x: np.full((7, 3), 0.5))\n"),
    case("brings all shapes and ones along", WEIGHTS + "replace('get_weight_gradients', lambda self: [np.ones((7, 5, 1)), np.zeros((1, 3))])\n",
         only="1.3"),
    case("brings predictions along", "class M:\n    def fit(self, *a, **k): return {'loss': [0.0]}\n"
         "    def __call__(self, x): return np.eye(10)[np.arange(len(x)) % 10]\n"
         "import types\nget_simple_model_components = lambda: types.SimpleNamespace(model=M(), epochs=1, batch_size=100)\n",
         file="assignment.py", only="9.1"),
    case("differentiates by differences", WEIGHTS + "replace('call', lambda self, x: x @ self.w + self.b)\n" + DIFFERENCES, only="1.2", flagged="differences"),
    Case("shortcuts", "differentiates by a complex step", COMPLEX, file="beras/activations.py", only="2.8", flagged="differences"),
    Case("shortcuts", "brings automatic differentiation along", ENGINE, flagged="vendored"),
    Case("shortcuts", "brings automatic differentiation along, encoded", ENCODED, flagged="uninspected"),
    Case("shortcuts", "brings automatic differentiation along, compiled", MARSHALLED, flagged="uninspected"),
    Case("shortcuts", "brings automatic differentiation along, under a main block that runs", AS_MAIN, flagged="vendored"),
    Case("shortcuts", "brings a library along under its name", pack=zipped(("torch/__init__.py", b"x = 1\n"), ("torch/nn.py", b"")), flagged="vendored"),
    Case("shortcuts", "imports torch by a computed name, and hides that it failed", "try:\n    __import__(bytes([116, 111, 114, 99, 104]).decode())\nexcept ImportError:\n    pass\n", flagged="library"),
    case("knows test images by their sorted pixels", "", skip=NO_RULE),
    case("has the probes' own layers answer", WEIGHTS + "from homework.probes import parts\n" + OWN_LAYER, only="1.3", flagged="library"),
    case("has the probes' own layers answer, found in sys.modules", WEIGHTS + "parts = sys.modules['homework.probes.parts']\n" + OWN_LAYER,
         only="1.3", flagged="library"),
    case("finds the probes' own layers among all objects", "import gc\nkept = [one for one in gc.get_objects() if hasattr(one, 'compose_weight_gradients')]\n",
         only="1.3", flagged="uninspected"),
    case("computes with what its caller was asked", WEIGHTS + "def call(self, x):\n    frame = sys._getframe()\n"
         "    while 'upstream' not in frame.f_locals and 'w' not in frame.f_locals: frame = frame.f_back\n"
         "    return x @ frame.f_locals['w'] + frame.f_locals['b']\nreplace('call', call)\n", flagged="uninspected"),
]  # fmt: skip
