"""The assignment: a model that runs its layers in sequence, and three of them that learn to read digits."""

import sys
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


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def call(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def forward_and_loss(self, x, y):
        probs = self(x)
        return self.compiled_loss(probs, y), probs

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step.
        """
        if training:
            with GradientTape() as tape:
                loss, probs = self.forward_and_loss(x, y)
            acc = self.compiled_acc(probs, y)
            self.optimizer.apply_gradients(
                self.trainable_variables, tape.gradient(loss, self.trainable_variables)
            )
        else:
            loss, probs = self.forward_and_loss(x, y)
            acc = self.compiled_acc(probs, y)
        return {"loss": loss, "acc": acc}


def get_simplest_model_components():
    """Return one dense layer and how to train it: an example of what the next two functions return."""
    model = SequentialModel([Dense(784, 10)])
    model.compile(optimizer=BasicOptimizer(0.02), loss_fn=MeanSquaredError(), acc_fn=CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=10, batch_size=100)


def get_simple_model_components():
    """Return a model with LeakyReLU, Sigmoid and the mean squared error: over 95 % on the test data."""
    model = SequentialModel([Dense(784, 256, "Kaiming"), LeakyReLU(0.1), Dense(256, 10, "Xavier"), Sigmoid()])
    model.compile(Adam(1e-3), MeanSquaredError(), CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=12, batch_size=32)


def get_advanced_model_components():
    """Return a model with Softmax and the categorical cross-entropy: over 95 % on the test data."""
    model = SequentialModel([Dense(784, 256, "Kaiming"), LeakyReLU(0.1), Dense(256, 10, "Xavier"), Softmax()])
    model.compile(Adam(1e-3, amsgrad=True), CategoricalCrossentropy(), CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=10, batch_size=32)


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
    print("test:", model.evaluate(test_inputs, encoder(test_labels), components.batch_size))
    visualize_metrics(history)
    visualize_images(model, test_inputs, test_labels)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "advanced")
