"""The sequential model and its components: a little training with all your parts together."""

import numpy as np
import pytest

from tests.edition import ONE_MODEL, cross_entropy, metrics_of, sequential_model


def make_model(*sizes):
    """Return a compiled SequentialModel of dense layers with these sizes, which classifies."""
    from beras.activations import LeakyReLU, Softmax
    from beras.layers import Dense
    from beras.metrics import CategoricalAccuracy
    from beras.optimizers import Adam

    layers = []
    for size, next_size in zip(sizes, sizes[1:]):
        layers += [Dense(size, next_size, "kaiming"), LeakyReLU()]
    layers[-1] = Softmax()
    model = sequential_model(layers)
    model.compile(optimizer=Adam(0.02), loss_fn=cross_entropy(), acc_fn=CategoricalAccuracy())
    return model


def draw_clusters(count, seed):
    """Return `count` points of the plane around three well separated centres, and their one-hot labels."""
    from beras.core import Tensor

    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=count)
    centres = np.array([[0, 3], [3, -3], [-3, -3]])
    return Tensor(centres[labels] + rng.normal(size=(count, 2))), Tensor(np.eye(3)[labels])


def test_the_layers_run_one_after_the_other():
    from beras.activations import ReLU

    assert sequential_model([ReLU(), lambda x: x + 1, lambda x: 10 * x])(np.array([[-1.0, 2.0]])).tolist() == [[10, 30]]


def test_a_step_reports_loss_and_accuracy():
    x, y = draw_clusters(30, seed=1)
    metrics = metrics_of(make_model(2, 8, 3).batch_step(x, y, training=False))
    assert float(np.squeeze(metrics["loss"])) > 0
    assert 0 <= float(np.squeeze(metrics["acc"])) <= 1


def test_a_step_while_training_changes_the_weights():
    x, y = draw_clusters(30, seed=1)
    model = make_model(2, 8, 3)
    before = [np.array(weight) for weight in model.weights]
    model.batch_step(x, y, training=True)
    assert all((old != weight).any() for old, weight in zip(before, model.weights))


def test_evaluation_changes_no_weight():
    x, y = draw_clusters(30, seed=1)
    model = make_model(2, 8, 3)
    before = [np.array(weight) for weight in model.weights]
    model.evaluate(x, y, batch_size=10)
    for old, weight in zip(before, model.weights):
        np.testing.assert_array_equal(old, weight)


def test_evaluation_counts_every_sample_alike():
    x, y = draw_clusters(30, seed=1)
    model = make_model(2, 8, 3)
    evaluated = model.evaluate(x, y, batch_size=8)  # three full batches, and one of six samples
    loss = float(np.squeeze(metrics_of(evaluated)["loss"]))

    def mean_over(count):
        return float(np.squeeze(metrics_of(model.batch_step(x[:count], y[:count], training=False))["loss"]))

    # The samples of the smaller batch may be left out, as `fit` does it.
    assert loss in (pytest.approx(mean_over(30)), pytest.approx(mean_over(24)))


def test_a_step_leaves_frozen_weights_alone():
    x, y = draw_clusters(30, seed=1)
    model = make_model(2, 8, 3)
    frozen = model.weights[0]
    frozen.trainable = False
    before = np.array(frozen)
    model.batch_step(x, y, training=True)
    np.testing.assert_array_equal(frozen, before)


def test_training_learns_what_is_easy_to_learn():
    np.random.seed(0)
    model = make_model(2, 8, 3)
    model.fit(*draw_clusters(300, seed=1), epochs=10, batch_size=20)
    metrics = metrics_of(model.batch_step(*draw_clusters(100, seed=2), training=False))
    assert float(np.squeeze(metrics["acc"])) > 0.9


def get_models():
    """Return the names of the functions in assignment.py that make the models."""
    return (
        ["get_model"] if ONE_MODEL else [f"get_{kind}_model_components" for kind in ("simplest", "simple", "advanced")]
    )


@pytest.mark.parametrize("name", get_models())
def test_the_models_are_ready_to_train_on_images(name):
    import assignment

    made = getattr(assignment, name)()
    if ONE_MODEL:
        model = made
        model.compile(assignment.get_optimizer(), assignment.get_loss_fn(), assignment.get_acc_fn())
    else:
        model = made.model
        assert made.epochs > 0
        assert made.batch_size > 0
    images = np.random.default_rng(0).uniform(0, 1, (4, 784)).astype(np.float32)
    assert np.shape(model(images)) == (4, 10)
    metrics = model.batch_step(images, np.eye(10)[:4], training=True)
    assert np.isfinite(metrics["loss"]).all()


def test_fit_trains_on_every_sample_in_every_epoch():
    from beras.model import Model

    class Counting(Model):
        def call(self, inputs):
            return inputs

        forward = call

        def batch_step(self, x, y, training=True):
            seen.extend(np.ravel(x).tolist())
            return {"loss": 0.0, "acc": 1.0}

    seen = []
    model = Counting([])
    model.compile(None, None, None)
    model.fit(np.arange(6.0)[:, np.newaxis], np.ones((6, 1)), epochs=2, batch_size=3)
    assert sorted(seen) == sorted([*range(6), *range(6)])
