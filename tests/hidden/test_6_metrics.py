"""OneHotEncoder (5 points) and CategoricalAccuracy (3 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.guest.probes import metrics

GAPS = np.array([2, 3, 5, 7, 11])


def labels_with_gaps(rng):
    return rng.permutation(np.concatenate([GAPS, rng.choice(GAPS, 8)]))


def expect_one_hot(value, labels, classes):
    """Rows with a single one, one column a class, whatever the order of the columns."""
    rows = value.is_shaped((len(labels), classes))
    if not np.all((rows == 0) | (rows == 1)) or np.any(rows.sum(axis=1) != 1):
        raise value.fails("Every row should hold a single 1 and otherwise zeros.")
    columns = np.argmax(rows, axis=1)
    if np.any((columns[:, None] == columns) != (labels[:, None] == labels)):
        raise value.fails("Equal labels should get equal rows, and different labels different ones.")


@number("6.1")
@weight(2)
@tags("one_hot")
def test_encoding(ask, draw):
    """OneHotEncoder gives every label its own row"""
    answer = ask(metrics.encoded, fitted=draw.labels(16, 10), labels=draw.labels(14, 10))
    expect_one_hot(answer["rows"], answer.inputs["labels"], 10)


@number("6.2")
@weight(1)
@tags("one_hot")
def test_labels_with_gaps(ask, draw):
    """OneHotEncoder takes labels that are not 0, 1, 2, …"""
    answer = ask(metrics.encoded, fitted=draw.by(labels_with_gaps), labels=draw.by(labels_with_gaps))
    expect_one_hot(answer["rows"], answer.inputs["labels"], len(GAPS))


@number("6.3")
@weight(1)
@tags("one_hot")
def test_batch_without_all_classes(ask, draw):
    """OneHotEncoder keeps the width that it was fitted to"""
    answer = ask(metrics.encoded, fitted=draw.labels(16, 10), labels=draw.labels(6, 4))
    expect_one_hot(answer["rows"], answer.inputs["labels"], 10)


@number("6.4")
@weight(1)
@tags("one_hot")
def test_inverse(ask, draw):
    """OneHotEncoder.inverse gives the labels back"""
    ask(metrics.decoded, fitted=draw.by(labels_with_gaps), labels=draw.by(labels_with_gaps))["labels"].agrees()


def told_apart(rng):
    """Probabilities and one-hot truth for which every usual mistake gives an accuracy of its own.

    Of 31 samples some are right with more than half of the probability, some with less, some wrong with either. The
    surest of all is the first and right, so that the largest entries of the whole batch agree, and those of one class
    of four.
    """
    sure, right = rng.integers(5, 9), rng.integers(13, 17)
    truth = np.concatenate([rng.permutation(4), rng.integers(0, 4, 27)])
    order = rng.permutation(np.arange(4, 31))
    shares = rng.uniform(0.4, 0.48, 31)
    shares[order[: sure - 1]] = shares[order[right - 1 : right + 4]] = rng.uniform(0.55, 0.8, 1)
    shares[0] = 0.9
    chosen = truth.copy()
    chosen[order[right - 1 :]] = (truth[order[right - 1 :]] + rng.integers(1, 4, 28 - right)) % 4
    chosen[1:4] = (truth[1:4] + 1) % 4
    rest = rng.uniform(0.8, 1.2, (31, 4)) * (np.arange(4) != chosen[:, None])
    rows = np.where(np.arange(4) == chosen[:, None], shares[:, None], 0)
    rows += (1 - shares[:, None]) * rest / rest.sum(axis=1, keepdims=True)
    return rows, np.eye(4)[truth]


@number("6.5")
@weight(2)
@tags("accuracy")
def test_accuracy(ask, draw):
    """CategoricalAccuracy is the share of samples whose largest probability is at the true class"""
    probabilities, truth = draw.pair(told_apart)
    answer = ask(metrics.accuracy, probabilities=probabilities, truth=truth)
    answer["accuracy"].agrees((), (1,), (1, 1))


@number("6.6")
@weight(1)
@tags("accuracy")
def test_perfect_accuracy(ask, draw):
    """CategoricalAccuracy of predictions that are all right is 1"""

    def right(rng):
        rows = np.eye(4)[rng.integers(0, 4, 9)]
        return 0.6 * rows + 0.1, rows

    probabilities, truth = draw.pair(right)
    answer = ask(metrics.accuracy, probabilities=probabilities, truth=truth)
    answer["accuracy"].agrees((), (1,), (1, 1))
