"""The gradient tape, on two tiny layers of its own: none of your layers needs to work for these tests."""

import numpy as np

from tests.comparing import assert_close


def make_layers():
    """Return the classes Scale (y = w * x, elementwise, one weight) and Sum (the sum of everything)."""
    from tests.small_layers import Scale, Sum

    return Scale, Sum


def explain_walk(*layers):
    """Return what is wrong with how the tape asked these layers, as the end of a sentence, or nothing."""
    from tests import small_layers

    return small_layers.explain_walk(*layers)


def go_back(tape, target, sources):
    """Return the gradients of the target by the sources, all of which it depends on: a list of as many."""
    gradients = tape.gradient(target, sources)
    assert isinstance(gradients, (list, tuple)), f"a list, one gradient a source, and not {type(gradients).__name__}"
    assert len(gradients) == len(sources), f"one gradient a source: {len(sources)}, and not {len(gradients)}"
    assert not any(gradient is None for gradient in gradients), (
        "a gradient is None, and the target depends on its source: does the walk back get there? It goes through "
        "previous_layers from its end, and keeps each gradient under the id of its tensor"
    )
    return gradients


def test_a_layer_is_recorded_under_its_output():
    from beras.gradient_tape import GradientTape

    scale, _ = make_layers()
    layer = scale(2)
    with GradientTape() as tape:
        output = layer(np.ones((2, 3)))
    assert tape.previous_layers[id(output)] is layer


def test_nothing_is_recorded_outside_of_the_tape():
    from beras.core import Diffable
    from beras.gradient_tape import GradientTape

    scale, _ = make_layers()
    with GradientTape() as tape:
        pass
    scale(2)(np.ones((2, 3)))
    assert Diffable.gradient_tape is None
    assert not tape.previous_layers


def test_gradients_follow_the_chain_rule_through_all_layers():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    first, second, loss = scale(2), scale(5), total()
    x = Tensor([[1.0, 10.0]])
    with GradientTape() as tape:
        target = loss(second(first(x)))
    gradients = go_back(tape, target, [first.w, second.w])
    assert_close(
        np.ravel(gradients), [5 * 11, 2 * 11], err_msg="the target is w1 * w2 * (1 + 10)" + explain_walk(first, second)
    )


def test_gradients_come_in_the_order_of_the_sources():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    first, second, loss = scale(2), scale(5), total()
    x = Tensor([[1.0, 10.0]])
    with GradientTape() as tape:
        target = loss(second(first(x)))
    by_second, by_x, by_first = go_back(tape, target, [second.w, x, first.w])
    hint = "one gradient a source, in the order of the sources: here w2, x and w1 of the target w1 * w2 * sum(x)"
    hint += explain_walk(first, second)
    assert_close(by_second, [22], err_msg=hint)
    assert_close(by_x, [[10, 10]], err_msg=hint)
    assert_close(by_first, [55], err_msg=hint)


def test_a_frozen_layer_lets_the_gradient_of_the_layers_before_it_through():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    first, frozen, loss = scale(2), scale(5), total()
    with GradientTape() as tape:
        target = loss(frozen(first(Tensor([[1.0, 10.0]]))))
    (before,) = tape.gradient(target, [first.w])
    assert before is not None, "the walk back does not get to the first of two layers, although nothing is frozen"
    frozen.w.trainable = False
    with GradientTape() as tape:
        target = loss(frozen(first(Tensor([[1.0, 10.0]]))))
    (gradient,) = tape.gradient(target, [first.w])
    assert gradient is not None, (
        "the walk back stops at a frozen layer: its weights need no gradient, and the layers before it still need one"
    )
    assert_close(
        gradient, [55], err_msg="the target is w1 * w2 * (1 + 10), whether w2 is frozen or not" + explain_walk(first)
    )


