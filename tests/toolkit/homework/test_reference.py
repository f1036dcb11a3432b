"""The reference is right: its gradients are those of its own functions, in float64 and in float32."""

import importlib
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.assignment import config

ROOT = Path(__file__).resolve().parents[3]
MODULES = (
    "core",
    "layers",
    "activations",
    "losses",
    "metrics",
    "onehot",
    "optimizers",
    "gradient_tape",
    "model",
)

sizes = st.integers(1, 6)
names = st.sampled_from(["Dense", "LeakyReLU", "Sigmoid", "Softmax", "MeanSquaredError", "CategoricalCrossentropy"])


def test_what_students_read_asks_for_the_accuracy_that_is_graded():
    asked = config.load(ROOT).training.accuracy
    named = {
        f"{path.relative_to(ROOT)}: {share or percent}": float(share) if share else float(percent) / 100
        for folder in ("reference", "student_template")
        for path in sorted((ROOT / folder).rglob("*.*"))
        if path.suffix in (".py", ".md")
        for share, percent in re.findall(r"TARGET = ([\d.]+)|over ([\d.]+) %", path.read_text("utf-8"))
    }
    assert named
    assert {place: share for place, share in named.items() if abs(share - asked) > 1e-9} == {}


def unload():
    """Forget the modules of any homework, so that the next import finds those of its own folder."""
    for name in list(sys.modules):
        if name.split(".")[0] in ("beras", "assignment", "preprocess", "visualize", "tests"):
            del sys.modules[name]


@pytest.fixture(scope="module")
def beras():
    """Return the reference's modules by name, with the public gradient checker as `check`."""
    unload()
    folders = [str(ROOT / "reference"), str(ROOT / "student_template")]
    sys.path[:0] = folders
    try:
        modules = {name: importlib.import_module(f"beras.{name}") for name in MODULES}
        modules |= {name: importlib.import_module(name) for name in ("assignment", "preprocess")}
        modules["check"] = importlib.import_module("tests.gradient_check")
        yield SimpleNamespace(**modules)
    finally:
        for folder in folders:
            sys.path.remove(folder)
        unload()


@given(name=names, batch_size=sizes, features=sizes, outputs=sizes)
@settings(deadline=None, max_examples=60)
def test_input_gradients_agree_with_finite_differences(beras, name, batch_size, features, outputs):
    layer, inputs = beras.check.sample(name, batch_size, features, outputs)
    beras.check.check_input_gradients(layer, *inputs)


@given(batch_size=sizes, features=sizes, outputs=sizes)
@settings(deadline=None, max_examples=30)
def test_weight_gradients_agree_with_finite_differences(beras, batch_size, features, outputs):
    layer, inputs = beras.check.sample("Dense", batch_size, features, outputs)
    beras.check.check_weight_gradients(layer, *inputs)


@given(name=st.sampled_from(["Dense", "Softmax"]), batch_size=sizes, features=sizes, outputs=sizes)
@settings(deadline=None, max_examples=30)
def test_vectorised_gradients_equal_those_of_the_loop(beras, name, batch_size, features, outputs):
    layer, inputs = beras.check.sample(name, batch_size, features, outputs)
    upstream = [np.random.default_rng(0).normal(size=layer(*inputs).shape)]
    for method in ("compose_input_gradients", "compose_weight_gradients"):
        fast = getattr(layer, method)(upstream)
        looped = getattr(beras.core.Diffable, method)(layer, upstream)
        assert len(fast) == len(looped)
        for ours, theirs in zip(fast, looped, strict=True):
            assert ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["Dense", "LeakyReLU", "Sigmoid", "Softmax"])
def test_float32_stays_float32_through_a_layer(beras, name):
    layer, (x,) = beras.check.sample(name, 7, 5, 3)
    if name == "Dense":
        layer = beras.layers.Dense(5, 3)
    output = layer(x.astype(np.float32))
    upstream = [np.ones_like(output)]
    results = [output, *layer.get_input_gradients(), *layer.get_weight_gradients()]
    results += [*layer.compose_input_gradients(upstream), *layer.compose_weight_gradients(upstream)]
    assert {result.dtype for result in results} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", ["MeanSquaredError", "CategoricalCrossentropy"])
