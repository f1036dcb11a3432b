"""The wire: what is sent arrives, and nothing malformed gets through."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.feedback.comparison import describe
from autograder.guest import wire

DTYPES = st.sampled_from([np.bool_, np.int64, np.float32, np.float64])
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)))
TREES = st.recursive(
    st.none() | ARRAYS | st.binary(max_size=50), lambda inner: st.lists(inner, max_size=4), max_leaves=8
)


def equal(left, right):
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    if isinstance(left, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return left == right


@given(st.dictionaries(st.text(max_size=20), TREES, max_size=4))
def test_what_is_encoded_is_decoded_unchanged(tree):
    decoded = wire.decode(wire.encode(tree))
    assert list(decoded) == list(tree)
    assert all(equal(tree[name], decoded[name]) for name in tree)


@given(st.dictionaries(st.text(max_size=20), TREES, max_size=4))
def test_what_is_encoded_once_is_sent_as_what_is_encoded_anew(tree):
    once = wire.Encoded(tree)
    for _ in range(2):
        assert wire.encode({"a": once, "b": once}) == wire.encode({"a": tree, "b": tree})
    assert dict(once) == dict(tree)


@given(TREES, st.data())
def test_a_truncated_message_is_refused(tree, data):
    message = wire.encode(tree)
    cut = data.draw(st.integers(0, len(message) - 1))
    with pytest.raises(wire.WireError):
        wire.decode(message[:cut])


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_refused(message):
    try:
        wire.decode(message)
    except wire.WireError:
        return


def test_a_huge_declared_array_is_refused_before_memory_is_taken():
    message = bytes([1, 3, 2]) + (2**31).to_bytes(8, "little") * 2
    with pytest.raises(wire.WireError, match="not there"):
        wire.decode(message)


def test_an_empty_array_with_absurd_axes_is_refused():
    message = bytes([1, 3, 3]) + (2**31).to_bytes(8, "little") * 2 + bytes(8)
    with pytest.raises(wire.WireError):
        wire.decode(message)


def test_left_over_bytes_are_refused():
    with pytest.raises(wire.WireError, match="left over"):
        wire.decode(wire.encode(None) + b"x")


def test_a_nest_of_lists_is_refused():
    with pytest.raises(wire.WireError, match="nested"):
        wire.decode(bytes([2, 1, 0]) * 50 + bytes([0]))


class Deceiver(np.ndarray):
    __hash__ = None

    def __eq__(self, other):
        return True

    def __array__(self, *_, **__):
        raise RuntimeError


def test_a_subclass_crosses_as_the_plain_array_under_it():
    decoded = wire.decode(wire.encode(np.arange(3.0).view(Deceiver)))
    assert type(decoded) is np.ndarray
    assert decoded.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "described"),
    [(np.array([object()]), "object"), (1j, "complex"), (np.array(["a"]), "<U1"), (object(), "an object")],
)
def test_what_is_no_array_of_numbers_crosses_as_its_description(value, described):
    assert described in wire.decode(wire.encode(value)).text


def test_a_shared_array_is_refused_where_nothing_is_shared():
    layout = wire.SharedArrays()
    place = layout.add((4,), np.dtype(np.float64))
    with pytest.raises(wire.WireError, match="shared"):
        wire.decode(wire.encode(place))


def test_a_shared_array_beyond_the_end_of_the_file_is_refused():
    place = wire.SharedArray(64, np.dtype(np.float64), (100,))
    with pytest.raises(wire.WireError, match="end"):
        wire.decode(wire.encode(place), shared=bytes(128))


@pytest.mark.parametrize("number", [Fraction(3, 4), Decimal("0.75")])
def test_a_fraction_is_a_number(number):
    assert wire.decode(wire.encode(number)) == 0.75


@pytest.mark.parametrize("value", [np.datetime64("NaT"), np.timedelta64("NaT"), np.array("NaT", "datetime64[s]")])
def test_a_time_that_is_none_is_no_method_without_a_return(value):
    said = wire.decode(wire.encode(value))
    assert said.text.startswith("an array of dtype ")
    assert describe(said) == "a text or another value that is no array"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.array([None]), "an array that holds None alone"),
        (np.array([1.0, None]), "an array that holds None"),
        (np.array([{}]), "an array of dtype object"),
    ],
)
def test_an_array_says_that_none_is_in_it(value, said):
    assert describe(wire.decode(wire.encode(value))) == said
