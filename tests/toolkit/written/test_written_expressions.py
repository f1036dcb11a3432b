"""Formulas as people write them: what they come to, and what is refused."""

import math

import pytest

from autograder.written.expressions import UnreadableError, parse
from autograder.written.shapes import parse_shape

SYMBOLS = {"x_i": 0.7, "n": 5.0, "m": 3.0, "alpha": 0.2}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2^3^2", 512),
        ("-2^2", -4),
        ("2^-1", 0.5),
        ("x_i**2 / 2", 0.245),
        ("x_i² − 1", -0.51),
        ("2nm", 30),
        ("(n + 1)(m − 1)", 12),
        ("exp(-x_i)", math.exp(-0.7)),
        (r"\frac{1}{1 + e^{-x_i}}", 1 / (1 + math.exp(-0.7))),
        (r"\dfrac{\frac{n}{2}}{1 + \frac12}", 5 / 3),
        (r"$\sqrt{n} \cdot \ln(m)$", math.sqrt(5) * math.log(3)),
        (r"L = \left( 1 - \alpha \right) \times n", 4),
        ("2 pi", 2 * math.pi),
        ("abs(m - n)", 2),
        ("0,25", 0.25),
        ("1.5e-3", 0.0015),
    ],
)
def test_it_comes_to(text, value):
    assert parse(text, list(SYMBOLS)).value(SYMBOLS) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing stands there"),
        ("2 +", "ends too early"),
        ("2 + )", "was not expected"),
        ("(2", "not closed"),
        (r"\frac{1}", "was not expected"),
        ("-" * 60 + "1", "too many signs"),
        ("2^" * 60 + "2", "nested too deeply"),
        ("(" * 60 + "2" + ")" * 60, "nested too deeply"),
        ("1 + " * 200 + "1", "at most 400 are read"),
        ("__import__('os')", 'at "__import__'),
    ],
)
def test_it_is_refused(text, said):
    with pytest.raises(UnreadableError, match=said):
        parse(text, list(SYMBOLS))


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("(n, m)", (5, 3)),
        ("n x m", (5, 3)),
        ("n × m", (5, 3)),
        ("nxm", (5, 3)),
        ("n by m", (5, 3)),
        ("n*m", (5, 3)),
        ("[n,]", (5,)),
        (r"\mathbb{R}^{n \times m}", (5, 3)),
        ("it has the shape (n, m), as its weights do", (5, 3)),
        ("a vector of length n", (5,)),
    ],
)
def test_a_shape_is_read(text, lengths):
    assert tuple(length.value(SYMBOLS) for length in parse_shape(text, list(SYMBOLS))[0]) == lengths


def test_what_is_no_shape_is_refused():
    with pytest.raises(UnreadableError, match=r"no shape like \(n, m\)"):
        parse_shape("it depends on the data", ["n", "m"])
