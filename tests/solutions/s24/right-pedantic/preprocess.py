"""MNIST: 70,000 handwritten digits, loaded and made ready for training."""

from pathlib import Path

import numpy as np
from beras.core import Tensor

MNIST_FILE = Path(__file__).with_name("mnist.npz")


def load_mnist():
    """Return (x_train, y_train), (x_test, y_test): images (N, 28, 28) and labels (N,), both uint8.

    Reads `mnist.npz` (Keras's file) beside this module if it is there, and asks TensorFlow otherwise.
    """
    if MNIST_FILE.exists():
        with np.load(MNIST_FILE) as data:
            return (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])

    from tensorflow.keras.datasets import mnist  # takes seconds to import, and need not be there

    return mnist.load_data()


def _flatten(images):
    """Return images (N, 28, 28) of bytes as a Tensor (N, 784) with values from 0 to 1."""
    return Tensor(images.reshape(images.shape[0], 784).astype(np.float64) / 255.0)


def load_and_preprocess_data():
    """Return the Tensors (train inputs, train labels, test inputs, test labels).

    Inputs are (N, 784), one row an image, with values from 0 to 1. Labels are (N,), digits from 0 to 9, not
    one-hot.
    """
    (train_images, train_labels), (test_images, test_labels) = load_mnist()
    return (
        _flatten(train_images),
        Tensor(train_labels.astype(np.int64)),
        _flatten(test_images),
        Tensor(test_labels.astype(np.int64)),
    )
