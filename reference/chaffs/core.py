"""Mistakes in what some editions leave to do in the core."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff("Tensor.__new__", costs={"0.1": 0.5, "0.21": 0.25})
def array_that_is_no_tensor(cls, data):
    """A plain array comes back, which has no flag: view it as the class that is being made."""
    return np.array(data)


@chaff("Variable.assign", costs={"0.21": 0.25})
def assigned_to_a_name(self, value):
    """The array that everybody else holds stays as it was: its own entries are to be set, no name, and no new array."""
    self = value


@chaff("Weighted.trainable_variables", costs={"0.22": 1, "0.24": 0.5})
def frozen_weights_listed_too(self):
    """Frozen weights are in the list too: only those whose flag is set belong there."""
    return list(self.weights)


@chaff("Weighted.trainable_variables", costs={"0.22": 1})
def indices_of_weights(self):
    """The list holds something else than the weights, their positions or copies: an optimizer changes what is listed."""
    return [index for index, weight in enumerate(self.weights) if weight.trainable]


@chaff("Weighted.non_trainable_variables", costs={"0.23": 0.5})
def trainable_ones_listed_as_frozen(self):
    """The condition is the wrong way round: these are the weights that are not frozen."""
    return [weight for weight in self.weights if weight.trainable]


@chaff("Weighted.trainable", costs={"0.24": 0.5})
def always_trainable(self):
    """The flag is True even where every weight is frozen."""
    return True


@chaff("Weighted.trainable", costs={"0.24": 0.5})
def trainable_where_all_weights_are(self):
    """The flag is False as soon as one weight is frozen: it tells whether any weight is left to train."""
    return all(weight.trainable for weight in self.weights)


@chaff("Weighted.trainable_variables", costs={"0.22": 1, "0.24": 0.5})
def trainable_asked_without_end(self):
    """`trainable` asks for the trainable variables, and these ask for `trainable`: neither ever answers."""
    return list(self.weights) if self.trainable else []
