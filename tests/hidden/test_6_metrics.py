"""OneHotEncoder (5 points) and CategoricalAccuracy (3 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import as_array
from homework.expectations import expect_computed, expect_same, expect_untouched
from homework.probes import metrics

GAPS = np.array([2, 3, 5, 7, 11])
SINGLE = [(), (1,), (1, 1)]


def labels_with_gaps(rng):
    return rng.permutation(np.concatenate([GAPS, rng.choice(GAPS, 8)]))


def predicted(size, hits):
    """Probabilities of four classes and the true ones, for `size` samples of which `hits` are predicted right."""

    def drawer(rng):
        true = rng.integers(0, 4, size)
        chosen = np.where(rng.permutation(size) < hits, true, (true + rng.integers(1, 4, size)) % 4)
        weights = rng.uniform(0.1, 0.2, (size, 4)) + 0.4 * np.eye(4)[chosen]
        return [weights / weights.sum(axis=1, keepdims=True), np.eye(4)[true]]

    return drawer


def expect_one_hot(value, labels, classes):
    """Rows with a single one, one column a class, whatever the order of the columns."""
    rows = value.is_shaped((len(labels), classes))
    if np.all(rows == rows[0]) and np.any(labels != labels[0]):
        raise value.fails(
            "All rows are the same, whatever their labels. Is it one row that stands there many times, as in "
            "`[[0] * 3] * 7`?"
        )
    if not np.all((rows == 0) | (rows == 1)) or np.any(rows.sum(axis=1) != 1):
        raise value.fails("Every row should hold a single 1 and otherwise zeros.")
    columns = np.argmax(rows, axis=1)
    if np.any((columns[:, None] == columns) != (labels[:, None] == labels)):
        raise value.fails("Equal labels should get equal rows, and different labels different ones.")


@number("6.1")
@weight(1.25)
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
@tags("one_hot", "width")
def test_batch_without_all_classes(ask, draw):
    """OneHotEncoder keeps the width that it was fitted to"""
    answer = ask(metrics.encoded, fitted=draw.labels(16, 10), labels=draw.labels(6, 4))
    expect_one_hot(answer["rows"], answer.inputs["labels"], 10)


@number("6.4")
@weight(0.75)
@tags("one_hot")
def test_inverse(ask, draw):
    """OneHotEncoder.inverse gives the labels back"""
    answer = ask(metrics.decoded, fitted=draw.by(labels_with_gaps), labels=draw.by(labels_with_gaps))
    answer["labels"].agrees()
    expect_computed(answer, "rows", "labels", hint="The labels come back, but nothing was encoded in between.")


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
@weight(1.25)
@tags("accuracy")
def test_accuracy(ask, draw):
    """CategoricalAccuracy is the share of samples whose largest probability is at the true class"""
    probabilities, truth = draw.pair(told_apart)
    answer = ask(metrics.accuracy, probabilities=probabilities, truth=truth)
    answer["accuracy"].agrees(*SINGLE)


@number("6.6")
@weight(1)
@tags("accuracy")
def test_perfect_accuracy(ask, draw):
    """CategoricalAccuracy of predictions that are all right is 1, and 0 where all are wrong"""

    def right(rng):
        rows = np.eye(4)[rng.integers(0, 4, 9)]
        return [0.6 * rows + 0.1, rows]

    def wrong(rng):
        probabilities, rows = right(rng)
        return [np.roll(probabilities, 1, axis=1), rows]

    for pair in (right, wrong):
        ask(metrics.accuracy_of, pair=draw.by(pair))["accuracy"].agrees(*SINGLE, atol=1e-6)


@number("6.7")
@weight(0.25)
@tags("accuracy", "state")
def test_accuracy_again(ask, draw):
    """CategoricalAccuracy starts anew with every batch, and changes none of its arrays"""
    answer = ask(
        metrics.accuracy_again,
        first=draw.by(predicted(30, hits=21)),
        last=draw.by(predicted(12, hits=5)),
        probabilities=draw.one_hot(9, 4),
        truth=draw.one_hot(9, 4),
    )
    answer["accuracy of a new instance"].agrees(*SINGLE)
    expect_same(
        answer["accuracy of the last call"],
        "A new metric is right, and one that was called before is not: the accuracy is that of the last batch alone. "
        "Is there a running mean or a count?",
        *SINGLE,
    )
    for name in ("probabilities", "truth"):
        expect_untouched(answer, f"{name}, afterwards,", of=name)


@number("6.8")
@weight(0.25)
@tags("accuracy", "sizes")
def test_accuracy_of_one(ask, draw):
    """CategoricalAccuracy is right for one sample, one class, and a class that is hardly the most probable"""

    def hardly_wrong(rng):
        # The true class is the first: where rounding makes all classes alike, that one would be taken.
        predicted = np.eye(4)[rng.integers(1, 4, 1)]
        return [0.2495 + 0.002 * predicted, np.eye(4)[:1]]

    pairs = [draw.by(hardly_wrong), *([draw.probabilities(size, 1), draw.one_hot(size, 1)] for size in (5, 1))]
    for pair in pairs:
        ask(metrics.accuracy_of, pair=pair)["accuracy"].agrees(*SINGLE)


def every_class_three_times(rng):
    """Twelve one-hot rows: whichever class is predicted for all, it is the true one for a quarter of them.

    The first row is not of the first class: what compares the largest entries of whole batches, and so the first ones,
    would take every sample for right here, but with one seed in four.
    """
    rows = rng.permutation(np.eye(4).repeat(3, 0))
    return np.roll(rows, -int(np.argmin(rows[:, 0])), axis=0)


@number("6.9")
@weight(0.25)
@tags("accuracy", "ties")
def test_accuracy_of_ties(ask, draw):
    """CategoricalAccuracy takes one class as the prediction, even where all are equally likely"""
    equal = draw.by(lambda rng: np.full((12, 4), 0.25))
    answer = ask(metrics.accuracy, probabilities=equal, truth=draw.by(every_class_three_times))
    accuracy = answer["accuracy"]
    if not 0 <= accuracy.number <= 0.25 + 1e-6:
        everything = ", and yours is 1: every sample counts as right" if abs(accuracy.number - 1) < 1e-6 else ""
        raise accuracy.fails(
            "Where all classes are equally likely, one class is the prediction, and the true one for some of the "
            f"samples only. Here the accuracy should be a quarter{everything}."
        )


@number("6.10")
@weight(0.25)
@tags("one_hot", "unseen")
def test_unseen_label(ask, draw):
    """OneHotEncoder gives a label that it was not fitted to no row of another label"""
    answer = ask(
        metrics.unseen, fitted=draw.by(labels_with_gaps), stranger=draw.by(lambda rng: int(rng.choice([1, 4, 6])))
    )
    rows, row = answer["rows"].is_shaped((len(GAPS), len(GAPS))), as_array(answer["row of an unseen label"].given)
    if row is not None and row.size == len(GAPS) and any(np.array_equal(row.ravel(), known) for known in rows):
        raise answer["row of an unseen label"].fails(
            "A label that the encoder was not fitted to gets the row of another label, in silence. Raise an exception."
        )
    later = answer["rows afterwards, but one,"].is_shaped((len(GAPS) - 1, len(GAPS)))
    if not np.array_equal(later, rows[1:]):
        expect_one_hot(answer["rows"], GAPS, len(GAPS))
        raise answer["rows afterwards, but one,"].fails(
            "A label that the encoder was not fitted to changes the rows of those that it was fitted to. Raise an "
            "exception, and let the encoder stay as it is."
        )


@number("6.11")
@weight(0.25)
@tags("one_hot", "state")
def test_fitted_again(ask, draw):
    """OneHotEncoder.fit forgets the labels of an earlier fit, and of other encoders"""
    last = draw.by(lambda rng: labels_with_gaps(rng)[:] * 3 + 1)
    answer = ask(metrics.encoded_again, first=draw.labels(16, 10), last=last, labels=last)
    expect_one_hot(answer["rows of a new encoder"], answer.inputs["labels"], len(GAPS))
    expect_one_hot(answer["rows"], answer.inputs["labels"], len(GAPS))
    answer["labels"].agrees()
    expect_untouched(answer, "array that was fitted to, afterwards,", of="last")
    expect_untouched(answer, "array of labels, afterwards,", of="labels")


@number("6.12")
@weight(0.25)
@tags("one_hot", "sizes")
def test_one_class(ask, draw):
    """OneHotEncoder takes a single class, a single label, and labels above 255, and gives labels back with one axis"""
    for fitted, labels in ((np.array([7, 7, 7]), np.array([7, 7])), (np.array([2, 9, 258]), np.array([258]))):
        answer = ask(metrics.encoded, fitted=draw.by(lambda rng, f=fitted: f), labels=draw.by(lambda rng, f=labels: f))
        expect_one_hot(answer["rows"], labels, len(np.unique(fitted)))
        answer = ask(metrics.decoded, fitted=draw.by(lambda rng, f=fitted: f), labels=draw.by(lambda rng, f=labels: f))
        answer["labels"].agrees()
        flat = answer["labels have one axis"]
        if not flat.number:
            raise flat.fails(
                "`inverse` gives the right labels, and not as an array of shape (N,), one number for each row: take "
                "away the axes of length 1."
            )


@number("6.13")
@weight(0.25)
@tags("one_hot", "lazy")
def test_never_fitted(ask, draw):
    """OneHotEncoder that was never fitted is fitted to the first labels that it gets"""
    answer = ask(metrics.never_fitted, labels=draw.by(labels_with_gaps))
    expect_one_hot(answer["rows"], answer.inputs["labels"], len(GAPS))
    answer["labels"].agrees()
