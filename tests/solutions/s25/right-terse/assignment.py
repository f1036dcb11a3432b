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


def get_model():
    """Return a SequentialModel from (B, 784) to (B, 10): once it is trained, over 95 % on the test data."""
    return SequentialModel([Dense(784, 200, "kaiming"), LeakyReLU(), Dense(200, 10, "xavier"), Softmax()])


def get_optimizer():
    """Return the optimizer that the model is trained with."""
    return Adam(2e-3)


def get_loss_fn():
    """Return the loss that the model is trained with."""
    return CategoricalCrossEntropy()


def get_acc_fn():
    """Return the metric that the model is judged by."""
    return CategoricalAccuracy()


def main():
    """Train and test the model on MNIST, and plot it."""
    train_inputs, train_labels, test_inputs, test_labels = load_and_preprocess_data()
    encoder = OneHotEncoder()
    encoder.fit(train_labels)

    model = get_model()
    model.compile(optimizer=get_optimizer(), loss_fn=get_loss_fn(), acc_fn=get_acc_fn())
    history = model.fit(train_inputs, encoder(train_labels), epochs=10, batch_size=100)
    print("test:", model.evaluate(test_inputs, encoder(test_labels), batch_size=100))
    visualize_metrics(history)
    visualize_images(model, test_inputs, test_labels)


if __name__ == "__main__":
    main()
