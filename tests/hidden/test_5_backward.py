"""Diffable.backward, on the probe's own Diffables (13 points), where parameters hold their own gradients."""

from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import editions
from homework.expectations import expect_same
from homework.probes import backward

# Pairwise different sizes: B 7, then 5 -> 3 -> 4 -> 2.
SHAPES = [(5, 3), (3, 4), (4, 2)]


def chain_inputs(draw):
    weights = {f"w{index}": draw(*shape, high=0.8) for index, shape in enumerate(SHAPES, 1)}
    return {"x": draw(7, 5, high=0.8), **weights, "truth": draw(7, 2)}


def two_batches(draw):
    # The second batch is smaller, as the last one of an epoch may be.
    return {"x": [draw(7, 5), draw(2, 5)], "w": draw(5, 3), "truth": [draw(7, 3), draw(2, 3)]}


def expect_gradient(value, shape):
    if value.given is None:
        # Many mistakes end like this: what they have in common is what can be said.
        raise value.fails(
            "After `loss.backward()` the parameter's `grad` is None: does the way back from the loss reach its layer, "
            "and is what the layer composes put into `parameter.grad`?"
        )
    value.agrees(shape)


@number("0.11")
@weight(0)
@editions("s26")
@tags("core", "given")
def test_way_back(ask, draw):
    """Diffable.__call__ keeps inputs and outputs, and gives each output its way back"""
    answer = ask(backward.registers, values=draw(4, 3))
    for name in ("output", "keeps its input", "keeps its output", "way back"):
        answer[name].agrees()


@number("5.1")
@weight(3)
@editions("s26")
@tags("tape")
def test_one_layer(ask, draw):
    """Diffable.backward leaves the gradient of a squared loss in the layer before it"""
    answer = ask(backward.one_layer, x=draw(7, 5), w=draw(5, 3), truth=draw(7, 3), loss="half_squares")
    expect_gradient(answer["gradient"], (5, 3))


@number("5.2")
@weight(3.75)
@editions("s26")
@tags("tape")
def test_chain(ask, draw):
    """Diffable.backward leaves its gradient in each of five layers in a row"""
    answer = ask(backward.chain, **chain_inputs(draw))
    for index, shape in enumerate(SHAPES, 1):
        expect_gradient(answer[f"gradient of layer {index}"], shape)


@number("5.3")
@weight(1)
@editions("s26")
@tags("tape")
def test_logarithmic_loss(ask, draw):
    """Diffable.backward leaves the gradient of a logarithmic loss in the layer before it"""
    inputs = {"x": draw.positive(7, 5), "w": draw.positive(5, 3), "truth": draw.positive(7, 3)}
    expect_gradient(ask(backward.one_layer, **inputs, loss="summed_logs")["gradient"], (5, 3))


@number("5.7")
@weight(0.5)
@editions("s26")
@tags("tape")
def test_frozen_weight(ask, draw):
    """Diffable.backward gives frozen weights no gradient, and the bias its own, and goes on through such a layer"""
    answer = ask(backward.frozen, x=draw(7, 5), w=draw(5, 3), b=draw(1, 3), truth=draw(7, 3))
    expect_gradient(answer["gradient"], (1, 3))
    expect_same(
        answer["frozen weights have a gradient"],
        "A parameter whose `requires_grad` is False gets a gradient too. Leave it without one: the optimizers know by "
        "that what to leave alone, and would change the frozen weights.",
    )
    after = {"w_after": draw(3, 4), "b_after": draw(1, 4)}
    answer = ask(backward.before_a_frozen_layer, x=draw(7, 5), w=draw(5, 3), **after, truth=draw(7, 4))
    expect_gradient(answer["gradient"], (5, 3))
    expect_same(
        answer["gradient with the next layer frozen"],
        "A frozen layer needs no gradient itself, but the layers before it need theirs: its gradient by the inputs is "
        "part of the way.",
        (5, 3),
    )
    answer = ask(
        backward.after_a_frozen_layer,
        x=draw(7, 5),
        w_before=draw(5, 3),
        w=draw(3, 4),
        w_after=draw(4, 2),
        truth=draw(7, 2),
    )
    expect_same(
        answer["gradient"],
        "The layers behind a frozen one get no gradient, or a wrong one: NumPy gives the tensor `x @ w` the flag of "
        "`x`, which says nothing of the layers that it came through. Go on through every input, whatever its "
        "`requires_grad`.",
        (3, 4),
    )