def test_float32_stays_float32_through_a_loss(beras, name):
    loss, inputs = beras.check.sample(name, 7, 5, 3)
    value = loss(*(array.astype(np.float32) for array in inputs))
    assert {array.dtype for array in (value, *loss.get_input_gradients())} == {np.dtype(np.float32)}


@pytest.mark.parametrize("optimizer", ["BasicOptimizer", "RMSProp", "Adam"])
def test_float32_stays_float32_in_an_optimizers_memory(beras, optimizer):
    step = getattr(beras.optimizers, optimizer)(0.1)
    parameter = np.ones((2, 3), dtype=np.float32)
    step.apply_gradients([parameter], [np.ones_like(parameter)])
    memories = [array for memory in vars(step).values() if isinstance(memory, dict) for array in memory.values()]
    assert {array.dtype for array in (parameter, *memories)} == {np.dtype(np.float32)}


def test_softmax_of_huge_logits_is_finite_in_every_row(beras):
    logits = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4]], dtype=np.float32)
    probabilities = beras.activations.Softmax()(logits)
    np.testing.assert_allclose(probabilities, [[1, 0, 0], [1 / 3] * 3], rtol=1e-6)


def test_sigmoid_keeps_its_precision_far_below_zero(beras):
    x = np.array([[-700.0, -40, 40]])
    np.testing.assert_allclose(beras.activations.Sigmoid()(x), np.exp([[-700.0, -40, 0]]), rtol=1e-15)


@pytest.mark.parametrize(
    ("initializer", "deviation"),
    [
        ("normal", 1),
        ("xavier", np.sqrt(2 / 500)),
        ("Kaiming", np.sqrt(2 / 300)),
        ("xavier uniform", np.sqrt(2 / 500)),
        ("KAIMING UNIFORM", np.sqrt(2 / 300)),
    ],
)
def test_initializers_have_the_deviation_of_their_paper(beras, initializer, deviation):
    np.random.seed(0)  # noqa: NPY002 - Beras draws from NumPy's global generator, as students do
    w = beras.layers.Dense(300, 200, initializer).w
    assert w.std() == pytest.approx(deviation, rel=0.02)
    # The largest of 60,000 even draws is sqrt(3) deviations from zero, and of normal ones more than four.
    assert (np.abs(w).max() < 1.8 * deviation) == ("uniform" in initializer.lower())


def test_an_unknown_initializer_is_told_with_the_known_ones(beras):
    with pytest.raises(ValueError, match="unknown initializer 'glorot': choose one of zero, normal, xavier"):
        beras.layers.Dense(2, 3, "glorot")


def test_a_tensor_of_a_tensor_is_a_new_view_of_the_same_memory(beras):
    first = beras.core.Tensor([1.0, 2.0])
    first.trainable = False
    second = beras.core.Tensor(first)
    assert second is not first
    assert np.shares_memory(first, second)
    assert second.trainable is False


def test_inputs_given_by_name_are_kept_in_the_order_of_the_declaration(beras):
    loss = beras.losses.MeanSquaredError()
    y_pred, y_true = np.ones((2, 3)), np.zeros((2, 3))
    loss(y_true=y_true, y_pred=y_pred)
    assert loss.inputs[0] is y_pred
    assert loss.inputs[1] is y_true


@pytest.mark.parametrize("shape", [(3,), (1, 3), (1,), ()])
def test_the_loop_accepts_every_shape_of_a_bias_gradient(beras, shape):
    class Bias(beras.core.Diffable):
        weights = (np.zeros((1, 3)),)

        def call(self, x):
            return x + self.weights[0]

        def get_input_gradients(self):
            return [np.eye(3)]

        def get_weight_gradients(self):
            return [np.ones(shape)]

    layer = Bias()
    layer(np.ones((2, 3)))
    (gradient,) = layer.compose_weight_gradients([np.array([[1.0, 2, 3], [10, 20, 30]])])
    np.testing.assert_allclose(gradient, [[11, 22, 33]])


