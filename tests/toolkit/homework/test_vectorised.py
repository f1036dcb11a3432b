"""Vectorised composition: the same numbers as the handout's loop, and the submission's own where they differ."""

import itertools

import numpy as np
import pytest
from guest import blame
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.assignment.files import read_sources
from autograder.assignment.variants import load, render, without_companions
from autograder.guest.loader import World
from homework import vectorised, weight_gradients

SPELLED_OUT = "np.repeat(x[:, :, np.newaxis], self.w.shape[1], axis=2)"
# The handout's sum, as some editions print it: a (B, in, out) array in the dtype of the local gradient.
FILLED = """
                gradient = np.zeros((len(upstream), *weight.shape), dtype=local_gradient.dtype)
                for sample in range(len(upstream)):
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    gradient[sample] = sample_gradient * upstream[sample]
                composed.append(gradient.sum(axis=0))
"""


def trained(files, *, fast, dtype=np.float64, local="x[:, :, np.newaxis]", core_of=lambda text: text):
    """The weights after an epoch of a small net whose Dense writes its weight gradient as `local`; what was done."""
    files = without_companions(files, "beras/layers.py", "Dense")
    layers = files["beras/layers.py"].decode().replace("x[:, :, np.newaxis]", local)
    core_text = core_of(files["beras/core.py"].decode())
    world = World({**files, "beras/layers.py": layers.encode(), "beras/core.py": core_text.encode()}, {})
    rng = np.random.default_rng(1)
    x, labels = rng.uniform(size=(240, 20)).astype(dtype), rng.integers(0, 4, 240)
    with world.importing():
        core = world.module("beras.core")
        composition = vectorised.accelerate(core) if fast else None
        assignment_module = world.module("assignment")
        dense = world.module("beras.layers").Dense
        np.random.seed(3)  # noqa: NPY002  what the reference draws from
        network = [dense(20, 7, "xavier"), world.module("beras.activations").LeakyReLU(), dense(7, 4, "xavier")]
        for layer in (network[0], network[2]):
            layer.w, layer.b = core.Tensor(layer.w.astype(dtype)), core.Tensor(layer.b.astype(dtype))
        model = assignment_module.SequentialModel([*network, world.module("beras.activations").Softmax()])
        losses, optimizers = world.module("beras.losses"), world.module("beras.optimizers")
        accuracy = world.module("beras.metrics").CategoricalAccuracy()
        model.compile(optimizers.BasicOptimizer(0.1), losses.CategoricalCrossentropy(), accuracy)
        model.fit(core.Tensor(x), core.Tensor(np.eye(4, dtype=dtype)[labels]), epochs=1, batch_size=6)
        return [np.asarray(weight) for weight in model.weights], composition and composition.told


def filled(text):
    start = text.index("                gradient = np.zeros(weight.shape")
    end = "                composed.append(gradient)\n"
    return text[:start] + FILLED.lstrip("\n") + text[text.index(end, start) + len(end) :]


