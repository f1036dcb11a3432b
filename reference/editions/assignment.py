# EDITION s25 f25 -f24: the whole file
"""The assignment: a model that learns to read digits, and what it is trained with."""

from beras.activations import LeakyReLU, Softmax
from beras.layers import Dense
from beras.losses import CategoricalCrossEntropy
from beras.metrics import CategoricalAccuracy
from beras.model import SequentialModel
from beras.onehot import OneHotEncoder
from beras.optimizers import Adam
from preprocess import load_and_preprocess_data
from visualize import visualize_images, visualize_metrics

TARGET = 0.95
HOW_TO_REACH_THE_TARGET = """On MNIST "acc" should be over 95 %. If `python check.py` finds nothing wrong, change the
model: is there an activation between its dense layers? Try more hidden units, other initializers, another optimizer or
learning rate, more epochs. The small digits of `python get_mnist.py --offline` are too few to get as far: about 88 % is
good there."""


def get_model():
    """Return a SequentialModel from (B, 784) to (B, 10): once it is trained, over 95 % on the test data."""
    # BEGIN SOLUTION
    return SequentialModel([Dense(784, 256, "kaiming"), LeakyReLU(0.01), Dense(256, 10, "xavier"), Softmax()])
    # END SOLUTION


def get_optimizer():
    """Return the optimizer that the model is trained with."""
    # BEGIN SOLUTION
    return Adam(0.002)
    # END SOLUTION


def get_loss_fn():
    """Return the loss that the model is trained with."""
    # BEGIN SOLUTION
    return CategoricalCrossEntropy()
    # END SOLUTION


def get_acc_fn():
    """Return the metric that the model is judged by."""
    # BEGIN SOLUTION
    return CategoricalAccuracy()
    # END SOLUTION


def main():
    """Train and test the model on MNIST, and plot it."""
    train_inputs, train_labels, test_inputs, test_labels = load_and_preprocess_data()
    encoder = OneHotEncoder()
    encoder.fit(train_labels)

    model = get_model()
    model.compile(optimizer=get_optimizer(), loss_fn=get_loss_fn(), acc_fn=get_acc_fn())
    history = model.fit(train_inputs, encoder(train_labels), epochs=10, batch_size=100)
    metrics = model.evaluate(test_inputs, encoder(test_labels), batch_size=100)
    print("test:", metrics)
    if not metrics["acc"] > TARGET:
        print(HOW_TO_REACH_THE_TARGET)
    try:
        visualize_metrics(history)
        visualize_images(model, test_inputs, test_labels)
    except ImportError as error:
        print(f"No plots ({error}). To see them: python -m pip install matplotlib")


if __name__ == "__main__":
    main()


# EDITION f24: the whole file
"""The assignment: a model that learns to read digits. Running this file trains it."""

from beras.activations import LeakyReLU, Softmax
from beras.layers import Dense
from beras.losses import CategoricalCrossEntropy
from beras.metrics import CategoricalAccuracy
from beras.model import SequentialModel
from beras.onehot import OneHotEncoder
from beras.optimizers import Adam
from preprocess import load_and_preprocess_data
from visualize import visualize_images, visualize_metrics


if __name__ == "__main__":
    print("A model learns to read digits.")
    # To write: load and preprocess the data, encode the labels, and build a model. Compile it and train it, to over 95 %
    # on the test data; print what `evaluate` returns for them, and plot the history and some images. This is for you: the
    # grader tests the classes that it is made of, and needs no plots.
    # BEGIN SOLUTION
    train_inputs, train_labels, test_inputs, test_labels = load_and_preprocess_data()
    encoder = OneHotEncoder()
    encoder.fit(train_labels)

    model = SequentialModel([Dense(784, 256, "kaiming"), LeakyReLU(0.01), Dense(256, 10, "xavier"), Softmax()])
    model.compile(optimizer=Adam(0.002), loss_fn=CategoricalCrossEntropy(), acc_fn=CategoricalAccuracy())
    history = model.fit(train_inputs, encoder(train_labels), epochs=10, batch_size=100)
    print("test:", model.evaluate(test_inputs, encoder(test_labels), batch_size=100))
    visualize_metrics(history)
    visualize_images(model, test_inputs, test_labels)
    # END SOLUTION
