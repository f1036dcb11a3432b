"""The accuracy: which share of the samples is right."""

import numpy as np
import pytest


def test_accuracy_is_the_share_of_samples_that_are_right():
    from beras.metrics import CategoricalAccuracy

    probs = np.array([[0.1, 0.9, 0.0], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.4, 0.3, 0.3]])
    labels = np.eye(3)[[1, 0, 2, 2]]
    assert float(np.squeeze(CategoricalAccuracy()(probs, labels))) == pytest.approx(0.75)


def test_accuracy_needs_the_right_class_to_be_likely_rather_than_certain():
    from beras.metrics import CategoricalAccuracy

    assert float(np.squeeze(CategoricalAccuracy()(np.array([[0.4, 0.6]]), np.array([[0.0, 1.0]])))) == 1


def test_accuracy_is_that_of_the_last_batch_alone():
    from beras.metrics import CategoricalAccuracy

    accuracy = CategoricalAccuracy()
    accuracy(np.array([[0.4, 0.6]]), np.array([[1.0, 0.0]]))
    assert float(np.squeeze(accuracy(np.array([[0.4, 0.6]]), np.array([[0.0, 1.0]])))) == 1
