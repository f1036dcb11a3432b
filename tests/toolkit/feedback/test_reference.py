"""What the reference and the chaffs answer in the grader's own process."""

import warnings

import numpy as np

from autograder.feedback import reference
from autograder.guest import wire
from autograder.guest.loader import World


def test_what_a_mistake_computes_writes_nothing_to_the_terminal(assignment, reference_files):
    empty = wire.encode(
        {"name": wire.Text("MeanSquaredError"), "prediction": np.empty((0, 3)), "truth": np.empty((0, 3))}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = reference.answer(
            World(reference_files, {}, notices=False), "losses.forward", empty, assignment.edition.names, 0
        )
    assert np.isnan(answer["loss"])
