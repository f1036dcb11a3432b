"""Model and SequentialModel, on the probe's own layers, loss, metric and optimizer.

6 points, 8 with `fit` to do; twice as many where assignment.py has no model to train.
"""

from dataclasses import replace

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import Unsatisfied, as_array, editions
from homework.expectations import expect_same
from homework.probes import model

FROZEN = {
    "tape": "Weights that are not trainable change in a step. Ask the tape for the gradients of the trainable "
    "variables, and hand those to the optimizer.",
    "backward": "Parameters that require no gradient change in a step. Leave them without one, and have the optimizer "
    "skip what has none.",
}


ONE_STEP = (
    "The optimizer takes several steps for one batch. Call it once, with the weights of all layers: Adam counts its "
    "steps, and remembers each weight by its place in the list."
)


def model_inputs(draw):
    return {"x": draw(7, 5), "w1": draw(5, 3), "w2": draw(3, 2)}


def batch_inputs(draw, *, training):
    return {"x": draw(7, 5), "w": draw(5, 3), "truth": draw(7, 3), "gradient": draw(5, 3), "training": training}


def either_tape(ask, probe, inputs, *, check):
    """A batch step is right if it is so over the submission's own tape, or over one that the probe brings.

    Where each parameter holds its own gradient there is no tape to bring, and one question is enough.
    """
    if ask.names["gradients"] == "backward":
        check(ask(probe, **inputs, own_tape=True))
    else:
        either(ask, probe, inputs, "own_tape", check=check)


def either(ask, probe, inputs, own, *, check):
    """What works over what the probe brings is right, and so is what works over the submission's own.

    own: the probe's argument that is true for the latter. A mistake there costs its own tests.
    """
    try:
        check(ask(probe, **inputs, **{own: False}))
    except Unsatisfied as told:
        try:
            check(ask(probe, **inputs, **{own: True}))
        except Unsatisfied:
            raise told from None


def samples_to_fit(draw, left_over=0):
    """What `fit` gets; how many samples there are is drawn. left_over: how many do not fill a batch."""

    def samples(rng):
        inputs = rng.uniform(0.1, 2, (4 * rng.integers(2, 6) + left_over, 5))
        return [np.round(inputs * 1024) / 1024, np.eye(3)[rng.integers(0, 3, len(inputs))]]

    return {
        "samples": draw.by(samples),
        "w": draw(5, 3),
        "epochs": draw.by(lambda rng: int(rng.integers(2, 5))),
        "batch_size": 4,
    }


def counted(answer):
    """How often the answer's batches hold each sample, counted here from the batches themselves."""
    sent = (answer.given.get(f"{what} of the batches") for what in ("inputs", "labels"))
    arrays = [[as_array(entry) for entry in entries] if isinstance(entries, list) else [] for entries in sent]
    batches = [pair for pair in zip(*arrays, strict=False) if all(array is not None and array.ndim for array in pair)]
    return model.count_samples(*answer.inputs["samples"], batches)


def expect_all_trained_on(ask, draw):
    """The answer of a `fit` that trains on every sample once an epoch."""
    answer = ask(model.fitted_to, **samples_to_fit(draw))
    answer = replace(answer, given={**answer.given, **counted(answer)})
    times = answer["number of times that each sample was trained on"]
    alone = as_array(answer["number of times, whatever its label,"].given)
    if alone is not None and np.array_equal(alone, times.expected) and not np.array_equal(times.array, times.expected):
        raise times.fails(
            "Every sample is trained on as often as it should be, but not with its own label: inputs and labels are "
            "in different orders. Shuffle both by the same permutation, and slice both alike."
        )
    times.agrees()
    answer["batch sizes"].agrees()
    return answer


def expect_means_an_epoch(value, batches):
    """A history of one number an epoch holds the means over the epoch's batches; another is no such history."""
    epochs, history = value.answer.inputs["epochs"], as_array(value.given)
    if history is None or len(history) != epochs:
        return
    losses = np.reshape(batches, (epochs, -1))
    if np.allclose(history, losses.mean(axis=1), rtol=1e-4):
        return
    so_far = [np.mean(losses[: epoch + 1]) for epoch in range(epochs)]
    what = {
        "the mean over all epochs so far: begin anew in every epoch": so_far,
        "the loss of the last batch of each epoch": losses[:, -1],
        "the loss of the first batch of each epoch": losses[:, 0],
        "the sum over the batches": losses.sum(axis=1),
    }
    seen = next((f" Yours is {text}." for text, other in what.items() if np.allclose(history, other, rtol=1e-4)), "")
    raise value.fails(
        "The history has one loss an epoch, and that should be the mean over the batches of that epoch alone." + seen
    )


