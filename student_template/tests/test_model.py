"""The sequential model and its components: a little training with all your parts together."""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest

from tests.comparing import assert_close
from tests.edition import (
    BACKWARD,
    CALL,
    CROSS_ENTROPY,
    DENSE,
    EVALUATED,
    MODELS,
    ONE_MODEL,
    apply_gradients,
    cross_entropy,
    dense_class,
    freeze,
    metrics_of,
    optimizer_of,
    sequential_model,
    set_weights,
    variable,
    weights_of,
)
from tests.gradient_check import differentiate, name_wrong_parts, sample, tolerate


def make_layers(*sizes, seed=0):
    """Return dense layers with these sizes, and the activations of a classifier. Their weights are always the same."""
    from beras.activations import LeakyReLU, Softmax

    layers, rng = [], np.random.default_rng(seed)
    for size, next_size in zip(sizes, sizes[1:]):
        dense = dense_class()(size, next_size, "kaiming")
        set_weights(dense, rng.normal(0, np.sqrt(2 / size), (size, next_size)), np.zeros(np.shape(dense.b)))
        layers += [dense, LeakyReLU()]
    layers[-1] = Softmax()
    return layers


def make_model(*sizes, seed=0):
    """Return a compiled SequentialModel of `make_layers`."""
    return compiled(make_layers(*sizes, seed=seed))


def compiled(layers):
    """Return a SequentialModel with these layers that is ready to train."""
    from beras.metrics import CategoricalAccuracy

    model = sequential_model(layers)
    adam = optimizer_of("Adam", weights_of(model), learning_rate=0.02)
    model.compile(optimizer=adam, loss_fn=cross_entropy(), acc_fn=CategoricalAccuracy())
    return model


def quiet():
    """Return a context in which `fit` prints nowhere: a line for each batch would bury what failed."""
    return redirect_stdout(io.StringIO())


def draw_clusters(count, seed):
    """Return `count` points of the plane around three well separated centres, and their one-hot labels."""
    from beras.core import Tensor

    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=count)
    centres = np.array([[0, 3], [3, -3], [-3, -3]])
    return Tensor(centres[labels] + rng.normal(size=(count, 2))), Tensor(np.eye(3)[labels])


def test_the_layers_run_one_after_the_other():
    from beras.activations import LeakyReLU
    from tests.small_layers import Scale

    layers = [LeakyReLU(alpha=0.5), Scale(-2), LeakyReLU(alpha=0.5)]
    found = np.asarray(sequential_model(layers)(np.array([[-1.0, 2.0]])))
    hint = "-1 and 2, through LeakyReLU(0.5), -2 times that, and LeakyReLU(0.5) again"
    assert_close(found, [[1, -2]], err_msg=hint)
    for layer in layers:
        assert hasattr(layer, "outputs"), (
            f"each layer is called as layer(x), which keeps what its gradients need; layer.{CALL}(x) keeps nothing"
        )


def test_the_weights_of_a_model_are_one_flat_list():
    layers = make_layers(2, 8, 3)
    wanted = [weight for layer in layers for weight in weights_of(layer)]
    found = weights_of(compiled(layers))
    assert len(found) == len(wanted) and all(one is other for one, other in zip(found, wanted)), (
        "the weights of all layers, in their order: one flat list, not one list a layer"
    )


def test_a_step_reports_loss_and_accuracy():
    x, y = draw_clusters(30, seed=1)
    metrics = metrics_of(make_model(2, 8, 3).batch_step(x, y, training=False))
    assert set(metrics) >= {"loss", "acc"}, 'the names of the metrics are "loss" and "acc"'
    assert float(np.squeeze(metrics["loss"])) > 0
    assert 0 <= float(np.squeeze(metrics["acc"])) <= 1


