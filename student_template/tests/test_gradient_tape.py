"""The gradient tape, on two tiny layers of its own: none of your layers needs to work for these tests."""

import numpy as np


def make_layers():
    """Return the classes Scale (y = w * x, elementwise, one weight) and Total (the sum of everything)."""
    from beras.core import Diffable, Tensor

    class Scale(Diffable):
        def __init__(self, factor):
            self.w = Tensor(np.array([factor], dtype=float))

        @property
        def weights(self):
            return [self.w]

        def call(self, x):
            return self.w * x

        forward = call

        def get_input_gradients(self):
            return [self.w]

        def get_weight_gradients(self):
            return [self.inputs[0]]

        def compose_input_gradients(self, J=None):
            return [self.w * J[0]]

        def compose_weight_gradients(self, J=None):
            return [np.sum(self.inputs[0] * J[0]).reshape(1)]

    class Total(Diffable):
        @property
        def weights(self):
            return []

        def call(self, x):
            return np.sum(x)

        forward = call

        def get_input_gradients(self):
            return [np.ones_like(self.inputs[0])]

        def get_weight_gradients(self):
            return []

    return Scale, Total


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
    gradients = tape.gradient(target, [first.w, second.w])
    np.testing.assert_allclose(np.ravel(gradients), [5 * 11, 2 * 11], err_msg="the target is w1 * w2 * (1 + 10)")


def test_gradients_come_in_the_order_of_the_sources():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    first, second, loss = scale(2), scale(5), total()
    x = Tensor([[1.0, 10.0]])
    with GradientTape() as tape:
        target = loss(second(first(x)))
    by_second, by_x, by_first = tape.gradient(target, [second.w, x, first.w])
    hint = "one gradient a source, in the order of the sources: here w2, x and w1 of the target w1 * w2 * sum(x)"
    np.testing.assert_allclose(by_second, [22], err_msg=hint)
    np.testing.assert_allclose(by_x, [[10, 10]], err_msg=hint)
    np.testing.assert_allclose(by_first, [55], err_msg=hint)


def test_a_frozen_layer_lets_the_gradient_of_the_layers_before_it_through():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    first, frozen, loss = scale(2), scale(5), total()
    frozen.w.trainable = False
    with GradientTape() as tape:
        target = loss(frozen(first(Tensor([[1.0, 10.0]]))))
    (gradient,) = tape.gradient(target, [first.w])
    hint = (
        "the walk back stops at a frozen layer: its weights need no gradient, and the layers before it still need one"
    )
    assert gradient is not None, hint
    np.testing.assert_allclose(gradient, [55], err_msg=hint)


def test_each_gradient_has_the_shape_of_its_source():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    layer, loss = scale(2), total()
    x = Tensor(np.ones((4, 3)))
    with GradientTape() as tape:
        target = loss(layer(x))
    gradients = tape.gradient(target, [x, layer.w])
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
    np.testing.assert_allclose(by_weight, [12])


def test_a_second_tape_starts_anew():
    from beras.core import Tensor
    from beras.gradient_tape import GradientTape

    scale, total = make_layers()
    layer, loss = scale(2), total()
    for x in ([[1.0, 10.0]], [[3.0], [4.0]]):
        with GradientTape() as tape:
            target = loss(layer(Tensor(x)))
        np.testing.assert_allclose(
            tape.gradient(target, [layer.w]), [[np.sum(x)]], err_msg="what does it keep of the tape before?"
        )
