"""MNIST: 70,000 handwritten digits, loaded and made ready for training."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from beras.core import Tensor

MNIST_FILE = Path(__file__).with_name("mnist.npz")
HOW_TO_GET_MNIST = f"""There is no {MNIST_FILE}, and no TensorFlow to ask for it. Either of these makes it:
    python get_mnist.py              downloads MNIST (11 MB)
    python get_mnist.py --offline    without a network: 1,797 small digits instead, enough to see that training works"""


def load_mnist():
    """Return (x_train, y_train), (x_test, y_test): images (N, 28, 28) and labels (N,), both uint8.

    Reads `mnist.npz` (Keras's file) beside this module if it is there, and asks TensorFlow otherwise. Raises
    FileNotFoundError, with what to do, where neither is there, and ValueError where the file is damaged.
    """
    if MNIST_FILE.exists():
        try:
            with np.load(MNIST_FILE) as data:
                return (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ValueError(
                f"{MNIST_FILE} is damaged or only half there. This gets it again: python get_mnist.py"
            ) from error

    try:
        from tensorflow.keras.datasets import mnist  # takes seconds to import, and need not be there
    except ImportError:
        raise FileNotFoundError(HOW_TO_GET_MNIST) from None

    return mnist.load_data()


def load_and_preprocess_data():
    """Return the Tensors (train inputs, train labels, test inputs, test labels).

    Inputs are (N, 784), one row an image, with values from 0 to 1: each pixel is divided by 255, whatever the brightest
    one of its image or set is. Labels are (N,), the digits as `load_mnist` has them, not one-hot.
    """
    raise NotImplementedError("load_and_preprocess_data")
