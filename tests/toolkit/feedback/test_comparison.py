"""The comparison: shape, then dtype, then finiteness, then value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback import messages
from autograder.feedback.comparison import compare
from autograder.guest.wire import Text
from autograder.intake.submission import Submission

EXPECTED = np.arange(1.0, 13.0).reshape(4, 3)


def aspect(value, expected=EXPECTED, *shapes, **options):
    found = compare(value, expected, shapes, **options)
    return found and found.aspect


def test_an_equal_answer_agrees():
    assert compare(EXPECTED.copy(), EXPECTED) is None


def test_float32_gets_the_tolerance_of_float32():
    rounded = (EXPECTED * (1 + 3e-6)).astype(np.float32)
    assert compare(rounded, EXPECTED) is None
    assert aspect(rounded.astype(np.float64)) == "value"


def test_a_transpose_is_a_wrong_shape():
    assert aspect(EXPECTED.T) == "shape"


def test_an_empty_answer_never_agrees_by_broadcasting():
    assert aspect(np.empty((0, 3))) == "shape"


def test_a_scalar_never_agrees_by_broadcasting():
    assert aspect(np.array(1.0), np.ones((4, 3))) == "shape"


def test_every_listed_shape_is_as_good_after_broadcasting():
    local = np.arange(1.0, 9.0).reshape(4, 2, 1)
    full = np.repeat(local, 3, axis=2)
    for value in (local, full):
        assert compare(value, local, [(4, 2, 1), (4, 2, 3)]) is None


@pytest.mark.parametrize("value", [None, Text("a dict"), [], [np.ones(2), np.ones(3)]])
def test_what_is_no_array_is_a_wrong_structure(value):
    assert aspect(value) == "structure"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_is_found(bad):
    value = EXPECTED.copy()
    value[2, 1] = bad
    found = compare(value, EXPECTED)
    assert (found.aspect, found.worst) == ("finiteness", (2, 1))


def test_integers_are_wrong_where_floating_is_asked_for():
    assert aspect(np.ones((4, 3), dtype=np.int64), np.ones((4, 3)), floating=True) == "dtype"


def test_the_worst_entry_is_named():
    value = EXPECTED.copy()
    value[1, 2] += 5
    value[0, 0] += 1
    assert compare(value, EXPECTED).worst == (1, 2)


@given(st.floats(0.01, 100).filter(lambda factor: abs(factor - 1) > 1e-3), st.sampled_from([1.0, -1.0]))
def test_a_constant_factor_is_found(size, sign):
    assert compare(EXPECTED * size * sign, EXPECTED).factor == pytest.approx(size * sign)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_one_number_is_no_matter_of_everywhere(shape):
    found = compare(np.full(shape, 2.0), np.full(shape, 3.0))
    assert (found.aspect, found.single) == ("value", True)
    assert not compare(2 * EXPECTED, EXPECTED).single
    told = messages.mismatch(found, "loss", Submission({}), "", {})
    assert told == "The loss has the right shape; its value differs."


def test_a_factor_is_found_beside_zeros():
    sparse = np.where(np.eye(3, dtype=bool), EXPECTED[:3], 0)
    assert compare(5 * sparse, sparse).factor == pytest.approx(5)


def test_no_factor_is_claimed_where_there_is_none():
    assert compare(EXPECTED + 1, EXPECTED).factor is None
