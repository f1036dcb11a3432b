"""The accuracy: which share of the samples is right."""

import numpy as np
import pytest


def test_accuracy_is_the_share_of_samples_that_are_right():
    from beras.metrics import CategoricalAccuracy

    probs = np.array([[0.1, 0.9, 0.0], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.4, 0.3, 0.3]])
    labels = np.eye(3)[[1, 0, 2, 2]]
    accuracy = float(np.squeeze(CategoricalAccuracy()(probs, labels)))
    assert accuracy == pytest.approx(0.75), (
        f"the most probable class is right for 3 of these 4 samples, and yours says {accuracy:.6g}"
    )


def test_accuracy_is_not_rounded():
    from beras.metrics import CategoricalAccuracy

    labels = np.eye(7)
    accuracy = float(np.squeeze(CategoricalAccuracy()(labels[[0, 1, 2, 3, 4, 5, 5]], labels)))
    assert accuracy == pytest.approx(6 / 7, abs=1e-6), "6 of these 7 samples are right: is it rounded?"


def test_accuracy_needs_the_right_class_to_be_likely_rather_than_certain():
    from beras.metrics import CategoricalAccuracy

    accuracy = float(np.squeeze(CategoricalAccuracy()(np.array([[0.4, 0.6]]), np.array([[0.0, 1.0]]))))
    assert accuracy == 1, "the most probable class counts, however probable it is"


def test_accuracy_is_that_of_the_last_batch_alone():
    from beras.metrics import CategoricalAccuracy

    accuracy = CategoricalAccuracy()
    accuracy(np.array([[0.4, 0.6]]), np.array([[1.0, 0.0]]))
    second = float(np.squeeze(accuracy(np.array([[0.4, 0.6]]), np.array([[0.0, 1.0]]))))
    assert second == 1, "all of the second batch is right: what was wrong in the first does not count there"


def test_a_class_that_is_hardly_the_most_probable_counts():
    from beras.metrics import CategoricalAccuracy

    probs = np.array([[0.2495, 0.2515, 0.2495, 0.2495]])
    assert float(np.squeeze(CategoricalAccuracy()(probs, np.eye(4)[[1]]))) == 1, "are they rounded?"
