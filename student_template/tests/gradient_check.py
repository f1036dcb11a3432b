"""Checks the gradients of a layer against finite differences of its own output.

In a test or a notebook:

    check_input_gradients(layer, x)
    check_weight_gradients(layer, x)

and from the folder above this one:

    python -m tests.gradient_check                          everything
    python -m tests.gradient_check Softmax --shape 7,5      one layer, batch size 7, 5 features
    python -m tests.gradient_check model                    all your parts together
    python -m tests.gradient_check --help                   the other names

The numbers come from calling the layer, the claims from your gradients. Where they disagree, one of the two is wrong.
What the `get_*` methods return is checked too, whether your `compose_*` use it or not: it is put together with the
upstream gradient as the `compose_*` that `Diffable` has would do it.
Mind the kink of LeakyReLU: inputs within 0.001 of zero have no finite difference worth the name.
"""

import argparse
import importlib
import inspect
import sys
import threading
import time
from contextlib import contextmanager
from functools import lru_cache

if not __package__:
    sys.exit("Type this in the folder above, in the homework's own: python -m tests.gradient_check")
try:
    import numpy as np
except ModuleNotFoundError:
    sys.exit(f"NumPy is missing in this Python, {sys.executable}. Type: python -m pip install numpy")

from tests.causes import (
    CannotImport,
    Verdict,
    describe,
    describe_kind,
    describe_local,
    explain,
    find_notes,
    find_running,
)
from tests.edition import (
    BACKWARD,
    CALL,
    CROSS_ENTROPY,
    DENSE,
    TRAINABLE,
    VARIABLE,
    WEIGHTS,
    cross_entropy,
    dense_class,
    freeze,
    sequential_model,
    set_weights,
    weights_of,
)


class GradientError(Verdict):
    """A gradient does not agree with finite differences or has the wrong shape, or a method changes its input."""


def check_input_gradients(layer, *inputs, seed=0):
    """Raise GradientError unless `layer.compose_input_gradients` agrees with finite differences, and the local ones too.

    `layer` is any Diffable, and `inputs` are the arrays that it is called with, the first axis being the batch. The
    upstream gradient is random. If the layer is a loss (its output is a single number), no upstream gradient is
    given, and only the gradient by the first input, the predictions, is checked: the labels are constants.
    """
    inputs = _as_tensors(inputs)
    upstream = _draw_upstream(layer, inputs, seed)
    checked = inputs[:1] if upstream is None else inputs
    what, claimed = _compose(layer, "compose_input_gradients", inputs, upstream, len(checked))
    for i, array in enumerate(checked):
        numeric, precision = _differentiate(layer, inputs, upstream, array)

        def find_cause(tolerance, i=i, numeric=numeric):
            if upstream is None:
                return _describe_fused(inputs, claimed[i])
            return _describe_place(layer, upstream, i, numeric, tolerance)

        with _blame_local(layer, "compose_input_gradients", upstream):
            _compare(f"{what.rstrip(',')}, input {i}", claimed[i], numeric, precision, len(inputs[0]), find_cause)
        with _blame_local(layer, "compose_input_gradients", upstream):
            _compare_local(layer, "get_input_gradients", i, upstream, numeric, precision)


def check_weight_gradients(layer, *inputs, seed=0):
    """Raise GradientError unless `layer.compose_weight_gradients` agrees with finite differences, and the local ones too.

    The arguments are those of `check_input_gradients`. The gradients must come in the order of the layer's weights.
    """
    inputs = _as_tensors(inputs)
    upstream = _draw_upstream(layer, inputs, seed)
    weights = weights_of(layer)
    what, claimed = _compose(layer, "compose_weight_gradients", inputs, upstream, len(weights))
    for i, array in enumerate(weights):
        numeric, precision = _differentiate(layer, inputs, upstream, array)
        with _blame_local(layer, "compose_weight_gradients", upstream):
            _compare(f"{what.rstrip(',')}, {_name_weight(layer, i)}", claimed[i], numeric, precision, len(inputs[0]))
        with _blame_local(layer, "compose_weight_gradients", upstream):
            _compare_local(layer, "get_weight_gradients", i, upstream, numeric, precision)


def _name_weight(layer, i):
    """Return how the layer calls its i-th weight: "weight 1 (b)"."""
    weight = weights_of(layer)[i]
    names = [name for name, value in vars(layer).items() if value is weight]
    return f"weight {i} ({names[0]})" if names else f"weight {i}"


def _inherits(layer, method):
    """Return whether a `compose_*` method is the one that core.py has for every layer."""
    from beras.core import Diffable

    return getattr(type(layer), method, None) is getattr(Diffable, method)


def _name_own(layer, method, upstream):
    """Return the name of the method of yours that a composed gradient comes from."""
    own = f"{type(layer).__name__}.{method}"
    if not _inherits(layer, method):
        return own
    local = own.replace("compose", "get")
    return local if upstream is None else f"{local}, put together with J by Diffable.{method},"


