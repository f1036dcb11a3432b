"""Mistakes that students make."""

import numpy as np

from autograder.authoring import chaff


@chaff("squared_distances", costs={"1.1": 4})
def not_squared(points, centers):
    """The distance is asked for squared, and a root is taken."""
    return np.sqrt(((points[:, np.newaxis] - centers) ** 2).sum(axis=2))


@chaff("assign", costs={"1.2": 3})
def farthest(points, centers):
    """The farthest center is chosen: argmax stands where argmin belongs."""
    return np.argmax(squared_distances(points, centers), axis=1)  # noqa: F821


@chaff("update", costs={"1.3": 3})
def over_all_points(points, labels, count):
    """The sum is divided by the number of all points: divide by those of the cluster."""
    return np.array([points[labels == label].sum(axis=0) / len(points) for label in range(count)])