@number("5.8")
@weight(0.25)
@editions("s26")
@tags("tape", "state")
def test_second_batch(ask, draw):
    """Diffable.backward of a second batch knows nothing of the first, once its gradients are cleared"""
    answer = ask(backward.second_batch, **two_batches(draw))
    for number_of_batch in (1, 2):
        expect_gradient(answer[f"gradient of batch {number_of_batch}"], (5, 3))


@number("5.21")
@weight(1)
@editions("s26")
@tags("tape")
def test_two_weights_of_one_layer(ask, draw):
    """Diffable.backward gives each of a layer's parameters its own gradient"""
    answer = ask(backward.two_weights, x=draw(7, 5), w=draw(5, 3), b=draw(1, 3), truth=draw(7, 3))
    expect_gradient(answer["gradient of the weights"], (5, 3))
    expect_gradient(answer["gradient of the bias"], (1, 3))


@number("5.31")
@weight(1)
@editions("s26")
@tags("tape")
def test_loss_hands_on(ask, draw):
    """Diffable.backward of a loss begins with no upstream gradient, and hands its own on to the layer before"""
    value = ask(backward.handed_on, x=draw(7, 3), truth=draw(7, 3))["gradient"]
    if value.given is None:
        raise value.fails(
            "`loss.backward()` reaches no layer before the loss: each input that is a Tensor should be called, "
            "`tensor.backward(gradient)`."
        )
    value.agrees((7, 3))


@number("5.32")
@weight(1.5)
@editions("s26")
@tags("tape", "state")
def test_accumulation(ask, draw):
    """Diffable.backward adds to the gradient that is there already"""
    answer = ask(backward.accumulated, **two_batches(draw))
    expect_gradient(answer["gradient after one batch"], (5, 3))
    expect_same(
        answer["gradient after two"],
        "One call of `backward` is right. After a second one, `grad` should hold the sum of both: only `zero_grad` "
        "takes gradients away.",
        (5, 3),
    )


@number("5.33")
@weight(0.5)
@editions("s26")
@tags("tape")
def test_given_gradient(ask, draw):
    """Diffable.backward takes the gradient of the loss by an output that is no loss, of zeros too"""
    answer = ask(backward.given, x=draw(7, 5), w1=draw(5, 3), w2=draw(3, 4), upstream=draw(7, 4))
    layers = {"first": (5, 3), "second": (3, 4)}
    for layer, shape in layers.items():
        expect_gradient(answer[f"gradient of the {layer} layer"], shape)
    for layer, shape in layers.items():
        expect_same(
            answer[f"gradient of the {layer} layer by zeros"],
            "Where the upstream gradient is zero everywhere, a parameter's gradient is zeros, and not None or anything "
            "else: the optimizers go on by what they remember.",
            shape,
        )


@number("5.34")
@weight(0.25)
@editions("s26")
@tags("tape", "shared")
def test_shared_output(ask, draw):
    """Diffable.backward adds up the parts of a tensor that two layers use"""
    answer = ask(backward.shared, x=draw(7, 5), w=draw(5, 3), w1=draw(3, 4), w2=draw(3, 2))
    expect_gradient(answer["gradient of the one"], (3, 4))
    expect_gradient(answer["gradient of the other"], (3, 2))
    expect_gradient(answer["gradient of the layer that two use"], (5, 3))


@number("5.35")
@weight(0.25)
@editions("s26")
@tags("tape", "untouched")
def test_composed_gradients_afterwards(ask, draw):
    """Diffable.backward changes no array that a layer has composed, nor one that was a gradient before"""
    answer = ask(backward.untouched, x=draw(7, 5), w=draw(5, 3), truth=draw(7, 3))
    composed = answer["gradient that was composed first"]
    if composed.given is None:
        raise composed.fails(
            "No array is changed, but `loss.backward()` never asks the layer before the loss for the gradients of its "
            "weights either."
        )
    expect_same(
        composed,
        "A second call of `backward` changes the array that a layer composed in the first: add into a new array "
        "(`grad = grad + gradient`), or keep a copy.",
        (5, 3),
    )
    expect_same(
        answer["gradient of the first batch changes"],
        "A second call of `backward` changes the array that was in `grad` after the first. The sum is a new array "
        "(`grad = grad + gradient`, not `grad += gradient`).",
    )