@contextmanager
def _blame_local(layer, method, upstream):
    """Say in the place of a wrong number that a local gradient has a wrong shape, where that is the cause."""
    try:
        yield
    except GradientError:
        inherited = upstream is not None and _inherits(layer, method)
        said = describe_local(layer, method) if inherited else describe_kind(layer, method)
        if said:
            raise GradientError(said) from None
        raise


def _as_tensors(arrays):
    """Return Tensors with float64 copies of the arrays: the check is as exact as its numbers are."""
    from beras.core import Tensor

    return [Tensor(np.array(array, dtype=np.float64)) for array in arrays]


def _call(layer, inputs):
    """Return (output, given) of a call with `given`, copies of the inputs. Raise GradientError if it changes them."""
    given = [array.copy() for array in inputs]
    result = layer(*given)
    if isinstance(result, (list, tuple)):
        raise GradientError(
            f"{type(layer).__name__}.{CALL} should return one array, and returns a list of {len(result)}"
        )
    output = np.asarray(result)
    _refuse_changes(layer, CALL, inputs, given)
    return output, given


def _refuse_changes(layer, method, inputs, given):
    """Raise GradientError if `given`, which the layer has, are no longer what the inputs are."""
    for i, (before, after) in enumerate(zip(inputs, given)):
        if not np.array_equal(before, after, equal_nan=True):
            name = [*inspect.signature(getattr(layer, CALL)).parameters][i:][:1] or ["x"]
            raise GradientError(
                f"{type(layer).__name__}.{method} changes its input {name[0]}, which others still need: "
                f"make a new array, for instance with {name[0]}.copy()"
            )


def _compose(layer, method, inputs, upstream, count):
    """Return (name, gradients) of what the layer's compose method claims, at least `count` of them."""
    what = f"{type(layer).__name__}.{method}"
    _, given = _call(layer, inputs)
    # A copy of the upstream gradient too: the finite differences need it as it was.
    J = None if upstream is None else [array.copy() for array in upstream]
    claimed = getattr(layer, method)(J)
    _refuse_changes(layer, method, inputs, given)
    name = _name_own(layer, method, upstream)
    if J is not None and not np.array_equal(J[0], upstream[0], equal_nan=True):
        raise GradientError(
            f"{what} changes the upstream gradient J, which others still need: make a new array instead of writing "
            "into it (`J[0] * slope`, not `J[0] *= slope`)"
        )
    if claimed is not None and len(claimed) < count and upstream is not None and describe_local(layer, method):
        raise GradientError(describe_local(layer, method))
    return name, _as_list(name, claimed, count)


def _compare_local(layer, method, i, upstream, numeric, precision):
    """Raise GradientError unless the i-th local gradient, put together with the upstream gradient, is the numeric one.

    There may be several ways to put them together, of which one must be right: of a square array nobody can say whether
    it is a Jacobian or holds the slopes of a batch. A local gradient of another shape than those that a layer can do
    with is not compared: then the layer's own compose method must know what to do with it.
    """
    what = f"{type(layer).__name__}.{method}"
    kind = describe_kind(layer, method.replace("get", "compose"))
    if kind:
        raise GradientError(kind)
    local = _as_list(what, getattr(layer, method)(), i + 1)[i]
    batch_size = len(layer.inputs[0])
    if upstream is None:
        ways = [local]
    elif "input" in method:
        ways = _compose_inputs(local, upstream[0], numeric.shape)
    else:
        ways = _compose_weight(local, upstream[0], numeric.shape)
    what = f"{what}, {f'input {i}' if 'input' in method else _name_weight(layer, i)}"
    if upstream is not None:
        what += f", put together with J by the rule of Diffable.{method.replace('get', 'compose')},"
    errors = []
    for claimed in ways:
        try:
            return _compare(what, claimed, numeric, precision, batch_size)
        except GradientError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _compose_inputs(local, J, shape):
    """Return what a local gradient by an input of that shape may stand for, once it is put together with J."""
    ways = []
    if local.shape in (shape, (1, *shape)) and J.shape == shape:  # slopes: no entry depends on another
        ways.append(local.reshape(shape) * J)
    if len(shape) != 2 or J.ndim != 2:
        return ways
    if local.shape == (shape[-1], J.shape[-1]):  # one Jacobian for all samples
        ways.append(J @ local.T)
    if local.shape == (*shape, J.shape[-1]):  # one Jacobian a sample
        ways.append(np.einsum("bio,bo->bi", local, J))
    return ways


def _compose_weight(local, J, shape):
    """Return what a local gradient by a weight of that shape stands for, in a list, once it is put together with J."""
    try:
        parts = [(local[b] if local.ndim == 3 else local) * J[b] for b in range(len(J))]
        return [np.sum([part.reshape(shape) for part in parts], axis=0)]
    except (ValueError, IndexError):
        return []