@pytest.mark.parametrize("name", ["MeanSquaredError", CROSS_ENTROPY])
def test_the_losses_take_the_encoders_rows(name):
    from beras.onehot import OneHotEncoder

    encoder = OneHotEncoder()
    encoder.fit(np.arange(5))
    loss, (predictions, one_hot) = sample(name, 7, 5, 5)
    rows = encoder(encoder.inverse(one_hot))
    loss(predictions, np.array(rows, dtype=float))
    wanted = np.array(loss.get_input_gradients()[0])
    loss(predictions, rows)
    assert_close(
        loss.get_input_gradients()[0],
        wanted,
        err_msg=f"your encoder's rows are {np.asarray(rows).dtype}, and as floating-point numbers they give another gradient. "
        "An array that takes its type from y_true has no place for decimals, and of unsigned rows -y_true wraps around",
    )


def test_a_step_while_training_changes_the_weights():
    x, y = draw_clusters(30, seed=1)
    model = make_model(2, 8, 3)
    before = [np.array(weight) for weight in weights_of(model)]
    model.batch_step(x, y, training=True)
    for number, (old, weight) in enumerate(zip(before, weights_of(model))):
        assert (old != weight).any(), f"weight {number} of the model is still as it was: does the step reach it?"


def make_plain_model():
    """Return a model whose steps are 0.1 times the gradient, and its loss."""
    from beras.metrics import CategoricalAccuracy

    # This seed keeps away from the kink of LeakyReLU, as far as float32 needs it.
    layers, rng = make_layers(2, 4, 3), np.random.default_rng(3400)
    model = compiled(layers)
    for layer in layers[::2]:
        set_weights(layer, *(rng.normal(0, 0.5, np.shape(weight)) for weight in weights_of(layer)))
    loss_fn = cross_entropy()
    optimizer = optimizer_of("BasicOptimizer", weights_of(model), learning_rate=0.1)
    model.compile(optimizer=optimizer, loss_fn=loss_fn, acc_fn=CategoricalAccuracy())
    return model, loss_fn


PARTS = (DENSE, "LeakyReLU", "Softmax", CROSS_ENTROPY)


def point_on(optimizer, step):
    """Return where the mistake may be if a model's step is wrong, as a sentence behind another, or nothing.

    step: what the optimizer that the model has takes from 1, at first, with the learning rate 0.1 and the gradient 2.
    """
    weights = [variable(np.ones((1, 1)))]
    apply_gradients(optimizer_of(optimizer, weights, learning_rate=0.1), weights, [np.full((1, 1), 2.0)])
    if abs(weights[0].item() - 1 + step) > 1e-5:
        return f". Mend first what is wrong by itself: {optimizer}"
    wrong = name_wrong_parts((*PARTS, "backward" if BACKWARD else "tape"))
    return f". {wrong}" if wrong else ""


def is_accuracy_wrong():
    """Return whether the metric by itself is wrong."""
    from beras.metrics import CategoricalAccuracy

    predictions, labels = np.array([[0.1, 0.9, 0.0], [0.5, 0.3, 0.2], [0.4, 0.3, 0.3]]), np.eye(3)[[1, 0, 2]]
    return abs(float(np.squeeze(CategoricalAccuracy()(predictions, labels))) - 2 / 3) > 1e-5


def take_step(model, loss_fn, x, y, left=None):
    """Take a step with this batch, which should follow its gradients, by finite differences, and return those.

    `left` are gradients that a step before may have left behind, and "what they are": it is said where they explain all.
    """
    found = [differentiate(lambda: loss_fn(model(x), y), weight) for weight in weights_of(model)]
    gradients = [gradient for gradient, _ in found]
    before = [np.array(weight) for weight in weights_of(model)]
    model.batch_step(x, y, training=True)
    wrong, explained = [], left is not None
    for number, (weight, start, (gradient, precision)) in enumerate(zip(weights_of(model), before, found)):
        near = max(1e-5, 0.1 * tolerate(precision))
        if not np.allclose(weight, start - 0.1 * gradient, rtol=0, atol=near):
            wrong.append((number, np.asarray(weight), start - 0.1 * gradient))
        explained = explained and np.allclose(
            weight, start - 0.1 * (gradient + left[0][number]), rtol=0, atol=10 * near
        )
    for number, weight, expected in wrong:
        hint = "one step of BasicOptimizer(0.1), by the gradients of the loss"
        why = f"; yours are added to {left[1]}" if explained else point_on("BasicOptimizer", 0.2)
        assert_close(weight, expected, err_msg=f"weight {number} of the model: {hint}{why}")
    return gradients


