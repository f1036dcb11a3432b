"""The assignment: a model that runs its layers in sequence, and three of them that learn to read digits."""

import sys
from types import SimpleNamespace

import numpy as np

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
        *hidden, last = self.layers
        for layer in hidden:
            inputs = layer(inputs)
        return last(inputs)

    def _learn(self, tape, loss):
        params = self.trainable_variables
        self.optimizer.apply_gradients(params, tape.gradient(loss, params))

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step.
        """
        def forward():
            outputs = self(x)
            return self.compiled_loss(outputs, y), outputs

        if training:
            with GradientTape() as tape:
                loss, outputs = forward()
            metrics = dict(loss=float(loss), acc=self.compiled_acc(outputs, y))
            self._learn(tape, loss)
            return metrics
        loss, outputs = forward()
        return dict(loss=float(loss), acc=self.compiled_acc(outputs, y))


def get_simplest_model_components():
    """Return one dense layer and how to train it: an example of what the next two functions return."""
    model = SequentialModel([Dense(784, 10)])
    model.compile(optimizer=BasicOptimizer(0.02), loss_fn=MeanSquaredError(), acc_fn=CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=10, batch_size=100)


def make(*layers, loss, epochs):
    model = SequentialModel([*layers])
    model.compile(Adam(0.001), loss, CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=epochs, batch_size=32)


def get_simple_model_components():
    """Return a model with LeakyReLU, Sigmoid and the mean squared error: over 95 % on the test data."""
    return make(
        Dense(784, 256, "kaiming"), LeakyReLU(), Dense(256, 10, "xavier"), Sigmoid(), loss=MeanSquaredError(), epochs=12
    )


def get_advanced_model_components():
    """Return a model with Softmax and the categorical cross-entropy: over 95 % on the test data."""
    return make(
        Dense(784, 256, "kaiming"), LeakyReLU(), Dense(256, 64, "kaiming"), LeakyReLU(), Dense(64, 10, "xavier"), Softmax(),
        loss=CategoricalCrossentropy(), epochs=8,
    )


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
    np.savetxt(f"predictions-{name}.txt", encoder.inverse(model(test_inputs)), fmt="%d")
    try:
        visualize_metrics(history)
        visualize_images(model, test_inputs, test_labels)
    except ImportError:
        print("no matplotlib, no plots")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "advanced")