def _describe_place(layer, upstream, i, numeric, tolerance):
    """Return a sentence if the i-th input gradient would be right with input and output changing places, else nothing."""
    inputs, outputs = layer.inputs, layer.outputs
    if upstream is None or len(inputs) > 1 or np.shape(inputs[0]) != np.shape(outputs[0]):
        return ""
    for meant, used, changed in (("output", "input", {"inputs": outputs}), ("input", "output", {"outputs": inputs})):
        layer.__dict__.update(changed)
        try:
            claimed = np.asarray(layer.compose_input_gradients([upstream[0].copy()])[i])
            if claimed.shape == numeric.shape and np.all(np.abs(claimed - numeric) <= tolerance):
                return (
                    f". Yours would be right if it were taken at the layer's {meant}, self.{meant}s[0], where you take "
                    f"its {used}"
                )
        except Exception:  # of code that was never meant to get these arrays
            continue
        finally:
            layer.inputs, layer.outputs = inputs, outputs
    return ""


def _describe_fused(inputs, claimed):
    """Return a sentence if a loss gives the gradient by what goes into Softmax, or nothing."""
    if len(inputs) == 2 and claimed.shape == inputs[0].shape:
        by_logits = np.asarray(inputs[0] - inputs[1])
        if np.allclose(claimed, by_logits) or np.allclose(claimed, by_logits / len(by_logits)):
            return (
                ". Yours is the gradient by what goes into Softmax, p - y, which makes one step of two layers. "
                "This one is the gradient by the probabilities"
            )
    return ""


def _as_list(what, claimed, count):
    """Return the gradients as a list of arrays, at least `count` of them."""
    if claimed is None:
        raise GradientError(f"{what} should return a list of arrays, and returns None: is a `return` missing?")
    if not isinstance(claimed, (list, tuple, np.ndarray)):
        raise GradientError(f"{what} should return a list of arrays, and returns {type(claimed).__name__}")
    if len(claimed) < count:
        raise GradientError(f"{what} should return {count} gradients, and returns {len(claimed)}")
    return [np.asarray(gradient) for gradient in claimed]


def _draw_upstream(layer, inputs, seed):
    """Call the layer, and return a random upstream gradient for its output, or None if it is a loss."""
    output, _ = _call(layer, inputs)
    if output.dtype.kind != "f":
        found = "None: is a `return` missing?" if output.dtype == object and output.size == 1 else f"{output.dtype}"
        raise GradientError(f"{type(layer).__name__}.{CALL} should return floating-point numbers, and returns {found}")
    # For a batch of one, (1, 1) may be either: what is called with labels is a loss.
    labelled = len(inputs) > 1 and output.size == 1
    if labelled or output.ndim < 2 or len(output) != len(inputs[0]):
        if output.size != 1:
            raise GradientError(
                f"{type(layer).__name__} returns shape {output.shape} for a batch of {len(inputs[0])}: "
                "it should be (batch size, features), or a single number for a loss"
            )
        return None
    return [np.random.default_rng(seed).normal(size=output.shape)]


def _differentiate(layer, inputs, upstream, array):
    """Return (gradient by `array`, precision) of the layer's output times the upstream gradient."""
    numeric, precision = differentiate(lambda: _call(layer, inputs)[0], array, 1.0 if upstream is None else upstream[0])
    _call(layer, inputs)  # so that the layer remembers the unmoved call
    return numeric, precision


def differentiate(call, array, upstream=1.0):
    """Return (gradient of the sum of `call() * upstream` by `array`, precision of the call).

    Each entry is moved up and down a little, and the results are compared.
    """
    # The cube root of the precision balances rounding against curvature.
    precision = _find_precision(call, array)
    step = precision ** (1 / 3)
    numeric = np.zeros(array.shape)
    for index in np.ndindex(array.shape):
        kept = array[index]
        moved, results = [], []
        for sign in (1, -1):
            array[index] = kept + sign * step * max(1, abs(kept))
            moved.append(float(array[index]))  # as it was stored, rounding included
            results.append(np.array(call(), dtype=np.float64))
        array[index] = kept
        numeric[index] = np.sum((results[0] - results[1]) / (moved[0] - moved[1]) * upstream)
    return numeric, precision