def test_a_tensor_that_two_layers_use_gets_the_sum_of_their_gradients(beras):
    class Add(beras.activations.Activation):
        def call(self, x, y):
            return x + y

        def get_input_gradients(self):
            return [np.eye(3), np.eye(3)]

    shared = beras.layers.Dense(3, 3)
    left, right, add = beras.activations.LeakyReLU(), beras.activations.Sigmoid(), Add()
    loss = beras.losses.MeanSquaredError()
    x, y = np.random.default_rng(0).normal(size=(2, 4, 3))

    def compute():
        hidden = shared(x)
        return loss(add(left(hidden), right(hidden)), y)

    shared.w = beras.core.Tensor(shared.w.astype(np.float64))
    with beras.gradient_tape.GradientTape() as tape:
        target = compute()
    (gradient,) = tape.gradient(target, [shared.w])
    numeric = np.zeros_like(gradient)
    for index in np.ndindex(shared.w.shape):
        shared.w[index] += 1e-6
        above = compute()
        shared.w[index] -= 2e-6
        numeric[index] = (above - compute()) / 2e-6
        shared.w[index] += 1e-6
    np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-8)


def test_a_frozen_weight_is_left_out_and_the_others_keep_their_gradients(beras):
    np.random.seed(0)  # noqa: NPY002 - see above
    model = beras.assignment.SequentialModel([beras.layers.Dense(4, 3), beras.activations.Softmax()])
    model.compile(beras.optimizers.BasicOptimizer(0.1), beras.losses.MeanSquaredError(), lambda probs, y: 0)
    frozen, bias = model.weights
    frozen.trainable = False
    before = np.array(frozen)
    x, y = np.ones((2, 4), dtype=np.float32), np.eye(3, dtype=np.float32)[:2]
    model.batch_step(x, y)
    np.testing.assert_array_equal(frozen, before)
    assert np.any(bias != 0)


def test_a_source_that_was_not_used_gets_no_gradient(beras):
    with beras.gradient_tape.GradientTape() as tape:
        target = beras.losses.MeanSquaredError()(np.ones((2, 3)), np.zeros((2, 3)))
    assert tape.gradient(target, [beras.core.Tensor([1.0])]) == [None]


def test_tapes_cannot_be_nested(beras):
    with (
        beras.gradient_tape.GradientTape(),
        pytest.raises(RuntimeError, match="recording already"),
        beras.gradient_tape.GradientTape(),
    ):
        pass
    assert beras.core.Diffable.gradient_tape is None


def test_evaluation_counts_every_sample_once(beras):
    class Means(beras.assignment.SequentialModel):
        def batch_step(self, x, y, training=True):
            return {"mean": np.mean(x)}

    x = np.arange(10.0)
    assert Means([]).evaluate(x, x, batch_size=4) == {"mean": pytest.approx(4.5)}


def test_fit_gives_one_number_an_epoch_and_drops_the_partial_batch(beras, capsys):
    class Means(beras.assignment.SequentialModel):
        def batch_step(self, x, y, training=True):
            return {"mean": np.mean(x)}

    x = np.arange(10.0)
    assert Means([]).fit(x, x, epochs=2, batch_size=4) == {"mean": [3.5, 3.5]}
    assert re.search(r"epoch 2/2, batch 2/2, \S+ s per epoch, 0 s left: mean 3\.5000", capsys.readouterr().out)


def test_an_unseen_label_cannot_be_encoded(beras):
    encoder = beras.onehot.OneHotEncoder()
    encoder.fit(np.array([3, 7]))
    with pytest.raises(ValueError, match=r"cannot encode \[5\]: fit has seen \[3, 7\] only"):
        encoder(np.array([3, 5]))


def test_mnist_is_read_from_a_file_beside_the_module(beras, monkeypatch, tmp_path):
    rng = np.random.default_rng(0)
    arrays = {
        "x_train": rng.integers(0, 256, (6, 28, 28), dtype=np.uint8),
        "y_train": np.arange(6, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (4, 28, 28), dtype=np.uint8),
        "y_test": np.arange(4, dtype=np.uint8),
    }
    np.savez(tmp_path / "mnist.npz", **arrays)
    monkeypatch.setattr(beras.preprocess, "MNIST_FILE", tmp_path / "mnist.npz")
    train_inputs, _, test_inputs, test_labels = beras.preprocess.load_and_preprocess_data()
    assert train_inputs.dtype == np.float32
    np.testing.assert_allclose(test_inputs[3], arrays["x_test"][3].ravel() / 255, rtol=1e-6)
    np.testing.assert_array_equal(train_inputs.shape, (6, 784))
    np.testing.assert_array_equal(test_labels, arrays["y_test"])
