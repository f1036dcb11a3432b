"""The one-hot encoder: there and back."""

import numpy as np


def fitted_encoder(labels):
    """Return a OneHotEncoder that has seen these labels."""
    from beras.onehot import OneHotEncoder

    encoder = OneHotEncoder()
    encoder.fit(np.array(labels))
    return encoder


def is_there_and_back(encoder, labels):
    """Return whether inverse takes the rows of these labels back to them."""
    return np.ravel(encoder.inverse(encoder(np.array(labels)))).tolist() == labels


def test_each_row_has_a_single_one():
    rows = np.asarray(fitted_encoder([0, 1, 2])(np.array([2, 0, 0, 1])))
    assert rows.shape == (4, 3)
    np.testing.assert_array_equal(np.sort(rows, axis=1), [[0, 0, 1]] * 4, err_msg="one 1 in each row, all else 0")


def test_equal_labels_get_equal_rows_and_others_do_not():
    first, second, third = np.asarray(fitted_encoder([0, 1])(np.array([1, 0, 1])))
    np.testing.assert_array_equal(first, third, err_msg="two rows of the same label differ")
    assert (first != second).any(), "two different labels have the same row"


def test_labels_may_have_gaps():
    shape = np.shape(fitted_encoder([3, 70, 700])(np.array([70, 3])))
    assert shape == (2, 3), (
        f"2 labels of the 3 that fit has seen are 2 rows of 3 columns, and yours have the shape {shape}"
    )


def test_one_label_still_has_a_row():
    assert np.shape(fitted_encoder([3, 70, 700])(np.array([70]))) == (1, 3)


def test_inverse_takes_the_rows_back_to_the_labels():
    labels = [7, 3, 3, 70]
    for order in ([3, 7, 70], [70, 3, 7, 3], [7, 70, 3]):
        encoder = fitted_encoder(order)
        rows = encoder(np.array(labels))
        found = np.ravel(encoder.inverse(rows)).tolist()
        if found == np.argmax(rows, axis=-1).tolist():
            why = "those are the numbers of the columns, and not the labels that the columns stand for"
        else:
            why = "do fit, the rows and inverse have the columns in the same order?"
        assert found == labels, f"fitted to {order}, the rows of {labels} are taken back to {found}: {why}"


def test_an_encoder_that_is_fitted_again_forgets_the_first_labels():
    encoder, fresh = fitted_encoder([0, 1, 2, 3]), fitted_encoder([5, 7])
    encoder.fit(np.array([5, 7]))
    rows = np.asarray(encoder(np.array([7, 5])))
    assert rows.shape == (2, 2), "there are two labels now"
    again = "an encoder that is fitted again does something else than a new one: what does it keep of the first labels?"
    # Which column is whose may differ from one encoder to the next.
    assert sorted(rows.tolist()) == sorted(np.asarray(fresh(np.array([7, 5]))).tolist()), again
    assert is_there_and_back(encoder, [7, 5]) == is_there_and_back(fresh, [7, 5]), again


def test_an_encoder_that_was_never_fitted_learns_from_its_first_labels():
    from beras.onehot import OneHotEncoder

    encoder = OneHotEncoder()
    rows = encoder(np.array([4, 8, 4]))
    assert np.shape(rows) == (3, 2), "the labels are 4 and 8: two columns"
    assert np.shape(encoder(np.array([8]))) == (1, 2), "the labels of the first call are those that it has learnt"
    assert is_there_and_back(encoder, [4, 8, 4]) == is_there_and_back(fitted_encoder([4, 8, 4]), [4, 8, 4]), (
        "the rows and inverse of an encoder should be as if it were fitted to the labels of its first call"
    )


def test_an_unseen_label_does_not_get_the_row_of_another():
    encoder, labels = fitted_encoder([3, 7, 70]), np.array([3, 7, 70])
    known = np.asarray(encoder(labels)).tolist()
    try:
        rows = np.asarray(encoder(np.array([8, 7]))).tolist()
    except Exception:
        rows = [[0, 0, 0], known[1]]  # as good as zeros, and better: nobody can overlook it
    assert rows[0] not in known, "label 8, which fit has not seen, has the row of another label"
    assert rows[1] == known[1], "beside a label that fit has not seen, label 7 gets another row than alone"
    again = np.asarray(encoder(labels)).tolist()
    assert again == known, "a label that fit has not seen changes the rows of those that it has: is it fitted anew?"


def test_a_batch_without_some_classes_is_as_wide_as_any_other():
    assert np.shape(fitted_encoder([0, 1, 2, 3])(np.array([1, 1]))) == (2, 4)