def _find_precision(call, array):
    """Return the relative precision that `call()` is computed with, as a function of `array`.

    It may be less than that of the result's type, where float32 is in play on the way. Then tiny moves of the array show
    rounding: a smooth function is a polynomial there, as far as anybody can see.
    """
    output = np.asarray(call())
    precision = _precision(array, output if output.dtype.kind == "f" else array)
    kept = np.array(array)
    directions = np.random.default_rng(2470).choice([-1, 1], array.shape)
    places = np.sqrt(np.arange(12) / 11)  # uneven, so that no step is a multiple of what float32 tells apart
    results = []
    for place in places:
        array[...] = kept + TINY_MOVE * place * directions
        results.append(np.array(call(), dtype=np.float64).ravel())
    array[...] = kept
    powers = np.vander(places, 4)
    rounding = np.abs(powers @ np.linalg.pinv(powers) @ results - results)
    if np.any(rounding > 1e-10 * np.max(np.abs(results), initial=0)):
        precision = max(precision, float(np.finfo(np.float32).eps))
    return precision


def _precision(*arrays):
    """Return the relative precision of the least precise of the arrays."""
    return max(float(np.finfo(array.dtype).eps) for array in arrays)


def _compare(what, claimed, numeric, precision, batch_size, explain=None):
    """Raise GradientError if the claimed gradient has another shape, or is further off than rounding explains.

    `explain`, if there is one, is told what may be forgiven, and returns a sentence on the cause, or nothing.
    """
    what = f"{what} of shape {numeric.shape}"
    if claimed.dtype.kind != "f":
        raise GradientError(f"{what}: the gradient should have floating-point numbers, and has {claimed.dtype}")
    if claimed.shape != numeric.shape:
        raise GradientError(f"{what}: the gradient should have the same shape, and has {claimed.shape}")

    if not np.isfinite(numeric).all():
        raise GradientError(
            f"{what}: finite differences of your own {CALL} are NaN or infinite, so {CALL} itself returns such numbers. "
            "Mend that first"
        )

    difference = np.abs(claimed - numeric)
    scale = np.max(np.abs(numeric), initial=0)
    tolerance = tolerate(max(precision, _precision(claimed)))
    if np.all(difference <= tolerance * max(scale, 1e-3)):  # never true for NaN
        return

    worst = np.unravel_index(np.argmax(np.nan_to_num(difference, nan=np.inf)), difference.shape)
    raise GradientError(
        f"{what}: at {[int(i) for i in worst]} your gradient is {claimed[worst]:.6g}, "
        f"finite differences of your own {CALL} give {numeric[worst]:.6g}"
        + (
            _describe_ratio(claimed, numeric, scale, batch_size)
            or (explain(tolerance * max(scale, 1e-3)) if explain else "")
            or _describe_pattern(claimed, numeric, difference > tolerance * max(scale, 1e-3))
        )
    )


def tolerate(precision):
    """Return how far off a gradient may be, relative to its size: five digits agree, three where float32 is in play."""
    return 1e-5 if precision < 1e-10 else 1e-3


def _describe_pattern(claimed, numeric, wrong):
    """Return a sentence on which entries are wrong, and what that usually means; `wrong` is a mask of them."""
    wrong = wrong | ~np.isfinite(claimed)
    if not np.isfinite(claimed).all():
        return f". {_count(~np.isfinite(claimed))} NaN or infinite: is something divided by zero, or does exp overflow?"
    if not claimed.any():
        return ". Yours is zero everywhere: is it ever filled in?"
    if (
        claimed.ndim == 2
        and claimed.shape[0] == claimed.shape[1]
        and np.allclose(claimed.T, numeric, rtol=1e-3, atol=1e-6)
    ):
        return ". Yours is the transpose of the numeric one: swap the factors of the product, or transpose one of them"
    if not wrong.all():
        if np.allclose(claimed[wrong], 0) and not np.allclose(numeric[wrong], 0):
            return f". {_count(wrong)} zero and should not be: is something left out there?"
        if np.allclose(numeric[wrong], 0):
            return f". {_count(wrong)} not zero and should be; the others are right"
    if claimed.ndim == 2:
        if len(claimed) > 1 and np.allclose(claimed, claimed[:1]) and not np.allclose(numeric, numeric[:1]):
            return ". Every row of yours is the same: a sum or a mean over the batch where each sample has its own gradient?"
        rows, columns = wrong.any(axis=1), wrong.any(axis=0)
        if not rows.all():
            if len(rows) > 2 and not rows[0] and rows[1:].all():
                return ". Only row 0 is right: is what belongs to the first sample used for all of them?"
            return f". Wrong are only the rows {_indices(rows)}, all others are right"
        if not columns.all():
            return f". Wrong are only the columns {_indices(columns)}, all others are right"
    return "" if wrong.all() else f". {_count(wrong)} wrong, the others right"


def _count(mask):
    """Return "3 of 35 entries are" for a mask with 3 of 35 true."""
    return f"{mask.sum()} of {mask.size} entries {'is' if mask.sum() == 1 else 'are'}"


def _indices(mask):
    """Return "0, 3, 4" for a mask that is true there."""
    return ", ".join(str(index) for index in np.flatnonzero(mask))


