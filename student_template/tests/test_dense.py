"""The dense layer: its shapes, its initializers, its gradients."""

import numpy as np
import pytest

from tests.comparing import assert_close
from tests.edition import DENSE, INITIALIZERS, TRAINABLE, VARIABLE, dense_class, set_weights, weights_of
from tests.gradient_check import check_input_gradients, check_weight_gradients, sample


DRAWN = [name for name in INITIALIZERS if name != "zero"]
# For 400 inputs and 100 outputs. The deviation of 40,000 draws is never off by 5 %, which is 14 times its own.
DEVIATIONS = {"normal": 1, "xavier": np.sqrt(2 / (400 + 100)), "kaiming": np.sqrt(2 / 400)}
FORMULAS = {"normal": "1", "xavier": "sqrt(2 / (in + out))", "kaiming": "sqrt(2 / in)"}


def _explain(found, wanted):
    """Return a guess what made the deviation of 400 by 100 weights, or nothing."""
    guesses = {
        wanted**2: "the variance: its root is missing",
        np.sqrt(wanted): "two roots in the place of one",
        wanted / np.sqrt(3): "that of the uniform distribution between -limit and limit, limit being the one asked for",
        np.sqrt(1 / 400): "sqrt(1 / in)",
        np.sqrt(1 / 500): "sqrt(1 / (in + out))",
        np.sqrt(2 / 100): "sqrt(2 / out): inputs and outputs have changed places",
        np.sqrt(6 / 500): "the limit of the uniform distribution, sqrt(6 / (in + out))",
        np.sqrt(6 / 400): "the limit of the uniform distribution, sqrt(6 / in)",
    }
    return next((f" ({guess})" for value, guess in guesses.items() if np.isclose(found, value, rtol=0.02)), "")


def make_dense(w, b):
    """Return a Dense with these weights, whatever it was initialized with."""
    dense = dense_class()(*np.shape(w))
    set_weights(dense, w, b)
    return dense


def local_gradients(dense, method, count):
    """Return what the method returns: a list of that many arrays."""
    found = getattr(dense, method)()
    wanted = f"{method} should return a list with {count} {'array' if count == 1 else 'arrays'}"
    assert isinstance(found, (list, tuple)), f"{wanted}, and returns {type(found).__name__}"
    assert len(found) == count, f"{wanted}, and returns {len(found)}"
    return found


def test_call_multiplies_by_the_weights_and_adds_the_bias():
    dense = make_dense(w=[[1, 2, 3], [10, 20, 30]], b=[[0.5, 0, -0.5]])
    assert_close(dense(np.array([[1.0, 0], [0, 2]])), [[1.5, 2, 2.5], [20.5, 40, 59.5]])


def test_whole_numbers_as_inputs_are_as_good():
    dense = make_dense(w=[[0.5, 2, 3], [10, 20, 30]], b=[[0.5, 0, -0.5]])
    assert_close(
        dense(np.array([[1, 0], [0, 2]])),
        [[1, 2, 2.5], [20.5, 40, 59.5]],
        err_msg="an output that takes its type from x loses its decimals where x holds whole numbers",
    )


def test_arguments_may_be_given_by_name():
    dense = dense_class()(input_size=5, output_size=3, initializer="zero")
    assert np.shape(dense(np.ones((7, 5)))) == (7, 3)


def test_weights_are_w_and_b():
    dense = dense_class()(5, 3)
    w, b = weights_of(dense)
    assert w is dense.w and b is dense.b, "the weights are the very arrays [w, b], not copies of them"
    for weight in (w, b):
        assert hasattr(weight, TRAINABLE), f"w and b are made by {VARIABLE}(…): a plain array cannot be frozen"
    assert w.shape == (5, 3), "w has the shape (inputs, outputs)"
    assert b.size == 3, "b has one entry an output"