CLEARED = ": does optimizer.zero_grad() come before loss.backward()?" if BACKWARD else ""


def test_a_step_while_training_follows_the_gradient_once():
    take_step(*make_plain_model(), *draw_clusters(7, seed=1))


def test_a_second_step_follows_the_gradients_of_the_second_batch_alone():
    model, loss_fn = make_plain_model()
    gradients = take_step(model, loss_fn, *draw_clusters(7, seed=1))
    take_step(
        model, loss_fn, *draw_clusters(5, seed=2), left=(gradients, f"the gradients of the batch before{CLEARED}")
    )


def test_a_step_while_training_reports_what_was_before_it():
    x, y = draw_clusters(30, seed=1)
    for seed in range(10):  # one step alone may leave the accuracy as it was
        model = make_model(2, 8, 3, seed=seed)
        before = metrics_of(model.batch_step(x, y, training=False))
        metrics = model.batch_step(x, y, training=True)
        for name in ("loss", "acc"):
            assert_close(
                np.squeeze(metrics[name]),
                np.squeeze(before[name]),
                err_msg=f'"{name}" should be that of the predictions which the step was computed from, before it',
            )


if EVALUATED == "metrics and predictions":

    def test_a_step_without_training_returns_the_predictions_too():
        x, y = draw_clusters(30, seed=1)
        model = make_model(2, 8, 3)
        step = model.batch_step(x, y, training=False)
        assert isinstance(step, tuple) and len(step) == 2, (
            f"without training batch_step returns two things, the metrics and the predictions; yours returns {type(step).__name__}"
        )
        metrics, predictions = step
        assert set(metrics) >= {"loss", "acc"}
        assert np.shape(predictions) == (30, 3)


def test_evaluation_changes_no_weight():
    x, y = draw_clusters(30, seed=1)
    model = make_model(2, 8, 3)
    before = [np.array(weight) for weight in weights_of(model)]
    model.evaluate(x, y, batch_size=10)
    for old, weight in zip(before, weights_of(model)):
        np.testing.assert_array_equal(
            old, weight, err_msg="evaluate has changed a weight: is training=False handed on?"
        )


# 30 samples in batches: three full ones and one of 6 samples, full ones alone, one full one, one that is not full.
@pytest.mark.parametrize("batch_size", [8, 10, 30, 40])
def test_evaluation_counts_every_sample_alike(batch_size):
    x, y = draw_clusters(30, seed=1)
    model = make_model(2, 8, 3)
    evaluated = metrics_of(model.evaluate(x, y, batch_size=batch_size))
    starts = range(0, 30, batch_size)

    def mean_over(name, begin, end):
        return float(np.squeeze(metrics_of(model.batch_step(x[begin:end], y[begin:end], training=False))[name]))

    for name in ("loss", "acc"):
        assert name in evaluated, f"evaluate returned {evaluated}, for 30 samples in batches of {batch_size}"
        found = float(np.squeeze(evaluated[name]))
        batches = [mean_over(name, start, start + batch_size) for start in starts]
        sizes = [min(batch_size, 30 - start) for start in starts]
        # What batch_step says of each batch is taken as it is: whether the loss and the metric are right, others ask.
        wanted = np.average(batches, weights=sizes)
        # The samples of the smaller batch may be left out, as `fit` does it.
        as_good = [
            wanted,
            mean_over(name, 0, 30),
            *([mean_over(name, 0, 24), np.mean(batches[:3])] if batch_size == 8 else []),
        ]
        why = ""
        if len(set(sizes)) > 1 and found == pytest.approx(np.mean(batches), rel=1e-5):
            why = (
                ": a plain mean over batches counts the 6 samples of the last one more; weigh each batch by its samples"
            )
        elif len(sizes) > 1 and found == pytest.approx(batches[-1], rel=1e-5):
            why = ": yours is that of the last batch alone"
        elif len(sizes) > 1 and found == pytest.approx(np.sum(batches), rel=1e-5):
            why = ": yours is the sum over the batches"
        assert any(found == pytest.approx(value, rel=1e-5) for value in as_good), (
            f'"{name}" of 30 samples in batches of {batch_size} should be {wanted:.6g}, the mean of what batch_step says of '
            f"each, and is {found:.6g}{why}"
        )