def _describe_ratio(claimed, numeric, scale, batch_size):
    """Return a sentence on the factor between the gradients if it is the same everywhere, else nothing."""
    firm = np.abs(numeric) > 1e-3 * scale
    if firm.sum() < 2 or not claimed[firm].any():  # of a single entry every factor is the same
        return ""
    ratios = claimed[firm] / numeric[firm]
    ratio = ratios.mean()
    if not np.all(np.abs(ratios - ratio) <= 1e-3 * abs(ratio)):
        return ""
    if np.any(np.abs(claimed - ratio * numeric) > 1e-2 * scale * max(1, abs(ratio))):
        return ""  # where it should be zero it is not
    features = claimed.shape[-1] if claimed.ndim else 1
    names = (
        (batch_size, "the batch size"),
        (1 / batch_size, "1 / batch size"),
        (features, "the size of the last axis"),
        (1 / features, "1 / size of the last axis"),
        (batch_size * features, "the batch size times the size of the last axis"),
        (-1, "a sign"),
    )
    fitting = [name for value, name in names if np.isclose(ratio, value, rtol=1e-3)]
    which = f", {' or '.join(fitting)}" if fitting else ""
    return f". Everywhere yours is {ratio:.4g} times the numeric one{which}"


def sample(name, batch_size, features, outputs):
    """Return (layer, inputs) to try the named Diffable with, the same ones every time."""
    rng = np.random.default_rng(2470)
    x = rng.uniform(0.1, 2, (batch_size, features)) * rng.choice([-1, 1], (batch_size, features))
    probabilities = rng.uniform(0.1, 0.9, (batch_size, features))
    one_hot = np.eye(features)[rng.integers(features, size=batch_size)]
    if name == DENSE:
        layer = dense_class()(features, outputs)
        set_weights(layer, rng.normal(size=(features, outputs)), rng.normal(size=np.shape(layer.b)))
        return layer, [x]
    if name in ("MeanSquaredError", CROSS_ENTROPY):
        from beras import losses

        return getattr(losses, name)(), [probabilities, one_hot]
    module = importlib.import_module(f"beras.{MODULES.get(name, 'activations')}")
    return getattr(module, name)(), [x]


def check_tape():
    """Raise GradientError unless the gradients of the tape, or of `backward`, agree with finite differences.

    The layers are small ones that are right: none of yours needs to work for this.
    """
    from beras.core import Tensor
    from tests.small_layers import Affine, Times, Total, explain_walk

    rng = np.random.default_rng(2470)
    x = Tensor(rng.normal(size=(7, 5)))
    layers = [Affine(5, 4, rng), Affine(4, 3, rng), Affine(3, 2, rng)]
    total = Total()
    sources = {
        f"the {name} of layer {number} of 3": weight
        for number, layer in enumerate(layers, start=1)
        for name, weight in zip(("weight", "bias"), weights_of(layer))
    }
    if not BACKWARD:  # there only parameters get a gradient
        sources["the model's input"] = x

    def explain_layers():
        return explain_walk(*layers)

    _check_chain(lambda: total(_run(layers, x)), sources, explain_layers)
    # The sources may come in any order, and need not be all.
    _check_chain(lambda: total(_run(layers, x)), dict(list(sources.items())[::-2]), explain_layers)
    if BACKWARD:
        _check_sum(lambda: total(_run(layers, x)), sources)
    layers = [Affine(5, 4, rng), Affine(4, 3, rng), Affine(4, 3, rng)]
    times = Times()

    def go_two_ways():
        middle = layers[0](x)
        return total(times(layers[1](middle), layers[2](middle)))

    two_ways = "the weight of a layer whose output two layers use (each hands back its part, and the parts add up)"
    _check_chain(go_two_ways, {two_ways: layers[0].w}, explain_layers)
    freeze(layers[0].w)
    _check_chain(
        lambda: total(layers[0](x)),
        {
            "the bias of a layer whose weight is frozen (all gradients of a layer pair with all its weights)": layers[
                0
            ].b
        },
    )


