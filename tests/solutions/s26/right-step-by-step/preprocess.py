"""MNIST: 70,000 handwritten digits, loaded and made ready for training."""

from pathlib import Path

import numpy as np
from beras.core import Tensor

MNIST_FILE = Path(__file__).with_name("mnist.npz")
HOW_TO_GET_MNIST = f"""There is no {MNIST_FILE}, and no TensorFlow to ask for it. Either of these makes it:
    python get_mnist.py              downloads MNIST (11 MB)
    python get_mnist.py --offline    without a network: 1,797 small digits instead, enough to see that training works"""


def load_mnist():
    """Return (x_train, y_train), (x_test, y_test): images (N, 28, 28) and labels (N,), both uint8.

    Reads `mnist.npz` (Keras's file) beside this module if it is there, and asks TensorFlow otherwise. Raises
    FileNotFoundError, with what to do, where neither is there.
    """
    if MNIST_FILE.exists():
        with np.load(MNIST_FILE) as data:
            return (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])

    try:
        from tensorflow.keras.datasets import mnist  # takes seconds to import, and need not be there
    except ImportError:
        raise FileNotFoundError(HOW_TO_GET_MNIST) from None

    return mnist.load_data()


def load_and_preprocess_data():
    """Return the Tensors (train inputs, train labels, test inputs, test labels).

    Inputs are (N, 784), one row an image, with values from 0 to 1: the same 255 becomes 1 in every image. Labels are
    (N,), whole numbers from 0 to 9, not one-hot.
    """
    (train_images, train_labels), (test_images, test_labels) = load_mnist()
    result = []
    for images, labels in [(train_images, train_labels), (test_images, test_labels)]:
        number = images.shape[0]
        flat = np.reshape(images, (number, 28 * 28))
        scaled = flat.astype("float32") / 255.0
        result.append(Tensor(scaled))
        result.append(Tensor(labels))
    return result[0], result[1], result[2], result[3]
