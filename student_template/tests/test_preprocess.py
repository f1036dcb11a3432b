"""Preprocessing, on a few made-up images in the place of MNIST."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.comparing import assert_close

HOMEWORK = Path(__file__).resolve().parent.parent


def find_own_modules():
    """Return the names of the modules that were loaded from the homework's folder, but for `beras` and the tests."""
    found = []
    for name, module in list(sys.modules.items()):
        path = Path(getattr(module, "__file__", None) or "/")
        if HOMEWORK in path.parents and "site-packages" not in path.parts:
            found += [name] if name.partition(".")[0] not in ("beras", "tests", "conftest", "__main__") else []
    return found


@pytest.fixture
def loaded():
    """Return the list that the images are put into: those to train on, and those to test with."""
    return []


@pytest.fixture
def counts():
    """Return how many images there are to train on, and to test with."""
    return 6, 4


@pytest.fixture
def load(monkeypatch, loaded, counts):
    """Return `load_and_preprocess_data` with made-up images to load."""
    rng = np.random.default_rng(0)

    def load_made_up_images():
        images = [rng.integers(0, 256, (count, 28, 28), dtype=np.uint8) for count in counts]
        for array, darker in zip(images, (1, 2)):
            array[:] = array // darker  # no image to test with is as bright as those to train on
            array[0, 0, :2] = 0, 255 // darker
            array[1] //= 3  # a dark image
        loaded.extend(images)
        labels = [np.arange(count, dtype=np.uint8) for count in counts]
        return (images[0], labels[0]), (images[1], labels[1])

    def load_and_preprocess_data():
        for name in find_own_modules():
            monkeypatch.delitem(sys.modules, name)  # what it remembers of other images goes with it
        import preprocess

        given = preprocess.load_mnist
        for name in find_own_modules():
            if vars(sys.modules[name]).get("load_mnist") is given:
                monkeypatch.setattr(sys.modules[name], "load_mnist", load_made_up_images)
        found = preprocess.load_and_preprocess_data()
        assert isinstance(found, (list, tuple)) and len(found) == 4, (
            f"four arrays: inputs and labels to train on, and to test with; yours returns {type(found).__name__}"
        )
        return found

    return load_and_preprocess_data


def test_images_become_rows_and_labels_stay_digits(load):
    train_inputs, train_labels, test_inputs, test_labels = load()
    assert train_inputs.shape == (6, 784)
    assert test_inputs.shape == (4, 784)
    assert list(train_labels) == [0, 1, 2, 3, 4, 5]
    assert list(test_labels) == [0, 1, 2, 3]


def test_pixels_go_from_0_to_1(load):
    train_inputs, _, test_inputs, _ = load()
    for inputs, brightest in ((train_inputs, 255), (test_inputs, 127)):
        assert inputs.dtype.kind == "f", f"floating-point numbers, and not {inputs.dtype}"
        assert inputs.min() == 0
        assert inputs.max() == pytest.approx(brightest / 255, abs=1e-6), (
            f"the brightest pixel of these images was {brightest}: every image is divided by 255"
        )


def test_each_row_is_one_image_and_all_are_scaled_alike(load, loaded):
    train_inputs, _, test_inputs, _ = load()
    for inputs, images in zip((train_inputs, test_inputs), loaded):
        assert_close(
            inputs,
            images.reshape(len(images), 784) / 255,
            atol=1e-6,
            err_msg="each row holds one image, row after row, and each pixel is divided by 255",
        )


@pytest.mark.parametrize("counts", [(2500, 1200)])
def test_larger_sets_are_whole_too(load, counts):
    shapes = [np.shape(array) for array in load()]
    assert shapes == [(2500, 784), (2500,), (1200, 784), (1200,)], "of 2500 images to train on, and 1200 to test with"


def test_everything_is_a_tensor(load):
    from beras.core import Tensor

    assert all(isinstance(array, Tensor) for array in load())