def check_model():
    """Raise GradientError unless the tape's gradients agree with finite differences of a whole model of yours."""
    from beras import activations
    from beras.core import Tensor
    from beras.losses import MeanSquaredError

    rng = np.random.default_rng(16007)  # which keeps away from the kink of LeakyReLU, as far as float32 needs it
    x, y = Tensor(rng.normal(size=(7, 5))), Tensor(np.eye(3)[rng.integers(3, size=7)])
    for last, loss in ((activations.Softmax(), cross_entropy()), (activations.Sigmoid(), MeanSquaredError())):
        parts = (DENSE, "LeakyReLU", type(last).__name__, type(loss).__name__, [*WHOLES][0])
        first, second = dense_class()(5, 4), dense_class()(4, 3)
        for dense in (first, second):
            set_weights(dense, *(rng.normal(0, 0.5, np.shape(weight)) for weight in weights_of(dense)))
        layers = [first, activations.LeakyReLU(), second, last]
        model = sequential_model(layers)
        _refuse_plain(first)
        _refuse_plain(model)

        def find_uncalled(layers=layers):
            uncalled = [layer for layer in layers if not hasattr(layer, "outputs")]
            return f"; the model runs its layers by layer.{CALL}(x), which keeps nothing: layer(x)" if uncalled else ""

        names = [f"{weight} of the {number} {DENSE}" for number in ("first", "second") for weight in ("w", "b")]
        try:
            _check_chain(lambda: loss(model(x), y), dict(zip(names, weights_of(model))), find_uncalled)
            freeze(first.w)  # the others keep their own gradients
            _check_chain(lambda: loss(model(x), y), dict(zip(names[1:], weights_of(model)[1:])))
        except Exception as error:
            error.parts = parts
            raise


def find_double_precision(names):
    """Return a sentence for each of the named layers that computes in float64 although all it gets is float32.

    Where a Tensor itself turns float32 into float64, that says nothing about the layers: then it is the only sentence.
    """
    from beras.core import Tensor

    try:
        if Tensor(np.ones(2, dtype=np.float32)).dtype != np.float32:
            return [
                "Tensor makes another type of a float32 array, where it should share its memory: "
                "python -m pytest tests/test_core.py"
            ]
        found = [_find_double_precision(name) for name in names]
        if CROSS_ENTROPY in names:
            found.append(_find_double_rows())
    except (Exception, SystemExit) as error:
        return [f"whether float64 slows training down was not looked at:\n    {_indent(describe(error))}"]
    slow = "That is right, and makes training slower: README.md, What if training is slow?"
    return [f"{sentence}. {slow}" for sentence in found if sentence]


def _indent(text):
    return text.replace("\n", "\n    ")


def _find_double_precision(name):
    """Return where the named layer computes in float64 although all it gets is float32, or nothing."""
    layer, inputs = sample(name, 7, 5, 3)
    if name == DENSE:
        layer = dense_class()(5, 3, "kaiming")
        if any(np.asarray(weight).dtype == np.float64 for weight in weights_of(layer)):
            return f"{DENSE} starts with float64 weights"
    output = np.asarray(layer(*(np.asarray(array, dtype=np.float32) for array in inputs)))
    if output.dtype == np.float64 and output.size > 1:
        return f"{name}.{CALL} returns float64 for float32 inputs"
    upstream = None if output.size == 1 else [np.ones(output.shape, dtype=np.float32)]
    if np.asarray(layer.compose_input_gradients(upstream)[0]).dtype == np.float64:
        return f"{name}.compose_input_gradients returns float64 for float32 inputs"
    return ""


def _find_double_rows():
    """Return whether the encoder's rows are float64, which makes the gradients of a loss float64, or nothing."""
    from beras.onehot import OneHotEncoder

    encoder = OneHotEncoder()
    try:
        encoder.fit(np.arange(3))
        rows = np.asarray(encoder(np.arange(3)))
    except NotImplementedError:
        return ""
    return "The rows of OneHotEncoder are float64" if rows.dtype == np.float64 else ""


def _run(layers, x):
    """Return the output of the last of the layers, which run one after the other."""
    for layer in layers:
        x = layer(x)
    return x


def _check_chain(call, sources, explain=None):
    """Raise GradientError unless the gradients of the number `call()` by the sources, by name, are right.

    `explain` returns what is wrong with the walk back, as the end of a sentence, or nothing.
    """
    kept = [np.array(source) for source in sources.values()]
    claimed = _go_back(call, list(sources.values()))
    why = explain() if explain else ""
    if not isinstance(claimed, (list, tuple)):
        raise GradientError(f"{WAY_BACK} should return a list, and returns {type(claimed).__name__}")
    if len(claimed) != len(sources):
        raise GradientError(
            f"{WAY_BACK} should return one gradient a source, {len(sources)}, and returns {len(claimed)}"
        )
    for before, source in zip(kept, sources.values()):
        if not np.array_equal(before, source):
            raise GradientError(f"{WAY_BACK} changes a source: only an optimizer may do that")
    numeric = [differentiate(call, source) for source in sources.values()]
    for (name, _), gradient, (right, precision) in zip(sources.items(), claimed, numeric):
        what = f"{WAY_BACK}, by {name}"
        if gradient is None:
            raise GradientError(
                f"{what}: your gradient is None, but the loss depends on it. Does the walk reach that layer, and is "
                + (
                    "it left in the parameter's own `grad`?"
                    if BACKWARD
                    else "the gradient kept under the tensor's own id?"
                )
                + why
            )
        if isinstance(gradient, (list, tuple)):
            raise GradientError(
                f"{what}: each gradient should be an array, and this one is a {type(gradient).__name__}"
            )
        gradient = np.asarray(gradient)
        others = [
            other
            for (other, _), (value, _) in zip(sources.items(), numeric)
            if other != name and value.shape == gradient.shape and np.allclose(value, gradient, rtol=1e-4)
        ]
        if others and not (gradient.shape == right.shape and np.allclose(gradient, right, rtol=1e-4)):
            raise GradientError(f"{what}: yours is the gradient by {others[0]}")
        try:
            _compare(what, gradient, right, precision, batch_size=7)
        except GradientError as error:
            raise GradientError(f"{error}{why}") from None


