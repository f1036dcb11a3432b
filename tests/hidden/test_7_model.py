"""Model and SequentialModel, on the probe's own layers, loss, metric and optimizer.

6 points, 8 with `fit` to do; twice as many where assignment.py has no model to train.
"""

from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.grading.interview import Unsatisfied
from autograder.grading.plugin import editions
from autograder.guest.probes import model


def model_inputs(draw):
    return {"x": draw(7, 5), "w1": draw(5, 3), "w2": draw(3, 2)}


def batch_inputs(draw, *, training):
    return {"x": draw(7, 5), "w": draw(5, 3), "truth": draw(7, 3), "gradient": draw(5, 3), "training": training}


def either_tape(ask, draw, *, training, check):
    """A batch step is right if it is so over the submission's own tape, or over one that the probe brings."""
    try:
        check(ask(model.batch_step, **batch_inputs(draw, training=training), own_tape=False))
    except Unsatisfied as told:
        try:
            check(ask(model.batch_step, **batch_inputs(draw, training=training), own_tape=True))
        except Unsatisfied:
            raise told from None


@number("7.1")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_sequence(ask, draw):
    """SequentialModel.call runs its layers one after the other"""
    ask(model.sequential, **model_inputs(draw))["output"].agrees()


@number("7.2")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_weights(ask, draw):
    """Model.weights is one flat list of all weights, in the order of the layers"""
    answer = ask(model.weights, w1=draw(5, 3), w2=draw(3, 2))
    answer["weights"][0].agrees((5, 3))
    answer["weights"][1].agrees((3, 2))


@number("7.3")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_training_step(ask, draw):
    """SequentialModel.batch_step takes a step of the optimizer while training"""
    either_tape(ask, draw, training=True, check=lambda answer: answer["weights"].agrees())


@number("7.4")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_metrics_of_a_step(ask, draw):
    """SequentialModel.batch_step returns loss and accuracy"""

    def check(answer):
        answer["loss"].agrees()
        answer["accuracy"].agrees()

    either_tape(ask, draw, training=True, check=check)


@number("7.5")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_step_without_training(ask, draw):
    """SequentialModel.batch_step leaves the weights alone when not training"""
    either_tape(ask, draw, training=False, check=lambda answer: answer["weights"].agrees())


@number("7.6")
@weight(1)
@editions("*", f24=2)
@tags("model")
def test_evaluation(ask, draw):
    """Model.evaluate gives the metrics over all samples, without training"""
    answer = ask(model.evaluated, x=draw(12, 5), w=draw(5, 3), truth=draw.one_hot(12, 3), batch_size=4)
    if answer["trained"].number:
        raise answer["trained"].fails("evaluate should call batch_step with training=False.")
    answer["loss"].agrees()
    answer["accuracy"].agrees()


@number("7.7")
@weight(0)
@editions("s24")
@tags("model", "given")
def test_given_fit(ask, draw):
    """Model.fit takes a step with every batch in every epoch"""
    answer = ask(model.fitted, x=draw(12, 5), w=draw(5, 3), truth=draw.one_hot(12, 3), epochs=2, batch_size=4)
    answer["number of times that each sample was trained on"].agrees((12,))
    answer["batch sizes"].agrees((6,))
    answer["loss"].agrees()


@number("7.21")
@weight(2)
@editions("s25", "f25", f24=4)
@tags("model")
def test_fit(ask, draw):
    """Model.fit trains on every sample once an epoch, batch by batch"""
    answer = ask(model.fitted, x=draw(12, 5), w=draw(5, 3), truth=draw.one_hot(12, 3), epochs=2, batch_size=4)
    answer["number of times that each sample was trained on"].agrees((12,))
    answer["batch sizes"].agrees((6,))