def test_call_leaves_its_input_as_it_was():
    x = np.ones((2, 3))
    make_dense(w=np.ones((3, 4)), b=np.ones((1, 4)))(x)
    np.testing.assert_array_equal(x, np.ones((2, 3)))


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_every_initializer_starts_the_bias_at_zero(initializer):
    w, b = dense_class()._initialize_weight(initializer, 6, 4)
    assert w.shape == (6, 4)
    assert b.size == 4
    assert not np.any(b)


def test_zero_gives_zeros():
    assert not np.any(dense_class()(6, 4, initializer="zero").w)


@pytest.mark.parametrize("initializer", DRAWN)
def test_the_other_initializers_draw_around_zero(initializer):
    w = np.asarray(dense_class()(400, 100, initializer).w, dtype=float)
    assert w.std() > 0, f"all weights are the same, {w.flat[0]:.4g}"
    # Nobody will ever see the mean of 40,000 draws off by a tenth of their deviation, which is 20 times its own.
    assert abs(w.mean()) < 0.1 * w.std(), f"their mean should be about 0, and is {w.mean():.4g}"


@pytest.mark.parametrize("initializer", DRAWN)
def test_each_initializer_has_its_own_standard_deviation(initializer):
    np.random.seed(0)
    w = np.asarray(dense_class()(400, 100, initializer).w, dtype=float)
    name = initializer.split()[0]
    assert w.std() == pytest.approx(DEVIATIONS[name], rel=0.05), (
        f'for "{initializer}", 400 inputs and 100 outputs the standard deviation of w should be about '
        f"{DEVIATIONS[name]:.4f}, that is {FORMULAS[name]}, and is {w.std():.4f}{_explain(w.std(), DEVIATIONS[name])}"
    )


def test_the_uniform_initializers_keep_to_their_interval_and_the_others_go_beyond():
    for initializer in DRAWN:
        w = np.asarray(dense_class()(400, 100, initializer).w, dtype=float)
        limit = np.sqrt(3) * DEVIATIONS[initializer.split()[0]]
        if "uniform" in initializer:
            # A uniform distribution between -limit and limit has the standard deviation limit / sqrt(3).
            assert np.abs(w).max() <= 1.001 * limit, f"{initializer} should keep between -{limit:.4f} and {limit:.4f}"
        elif any("uniform" in name for name in DRAWN):
            # Of a normal distribution, 8 % lie beyond.
            assert np.abs(w).max() > 1.001 * limit, f"{initializer} should draw from a normal distribution, not evenly"


@pytest.mark.parametrize("name", ["no such initializer", "xav", "my normal", ""])
def test_an_unknown_initializer_is_refused(name):
    with pytest.raises(ValueError):
        dense_class()(6, 4, initializer=name)


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_every_initializer_makes_floating_point_numbers(initializer):
    for weight in weights_of(dense_class()(6, 4, initializer=initializer)):
        assert np.asarray(weight).dtype.kind == "f", (
            f"{np.asarray(weight).dtype} cannot be trained: a step is no whole number"
        )


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_two_layers_share_nothing(initializer):
    first, second = dense_class()(6, 6, initializer=initializer), dense_class()(6, 6, initializer=initializer)
    for one, other in zip(weights_of(first), weights_of(second)):
        assert not np.shares_memory(one, other), (
            "two layers have the very same array: what one learns changes the other"
        )
    if initializer in DRAWN:
        assert (np.asarray(first.w) != second.w).any(), "two layers start with the same weights: draw anew for each"


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_the_initializers_name_may_be_in_capitals(initializer):
    for name in (initializer.upper(), initializer.title()):
        assert dense_class()(6, 4, initializer=name).w.shape == (6, 4)


def test_a_local_input_gradient_goes_from_inputs_to_outputs():
    dense = make_dense(w=np.ones((5, 3)), b=np.zeros((1, 3)))
    dense(np.ones((7, 5)))
    (gradient,) = local_gradients(dense, "get_input_gradients", 1)
    assert np.shape(gradient) in [(5, 3), (7, 5, 3)], (
        f"from 5 inputs to 3 outputs, for a batch of 7: (5, 3), or (7, 5, 3), one a sample; yours is {np.shape(gradient)}"
    )


