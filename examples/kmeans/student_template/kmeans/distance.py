"""Distances between points and centers."""

import numpy as np


def squared_distances(points, centers):
    """Return the squared Euclidean distance (N, K) of each of N points (N, D) to each of K centers (K, D)."""
    raise NotImplementedError("squared_distances")
