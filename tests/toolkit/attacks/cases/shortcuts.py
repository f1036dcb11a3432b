"""Not doing the homework: having something else do it."""

# ruff: noqa: E501  a payload is easier to read on one line

from ..case import Case
from .tampering import WEIGHTS

NO_RULE = "the grader cannot tell it from the homework yet"


def case(name, code, **more):
    return Case("shortcuts", name, code, base="template", **more)


CASES = [
    case("imports torch", "import torch\nreplace('call', lambda self, x: torch.nn.Linear(5, 3)(x))\n"),
    case("imports jax", "import jax\nreplace('get_input_gradients', lambda self: [jax.grad(self.call)])\n", only="1.2"),
    case("imports autograd", "import autograd\n", only="1.2"),
    case("imports TensorFlow by a detour", WEIGHTS + "tf = __import__('tensor' + 'flow')\n"
         "replace('call', lambda self, x: tf.keras.layers.Dense(3)(x))\n"),
    case("has TensorFlow's tape answer", WEIGHTS + "import tensorflow as tf\n"
         "replace('get_input_gradients', lambda self: [tf.GradientTape().gradient(self.w, self.b)])\n", only="1.2"),
    case("brings a public test's answer along", WEIGHTS + "replace('call', lambda self, x: np.full((7, 3), 0.5))\n"),
    case("brings all shapes and ones along", WEIGHTS + "replace('get_weight_gradients', lambda self: [np.ones((7, 5, 1)), np.zeros((1, 3))])\n",
         only="1.3"),
    case("brings predictions along", "class M:\n    def fit(self, *a, **k): return {'loss': [0.0]}\n"
         "    def __call__(self, x): return np.eye(10)[np.arange(len(x)) % 10]\n"
         "import types\nget_simple_model_components = lambda: types.SimpleNamespace(model=M(), epochs=1, batch_size=100)\n",
         file="assignment.py", only="9.1"),
    case("differentiates by differences", "", skip=NO_RULE),
    case("knows test images by their sorted pixels", "", skip=NO_RULE),
    case("calls the probes' own layers", "", skip=NO_RULE),
]  # fmt: skip