@number("7.1")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_sequence(ask, draw):
    """SequentialModel.call runs its layers one after the other"""
    answer = ask(model.sequential, **model_inputs(draw))
    answer["output"].agrees()
    expect_same(
        answer["layers are recorded"],
        "The output is right, and no tape can know where it comes from: call each layer itself, `layer(x)`, which "
        "tells the tape, and not its method.",
    )


@number("7.2")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_weights(ask, draw):
    """Model.weights is one flat list of all weights, in the order of the layers"""
    answer = ask(model.weights, w1=draw(5, 3), b1=draw(1, 3), w2=draw(3, 2))
    shapes = ((5, 3), (1, 3), (3, 2))
    for index, shape in enumerate(shapes):
        answer["weights"][index].agrees(shape)
    for index, shape in enumerate(shapes):
        try:
            answer["weights, the first frozen,"][index].agrees(shape)
        except Unsatisfied:
            raise answer["weights, the first frozen,"].fails(
                "Weights that are not trainable are weights too: the list holds them all."
            ) from None


@number("7.3")
@weight(0.75)
@editions("*", f24=2)
@tags("model")
def test_training_step(ask, draw):
    """SequentialModel.batch_step takes a step of the optimizer while training"""

    def check(answer):
        answer["weights"].agrees()
        if ask.names["gradients"] == "backward":
            return  # whether gradients are zeroed between two steps is a test of its own there
        expect_same(
            answer["weights after a second step"],
            "The first step is right, and the second is not: something is kept of the first. Every step has a tape, "
            "a loss and gradients of its own.",
        )

    either_tape(ask, model.batch_step, batch_inputs(draw, training=True), check=check)


def lack_of(name, key, kind):
    """What to say of a batch step without one of its metrics."""
    returned = model.KINDS[int(kind.number)] if kind.number in range(len(model.KINDS)) else "something else"
    wanted = '`{"loss": …, "acc": …}`'
    if returned == "nothing":
        return f"`batch_step` returns nothing: it should end in a `return` of the metrics, a dict like {wanted}."
    if returned != "a dict":
        return f"`batch_step` should return its metrics in a dict like {wanted}, and returns {returned}."
    return f"The dict that `batch_step` returns holds no {name}: it should be there as `{key}`."


@number("7.4")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_metrics_of_a_step(ask, draw):
    """SequentialModel.batch_step returns loss and accuracy"""

    def check(answer):
        for name, key in (("loss", "loss"), ("accuracy", "acc")):
            if answer[name].given is None:
                raise answer[name].fails(lack_of(name, key, answer["what comes back"]))
            answer[name].agrees()

    either_tape(ask, model.batch_step, batch_inputs(draw, training=True), check=check)


@number("7.5")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_step_without_training(ask, draw):
    """SequentialModel.batch_step leaves the weights alone when not training"""

    def check(answer):
        answer["weights"].agrees()
        if not answer["layer is called"].number:
            raise answer["layer is called"].fails("The weights are as they were, but the model was not called either.")

    either_tape(ask, model.batch_step, batch_inputs(draw, training=False), check=check)


@number("7.6")
@weight(0.5)
@editions("*", f24=1.25)
@tags("model")
def test_evaluation(ask, draw):
    """Model.evaluate gives the mean of the metrics over the batches, without training"""
    answer = ask(model.evaluated, x=draw(12, 5), w=draw(5, 3), truth=draw.one_hot(12, 3), batch_size=4)
    if answer["trained"].number:
        raise answer["trained"].fails("evaluate should call batch_step with training=False.")
    answer["loss"].agrees()
    answer["accuracy"].agrees()
    thawed = answer["frozen weight is trainable"]
    if thawed.number:
        raise thawed.fails(
            "A weight that was frozen is trainable after `evaluate`: leave every weight's flag as it was. "
            "`batch_step` with training=False changes no weight, whatever its flag."
        )


