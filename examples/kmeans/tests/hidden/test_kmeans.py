"""K-means (10 points)."""

import numpy as np

from autograder.authoring import number, tags, weight
from homework.probes import steps


@number("1.1")
@weight(4)
@tags("distance")
def test_distances(ask, draw):
    """squared_distances gives every point's squared distance to every center"""
    ask(steps.distances, points=draw(7, 3), centers=draw(4, 3))["distances"].agrees()


@number("1.2")
@weight(3)
@tags("assign")
def test_assign(ask, draw):
    """assign gives the nearest center"""
    ask(steps.assigned, points=draw(9, 2), centers=draw(3, 2))["labels"].agrees()


@number("1.3")
@weight(3)
@tags("update")
def test_update(ask, draw):
    """update gives the mean of each cluster"""
    labels = draw.by(lambda rng: rng.permutation(np.arange(12) % 4))
    ask(steps.updated, points=draw(12, 3), labels=labels, count=4)["centers"].agrees()
