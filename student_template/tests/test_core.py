"""The core: tensors, and which weights are trained."""

import numpy as np
import pytest

from tests.edition import ASSIGN, SAME_TENSOR


def make_weighted(count):
    """Return something with `count` weights, which are all trainable."""
    from beras.core import Variable, Weighted

    class Box(Weighted):
        weights = [Variable(np.full(2, number, dtype=float)) for number in range(count)]

    return Box()


def same(found, expected):
    """Whether both hold the very same objects in the same order."""
    return [id(weight) for weight in found] == [id(weight) for weight in expected]


def test_a_tensor_is_an_array_that_is_trainable():
    from beras.core import Tensor

    tensor = Tensor([[1.0, 2.0]])
    assert isinstance(tensor, np.ndarray)
    assert tensor.tolist() == [[1, 2]]
    assert tensor.trainable


def test_a_tensor_of_a_tensor_has_the_same_entries():
    from beras.core import Tensor

    tensor = Tensor([[1.0, 2.0]])
    again = Tensor(tensor)
    tensor[0, 0] = 5
    assert again.tolist() == [[5, 2]], "a Tensor of a Tensor shares its memory: yours is a copy"


def test_a_tensor_of_a_tensor_is_what_the_docstring_says():
    from beras.core import Tensor

    tensor = Tensor([[1.0, 2.0]])
    if SAME_TENSOR:
        assert Tensor(tensor) is tensor, "`Tensor(data)` is `data` itself if that is a Tensor already"
    else:
        assert Tensor(tensor) is not tensor, "`Tensor(data)` is always a new object, even when `data` is a Tensor"


@pytest.mark.parametrize("kind", [float, np.float32, int, np.uint8])
def test_a_tensor_shares_the_memory_of_an_array(kind):
    from beras.core import Tensor

    array = np.array([[1, 2]], dtype=kind)
    tensor = Tensor(array)
    assert tensor.dtype == array.dtype, "a Tensor keeps the type of an array, whose memory it shares"
    array[0, 0] = 5
    assert tensor.tolist() == [[5, 2]], "a Tensor shares the memory of an array: yours is a copy"


def test_what_is_made_of_a_frozen_tensor_is_frozen():
    from beras.core import Tensor

    frozen = Tensor([[1.0, 2.0]])
    frozen.trainable = False
    assert not frozen[0].trainable, "a view of a frozen Tensor is frozen"
    assert not frozen.copy().trainable, "a copy of a frozen Tensor is frozen"
    assert not Tensor(frozen).trainable, "a Tensor of a frozen Tensor is frozen: is it made of a plain array?"


if ASSIGN:

    def test_assign_changes_the_variable_in_place():
        from beras.core import Variable

        variable = Variable(np.zeros((2, 3)))
        seen = variable[0]
        variable.assign(np.ones((2, 3)))
        assert seen.tolist() == [1, 1, 1], "the array itself should change: others hold it too"


def test_frozen_weights_are_told_apart_from_the_others():
    box = make_weighted(3)
    box.weights[1].trainable = False
    hint = "of three weights the one in the middle is frozen"
    assert same(box.trainable_variables, [box.weights[0], box.weights[2]]), (
        f"{hint}: the first and the last are trainable"
    )
    assert same(box.non_trainable_variables, [box.weights[1]]), f"{hint}: it alone is not trainable"


def test_setting_all_free_reaches_those_that_are_frozen():
    box = make_weighted(3)
    box.weights[1].trainable = False
    box.trainable = True
    assert box.weights[1].trainable, "box.trainable was True before: the weights are set all the same"


def test_one_trainable_weight_makes_the_whole_trainable():
    box = make_weighted(3)
    box.weights[0].trainable = False
    assert box.trainable, "the first of three weights is frozen, and any weight that is not makes the whole trainable"


def test_all_weights_are_frozen_and_set_free_at_once():
    box = make_weighted(3)
    for trainable in (False, True):
        box.trainable = trainable
        hint = f"`box.trainable = {trainable}` sets every weight to {trainable}"
        assert [weight.trainable for weight in box.weights] == [trainable] * 3, hint
        assert bool(box.trainable) == trainable, f"{hint}; then box.trainable is {trainable}"
