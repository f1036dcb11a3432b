"""What makes this homework Beras: its names, what is asked beside a submission, what is trained, what messages say.

The toolkit sees the `homework` below. `api`, `probes/` and what they import run beside a submission; all else is the
grader's.
"""

from __future__ import annotations

from typing import Any

from autograder.assignment.homework import Conduct, DataSet, Fixture, Homework

from . import handout, names, written
from .api import PACKAGE
from .gradients import GRADIENTS
from .prerequisites import first_to_fix
from .probes import backward, conduct, differences, optimizers, tape


def _home_check(subject: str) -> str:
    """Return the command of the public tests of a layer's or a loss's gradients.

    They run the gradient checker, too, which alone finds less: it compares with the submission's own forward, at
    ordinary inputs.
    """
    owner, _, method = subject.partition(".")
    tests = names.find_public_tests(owner) if "gradients" in method else ""
    return f"python -m pytest tests/{tests}" if tests else ""


def _find_place(subject: str, value: str) -> str:
    """Return the method to look at: none where a layer's call is named and its gradients, or any of them, are wrong."""
    _, _, method = subject.partition(".")
    return "" if method in ("call", "forward") and ("gradient" in value or "afterwards" in value) else subject


def _train(asker: Any, results: Any) -> Fixture:
    from .training import TrainingFixture

    return TrainingFixture(asker, results)


def _data() -> DataSet:
    from . import mnist

    return mnist


homework = Homework(
    package=PACKAGE,
    title="Beras",
    components=(
        *("core", "dense", "init", "leaky_relu", "relu", "sigmoid", "softmax", "mse", "cross_entropy", "accuracy"),
        *("one_hot", "sgd", "rmsprop", "adam", "tape", "model", "preprocess", "training"),
    ),
    sources=("beras/*.py", "assignment.py", "preprocess.py", "visualize.py"),
    given_whole=names.find_given_whole,
    asked_alone=("core.",),
    classes=("Dense", "Linear", "Tensor", "Variable"),
    read_names=names.read_names,
    spell=names.spell,
    move=names.move,
    by_hand=("check.py", "check_submission.py", "get_mnist.py"),
    handed_out=handout.files,
    clues=names.find_clues,
    gradients=GRADIENTS,
    moved_forward=differences.moved,
    home_check=_home_check,
    find_place=_find_place,
    fix_first=first_to_fix,
    follow_ups={
        "tape.one_layer": (tape.visited,),
        "backward.one_layer": (backward.visited,),
        "optimizers.steps": (optimizers.kept,),
    },
    conduct=Conduct(
        probe=conduct.gradients,
        components=("Dense", *conduct.ACTIVATIONS, *conduct.LOSSES, "tape"),
        methods=conduct.METHODS,
        name_of=names.find_class,
        tolerant=conduct.LOSSES,
    ),
    not_mutated=names.NOT_MUTATED,
    trained=("_model_components", "get_model", "get_optimizer", "get_loss_fn", "get_acc_fn"),
    trained_files=frozenset(
        {"assignment.py", *(f"beras/{name}.py" for name in names.TRAINED)},
    ),
    constructors=("SequentialModel", "Sequential", "SimpleNamespace"),
    fixtures={"train": _train},
    data=_data,
    demonstration=("not_averaged_over_the_batch", "not_shifted", "bias_gradient_forgotten"),
    written_checks=written.CHECKS,
)
