"""The core: tensors, and the way back that a call gives them."""

import numpy as np
import pytest


def test_a_tensor_is_an_array_without_a_gradient_yet():
    from beras.core import Tensor

    tensor = Tensor([[1.0, 2.0]], name="a row")
    assert isinstance(tensor, np.ndarray)
    assert tensor.tolist() == [[1, 2]]
    assert tensor.requires_grad
    assert tensor.grad is None
    assert tensor.name == "a row"


@pytest.mark.parametrize("kind", [float, np.float32, int, np.uint8])
def test_a_tensor_shares_the_memory_of_an_array_and_of_a_tensor(kind):
    from beras.core import Tensor

    array = np.array([[1, 2]], dtype=kind)
    tensor = Tensor(array)
    again = Tensor(tensor)
    array[0, 0] = 5
    assert tensor.tolist() == again.tolist() == [[5, 2]]


def test_a_view_of_a_frozen_tensor_is_frozen():
    from beras.core import Tensor

    tensor = Tensor([[1.0, 2.0]])
    tensor.requires_grad = False
    assert not tensor[0].requires_grad


def test_nothing_leads_back_from_a_tensor_that_no_layer_made():
    from beras.core import Tensor

    Tensor([[1.0]]).backward(np.ones((1, 1)))  # the end of a way back
    with pytest.raises(RuntimeError):
        Tensor([[1.0]]).backward()  # and no beginning of one


def test_a_call_gives_its_output_the_way_back():
    from tests.small_layers import Total

    total = Total()
    assert total(np.ones((2, 3))).backward == total.backward


def test_a_call_under_no_grad_gives_none():
    from beras.core import Tensor
    from tests.small_layers import Total

    with Tensor.no_grad():
        target = Total()(np.ones((2, 3)))
    with pytest.raises(RuntimeError):
        target.backward()