@pytest.mark.parametrize("local", ["x[:, :, np.newaxis]", SPELLED_OUT], ids=["(B, in, 1)", "(B, in, out)"])
@pytest.mark.parametrize("core_of", [lambda text: text, filled], ids=["summed", "filled"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_an_epoch_ends_at_the_same_weights(reference_files, dtype, tolerance, local, core_of):
    loop, _ = trained(reference_files, fast=False, dtype=dtype, local=local, core_of=core_of)
    fast, told = trained(reference_files, fast=True, dtype=dtype, local=local, core_of=core_of)
    assert told == ("vectorised; 2 of 2 (B, in, out) left out" if local == SPELLED_OUT else "vectorised")
    for one, other in zip(loop, fast, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "local",
    [
        f"{SPELLED_OUT} * (1 + (np.abs(self.b).max() > 0))",  # right while the bias is what it was
        f"{SPELLED_OUT} + np.random.normal(size=(len(x), *self.w.shape))",
        f"2 * {SPELLED_OUT}",
        f"{SPELLED_OUT} / len(x)",
    ],
    ids=["depends on other state", "random", "twice too large", "averaged"],
)
def test_what_is_not_the_input_for_every_output_is_asked_for(reference_files, local):
    _, told = trained(reference_files, fast=True, local=local)
    asked_twice = "the submission's own compose methods: other weight gradients in a batch of 6"
    assert told in ("vectorised; 0 of 2 (B, in, out) left out", "vectorised") or (
        "random" in local and told == asked_twice
    )


def test_a_gradient_that_keeps_count_is_asked_for_in_every_batch(reference_files):
    counted = f"{SPELLED_OUT}]\n        self.calls = getattr(self, 'calls', 0) + 1\n        gradients = [*gradients"
    text = reference_files["beras/layers.py"].decode()
    text = text.replace(
        "return [x[:, :, np.newaxis], np.ones_like(self.b)]",
        f"gradients = [{counted}, np.ones_like(self.b)]\n        return gradients",
    )
    _, told = trained({**reference_files, "beras/layers.py": text.encode()}, fast=True)
    assert told == "vectorised"


def test_the_submissions_own_random_numbers_are_not_touched(reference_files):
    drawn = [
        np.random.random()  # noqa: NPY002  the stream in question
        for fast in (False, True)
        if trained(reference_files, fast=fast, local=SPELLED_OUT)
    ]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    "change",
    [
        ("sample_gradient @ upstream[sample]", "2 * sample_gradient @ upstream[sample]"),
        ("gradient += contribution", "gradient -= contribution"),
        ("        return composed", "        return tuple(composed)"),
    ],
)
def test_a_core_that_composes_otherwise_is_left_alone(reference_files, change):
    core = reference_files["beras/core.py"].decode()
    assert change[0] in core
    world = World({**reference_files, "beras/core.py": core.replace(*change).encode()}, {})
    with world.importing():
        module = world.module("beras.core")
        before = module.Diffable.compose_input_gradients
        assert vectorised.accelerate(module).problem
        assert module.Diffable.compose_input_gradients is before


def test_a_mistake_in_a_local_gradient_stays_a_mistake(assignment, reference_files):
    chaffs = load(assignment.reference / "chaffs")
    world = World(render(reference_files, [chaffs["transposed"]]), {})
    with world.importing():
        core = world.module("beras.core")
        vectorised.accelerate(core)
        layer = world.module("beras.layers").Dense(5, 3)
        layer(core.Tensor(np.ones((7, 5))))
        with pytest.raises(ValueError, match=r"matmul|mismatch"):
            layer.compose_input_gradients([np.ones((7, 3))])


@pytest.fixture(scope="module")
def core(assignment):
    """The reference's core.py, whose Diffable the tests below accelerate and set back."""
    world = World(read_sources(assignment.reference), {})
    with world.importing():
        yield world.module("beras.core")


def layer_class(core, kind, weight_local, bias_local, override):
    """A layer of a weight and a bias, of an empty weight, or of none, with local gradients of the shapes asked for."""

    class Layer(core.Diffable):
        def __init__(self, rng, size, out, bias_shape, dtype):
            super().__init__()
            out = out if kind == "dense" else size
            self.out, self.dtype = out, dtype
            draw = lambda *shape: core.Tensor(rng.normal(size=shape).astype(dtype))  # noqa: E731
            self.w, self.b = draw(size, out), draw(*((1, out) if bias_shape == 2 else (out,)))
            self.nothing = draw(0)

        @property
        def weights(self):
            return {"dense": [self.w, self.b], "empty": [self.nothing]}.get(kind, [])

        def call(self, x, *_):
            return x @ self.w + self.b if kind == "dense" else x * x

        forward = call

        def get_input_gradients(self):
            if kind == "dense":
                return [self.w]
            diagonals = np.eye(self.out) * 2 * np.asarray(self.inputs[0])[:, None, :]
            return [core.Tensor(diagonals.astype(self.dtype))]

        def get_weight_gradients(self):
            if kind == "empty":
                return [core.Tensor(np.zeros((1, 0), self.dtype))]
            if kind != "dense":
                return []
            x, batch, out = np.asarray(self.inputs[0]), len(self.inputs[0]), self.out
            local = x[:, :, None] if weight_local == 1 else np.repeat(x[:, :, None], out, axis=2)
            shape = {"(out,)": (out,), "(1, out)": (1, out), "(1,)": (1,), "()": (), "(B, 1)": (batch, 1)}.get(
                bias_local, (batch, 1, out)
            )
            return [core.Tensor(local), core.Tensor(np.ones(shape, self.dtype))]

        if override:

            def compose_input_gradients(self, J=None):
                if J is None or J[0] is None:
                    return self.get_input_gradients()
                return [3 * gradient for gradient in super().compose_input_gradients(J)]

    return Layer


class TwoInputs:
    """What stands in the middle of a network like a loss: two inputs, and a local gradient by the first alone."""

    def __new__(cls, core):
        class Loss(core.Diffable):
            weights = ()

            def call(self, x, truth):
                return (x - truth) ** 2

            forward = call

            def get_input_gradients(self):
                x, truth = (np.asarray(array) for array in self.inputs)
                return [core.Tensor(np.eye(x.shape[1]) * 2 * (x - truth)[:, None, :])]

            def get_weight_gradients(self):
                return []

        return Loss()


networks = st.fixed_dictionaries(
    {
        "batch": st.integers(0, 5),
        "sizes": st.lists(st.integers(1, 5), min_size=2, max_size=4),
        "kinds": st.lists(st.sampled_from(["dense", "dense", "weightless", "empty"]), min_size=3, max_size=3),
        "weight_local": st.sampled_from([1, "out"]),
        "bias_local": st.sampled_from(["(out,)", "(1, out)", "(1,)", "()", "(B, 1)", "(B, 1, out)"]),
        "bias_shape": st.sampled_from([1, 2]),
        "dtypes": st.tuples(*[st.sampled_from([np.float32, np.float64])] * 3),
        "overrides": st.integers(0, 3),
        "loss": st.booleans(),
        "twice": st.booleans(),
        "asks_all": st.booleans(),
        "form": st.sampled_from(["list", "tuple", "array", "keyword"]),
        "seed": st.integers(0, 2**32 - 1),
    }
)


def gradients_of(core, plan):
    """All gradients of three batches through a drawn network, last layer first; or the class of what was raised."""
    rng = np.random.default_rng(plan["seed"])
    by_weights, by_data, by_upstream = plan["dtypes"]
    layers, size = [], plan["sizes"][0]
    for number, (kind, out) in enumerate(zip(plan["kinds"], plan["sizes"][1:], strict=False)):
        make = layer_class(core, kind, plan["weight_local"], plan["bias_local"], number == plan["overrides"])
        layers.append(make(rng, size, out, plan["bias_shape"], by_weights))
        size = layers[-1].out
    if plan["twice"] and layers[-1].w.shape[0] == size:
        layers.append(layers[-1])
    if plan["loss"]:
        layers.insert(1, TwoInputs(core))
    found = []
    try:
        for batch in (plan["batch"], plan["batch"], plan["batch"] + 1):
            value = core.Tensor(rng.normal(size=(batch, plan["sizes"][0])).astype(by_data))
            for layer in layers:
                more = [np.ones_like(value)] if type(layer).__name__ == "Loss" else []
                value = layer(value, *more)
            upstream = [rng.normal(size=value.shape).astype(by_upstream)]
            for layer in reversed(layers):
                if plan["form"] == "keyword":
                    call = lambda compose, J=upstream: compose(J=J)  # noqa: E731
                else:
                    handed = {"tuple": tuple, "array": np.array}.get(plan["form"], list)(upstream)
                    call = lambda compose, J=handed: compose(J)  # noqa: E731
                if plan["asks_all"] or layer.weights:
                    found.append(call(layer.compose_weight_gradients))
                upstream = call(layer.compose_input_gradients)
                found.append(upstream)
    except Exception as error:  # noqa: BLE001  whatever it is, both must raise it
        found.append(type(error))
    return found


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=networks)
def test_any_network_under_any_tape_has_its_own_gradients(core, plan):
    own = core.Diffable.compose_input_gradients, core.Diffable.compose_weight_gradients
    slow = gradients_of(core, plan)
    try:
        composition = vectorised.accelerate(core)
        fast = gradients_of(core, plan)
    finally:
        core.Diffable.compose_input_gradients, core.Diffable.compose_weight_gradients = own
    assert not composition.problem
    assert blame.faults.take() == []
    assert len(slow) == len(fast)
    for one, other in zip(slow, fast, strict=True):
        if isinstance(one, type):
            assert one is other
            continue
        assert type(one) is type(other)
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert (type(left), left.shape, left.dtype) == (type(right), right.shape, right.dtype)
            tolerance = 1e-4 if np.float32 in plan["dtypes"] else 1e-11
            largest = max(np.abs(np.asarray(left)).max(initial=0), 1)
            np.testing.assert_allclose(np.asarray(left), np.asarray(right), rtol=0, atol=tolerance * largest)


