"""The assignment: a model that learns to read digits, and what it is trained with."""

from beras.activations import LeakyReLU, Softmax
from beras.layers import Linear
from beras.losses import CategoricalCrossEntropy
from beras.metrics import CategoricalAccuracy
from beras.model import Sequential
from beras.onehot import OneHotEncoder
from beras.optimizers import RMSProp
from preprocess import load_and_preprocess_data
from visualize import visualize_images, visualize_metrics


def get_model():
    """Return a Sequential from (B, 784) to (B, 10): once it is trained, over 95 % on the test data."""
    sizes = (784, 96, 96, 10)
    body = [part for a, b in zip(sizes[:-2], sizes[1:]) for part in (Linear(a, b, "kaiming"), LeakyReLU(0.1))]
    return Sequential(*body, Linear(sizes[-2], sizes[-1], "xavier"), Softmax())


def get_optimizer(model):
    """Return the optimizer of the model's parameters."""
    return RMSProp(model.parameters, 1e-3)


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
    model.compile(optimizer=get_optimizer(model), loss_fn=get_loss_fn(), acc_fn=get_acc_fn())
    history = model.fit(train_inputs, encoder(train_labels), epochs=10, batch_size=100)
    print("test:", model.evaluate(test_inputs, encoder(test_labels), batch_size=100))
    try:
        visualize_metrics(history)
        visualize_images(model, test_inputs, test_labels)
    except ImportError as error:
        print(f"No plots ({error}). To see them: python -m pip install matplotlib")


if __name__ == "__main__":
    main()