def _go_back(call, sources):
    """Return the gradients of the number `call()` by the sources: what the tape says, or what `backward` leaves."""
    if BACKWARD:
        for source in sources:
            source.grad = None
        _refuse_nothing(call()).backward()
        return [source.grad for source in sources]
    from beras.gradient_tape import GradientTape

    with GradientTape() as tape:
        target = _refuse_nothing(call())
    return tape.gradient(target, sources)


def _refuse_nothing(target):
    """Return the loss. Raise GradientError where it is no number."""
    if np.size(target) != 1 or np.asarray(target).dtype.kind != "f":
        found = f"shape {np.shape(target)}" if np.size(target) != 1 else f"{np.asarray(target).item()}"
        hint = ": is a `return` missing?" if found == "None" else ""
        raise GradientError(f"the loss of the model should be a single floating-point number, and is {found}{hint}")
    return target


def _check_sum(call, sources):
    """Raise GradientError unless a second `backward` adds to what the first one left."""
    once = [np.array(gradient) for gradient in _go_back(call, list(sources.values()))]
    call().backward()
    for (name, source), gradient in zip(sources.items(), once):
        if not np.allclose(source.grad, 2 * gradient, rtol=1e-4):
            raise GradientError(
                f"{WAY_BACK}, by {name}: after a second call `grad` should hold the sum of both gradients"
            )


MODULES = {  # of a layer that is not in beras/activations.py
}
LAYERS = (DENSE, "LeakyReLU", "ReLU", "Sigmoid", "Softmax", "MeanSquaredError", CROSS_ENTROPY, *MODULES)
WAY_BACK = "Diffable.backward" if BACKWARD else "GradientTape.gradient"
WHOLES = {"backward" if BACKWARD else "tape": check_tape, "model": check_model}
PARTS_OF_MODEL = (DENSE, "LeakyReLU", "Softmax", CROSS_ENTROPY, "Sigmoid", "MeanSquaredError", [*WHOLES][0])
NAMES = (*LAYERS, *WHOLES)
PATIENCE = 10  # seconds between two words on what is still running
MOST_PRINTED = 400  # characters of what your code prints, for each name that is checked
TINY_MOVE = 3e-5  # a few hundred times the precision of float32
SHAPES = ((7, 5, 3), (5, 5, 3), (3, 5, 3), (7, 4, 4), (1, 4, 2), (3, 1, 1))


def check_layer(name, shapes):
    """Raise GradientError unless the named layer's gradients are right, for each (B, in, out) of `shapes`.

    After each, the same layer is called with a batch of another size: what it kept of the last one must not matter.
    """
    for B, features, outputs in shapes:
        layer, inputs = sample(name, B, features, outputs)
        _check_layer(name, layer, inputs)
        _, others = sample(name, B + 2, features, outputs)
        try:
            _check_layer(name, layer, others)
        except NotImplementedError:
            raise
        except Exception as error:
            again = f"after a batch of {B}, a batch of {B + 2}: {describe(error)}"
            raise GradientError(
                f"{again}\nOf the batch alone it is right: what does {name} keep of the first one?"
            ) from None
    if name == CROSS_ENTROPY:
        layer, certain = cross_entropy(), _as_tensors([np.eye(3), np.eye(3)[[1, 0, 2]]])
        _, given = _call(layer, certain)
        layer.get_input_gradients()
        _refuse_changes(layer, "get_input_gradients", certain, given)


def _check_layer(name, layer, inputs):
    if name == DENSE:
        _refuse_plain(layer)
    check_input_gradients(layer, *inputs)
    if name == DENSE:
        check_weight_gradients(layer, *inputs)


def _refuse_plain(owner):
    """Raise GradientError unless the weights of a layer or a model are one flat list of what can be frozen."""
    for weight in weights_of(owner):
        if isinstance(weight, (list, tuple)):
            raise GradientError(f"{type(owner).__name__}.{WEIGHTS} should be one flat list, and holds a list")
        if not hasattr(weight, TRAINABLE):
            raise GradientError(
                f"a weight of {type(owner).__name__} is no {VARIABLE}, but {type(weight).__name__}, which cannot be frozen"
            )


