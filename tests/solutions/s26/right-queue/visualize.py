"""Plots: how training went, and which digits a model gets right and wrong."""

import numpy as np


def visualize_metrics(history):
    """Plot the curves of loss and accuracy from the history that `Sequential.fit` returns. Close the window to go on."""
    import matplotlib.pyplot as plt  # only those who plot need it

    figure, axes = plt.subplots(1, len(history), figsize=(5 * len(history), 4), squeeze=False)
    for axis, (name, values) in zip(axes[0], history.items()):
        axis.plot(np.arange(1, len(values) + 1), values, marker="o")
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.set(title=name, xlabel="epoch")
    figure.tight_layout()
    plt.show()


def visualize_images(model, inputs, labels, count=10):
    """Show `count` images that the model gets right and as many that it gets wrong, if there are so many.

    `inputs` (N, 784) are images and `labels` (N,) their digits, as `load_and_preprocess_data` returns them.
    """
    import matplotlib.pyplot as plt

    labels = np.asarray(labels)
    predictions = np.argmax(np.asarray(model(inputs)), axis=-1)
    right, wrong = np.flatnonzero(predictions == labels), np.flatnonzero(predictions != labels)

    figure, axes = plt.subplots(2, count, figsize=(1.5 * count, 4), squeeze=False)
    for row, title, samples in zip(axes, ("right", "wrong"), (right, wrong)):
        row[0].text(0, 1.3, title, transform=row[0].transAxes)
        for axis in row:
            axis.axis("off")
        for axis, sample in zip(row, samples):
            axis.imshow(np.asarray(inputs[sample]).reshape(28, 28), cmap="gray")
            axis.set_title(f"said {predictions[sample]}, is {labels[sample]}", fontsize=8)
    figure.tight_layout()
    plt.show()