@number("7.8")
@weight(0.25)
@tags("model", "last batch")
def test_evaluation_of_a_smaller_last_batch(ask, draw):
    """Model.evaluate counts every sample alike, also those of a smaller last batch"""
    names = ("loss", "accuracy")
    even = ask(model.evaluated, x=draw(8, 5), w=draw(5, 3), truth=draw.one_hot(8, 3), batch_size=4)
    for name in names:
        even[name].agrees()
    # Five batches of four at most: neither number can stand for the other.
    answer = ask(model.evaluated, x=draw(17, 5), w=draw(5, 3), truth=draw.one_hot(17, 3), batch_size=4)
    if answer["number of samples"].number == 16:
        # What does not fill a batch may be left out, as `fit` does.
        inputs = {name: value for name, value in answer.inputs.items() if name not in ("x", "truth")}
        x, truth = answer.inputs["x"][:16], answer.inputs["truth"][:16]
        answer = ask(model.evaluated, **inputs, x=draw.by(lambda rng: x), truth=draw.by(lambda rng: truth))
    for name in names:
        expect_same(
            answer[name],
            f"The {name} over 8 samples in batches of 4 is right, and over 17 it differs. The last batch holds one "
            "sample, which must not weigh as much as the four of another batch.",
        )


@number("7.9")
@weight(0.25)
@tags("model", "together")
def test_evaluation_as_written(ask, draw):
    """SequentialModel.evaluate works with its own batch_step"""

    def check(answer):
        for name in ("loss", "accuracy", "weights"):
            answer[name].agrees()
        for name in ("loss", "accuracy"):
            expect_same(
                answer[f"{name} of a second evaluation"],
                f"The first evaluation is right, and the {name} of a second is not: something is kept of the first.",
            )

    inputs = {"x": draw(12, 5), "w": draw(5, 3), "truth": draw.one_hot(12, 3), "batch_size": 4}
    either_tape(ask, model.evaluated_as_written, inputs, check=check)


@number("7.10")
@weight(0.25)
@tags("model", "frozen")
def test_frozen_weights(ask, draw):
    """SequentialModel.batch_step leaves frozen weights as they are, and takes one step for all others together"""

    def check(answer):
        answer["weights"].agrees()
        expect_same(answer["frozen weights"], FROZEN[ask.names["gradients"]])
        expect_same(answer["steps of the optimizer"], ONE_STEP)

    weights = {"w1": draw(5, 3), "w2": draw(3, 2), "w3": draw(2, 4)}
    inputs = {"x": draw(7, 5), **weights, "truth": draw(7, 4), "gradient": draw(5, 3)}
    either(ask, model.frozen, inputs, "own_tape", check=check)


@number("7.7")
@weight(0)
@editions("s24")
@tags("model", "given")
def test_given_fit(ask, draw):
    """Model.fit takes a step with every batch in every epoch"""
    expect_all_trained_on(ask, draw)["loss"].agrees()


@number("7.21")
@weight(1.75)
@editions("s25", "f25", "s26", f24=3.75)
@tags("model")
def test_fit(ask, draw):
    """Model.fit trains on every sample once an epoch, batch by batch"""
    expect_all_trained_on(ask, draw)


@number("7.22")
@weight(0.25)
@editions("s25", "f25", "s26")
@tags("model", "history")
def test_history(ask, draw):
    """Model.fit returns the mean loss of each epoch, where its history has one number an epoch"""
    losses = draw.by(lambda rng: np.round(rng.uniform(0.5, 4, 60) * 1024) / 1024)
    ask(model.fitted_to, **samples_to_fit(draw, left_over=2))  # used or left out: it should end
    answer = ask(model.history, losses=losses, **samples_to_fit(draw))
    batches = answer["losses of the batches"]
    if not batches.array.size:
        raise batches.fails("No batch is trained on: there is no history yet.")
    if batches.array.size % answer.inputs["epochs"] == 0:
        expect_means_an_epoch(answer["losses of the history"], batches.array)


@number("7.31")
@weight(1.5)
@editions("s26")
@tags("model", "state")
def test_second_step(ask, draw):
    """SequentialModel.batch_step steps by the gradients of its own batch alone"""

    def check(answer):
        answer["weights after the first step"].agrees((5, 3))
        expect_same(
            answer["weights after the second step"],
            "The first step is right, and the second is not: are the gradients of the batch before still in it? Call "
            "the optimizer's `zero_grad` once in every step, before `backward`.",
            (5, 3),
        )

    inputs = {"x": draw(7, 5), "w": draw(5, 3), "truth": draw(7, 3)}
    either(ask, model.two_steps, inputs, "own_optimizer", check=check)


@number("7.32")
@weight(0.5)
@editions("s26")
@tags("model", "optimizer")
def test_optimizer_of_the_model(ask):
    """get_optimizer returns an optimizer of the parameters of the model that it is given"""
    share = ask(model.owned)["share of its parameters that the optimizer has"]
    if share.number < 1:
        raise share.fails(
            "The optimizer lacks parameters of the model that it is made for: training would leave those as they are. "
            "Hand it `model.parameters`, of that very model."
        )
