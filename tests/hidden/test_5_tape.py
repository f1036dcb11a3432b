"""GradientTape, on the probe's own Diffables (12 points, 13 where all of it is to do), in editions that have one."""

from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import editions
from homework.expectations import expect_same
from homework.probes import tape

TAPE = ("*", "-s26")  # where parameters hold their own gradients, test_5_backward.py asks
# Pairwise different sizes: B 7, then 5 -> 3 -> 4 -> 2.
SHAPES = [(5, 3), (3, 4), (4, 2)]


BESIDE = (
    "Where the tape has also recorded layers that lead to another place than the target, the gradient is none, or a "
    "wrong one. Go back from the target: each gradient belongs to the layer that made its tensor, and other layers are "
    "no part of the way."
)


def chain_inputs(draw):
    weights = {f"w{index}": draw(*shape, high=0.8) for index, shape in enumerate(SHAPES, 1)}
    return {"x": draw(7, 5, high=0.8), **weights, "truth": draw(7, 2)}


def expect_in_order(gradients, shapes, of=""):
    for index, shape in enumerate(shapes):
        gradient = gradients[index]
        if gradient.given is None:
            source = f"source number {index + 1}{of}" if len(shapes) > 1 else f"the source{of}"
            # Many mistakes end like this: what they have in common is what can be said.
            raise gradient.fails(
                f"The gradient for {source} is None, and the list has more entries than there are sources: it has one "
                "for each source, in their order."
                if len(gradients.given) > len(shapes)
                else f"The gradient for {source} is None: does the walk back from the loss reach its layer?"
            )
        gradient.agrees(shape)


@number("5.1")
@weight(3)
@editions(*TAPE)
@tags("tape")
def test_one_layer(ask, draw):
    """GradientTape.gradient of a squared loss over one layer"""
    answer = ask(tape.one_layer, x=draw(7, 5), w=draw(5, 3), truth=draw(7, 3), loss="half_squares")
    expect_in_order(answer["gradients"], [(5, 3)])


@number("5.2")
@weight(3.75)
@editions(*TAPE)
@tags("tape")
def test_chain(ask, draw):
    """GradientTape.gradient of a loss over five layers in a row"""
    expect_in_order(ask(tape.chain, **chain_inputs(draw))["gradients"], SHAPES)


@number("5.3")
@weight(1)
@editions(*TAPE)
@tags("tape")
def test_logarithmic_loss(ask, draw):
    """GradientTape.gradient of a logarithmic loss over one layer"""
    inputs = {"x": draw.positive(7, 5), "w": draw.positive(5, 3), "truth": draw.positive(7, 3)}
    expect_in_order(ask(tape.one_layer, **inputs, loss="summed_logs")["gradients"], [(5, 3)])


@number("5.4")
@weight(2)
@editions(*TAPE)
@tags("tape")
def test_order_of_the_sources(ask, draw):
    """GradientTape.gradient answers in the order of the sources"""
    answer = ask(tape.chain_in_another_order, **chain_inputs(draw))
    expect_in_order(answer["gradients"], [SHAPES[2], SHAPES[0], SHAPES[1]])


@number("5.5")
@weight(0.5)
@editions(*TAPE)
@tags("tape")
def test_some_of_the_sources(ask, draw):
    """GradientTape.gradient of one source alone"""
    expect_in_order(ask(tape.some_sources, **chain_inputs(draw))["gradients"], [SHAPES[1]])


@number("5.6")
@weight(1)
@editions(*TAPE)
@tags("tape")
def test_outside_of_the_tape(ask, draw):
    """GradientTape records inside its block and not after it"""
    answer = ask(tape.outside, x=draw(7, 5), w=draw(5, 3))
    for name in ("recording inside", "recording afterwards", "recorded inside", "recorded afterwards"):
        answer[name].agrees()


@number("5.7")
@weight(0.5)
@editions(*TAPE)
@tags("tape")
def test_frozen_weight(ask, draw):
    """GradientTape.gradient of the bias of a layer whose weights are frozen, and before a layer that is frozen"""
    answer = ask(tape.frozen, x=draw(7, 5), w=draw(5, 3), b=draw(1, 3), truth=draw(7, 3))
    expect_in_order(answer["gradients"], [(1, 3)])
    after = {"w_after": draw(3, 4), "b_after": draw(1, 4)}
    answer = ask(tape.before_a_frozen_layer, x=draw(7, 5), w=draw(5, 3), **after, truth=draw(7, 4))
    expect_in_order(answer["gradients"], [(5, 3)])
    expect_same(
        answer["gradients with the next layer frozen"][0],
        "A frozen layer needs no gradient by its weights, but the layers before it need theirs: its gradient by the "
        "inputs is part of the way.",
        (5, 3),
    )


@number("5.8")
@weight(0.25)
@editions(*TAPE)
@tags("tape", "state")
def test_second_tape(ask, draw):
    """GradientTape.gradient of a second tape knows nothing of the first, nor of layers that lead to no target"""
    # The second batch is smaller, as the last one of an epoch may be.
    answer = ask(tape.second_tape, x=[draw(7, 5), draw(1, 5)], w=draw(5, 3), truth=[draw(7, 3), draw(1, 3)])
    for tape_number in (1, 2):
        expect_in_order(answer[f"gradients of tape {tape_number}"], [(5, 3)], of=f" of tape {tape_number}")
    value = ask(tape.beside, x=draw(7, 5), w=draw(5, 3), w_beside=draw(3, 4), truth=draw(7, 3))["gradients"]
    if value.given is None:
        raise value.fails(BESIDE)
    expect_same(value[0], BESIDE, (5, 3))


@number("5.21")
@weight(1)
@editions("s25", "f25")
@tags("tape")
def test_two_weights_of_one_layer(ask, draw):
    """GradientTape.gradient gives each of a layer's weights its own gradient"""
    answer = ask(tape.two_weights, x=draw(7, 5), w=draw(5, 3), b=draw(1, 3), truth=draw(7, 3))
    expect_in_order(answer["gradients"], [(1, 3), (5, 3)])
