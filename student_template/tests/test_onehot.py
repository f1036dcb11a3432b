"""The one-hot encoder: there and back."""

import numpy as np


def fitted_encoder(labels):
    """Return a OneHotEncoder that has seen these labels."""
    from beras.onehot import OneHotEncoder

    encoder = OneHotEncoder()
    encoder.fit(np.array(labels))
    return encoder


def test_each_row_has_a_single_one():
    rows = np.asarray(fitted_encoder([0, 1, 2])(np.array([2, 0, 0, 1])))
    assert rows.shape == (4, 3)
    np.testing.assert_array_equal(np.sort(rows, axis=1), [[0, 0, 1]] * 4)


def test_equal_labels_get_equal_rows_and_others_do_not():
    first, second, third = np.asarray(fitted_encoder([0, 1])(np.array([1, 0, 1])))
    np.testing.assert_array_equal(first, third)
    assert (first != second).any()


def test_labels_may_have_gaps():
    assert np.shape(fitted_encoder([3, 70, 700])(np.array([70, 3]))) == (2, 3)


def test_labels_may_be_strings():
    encoder = fitted_encoder(["cat", "dog", "emu"])
    assert list(encoder.inverse(encoder(np.array(["emu", "cat"])))) == ["emu", "cat"]


def test_a_batch_without_some_classes_is_as_wide_as_any_other():
    assert np.shape(fitted_encoder([0, 1, 2, 3])(np.array([1, 1]))) == (2, 4)


def test_inverse_takes_the_rows_back_to_the_labels():
    labels = [7, 3, 3, 70]
    encoder = fitted_encoder([3, 7, 70])
    assert list(encoder.inverse(encoder(np.array(labels)))) == labels
