"""The comparison: shape, then dtype, then finiteness, then value."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.feedback import messages
from autograder.feedback.comparison import compare
from autograder.grading import answer
from autograder.guest.wire import Text
from autograder.intake.submission import Submission

EXPECTED = np.arange(1.0, 13.0).reshape(4, 3)


def aspect(value, expected=EXPECTED, *shapes, **options):
    found = compare(value, expected, shapes, **options)
    return found and found.aspect


def test_an_equal_answer_agrees():
    assert compare(EXPECTED.copy(), EXPECTED) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_was_computed_in_single_precision_agrees_whatever_it_came_back_as(dtype):
    rounded = (EXPECTED * (1 + 3e-6)).astype(np.float32)
    assert compare(rounded.astype(dtype), EXPECTED) is None


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("factor", [1.01, 0.99])
def test_one_percent_is_wrong_in_every_dtype(dtype, factor):
    cast = (EXPECTED * factor).astype(dtype)
    came_back = cast.astype(np.float32) if dtype is np.float16 else cast  # as it crosses the wall
    assert compare(came_back, EXPECTED).aspect == "value"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_whole_numbers_are_compared_exactly(dtype):
    counted = np.array([40_000, 60_000])
    assert compare(counted.astype(dtype), counted) is None
    assert compare((counted + 1).astype(dtype), counted).aspect == "value"


@given(st.floats(1e-5, 0.1), st.sampled_from([1.0, -1.0]), st.sampled_from([1e-6, 1.0, 1e6]))
def test_a_factor_is_never_shown_as_one(size, sign, scale):
    found = compare(EXPECTED * scale * (1 + sign * size), EXPECTED * scale)
    text = messages.mismatch(found, "loss", Submission({}), "", {}) if found else ""
    assert "factor: **1**" not in text


SHAPES = st.lists(st.sampled_from([0, 1, 2, 3, 5]), max_size=3).map(tuple)
LARGE = st.sampled_from([(100_001,), (100_002,), (1,) * 9, (1,) * 10])
ARRAYS = SHAPES.map(np.zeros)
ANYTHING = st.recursive(
    st.one_of(ARRAYS, LARGE.map(lambda shape: np.broadcast_to(0.0, shape)), st.none(), st.just(Text("a dict"))),
    lambda entries: st.one_of(st.lists(entries, max_size=3), entries.map(lambda entry: [entry])),
    max_leaves=4,
)


@given(ANYTHING, st.lists(st.one_of(SHAPES, LARGE), min_size=1, max_size=2))
def test_what_should_be_and_what_is_never_read_alike(value, shapes):
    checks = (
        lambda: compare(value, np.broadcast_to(1.0, shapes[0]), shapes[:1]),
        lambda: answer._has_shape(tuple(shapes), value, None),
        lambda: answer._is_a_number(value, None),
        lambda: answer._has_entry(1, value, [np.ones(shape) for shape in ((2,), (3,))]),
    )
    for check in checks:
        found = check()
        if found is None or found.aspect in ("value", "finiteness"):
            continue
        text = messages.mismatch(found, "weight", Submission({}), "", {})
        sides = re.match(r"The weight should (?:have shape|be) (.*), and (?:has shape|is) (.*?)\.", text)
        assert sides, text
        assert sides[1] != sides[2], text


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([EXPECTED], "should be an array of shape (4, 3), and is a list of 1 array of shape (4, 3)."),
        ([EXPECTED] * 2, "should be an array of shape (4, 3), and is a list of 2 arrays of shape (4, 3)."),
        ([[EXPECTED]], "and is a list of 1 list, which is a list of 1 array of shape (4, 3)."),
        ([None, EXPECTED], "and is a list of 2 entries, 1 of them None."),
        ([None, None], "and is a list of 2 entries, all of them None."),
        ([None], "and is a list of 1 entry, None."),
        (EXPECTED[None], "should have shape **(4, 3)**, and has shape **(1, 4, 3)**."),
    ],
)
def test_a_list_in_the_place_of_an_array_is_called_a_list(value, says):
    assert says in messages.mismatch(compare(value, EXPECTED), "weight", Submission({}), "", {})


@pytest.mark.parametrize(("wrong", "share"), [(1, "less than 1%"), (500, "50%"), (996, "99%")])
def test_neither_none_nor_all_of_the_values_differ_where_some_do(wrong, share):
    value = np.ones(1000)
    value[:wrong] += np.arange(1, wrong + 1)
    assert f"{share} of the values differ" in messages.mismatch(
        compare(value, np.ones(1000)), "y", Submission({}), "", {}
    )


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


@given(st.floats(0.01, 100).filter(lambda factor: abs(factor - 1) > 5e-3), st.sampled_from([1.0, -1.0]))
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


def test_the_worst_entry_of_the_only_array_of_a_list_is_named_without_the_list():
    array = np.arange(6.0).reshape(2, 3)
    wrong = array.copy()
    wrong[1, 2] = 9
    assert compare([wrong], array, [(1, 2, 3)]).worst == (1, 2)
    assert compare(wrong, array).worst == (1, 2)


def test_the_only_parameter_has_no_number():
    found = compare(np.ones(3), np.arange(3.0))
    for count, name in ((1, "The parameter has"), (2, "The parameter 1 has")):
        inputs = {"parameters": [np.ones(3)] * count}
        text = messages.mismatch(found, "parameter 1", Submission({}), "", inputs)
        assert text.startswith(name)


def read(value, expected):
    return messages.mismatch(compare(value, expected), "it", Submission(files={}), "", {})


NOISE = np.random.default_rng(1).normal(size=(4, 3))


@pytest.mark.parametrize("came_back", [np.float16, np.float32, np.float64])
def test_rounding_to_few_digits_is_named_with_its_size(came_back):
    text = read(NOISE.astype(np.float16).astype(came_back), NOISE)
    assert re.search(
        r"by at most 0\.0\d% of the largest\. All of them are numbers of `float16`, which keeps 3 digits", text
    )


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (NOISE + 1e-3 * np.abs(NOISE).max() * np.sign(NOISE[::-1]), "by at most 0.1% of the largest."),
        ((NOISE * 1.009).astype(np.float16), ""),
        (NOISE.astype(np.float16) * np.float64(1.5), ""),
        (NOISE[::-1].astype(np.float16), ""),
    ],
)
def test_no_rounding_is_named_where_another_mistake_is_seen(value, size):
    text = read(value, NOISE)
    assert size in text
    assert "float" not in text


def test_a_round_number_is_no_rounding():
    assert "by 0.6%." in read(np.array(0.5), np.array(0.503))
    assert "float" not in read(np.array([0.5, 0.25, 1.0, 2.0]), np.array([0.503, 0.25, 1.0, 2.0]))


def test_neither_size_nor_type_is_told_of_inputs_that_stay_hidden():
    hidden = compare(NOISE.astype(np.float16), NOISE).without_inputs()
    text = messages.mismatch(hidden, "it", Submission(files={}), "", {})
    assert "float" not in text
    assert "%" not in text
