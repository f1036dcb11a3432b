"""Derivatives by differences and engines of automatic differentiation are seen in the source, whatever their names."""

import pytest

from autograder.guest import source

SIGMOID = "1 / (1 + np.exp(-({})))"
BY_DIFFERENCES = [
    f"return ({SIGMOID.format('x + 0.001')} - {SIGMOID.format('x - 0.001')}) * 500",
    f"return ({SIGMOID.format('x + h')} - {SIGMOID.format('x')}) * (1 / h)",
    f"return np.multiply({SIGMOID.format('x + h')} - {SIGMOID.format('x')}, h ** -1)",
    f"up, down = {SIGMOID.format('x + a')}, {SIGMOID.format('x - a')}\n        return 0.5 * (up - down) / a",
    f"return np.gradient({SIGMOID.format('np.add.outer(h, x)')}, 0.001, axis=0)[4]",
    f"return np.diff([{SIGMOID.format('x')}, {SIGMOID.format('x + h')}], axis=0)[0] * 500",
    f"return np.ediff1d({SIGMOID.format('x')})",
    f"return np.tensordot([500, -500], {SIGMOID.format('[x, x]')}, 1)",
    f"weights = np.array([1, -8, 0, 8, -1]) / 12\n        return weights @ {SIGMOID.format('steps')}",
    "return (np.eye(len(w)) @ w + b) - (np.zeros((1, len(w))) @ w + b)",
    f"return np.fft.fft({SIGMOID.format('circle')})[1]",
    f"return np.polynomial.chebyshev.chebder({SIGMOID.format('x')})",
]
BY_FORMULA = [
    "return (y_pred - y_true) / n",
    "return (x - m) / m",
    "return 2 * (y_pred - y_true) * (1 / len(y_true))",
    "return (np.clip(p, 1e-7, 1 - 1e-7) - t) / (p * (1 - p))",
    "return y[..., None] * np.eye(n) - y[:, :, None] * y[:, None, :]",
    "return np.array([np.diag(s) - np.outer(s, s) for s in y])",
    "return x.reshape((-1, 1)) @ np.array([1.0, 1.0])",
    "x = np.abs(x)\n        x = np.where(x > 0, 1, x)\n        return x / 2",
    "out = np.f(out)\n        return (out - 1) / 2",
    "return np.maximum(x, 0) - np.maximum(-x, 0)",
]
ENGINES = [
    """
class Node:
    def __add__(self, o): return Node(self.v + o.v, ((self, 1.0), (o, 1.0)))
    def __mul__(self, o): return Node(self.v * o.v, ((self, o.v), (o, self.v)))
""",
    """
class Node:
    def __add__(self, o): return type(self)(self.v + o.v, pull=lambda g: (self.take(g), o.take(g)))
    def __neg__(self): return type(self)(-self.v, pull=lambda g: self.take(-g))
""",
    """
class Pair:
    def __add__(self, o): return Pair(self.a + o.a, self.b + o.b)
    def __mul__(self, o): return Pair(self.a * o.a, self.a * o.b + self.b * o.a)
""",
]
CLASSES = [
    """
class Vector:
    def __add__(self, o): return Vector([a + b for a, b in zip(self.v, o.v)])
    def __mul__(self, o): return Vector([a * o for a in self.v])
""",
    """
class Complex:
    def __add__(self, o): return Complex(self.a + o.a, self.b + o.b)
    def __mul__(self, o): return Complex(self.a * o.a - self.b * o.b, self.a * o.b + self.b * o.a)
""",
    """
class Tensor(np.ndarray):
    def __add__(self, o): return Tensor(np.add(self, o))
    def __mul__(self, o): return Tensor(np.multiply(self, o))
""",
]


def marks(code):
    return set(source.inspect(f"import numpy as np\n{code}".encode(), "beras").marks)


def layer(body):
    return f"class A:\n    def get_input_gradients(self):\n        {body}\n"


@pytest.mark.parametrize("body", BY_DIFFERENCES)
def test_derivatives_by_differences_are_seen(body):
    assert marks(layer(body)) == {source.DIFFERENCES}


@pytest.mark.parametrize("body", BY_FORMULA)
def test_formulas_are_no_differences(body):
    assert marks(layer(body)) == set()


@pytest.mark.parametrize("body", BY_DIFFERENCES)
def test_what_no_gradient_method_uses_is_nobodys_business(body):
    assert marks(layer("return x").replace("return x", "return x\n\ndef check():\n        " + body)) == set()


@pytest.mark.parametrize("code", ENGINES)
def test_engines_are_seen_by_what_they_do(code):
    assert marks(code) == {source.AUTODIFF}


@pytest.mark.parametrize("code", CLASSES)
def test_other_classes_with_operators_are_no_engines(code):
    assert marks(code) == set()
