# Small helpers which several files of mine need.

import numpy as np


def number_of_samples(array):
    """How many rows there are, the batch size."""
    return array.shape[0]


def add_up(dictionary, key, value):
    """dictionary[key] += value, also if there is no such key yet. Makes a new array each time (no in-place!)."""
    if key in dictionary:
        dictionary[key] = dictionary[key] + value
    else:
        dictionary[key] = np.array(value)


def overwrite(parameter, new_value):
    """Writes the new value into the memory of the parameter, so that the layer sees it."""
    np.copyto(parameter, new_value, casting="same_kind")
