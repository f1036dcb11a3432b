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
from beras.optimizers import Adam, BasicOptimizer, RMSProp
from preprocess import load_and_preprocess_data
from visualize import visualize_images, visualize_metrics


class SequentialModel(Model):
    """A model whose layers run one after the other."""

    def call(self, inputs):
        """Return the output of the last layer, (B, classes), for inputs of shape (B, in)."""
        out = inputs
        for i in range(len(self.layers)):
            out = self.layers[i](out)
        return out

    def batch_step(self, x, y, training=True):
        """Return {"loss": ..., "acc": ...} of the batch x (B, in), y (B, classes).

        While `training`, take one step of the optimizer too; the metrics are those from before the step.
        """
        # forward pass
        with GradientTape() as tape:
            y_pred = self.call(x)
            loss = self.compiled_loss(y_pred, y)
        acc = self.compiled_acc(y_pred, y)

        # backward pass
        if training == True:
            weights = self.trainable_variables
            gradients = tape.gradient(loss, weights)
            self.optimizer.apply_gradients(weights, gradients)

        return {"loss": float(loss), "acc": float(acc)}


def get_simplest_model_components():
    """Return one dense layer and how to train it: an example of what the next two functions return."""
    model = SequentialModel([Dense(784, 10)])
    model.compile(optimizer=BasicOptimizer(0.02), loss_fn=MeanSquaredError(), acc_fn=CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=10, batch_size=100)


def get_simple_model_components():
    """Return a model with LeakyReLU, Sigmoid and the mean squared error: over 95 % on the test data."""
    layers = []
    layers.append(Dense(784, 128, initializer="kaiming"))
    layers.append(LeakyReLU(0.2))
    layers.append(Dense(128, 10, initializer="xavier"))
    layers.append(Sigmoid())
    model = SequentialModel(layers)
    model.compile(optimizer=RMSProp(0.001), loss_fn=MeanSquaredError(), acc_fn=CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=12, batch_size=40)


def get_advanced_model_components():
    """Return a model with Softmax and the categorical cross-entropy: over 95 % on the test data."""
    layers = []
    layers.append(Dense(784, 200, initializer="kaiming"))
    layers.append(LeakyReLU(0.2))
    layers.append(Dense(200, 10, initializer="xavier"))
    layers.append(Softmax())
    model = SequentialModel(layers)
    model.compile(optimizer=Adam(0.001), loss_fn=CategoricalCrossentropy(), acc_fn=CategoricalAccuracy())
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