def _read_shape(text, names):
    """Return the three sizes in `text`: "7,5,3" or, with a third one added, "7,5", which is all that most need."""
    try:
        sizes = [int(size) for size in text.split(",")]
    except ValueError:
        sizes = []
    if len(sizes) not in (2, 3) or min(sizes) < 1:
        wanted = "B,IN,OUT, such as 7,5,3" if DENSE in names else "B,N, such as 7,5"
        raise argparse.ArgumentTypeError(f"give {wanted} (B is the batch size), and not {text!r}")
    return (*sizes, 3)[:3]


def _check(name, shapes=SHAPES):
    """Raise GradientError unless what is named has the right gradients."""
    WHOLES[name]() if name in WHOLES else check_layer(name, shapes)


def _is_wrong(name):
    """Return whether what is named is wrong by itself: what cannot be imported, or is not written yet, says so itself."""
    try:
        _check(name)
    except NotImplementedError:
        return False
    except (Exception, SystemExit) as error:
        return not isinstance(explain(error), CannotImport)
    return False


@lru_cache(maxsize=None)
def name_wrong_parts(parts=None):
    """Return which of these parts of a model are wrong by themselves, as a sentence, or nothing."""
    with _bounded_prints():
        wrong = [part for part in parts or PARTS_OF_MODEL if _is_wrong(part)]
    return f"Mend first what is wrong by itself, and is part of it: {', '.join(wrong)}" if wrong else ""


class _Bounded:
    """Takes what is printed, and hands on the first characters of it: a print in a loop would bury all that matters."""

    def __init__(self, stream):
        self.stream, self.left, self.lines = stream, MOST_PRINTED, 0

    def write(self, text):
        """Hand on what there is room for."""
        if self.left > 0:
            self.stream.write(text[: self.left])
            if len(text) >= self.left:
                self.stream.write("\n")
        self.lines += text[max(self.left, 0) :].count("\n")
        self.left -= len(text)
        return len(text)

    def flush(self):
        """Show what was handed on."""
        self.stream.flush()


@contextmanager
def _bounded_prints():
    """Bound what is printed meanwhile, and say how much was left out."""
    kept = sys.stdout
    bounded = sys.stdout = _Bounded(kept)
    try:
        yield
    finally:
        sys.stdout = kept
        if bounded.lines:
            print(f"    ({bounded.lines} more lines that your code printed are left out)")


@contextmanager
def _watched(name):
    """Say every few seconds where your code is running, if that lasts: nobody should wait in silence for an endless loop."""
    done, begun, thread = threading.Event(), time.monotonic(), threading.get_ident()

    def watch():
        while not done.wait(PATIENCE):
            place = find_running(thread)
            seconds = time.monotonic() - begun
            print(
                f"{name}: still running after {seconds:.0f} s{f', at {place}' if place else ''}. A loop that does not end? "
                "Ctrl+C stops this.",
                file=sys.stderr,
                flush=True,
            )

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def main(arguments=None):
    """Check what the command line names, print the results, and return how many failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.gradient_check", description="Check your gradients.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--shape", metavar="B,IN,OUT", help="sizes to try (default: 7,5,3 and some that are special)")
    options = parser.parse_args(arguments)
    names = options.names or NAMES
    for name in names:
        if name not in NAMES:
            parser.error(f"unknown name {name!r}: choose from {', '.join(NAMES)}")
    try:
        shapes = [_read_shape(options.shape, names)] if options.shape else SHAPES
    except argparse.ArgumentTypeError as error:
        parser.error(f"argument --shape: {error}")

    for sentence in find_notes():
        print(f"note: {sentence}")
    failures, told = 0, set()
    for name in names:
        verdict = _judge(name, shapes, told)
        print(f"{name}: {verdict or 'ok'}", flush=True)
        failures += bool(verdict)
    if not failures:
        for sentence in find_double_precision([name for name in names if name in LAYERS]):
            print(f"note: {sentence}")
    return failures


def _judge(name, shapes, told):
    """Return what is wrong with what is named, or nothing. What was `told` already is not told again."""
    try:
        with _watched(name), _bounded_prints():
            _check(name, shapes)
    except NotImplementedError as error:
        return f"not written yet ({error})"
    except (Exception, SystemExit) as error:  # of a file that cannot be imported, or in the middle of your code
        better = explain(error)
        if isinstance(better, NotImplementedError):
            return f"not written yet ({better})"
        why = str(better) if isinstance(better, Verdict) else describe(better)
        first = name_wrong_parts(getattr(error, "parts", None)) if name == "model" else ""
        if isinstance(better, CannotImport):
            first = ""
        lines = [*why.splitlines(), *([first] if first else [])]
        verdict = "WRONG" if isinstance(better, Verdict) else "FAILED"
        if why in told:
            return f"{verdict}, as above"
        told.add(why)
        return "\n    ".join([verdict, *lines])
    return ""


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