def test_a_step_leaves_frozen_weights_alone():
    x, y = draw_clusters(30, seed=1)
    model = make_model(2, 8, 3)
    frozen = weights_of(model)[0]
    freeze(frozen)
    before = np.array(frozen)
    model.batch_step(x, y, training=True)
    np.testing.assert_array_equal(frozen, before, err_msg="a frozen weight has moved")


def test_training_learns_what_is_easy_to_learn():
    np.random.seed(0)
    model = make_model(2, 8, 3)
    with quiet():
        model.fit(*draw_clusters(300, seed=1), epochs=10, batch_size=20)
    metrics = metrics_of(model.batch_step(*draw_clusters(100, seed=2), training=False))
    accuracy = float(np.squeeze(metrics["acc"]))
    if is_accuracy_wrong():
        why = ". Mend first what is wrong by itself: CategoricalAccuracy"
    else:
        why = "" if accuracy > 0.9 else point_on("Adam", 0.1)
    assert accuracy > 0.9, (
        f"of three clusters far from each other, only {accuracy:.0%} are told apart after 10 epochs{why}"
    )


def each_model(test):
    """Run the test for each function of assignment.py that makes a model; where there is none, there is no such test."""
    return pytest.mark.parametrize("name", ["get_model"] if ONE_MODEL else MODELS)(test) if MODELS else None


@each_model
def test_the_models_are_ready_to_train_on_images(name):
    import assignment

    made = getattr(assignment, name)()
    if ONE_MODEL:
        model, loss = made, assignment.get_loss_fn()
        optimizer = assignment.get_optimizer(model) if BACKWARD else assignment.get_optimizer()
        model.compile(optimizer, loss, assignment.get_acc_fn())
    else:
        model, loss = made.model, made.model.compiled_loss
        assert made.epochs > 0
        assert made.batch_size > 0
    images = np.random.default_rng(0).uniform(0, 1, (4, 784)).astype(np.float32)
    predictions = np.asarray(model(images))
    assert predictions.shape == (4, 10), "4 images, 10 classes"
    assert not isinstance(loss, type), (
        f"the loss is the class {loss.__name__} itself: an object of it, with (), is meant"
    )
    if type(loss).__name__ == CROSS_ENTROPY and "beras" in type(loss).__module__:
        assert predictions.min() >= 0 and predictions.max() <= 1 + 1e-5, (
            f"a cross-entropy takes probabilities, and the model's predictions go from {predictions.min():.3g} to "
            f"{predictions.max():.3g}: does it end in Softmax?"
        )
    metrics = model.batch_step(images, np.eye(10)[:4], training=True)
    assert np.isfinite(float(np.squeeze(metrics["loss"])))


