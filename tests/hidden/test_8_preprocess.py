"""load_and_preprocess_data, on images that the probe makes (4 points)."""

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import Unsatisfied, shape_text
from homework.expectations import expect_same
from homework.probes import preprocess

PARTS = ("train inputs", "train labels", "test inputs", "test labels")
OUT_OF_PLACE = "The first {} are right, and later ones are not. Leave each image and its label in its place."
FEW, MANY, MNIST = {"train": 41, "test": 17}, {"train": 10_103, "test": 1_019}, {"train": 60_000, "test": 10_000}


def pictures(rng):
    images = rng.integers(0, 256, (24, 28, 28))
    images[:, 0, 0], images[:, 0, 1] = 0, 255  # so that scaling by the extremes is as right as dividing by 255
    images[::4] = images[::4] // 2 + 40  # yet not by the extremes of each image: some are neither black nor white
    return images.astype(np.int64)


def loaded(ask, draw, counts=FEW):
    """Some images, or, for a solution that counts on MNIST's numbers, as many as MNIST has; and how many those are.

    The reference never gets as many as that: nothing but the first axis depends on how many there are.
    """
    places = draw.by(lambda rng: rng.integers(0, 2**31, 48))
    few = {"images": draw.by(pictures), "labels": draw.labels(24, 10), "shown": 12, "places": places, **FEW}
    try:
        answer = ask(preprocess.loaded, **few) if counts is FEW else ask.at_scale(preprocess.loaded, few, **counts)
    except Unsatisfied as failed:
        if not failed.is_done:
            raise
        try:
            return ask.at_scale(preprocess.loaded, few, **MNIST), MNIST
        except Unsatisfied:
            raise failed from None
    return answer, counts


@number("8.1")
@weight(1)
@tags("preprocess")
def test_shapes(ask, draw):
    """load_and_preprocess_data returns flat images and labels, training before test"""
    answer, counts = loaded(ask, draw, MANY)
    for part in PARTS:
        shape = answer[f"{part}: shape"]
        wanted = [counts[part.split()[0]], *shape.expected.tolist()[1:]]
        returned = shape.is_shaped((0,), (1,), (2,), (3,), (4,)).astype(int).tolist()
        if returned != wanted:
            instead = f", not {shape_text(returned)}" if shape.is_the_same_again() else ""
            raise shape.fails(f"The {part} should have shape {shape_text(wanted)}{instead}.")


@number("8.2")
@weight(1)
@tags("preprocess")
def test_values(ask, draw):
    """load_and_preprocess_data scales the images to 0…1"""
    answer, _ = loaded(ask, draw)
    for part in ("train inputs", "test inputs"):
        expect_same(
            answer[f"{part}: range"],
            f"The smallest of the {part} should be 0 and the largest 1. Scale the images of both parts alike, once.",
            atol=1e-6,
        )
        answer[part].agrees(atol=1e-6)
        expect_same(answer[f"{part}: entries anywhere"], OUT_OF_PLACE.format(part), atol=1e-6)


@number("8.3")
@weight(1)
@tags("preprocess")
def test_labels(ask, draw):
    """load_and_preprocess_data leaves the labels as they are"""
    answer, _ = loaded(ask, draw)
    for part in ("train labels", "test labels"):
        answer[part].agrees()
        expect_same(answer[f"{part}: entries anywhere"], OUT_OF_PLACE.format(part))


@number("8.4")
@weight(1)
@tags("preprocess")
def test_tensors(ask, draw):
    """load_and_preprocess_data returns Tensors"""
    answer, _ = loaded(ask, draw)
    for part in PARTS:
        tensor = answer[f"{part}: is a Tensor"]
        if not tensor.number:
            raise tensor.fails(f"The {part} should be a Tensor.")
