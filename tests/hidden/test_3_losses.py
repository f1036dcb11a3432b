"""Mean squared error and categorical cross-entropy: values and gradients (12 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import editions
from homework.expectations import expect_computed, expect_gradients_kept, expect_same, expect_untouched
from homework.probes import losses

B, N = 5, 4
SINGLE = [(), (1,), (1, 1)]
STALE = (
    "A new loss is right, and one that was called before is not: something is kept of an earlier call or another loss. "
    "Is there a running mean? Do all losses share an attribute of the class?"
)


def squared_error_inputs(draw):
    return {"name": "MeanSquaredError", "prediction": draw(B, N), "truth": draw(B, N)}


def cross_entropy_inputs(draw):
    return {"name": "cross-entropy", "prediction": draw.probabilities(B, N), "truth": draw.one_hot(B, N)}


def certain(rng):
    """Probabilities of exactly 0 and 1 in some rows, all of them at the true class; and the truth."""
    truth = np.eye(N)[rng.permutation(np.arange(B) % N)]
    return [truth, np.where(np.arange(B)[:, None] < 2, truth, _ordinary(rng))]


def certainly_wrong(rng):
    """As `certain`, where the first of the certain rows has its 1 at a wrong class."""
    truth, prediction = certain(rng)
    prediction[0] = np.roll(truth[0], 1)
    return [truth, prediction]


def _ordinary(rng):
    weights = rng.uniform(0.3, 1.5, (B, N))
    return weights / weights.sum(axis=1, keepdims=True)


def is_positive_multiple(array, expected):
    """Whether an array is `expected` times one positive factor, to rounding, and that factor no absurd one."""
    largest = np.abs(expected).max()
    if not np.all(np.abs(array) < 1e6 * largest):
        return False
    factor = np.sum(array * expected) / np.sum(expected**2)
    return factor > 0 and bool(np.all(np.abs(array - factor * expected) <= 1e-4 * factor * largest))


def batch(draw, name, size, classes=N):
    """Prediction and truth as a loss gets them."""
    if name == "MeanSquaredError":
        return [draw(size, classes), draw(size, classes)]
    return [draw.probabilities(size, classes), draw.one_hot(size, classes)]


def expect_last_call(ask, draw, name, rtol=None):
    first, other, last = batch(draw, name, B), batch(draw, name, B), batch(draw, name, 3)
    answer = ask(losses.called_again, name=name, first=first, other=other, last=last)
    answer["loss of a new instance"].agrees(*SINGLE, rtol=rtol)
    answer["gradients of a new instance"][0].agrees((3, N), rtol=rtol)
    expect_gradients_kept(answer)
    expect_same(answer["loss of the last call"], STALE, *SINGLE, rtol=rtol)
    expect_same(answer["gradients after the last call"][0], STALE, (3, N), rtol=rtol)


SIZES = ((1, N), (B, 1), (1, 1))
WHOLE_NUMBERS = (
    "This is right for a truth of floating-point numbers, and not for the same truth in whole numbers (int64). Does an "
    "array take its type from `y_true`, as `np.zeros_like(y_true)` does? What is put there loses its decimals."
)
OWN_ROWS = (
    "This is right for one-hot rows of floating-point numbers and of int64, and not for rows of the type that your own "
    "`OneHotEncoder` returns, which a training puts into this loss. Of unsigned whole numbers `-y_true` is no -1 (of "
    "uint8 it is 255), and NumPy refuses the minus of booleans: convert `y_true`, or negate something else."
)


NO_LOSS = "No array is changed, but no loss is computed either."


@number("3.1")
@weight(1.75)
@tags("mse", "forward")
def test_squared_error(ask, draw):
    """MeanSquaredError.call is the mean over samples of the mean over features"""
    ask(losses.forward, **squared_error_inputs(draw))["loss"].agrees(*SINGLE)


@number("3.2")
@weight(2.5)
@tags("mse", "gradients")
def test_squared_error_gradients(ask, draw):
    """MeanSquaredError.get_input_gradients gives dLoss/dy_pred"""
    ask(losses.gradients, **squared_error_inputs(draw))["gradients"][0].agrees()


@number("3.3")
@weight(1.75)
@tags("cross_entropy", "forward")
def test_cross_entropy(ask, draw):
    """CategoricalCrossentropy.call is the mean over samples of -Σ y log p"""
    # Solutions clip p at anything from 1e-15 to 1e-7, or add it: too little to be seen.
    ask(losses.forward, **cross_entropy_inputs(draw))["loss"].agrees(*SINGLE)


@number("3.4")
@weight(1)
@tags("cross_entropy", "stability")
def test_cross_entropy_of_certain_predictions(ask, draw):
    """CategoricalCrossentropy.call is finite where p is 0 or 1, and large for a certain mistake"""
    right = ask(losses.pair, name="cross-entropy", pair=draw.by(certain))
    if not right["loss"].number >= -1e-3:
        raise right["loss"].fails("The loss of certain predictions should not be negative.")
    mistaken = [np.array(entry) for entry in right.inputs["pair"]]
    mistaken[1][0] = np.roll(mistaken[0][0], 1)
    wrong = ask(losses.pair, name="cross-entropy", pair=draw.by(lambda rng: mistaken))
    uniform = [mistaken[0], np.full((B, N), 1 / N)]
    unsure = ask(losses.pair, name="cross-entropy", pair=draw.by(lambda rng: uniform))
    # What -log(0) becomes depends on where p is clipped: for 1e-7 it is 16, and 35 for 1e-15. All else is the same.
    # The one wrong sample of five is asked for more than what a clip at 1e-4 makes of it: 9.2 / 5, which is 1.3 times
    # the loss of predictions that know nothing, log(4). A factor is for another test to judge.
    difference = wrong["loss"].number - right["loss"].number
    if not (difference > 0 and difference >= 1.3 * min(unsure["loss"].number, np.log(N))):
        raise wrong["loss"].fails(
            "A prediction that is certain, and wrong, should cost far more than one that is right."
        )


@number("3.5")
@weight(2.5)
@tags("cross_entropy", "gradients")
def test_cross_entropy_gradients(ask, draw):
    """CategoricalCrossentropy.get_input_gradients gives dLoss/dy_pred"""
    ask(losses.gradients, **cross_entropy_inputs(draw))["gradients"][0].agrees()


@number("3.6")
@weight(1)
@tags("cross_entropy", "gradients", "stability")
def test_cross_entropy_gradients_of_certain_predictions(ask, draw):
    """CategoricalCrossentropy.get_input_gradients is right and finite where p is 0 or 1"""
    value = ask(losses.pair, name="cross-entropy", pair=draw.by(certainly_wrong))["gradients"][0]
    gradients, expected = value.is_shaped((B, N)), value.expected
    # The rows that are certain come first. What their gradients are depends on where p is clipped. The others tell an
    # answer from a constant; whether they are too large or too small by a factor is another test's business.
    if not is_positive_multiple(gradients[2:], expected[2:]):
        raise value.fails("The gradients of the samples whose probabilities are neither 0 nor 1 differ.")
    if np.any(gradients[:2] > 1e-3):
        raise value.fails("No gradient of the loss is above zero: more probability never costs more.")


@number("3.7")
@weight(0.25)
@tags("mse", "state")
def test_squared_error_last_call(ask, draw):
    """MeanSquaredError.call starts anew with every batch: value and gradients are those of the last call"""
    expect_last_call(ask, draw, "MeanSquaredError")


@number("3.8")
@weight(0.25)
@tags("mse", "untouched")
def test_squared_error_arrays(ask, draw):
    """MeanSquaredError.call and its gradients change neither predictions nor truth"""
    answer = ask(losses.untouched, **squared_error_inputs(draw))
    expect_computed(answer, "loss", "prediction", "truth", hint=NO_LOSS)
    for name in ("prediction", "truth"):
        expect_untouched(answer, f"{name}, afterwards,", of=name)


@number("3.9")
@weight(0.25)
@tags("mse", "sizes")
def test_squared_error_of_one(ask, draw):
    """MeanSquaredError.call and its gradients are right for one sample, one feature, and a truth of whole numbers"""
    for size, features in SIZES:
        prediction, truth = batch(draw, "MeanSquaredError", size, features)
        answer = ask(losses.of_every_size, name="MeanSquaredError", prediction=prediction, truth=truth)
        answer["loss"].agrees(*SINGLE)
        answer["gradients"][0].agrees((size, features))
    whole = {"prediction": draw(B, N), "truth": draw.one_hot(B, N)}
    answer = ask(losses.of_whole_numbers, name="MeanSquaredError", **whole)
    answer["loss"].agrees(*SINGLE)
    answer["gradients"][0].agrees((B, N))
    expect_same(answer["loss of whole numbers"], WHOLE_NUMBERS, *SINGLE)
    expect_same(answer["gradients of whole numbers"][0], WHOLE_NUMBERS, (B, N))


@number("3.10")
@weight(0.25)
@tags("cross_entropy", "state")
def test_cross_entropy_last_call(ask, draw):
    """CategoricalCrossentropy.call starts anew with every batch: value and gradients are those of the last call"""
    expect_last_call(ask, draw, "cross-entropy", rtol=1e-5)


@number("3.11")
@weight(0.25)
@tags("cross_entropy", "untouched")
def test_cross_entropy_arrays(ask, draw):
    """CategoricalCrossentropy.call and its gradients change neither predictions nor truth"""
    hard = {"name": "cross-entropy", "prediction": draw.one_hot(B, N), "truth": draw.one_hot(B, N)}
    for inputs in (cross_entropy_inputs(draw), hard):
        answer = ask(losses.untouched, **inputs)
        expect_computed(answer, "loss", "prediction", "truth", hint=NO_LOSS)
        for name in ("prediction", "truth"):
            expect_untouched(answer, f"{name}, afterwards,", of=name)


@number("3.12")
@weight(0.25)
@tags("cross_entropy", "sizes")
def test_cross_entropy_of_one(ask, draw):
    """CategoricalCrossentropy.call and its gradients are right for one sample, one class, and rows of other types"""
    close = {"rtol": 1e-5, "atol": 1e-5}
    for size, classes in SIZES:
        prediction, truth = batch(draw, "cross-entropy", size, classes)
        answer = ask(losses.of_whole_numbers, name="cross-entropy", prediction=prediction, truth=truth)
        answer["loss"].agrees(*SINGLE, **close)
        gradients = answer["gradients"][0]
        if classes == 1:
            # The only probability is 1, where a clipped loss has the slope 0, and an unclipped one does not.
            if np.any(gradients.is_shaped((size, 1)) > 0):
                raise gradients.fails("No gradient of the loss is above zero: more probability never costs more.")
            continue
        gradients.agrees((size, classes), **close)
        expect_same(answer["loss of whole numbers"], WHOLE_NUMBERS, *SINGLE, **close)
        expect_same(answer["gradients of whole numbers"][0], WHOLE_NUMBERS, (size, classes), **close)
    prediction, truth = batch(draw, "cross-entropy", 1)
    answer = ask(losses.of_own_rows, prediction=prediction, truth=truth)
    expect_same(answer["loss"], OWN_ROWS, *SINGLE, **close)
    if answer["gradients"].given is None:
        raise answer["gradients"].fails(OWN_ROWS)
    expect_same(answer["gradients"][0], OWN_ROWS, (1, N), **close)


@number("3.13")
@weight(0.25)
@editions("f25", "s26")
@tags("cross_entropy", "epsilon")
def test_cross_entropy_epsilon(ask, draw):
    """CategoricalCrossentropy.call keeps probabilities away from 0 by its own epsilon"""

    def truth_beside_the_prediction(rng):
        truth = np.eye(N)[rng.integers(0, N, B)]
        return [truth, np.roll(truth, 1, axis=1)]

    epsilon = draw.by(lambda rng: float(2.0 ** -rng.integers(8, 14)))
    answer = ask(losses.with_epsilon, epsilon=epsilon, pair=draw.by(truth_beside_the_prediction))
    # Whether p is clipped at epsilon, or epsilon is added to p: -log(0) becomes the same.
    answer["loss"].agrees(*SINGLE, rtol=1e-4)
