"""Other right answers for the preparation of the data."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("load_and_preprocess_data")
def scaled_by_the_extremes():
    (x_train, y_train), (x_test, y_test) = load_mnist()

    def scaled(images):
        flat = images.reshape((-1, 784)).astype(np.float64)
        return Tensor((flat - flat.min()) / (flat.max() - flat.min()))

    return scaled(x_train), Tensor(y_train.astype(int)), scaled(x_test), Tensor(y_test.astype(int))


@wheat("load_and_preprocess_data")
def sizes_of_mnist_written_down():
    (x_train, y_train), (x_test, y_test) = load_mnist()
    x_train = x_train.astype("float32").reshape(60000, 784) / 255.0
    x_test = x_test.astype("float32").reshape(10000, 784) / 255.0
    return [Tensor(array) for array in (x_train, y_train, x_test, y_test)]
