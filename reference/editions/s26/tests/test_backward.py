"""`backward`, on small layers that are right: none of yours needs to work for these tests."""

import numpy as np

from tests.comparing import assert_close
from tests.gradient_check import check_tape


def make_layers():
    """Return two Affine layers, from 5 to 4 and from 4 to 3 features, and Total, which sums up y + y^2."""
    from tests.small_layers import Affine, Total

    rng = np.random.default_rng(0)
    return Affine(5, 4, rng), Affine(4, 3, rng), Total()


def draw(*shape):
    """Return a Tensor of that shape, the same one every time."""
    from beras.core import Tensor

    return Tensor(np.random.default_rng(1).normal(size=shape))


def test_every_parameter_gets_a_gradient_of_its_own_shape():
    first, second, total = make_layers()
    total(second(first(draw(7, 5)))).backward()
    for parameter in [*first.parameters, *second.parameters]:
        assert np.shape(parameter.grad) == parameter.shape


def test_gradients_agree_with_finite_differences_through_all_layers():
    check_tape()


def test_a_frozen_layer_lets_the_gradient_of_the_layers_before_it_through():
    first, second, total = make_layers()
    total(second(first(draw(7, 5)))).backward()
    expected, first.w.grad = first.w.grad, None
    for parameter in second.parameters:
        parameter.requires_grad = False
    total(second(first(draw(7, 5)))).backward()
    hint = (
        "the way back stops at a frozen layer: its parameters need no gradient, and the layers before it still need one"
    )
    assert first.w.grad is not None, hint
    assert_close(first.w.grad, expected, err_msg=hint)


def test_a_frozen_weight_keeps_no_gradient_from_the_others():
    """What NumPy computes from a frozen tensor is a frozen one: the way back goes on through it all the same."""
    first, second, total = make_layers()
    total(second(first(np.asarray(draw(7, 5))))).backward()
    expected = np.array(first.b.grad)
    for parameter in [*first.parameters, *second.parameters]:
        parameter.grad = None
    first.w.requires_grad = False
    total(second(first(np.asarray(draw(7, 5))))).backward()
    assert second.w.grad is not None, "it requires a gradient, whatever the tensor between the layers requires"
    assert first.b.grad is not None, "every input that is a Tensor takes the gradient back, whatever its requires_grad"
    assert_close(first.b.grad, expected)


def test_a_second_call_adds_to_the_gradient():
    first, second, total = make_layers()
    gradients = []
    for _ in range(2):
        total(second(first(draw(7, 5)))).backward()
        gradients.append(np.array(first.w.grad))
    assert_close(gradients[1], 2 * gradients[0], err_msg="`grad` should hold the sum of both, until somebody clears it")


def test_a_second_call_leaves_the_array_of_the_first():
    first, second, total = make_layers()
    total(second(first(draw(7, 5)))).backward()
    seen = first.w.grad
    kept = np.array(seen)
    total(second(first(draw(7, 5)))).backward()
    np.testing.assert_array_equal(
        seen, kept, err_msg="the sum is a new array: `a = a + b` makes one, `a += b` does not"
    )


def test_a_gradient_that_was_cleared_begins_anew():
    first, _, total = make_layers()
    for batch in (7, 2):
        first.w.grad = None
        total(first(draw(batch, 5))).backward()
    fresh, _, total = make_layers()
    total(fresh(draw(2, 5))).backward()
    assert_close(first.w.grad, fresh.w.grad, err_msg="grad was None before: what is added to it?")


def test_a_parameter_that_requires_no_gradient_gets_none():
    first, second, total = make_layers()
    first.w.requires_grad = False
    total(second(first(draw(7, 5)))).backward()
    assert first.w.grad is None, "its requires_grad is False"
    assert first.b.grad is not None, "the other parameter of the same layer still requires one"


def test_an_output_that_is_no_loss_takes_the_gradient_of_one():
    first, _, _ = make_layers()
    x, upstream = draw(7, 5), np.ones((7, 4))
    first(x).backward(upstream)
    assert_close(first.w.grad, np.asarray(x).T @ upstream, err_msg="composed with the `grad` that was given")
    np.testing.assert_array_equal(upstream, np.ones((7, 4)), err_msg="your code writes into `grad`: make a new array")


def test_the_parts_of_a_tensor_that_two_layers_use_add_up():
    from tests.small_layers import Affine, Total

    first, _, total = make_layers()
    rng = np.random.default_rng(2)
    left, right = Affine(4, 2, rng), Affine(4, 3, rng)
    middle = first(draw(7, 5))
    for layer in (left, right):
        total = Total()
        total(layer(middle)).backward()
    both = np.array(first.w.grad)
    alone = []
    for layer in (left, right):
        first.w.grad = None
        Total()(layer(middle)).backward()
        alone.append(first.w.grad)
    assert_close(both, alone[0] + alone[1], err_msg="each layer that uses a tensor hands back its part")


def test_a_layer_hands_its_gradient_on_to_every_input():
    from tests.small_layers import Affine, Times, Total

    left, right = Affine(4, 3, np.random.default_rng(0)), Affine(5, 3, np.random.default_rng(2))
    x, z, total = draw(7, 4), draw(7, 5), Total()
    total(Times()(left(x), right(z))).backward()
    one, other = np.asarray(left(x)), np.asarray(right(z))
    slope = 1 + 2 * one * other
    hint = "a layer with two inputs takes the gradient back to both of them"
    assert left.b.grad is not None and right.b.grad is not None, hint
    assert_close(left.b.grad, np.sum(slope * other, axis=0, keepdims=True), err_msg=hint)
    assert_close(right.b.grad, np.sum(slope * one, axis=0, keepdims=True), err_msg=hint)


def test_a_tensor_that_is_both_inputs_gets_both_parts():
    from tests.small_layers import Affine, Times, Total

    layer, x, total = Affine(4, 3, np.random.default_rng(0)), draw(7, 4), Total()
    middle = layer(x)
    total(Times()(middle, middle)).backward()
    middle = np.asarray(middle)
    wanted = np.sum((1 + 2 * middle**2) * 2 * middle, axis=0, keepdims=True)
    assert_close(layer.b.grad, wanted, err_msg="the tensor is called back twice, once for each input")


def test_an_upstream_gradient_of_zeros_leaves_zeros():
    first, _, _ = make_layers()
    first(draw(7, 5)).backward(np.zeros((7, 4)))
    assert first.w.grad is not None, "a gradient of zeros is one: the optimizers go on by what they remember"
    assert not np.any(first.w.grad)
