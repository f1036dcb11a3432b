"""The two steps that k-means repeats."""

import numpy as np

from kmeans.distance import squared_distances


def assign(points, centers):
    """Return the index (N,) of the nearest center (K, D) of every point (N, D)."""
    # BEGIN SOLUTION
    return np.argmin(squared_distances(points, centers), axis=1)
    # END SOLUTION


def update(points, labels, count):
    """Return the mean (count, D) of the points (N, D) of each label; labels (N,) integers below count."""
    # BEGIN SOLUTION
    return np.array([points[labels == label].mean(axis=0) for label in range(count)])
    # END SOLUTION
