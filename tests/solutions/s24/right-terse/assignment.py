"""The assignment: a model that runs its layers in sequence, and three of them that learn to read digits."""

import sys
from contextlib import nullcontext
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
    def call(self, inputs):
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def batch_step(self, x, y, training=True):
        with GradientTape() if training else nullcontext() as tape:
            loss = self.compiled_loss(p := self(x), y)
        if training:
            self.optimizer.apply_gradients(v := self.trainable_variables, tape.gradient(loss, v))
        return {"loss": loss, "acc": self.compiled_acc(p, y)}


def get_simplest_model_components():
    model = SequentialModel([Dense(784, 10)])
    model.compile(optimizer=BasicOptimizer(0.02), loss_fn=MeanSquaredError(), acc_fn=CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=10, batch_size=100)


def get_simple_model_components():
    model = SequentialModel([Dense(784, 256, "kaiming"), LeakyReLU(), Dense(256, 10, "xavier"), Sigmoid()])
    model.compile(optimizer=Adam(0.001), loss_fn=MeanSquaredError(), acc_fn=CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=12, batch_size=32)


def get_advanced_model_components():
    model = SequentialModel([Dense(784, 256, "kaiming"), LeakyReLU(), Dense(256, 10, "xavier"), Softmax()])
    model.compile(optimizer=Adam(0.001), loss_fn=CategoricalCrossentropy(), acc_fn=CategoricalAccuracy())
    return SimpleNamespace(model=model, epochs=10, batch_size=32)


def main(name):
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