def test_the_local_weight_gradient_is_one_array_a_sample():
    dense = make_dense(w=np.ones((5, 3)), b=np.zeros((1, 3)))
    dense(np.ones((7, 5)))
    dw, _ = local_gradients(dense, "get_weight_gradients", 2)
    assert np.shape(dw) in [(7, 5, 1), (7, 5, 3)], (
        f"for 5 inputs, 3 outputs and a batch of 7: (7, 5, 3), one array a sample, or (7, 5, 1); yours is {np.shape(dw)}"
    )


def test_the_local_bias_gradient_is_one_number_an_output():
    dense = make_dense(w=np.ones((5, 3)), b=np.zeros((1, 3)))
    dense(np.ones((7, 5)))
    _, db = local_gradients(dense, "get_weight_gradients", 2)
    assert np.shape(db) in [(1, 3), (3,), (1,), (), (1, 1), (7, 1, 3), (7, 1, 1)], (
        f"for 3 outputs and a batch of 7: (1, 3), or (7, 1, 3); yours is {np.shape(db)}"
    )
    assert np.asarray(db).dtype.kind == "f", "floating-point numbers: with whole ones the composed gradient is cut off"


def test_composed_gradients_have_the_shapes_of_inputs_and_weights():
    dense = make_dense(w=np.ones((5, 3)), b=np.zeros((1, 3)))
    dense(np.ones((7, 5)))
    upstream = [np.ones((7, 3))]
    found = dense.compose_input_gradients(upstream)
    assert [np.shape(gradient) for gradient in found] == [(7, 5)], "a list with one array, of the shape of the input"
    dw, db = dense.compose_weight_gradients(upstream)
    assert np.shape(dw) == (5, 3), "the gradient by w has the shape of w"
    assert np.shape(db) == np.shape(dense.b), "the gradient by the bias has the bias's own shape"


@pytest.mark.parametrize("shape", [(7, 5, 3), (2, 3, 4), (1, 2, 3), (4, 4, 3), (3, 4, 3), (2, 1, 1)])
def test_input_gradients_agree_with_finite_differences(shape):
    layer, inputs = sample(DENSE, *shape)
    check_input_gradients(layer, *inputs)


@pytest.mark.parametrize("shape", [(7, 5, 3), (2, 3, 4), (1, 2, 3), (4, 4, 3), (3, 4, 3), (2, 1, 1)])
def test_weight_gradients_agree_with_finite_differences(shape):
    layer, inputs = sample(DENSE, *shape)
    check_weight_gradients(layer, *inputs)


def test_a_second_batch_leaves_the_first_output_and_gets_gradients_of_its_own():
    layer, (x,) = sample(DENSE, 7, 5, 3)
    output = layer(x)
    kept = output.copy()
    layer.compose_weight_gradients([np.ones((7, 3))])
    layer(2 * x)
    np.testing.assert_array_equal(output, kept)
    layer(np.ones((2, 5)))
    assert_close(layer.compose_weight_gradients([np.ones((2, 3))])[0], np.full((5, 3), 2.0))


def test_gradients_leave_inputs_and_upstream_gradient_as_they_were():
    layer, (x,) = sample(DENSE, 7, 5, 3)
    kept, upstream = x.copy(), np.ones((7, 3))
    layer(x)
    layer.compose_input_gradients([upstream])
    layer.compose_weight_gradients([upstream])
    np.testing.assert_array_equal(x, kept)
    np.testing.assert_array_equal(upstream, np.ones((7, 3)))


@pytest.mark.parametrize("nothing", [None, [None]])
def test_without_an_upstream_gradient_the_local_ones_come_back(nothing):
    layer, (x,) = sample(DENSE, 7, 5, 3)
    layer(x)
    assert np.shape(layer.compose_input_gradients(nothing)[0])[-2:] == (5, 3)
    assert len(layer.compose_weight_gradients(nothing)) == 2
