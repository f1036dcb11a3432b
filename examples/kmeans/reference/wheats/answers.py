"""Right answers in another style."""

import numpy as np

from autograder.authoring import wheat


@wheat("squared_distances")
def by_products(points, centers):
    return (points**2).sum(1)[:, None] - 2 * points @ centers.T + np.sum(centers**2, axis=1)