def with_core(files, *change):
    core = files["beras/core.py"].decode()
    assert change[0] in core
    return {**files, "beras/core.py": core.replace(*change).encode()}


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("input", ("sample_gradient @ upstream[sample]", "sample_gradient @ upstream[sample] * (len(upstream) < 5)")),
        ("weight", ("gradient += contribution", "gradient += (len(upstream) < 5) * contribution")),
    ],
)
def test_a_core_that_is_wrong_for_larger_batches_is_not_rescued(reference_files, what, change):
    wrong = with_core(reference_files, *change)
    slow, _ = trained(wrong, fast=False)
    fast, told = trained(wrong, fast=True)
    assert told == f"the submission's own compose methods: other {what} gradients in a batch of 6"
    for one, other in zip(slow, fast, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_core_that_makes_tensors_of_its_gradients_keeps_getting_tensors(core, reference_files):
    files = with_core(reference_files, "composed.append(gradient)", "composed.append(Tensor(gradient))")
    world = World(files, {})
    with world.importing():
        own = world.module("beras.core")
        assert not vectorised.accelerate(own).problem
        layer = world.module("beras.layers").Dense(3, 2)
        layer(own.Tensor(np.ones((4, 3))))
        for compose in (own.Diffable.compose_input_gradients, own.Diffable.compose_weight_gradients):
            assert all(type(entry) is own.Tensor for entry in compose(layer, [np.ones((4, 2))]))


class Weights(list):
    def __len__(self):
        raise RuntimeError("weights are not counted here")


@pytest.mark.parametrize("trap", ["length of the weights", "local gradients", "inputs"])
def test_what_a_submission_raises_is_raised_by_its_own_code_alone(reference_files, trap):
    world = World(without_companions(reference_files, "beras/layers.py", "Dense"), {})
    with world.importing():
        core = world.module("beras.core")
        composition = vectorised.accelerate(core)
        layer = world.module("beras.layers").Dense(3, 2)
        layer(core.Tensor(np.ones((4, 3))))
        counted = itertools.count()

        class Trap(type(layer)):
            if trap == "length of the weights":
                weights = property(lambda self: Weights([self.w, self.b]))
            elif trap == "local gradients":

                def get_weight_gradients(self):
                    raise RuntimeError(f"asked {next(counted)} times")

            else:
                inputs = property(lambda _: 1 / 0)

        layer.__class__ = Trap
        if trap == "length of the weights":  # which the handout's loop never asks for
            assert [entry.shape for entry in layer.compose_weight_gradients([np.ones((4, 2))])] == [(3, 2), (1, 2)]
        else:
            with pytest.raises((RuntimeError, ZeroDivisionError)):
                layer.compose_weight_gradients([np.ones((4, 2))])
        assert not composition.problem
        assert blame.faults.take() == []


def test_what_a_submission_has_numpy_raise_is_raised_by_its_own_code_alone(reference_files):
    world = World(without_companions(reference_files, "beras/layers.py", "Dense"), {})
    with world.importing(), np.errstate(all="raise"):
        core = world.module("beras.core")
        own, calls = core.Diffable.compose_weight_gradients, []

        def counted(*arguments):
            calls.append(arguments)
            return own(*arguments)

        core.Diffable.compose_weight_gradients = counted
        composition = vectorised.accelerate(core)
        calls.clear()
        layer = world.module("beras.layers").Dense(3, 2)
        layer(core.Tensor(np.full((4, 3), 1e-20, dtype=np.float32)))
        # The products are normal numbers of float32, and what they may be off by is none.
        for _ in range(3):
            layer.compose_weight_gradients([np.full((4, 2), 1e-15, dtype=np.float32)])
        assert composition.told == "vectorised"
        assert len(calls) == 1


def test_a_failure_of_its_own_is_noted_and_never_reaches_the_submission(reference_files, monkeypatch):
    def broken(*_):
        return max([])

    files = without_companions(reference_files, "beras/layers.py", "Dense")
    slow, _ = trained(files, fast=False)
    original = weight_gradients.WeightGradients.without_asking
    monkeypatch.setattr(
        weight_gradients.WeightGradients, "without_asking", lambda plan: broken() if plan._looked else original(plan)
    )
    code = original.__code__
    broken.__code__ = broken.__code__.replace(co_filename=code.co_filename)
    fast, told = trained(files, fast=True)
    assert told == "the submission's own compose methods: the vectorised ones raised ValueError"
    (fault,) = blame.faults.take()
    assert fault.startswith("the vectorised composition raised ValueError at line")
    for one, other in zip(slow, fast, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
