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


def load_and_preprocess_data():
    """Return the Tensors (train inputs, train labels, test inputs, test labels).

    Inputs are (N, 784), one row an image, with values from 0 to 1. Labels are (N,), digits from 0 to 9, not
    one-hot.
    """
    (a, b), (c, d) = load_mnist()
    a, c = (np.float32(images.reshape(-1, 784)) / 255 for images in (a, c))
    return tuple(map(Tensor, (a, b, c, d)))
