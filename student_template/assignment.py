"""The assignment: a model that runs its layers in sequence, and three of them that learn to read digits."""

import argparse
from types import SimpleNamespace

from beras.activations import LeakyReLU, Sigmoid, Softmax
from beras.gradient_tape import GradientTape
from beras.layers import Dense
from beras.losses import CategoricalCrossentropy, MeanSquaredError
from beras.metrics import CategoricalAccuracy
from beras.model import Model
from beras.onehot import OneHotEncoder
from beras.optimizers import Adam, BasicOptimizer
from preprocess import load_and_preprocess_data
from visualize import visualize_images, visualize_metrics

TARGET = 0.95
HOW_TO_REACH_THE_TARGET = """On MNIST "acc" should be over 95 %. If `python check.py` finds nothing wrong, change the
model: is there an activation between its dense layers? Try more hidden units, other initializers, another optimizer or
learning rate, more epochs. The small digits of `python get_mnist.py --offline` are too few to get as far: about 88 % is
good there."""


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def call(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        raise NotImplementedError("SequentialModel.call")

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step.
        """
        raise NotImplementedError("SequentialModel.batch_step")


def get_simplest_model_components():
    """Return one dense layer and how to train it: an example of what the next two functions return."""
    model = SequentialModel([Dense(784, 10)])
    model.compile(optimizer=BasicOptimizer(0.02), loss_fn=MeanSquaredError(), acc_fn=CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=10, batch_size=100)


def get_simple_model_components():
    """Return a model with LeakyReLU, Sigmoid and the mean squared error: over 95 % on the test data."""
    raise NotImplementedError("get_simple_model_components")


def get_advanced_model_components():
    """Return a model with Softmax and the categorical cross-entropy: over 95 % on the test data."""
    raise NotImplementedError("get_advanced_model_components")


def main(name):
    """Train and test the model of that name ("simplest", "simple" or "advanced") on MNIST, and plot it."""
    components = {
        "simplest": get_simplest_model_components,
        "simple": get_simple_model_components,
        "advanced": get_advanced_model_components,
    }[name]()
    train_inputs, train_labels, test_inputs, test_labels = load_and_preprocess_data()
    encoder = OneHotEncoder()
    encoder.fit(train_labels)

    model = components.model
    history = model.fit(train_inputs, encoder(train_labels), components.epochs, components.batch_size)
    metrics = model.evaluate(test_inputs, encoder(test_labels), components.batch_size)
    print("test:", metrics)
    if name != "simplest" and not metrics["acc"] > TARGET:
        print(HOW_TO_REACH_THE_TARGET)
    try:
        visualize_metrics(history)
        visualize_images(model, test_inputs, test_labels)
    except ImportError as error:
        print(f"No plots ({error}). To see them: python -m pip install matplotlib")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Train and test a model on MNIST.")
    parser.add_argument("name", nargs="?", choices=["simplest", "simple", "advanced"], default="advanced")
    main(parser.parse_args().name)
