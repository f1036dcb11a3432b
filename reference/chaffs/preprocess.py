"""Mistakes in the preparation of the data."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def not_scaled():
    """The pixels are left between 0 and 255: values from 0 to 1 are asked for."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1).astype(float)
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.1": 1, "8.2": 1})
def not_flattened():
    """The images keep two axes of pixels: one row an image is asked for."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images / 255.0
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def scaled_by_one_more():
    """The pixels are divided by the number of values instead of by the largest value: white should be one."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 256.0
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def divided_without_remainder():
    """The division drops the fractions: nearly every pixel becomes zero."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) // 255
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def scaled_around_zero():
    """The pixels reach below zero: values from 0 to 1 are asked for."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 127.5 - 1
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def standardised():
    """The pixels are standardised: values from 0 to 1 are asked for."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = (images.reshape(len(images), -1) - images.mean()) / images.std()
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def colours_inverted():
    """Black and white have changed places."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = 1 - images.reshape(len(images), -1) / 255.0
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def pixels_mixed_up():
    """The reshape mixes pixels of different images: the axis of the images has to stay the first."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = (images.reshape(-1, len(images)) / 255.0).T
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def images_lie_on_their_sides():
    """The pixels of an image come column by column."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.transpose(0, 2, 1).reshape(len(images), -1) / 255.0
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.1": 1, "8.3": 1})
def labels_made_one_hot():
    """The labels are one-hot rows: the digits themselves are asked for, and the encoder does the rest
    later.
    """
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 255.0
        parts += [Tensor(prepared), Tensor(np.eye(10)[labels])]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.1": 1, "8.2": 1, "8.3": 1})
def images_before_labels():
    """The four parts come in another order than the handout's."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 255.0
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, x_test, y_train, y_test


@chaff("load_and_preprocess_data", costs={"8.1": 1, "8.2": 1, "8.3": 1})
def test_before_training():
    """The test data come first."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 255.0
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_test, y_test, x_train, y_train


@chaff("load_and_preprocess_data", costs={"8.3": 1})
def labels_scaled():
    """The labels are scaled along with the pixels."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 255.0
        parts += [Tensor(prepared), Tensor(labels / 255.0)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.4": 1})
def arrays_for_tensors():
    """What comes back are plain arrays: Tensors are asked for."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 255.0
        parts += [np.asarray(prepared), np.asarray(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.4": 1})
def labels_not_tensors():
    """The labels are plain arrays: Tensors are asked for, for them too."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 255.0
        parts += [Tensor(prepared), np.asarray(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.1": 1, "8.2": 1, "8.3": 1})
def training_data_returned_twice():
    """The training data come back in the place of the test data."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1) / 255.0
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_train, y_train


@chaff("load_and_preprocess_data", costs={"8.1": 1, "8.2": 1, "8.3": 1, "8.4": 1})
def divided_in_place():
    """Integers cannot be divided in place: the result has no room in an array of unsigned bytes."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = np.divide(images.reshape(len(images), -1), 255.0, out=images.reshape(len(images), -1))
        parts += [Tensor(prepared), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.2": 1})
def scaled_by_the_largest_of_each_image():
    """Every image is divided by its own largest pixel: the same 255 should become one in every image."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1)
        parts += [Tensor(prepared / prepared.max(axis=1, keepdims=True)), Tensor(labels)]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.1": 1})
def first_ten_thousand_images():
    """Only the first ten thousand images come back: all of them are asked for."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1)[:10_000] / 255.0
        parts += [Tensor(prepared), Tensor(labels[:10_000])]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test


@chaff("load_and_preprocess_data", costs={"8.1": 1})
def first_thousand_images():
    """Only the first thousand images come back: all of them are asked for."""
    train, test = load_mnist()
    parts = []
    for images, labels in (train, test):
        prepared = images.reshape(len(images), -1)[:1000] / 255.0
        parts += [Tensor(prepared), Tensor(labels[:1000])]
    x_train, y_train, x_test, y_test = parts
    return x_train, y_train, x_test, y_test
