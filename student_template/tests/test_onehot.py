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


def test_one_label_still_has_a_row():
    assert np.shape(fitted_encoder([3, 70, 700])(np.array([70]))) == (1, 3)


def test_an_encoder_that_is_fitted_again_forgets_the_first_labels():
    encoder = fitted_encoder([0, 1, 2, 3])
    encoder.fit(np.array([5, 7]))
    assert list(encoder.inverse(encoder(np.array([7, 5])))) == [7, 5]


def test_an_encoder_that_was_never_fitted_learns_from_its_first_labels():
    from beras.onehot import OneHotEncoder

    assert np.shape(OneHotEncoder()(np.array([4, 8, 4]))) == (3, 2)


def test_an_unseen_label_does_not_get_the_row_of_another():
    encoder = fitted_encoder([3, 7, 70])
    known = np.asarray(encoder(np.array([3, 7, 70]))).tolist()
    try:
        rows = np.asarray(encoder(np.array([8]))).tolist()
    except Exception:
        return  # the best answer: nobody can take it for another label
    assert rows[0] not in known


def test_a_batch_without_some_classes_is_as_wide_as_any_other():
    assert np.shape(fitted_encoder([0, 1, 2, 3])(np.array([1, 1]))) == (2, 4)


def test_inverse_takes_the_rows_back_to_the_labels():
    labels = [7, 3, 3, 70]
    encoder = fitted_encoder([3, 7, 70])
    assert list(encoder.inverse(encoder(np.array(labels)))) == labels