def make_counting_model(seen):
    """Return a model that puts the samples of each batch into `seen`; its loss is the number of the batch."""
    from beras import model as models

    class Counting(models.Sequential if BACKWARD else models.Model):
        def call(self, inputs):
            return inputs

        forward = call

        def batch_step(self, x, y, training=True):
            seen.append(np.ravel(x).tolist())
            self.apart = getattr(self, "apart", False) or np.ravel(x).tolist() != np.ravel(y).tolist()
            metrics = {"loss": float(len(seen)), "acc": 1.0}
            return metrics if training or EVALUATED == "metrics" else (metrics, np.ones((len(x), 1)))

    model = Counting() if BACKWARD else Counting([])
    model.compile(None, None, None)
    return model


def train(model, *arguments, **settings):
    """Call `fit`, and return the history, which must be a dict of lists."""
    history = model.fit(*arguments, **settings)
    assert isinstance(history, dict), f"fit should return the history, a dict, and returns {type(history).__name__}"
    for name, values in history.items():
        assert isinstance(values, (list, tuple, np.ndarray)), (
            f'history["{name}"] should be a list with one mean an epoch, and is {type(values).__name__}'
        )
    return history


@pytest.mark.parametrize(
    ("count", "hint"),
    [
        (6, "6 samples in batches of 3 are two batches an epoch: is the last one left out, although it is full?"),
        (7, "7 samples in batches of 3 are two batches an epoch; the seventh is left out"),
    ],
    ids=["6 samples", "7 samples"],
)
def test_fit_trains_once_an_epoch_on_every_sample_of_the_full_batches(count, hint):
    seen = []
    model, x = make_counting_model(seen), np.arange(float(count))[:, np.newaxis]
    model.fit(x, x.copy(), epochs=2, batch_size=3)
    assert not model.apart, "a sample gets the label of another: x and y are taken, or shuffled, in the same order"
    assert [len(batch) for batch in seen] == [3, 3, 3, 3], hint
    for epoch in (seen[:2], seen[2:]):
        assert len(set(sum(epoch, []))) == 6, "an epoch has the same sample twice"  # in any order


def test_fit_leaves_its_arrays_as_they_were():
    x, y = np.arange(6.0)[:, np.newaxis], np.arange(6.0, 12)[:, np.newaxis]
    make_counting_model([]).fit(x, y, epochs=2, batch_size=3)
    hint = "fit changes the arrays that it is given: to shuffle, make new ones, as x[order] does"
    np.testing.assert_array_equal(np.ravel(x), np.arange(6.0), err_msg=hint)
    np.testing.assert_array_equal(np.ravel(y), np.arange(6.0, 12), err_msg=hint)


def test_a_second_fit_has_a_history_of_its_own():
    model, x, y = make_counting_model([]), np.arange(6.0)[:, np.newaxis], np.ones((6, 1))
    for epochs in (2, 1):
        lengths = [len(values) for values in train(model, x, y, epochs=epochs, batch_size=3).values()]
        assert lengths == [epochs, epochs], "one mean an epoch of this fit alone: what is kept of the fit before?"


def test_a_models_methods_take_their_arguments_by_name():
    x, y = draw_clusters(6, seed=1)
    model = make_model(2, 8, 3)
    assert np.shape(model(x)) == (6, 3)
    model.batch_step(x=x, y=y, training=True)
    with quiet():
        model.fit(x=x, y=y, epochs=1, batch_size=3)
    model.evaluate(x=x, y=y, batch_size=3)


def test_the_history_has_one_mean_an_epoch():
    seen = []
    model = make_counting_model(seen)
    history = train(model, np.arange(6.0)[:, np.newaxis], np.ones((6, 1)), epochs=2, batch_size=3)
    assert len(seen) == 4, f"6 samples in batches of 3 are two batches an epoch, and two epochs trained on {len(seen)}"
    losses = np.ravel(history["loss"]).tolist()
    assert losses == [1.5, 3.5], (
        "the batches of two epochs have the losses 1 and 2, and 3 and 4: one mean an epoch, over the batches of that epoch "
        "alone"
    )
    assert np.ravel(history["acc"]).tolist() == [1, 1]
