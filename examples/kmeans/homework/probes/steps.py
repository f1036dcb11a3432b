"""One step of the algorithm each: points (N, D), centers (K, D), labels (N,)."""


def distances(api, points, centers):
    """The squared distance of every point to every center."""
    return {"distances": api.distance.squared_distances(points, centers)}


def assigned(api, points, centers):
    """The index of each point's nearest center."""
    return {"labels": api.clusters.assign(points, centers)}


def updated(api, points, labels, count):
    """The mean of the points of each cluster."""
    return {"centers": api.clusters.update(points, labels, count)}