def test_each_gradient_has_the_shape_of_its_source():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    layer, loss = scale(2), total()
    x = Tensor(np.ones((4, 3)))
    with GradientTape() as tape:
        target = loss(layer(x))
    gradients = go_back(tape, target, [x, layer.w])
    assert [np.shape(gradient) for gradient in gradients] == [(4, 3), (1,)]


def test_a_source_that_the_loss_does_not_depend_on_gets_none():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    layer, loss = scale(2), total()
    with GradientTape() as tape:
        target = loss(layer(Tensor(np.ones((4, 3)))))
    by_other, by_weight = tape.gradient(target, [Tensor([1.0]), layer.w])
    assert by_other is None, "the first source is no part of the loss"
    assert_close(by_weight, [12], err_msg="of 4 times 3 ones, times w" + explain_walk(layer))


def test_a_second_tape_starts_anew():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    layer, loss = scale(2), total()
    for x, hint in (([[1.0, 10.0]], "the first tape"), ([[3.0], [4.0]], "what does it keep of the tape before?")):
        with GradientTape() as tape:
            target = loss(layer(Tensor(x)))
        assert_close(tape.gradient(target=target, sources=[layer.w]), [[np.sum(x)]], err_msg=hint + explain_walk(layer))


def test_a_layer_hands_its_gradient_on_to_every_input():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    from tests.small_layers import Times

    scale, total = make_layers()
    first, second, loss = scale(2), scale(5), total()
    x, z = Tensor([[1.0, 10.0]]), Tensor([[3.0, 4.0]])
    with GradientTape() as tape:
        target = loss(Times()(first(x), second(z)))
    by_first, by_second = tape.gradient(target, [first.w, second.w])
    hint = "the target is w1 * w2 * (1 * 3 + 10 * 4): each input of a layer leads on to a layer of its own"
    assert by_first is not None and by_second is not None, hint
    hint += explain_walk(first, second)
    assert_close(by_first, [5 * 43], err_msg=hint)
    assert_close(by_second, [2 * 43], err_msg=hint)


def test_what_the_target_does_not_depend_on_may_be_recorded_too():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    layer, other, loss = scale(2), scale(5), total()
    with GradientTape() as tape:
        middle = layer(Tensor([[1.0, 10.0]]))
        target = loss(middle)
        total()(other(middle))
    by_layer, by_other = tape.gradient(target, [layer.w, other.w])
    assert by_other is None, "the second layer was called as well, and the target does not depend on it"
    assert_close(by_layer, [11], err_msg="the layers that were called after the target are no part of it")


def test_the_parts_of_the_gradient_of_what_two_layers_use_add_up():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    from tests.small_layers import Times

    scale, total = make_layers()
    first, left, right, loss = scale(2), scale(5), scale(7), total()
    with GradientTape() as tape:
        middle = first(Tensor([[1.0, 10.0]]))
        target = loss(Times()(left(middle), right(middle)))
    (gradient,) = go_back(tape, target, [first.w])
    hint = "the target is w1 * w1 * 35 * (1 + 100): both ways count" + explain_walk(first, left, right)
    assert_close(gradient, [2 * 2 * 35 * 101], err_msg=hint)


def test_the_gradient_of_a_bias_is_its_own_when_the_weight_is_frozen():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape
    from tests.edition import freeze
    from tests.small_layers import Affine, Total

    layer = Affine(5, 3, np.random.default_rng(0))
    freeze(layer.w)
    with GradientTape() as tape:
        target = Total()(layer(Tensor(np.ones((7, 5)))))
    (gradient,) = go_back(tape, target, [layer.b])
    hint = "one weight of the layer is frozen: are its gradients paired with `layer.weights`, all of them?"
    assert np.shape(gradient) == (1, 3), hint
    outputs = np.ones((7, 5)) @ np.asarray(layer.w) + np.asarray(layer.b)
    assert_close(gradient, np.sum(1 + 2 * outputs, axis=0, keepdims=True), err_msg=hint)
